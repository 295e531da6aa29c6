//! Keys of the issuer. Their state only goes from next over active to retired, and then they are removed (invariant I4). Private
//! parts arrive sealed.

use tessera_model::{KeyId, KeyPurpose, KeyState, StoredKey, Timestamp};

use crate::row::Row;
use crate::sql::keys as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// The keys, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Keys<'t>(&'t Tx);

impl Tx {
    /// Keys of the issuer.
    pub const fn keys(&self) -> Keys<'_> {
        Keys(self)
    }
}

impl Keys<'_> {
    /// Adds a key. `false` if the id is taken, or if its purpose may have only one key in this state and has one.
    pub async fn insert(self, key: &StoredKey) -> Result<bool, StoreError> {
        let (state, retired_at) = match key.state {
            KeyState::Next => ("next", None),
            KeyState::Active => ("active", None),
            KeyState::Retired { at } => ("retired", Some(at)),
        };
        let purpose = key.purpose.name();
        let values = named![
            id = &key.id,
            purpose = &purpose,
            state = state,
            retired_at = retired_at,
            sealed = &key.sealed,
            created_at = key.created_at,
            activated_at = key.activated_at,
            due_at = key.due_at,
        ];
        self.0.changed_catalog(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// All keys, oldest first.
    pub async fn list(self) -> Result<Vec<StoredKey>, StoreError> {
        self.0.scan(&sql::LIST, &[]).await?.into_iter().map(read).collect()
    }

    /// Activates a next key. `false` while another key of its purpose is active. Retire that first.
    pub async fn activate(self, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::ACTIVATE, params![&id, now]).await
    }

    /// Retires an active key.
    pub async fn retire(self, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::RETIRE, params![&id, now]).await
    }

    /// Writes down when the next step of a key is due. `false` if that was known.
    pub async fn plan(self, id: KeyId, due_at: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::PLAN, params![&id, due_at]).await
    }

    /// What has a time after `now` gets `now`, and its next step is planned anew. For a clock that was far ahead.
    pub async fn bring_back(self, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::BRING_BACK, params![now]).await
    }

    /// Removes a retired key.
    pub async fn remove(self, id: KeyId) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::REMOVE, params![&id]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        id: row.id("id")?,
        purpose: KeyPurpose::parse(&row.text("purpose")?)
            .ok_or_else(|| row.unreadable("purpose", "a key purpose"))?,
        state: read_state(&mut row)?,
        sealed: row.bytes("sealed")?,
        created_at: row.time("created_at")?,
        activated_at: row.opt_time("activated_at")?,
        due_at: row.opt_time("due_at")?,
    })
}

fn read_state(row: &mut Row) -> Result<KeyState, StoreError> {
    let state = row.text("state")?;
    match (state.as_str(), row.opt_time("retired_at")?) {
        ("next", None) => Ok(KeyState::Next),
        ("active", None) => Ok(KeyState::Active),
        ("retired", Some(at)) => Ok(KeyState::Retired { at }),
        _ => Err(row.unreadable("state", "a key state with its time")),
    }
}
