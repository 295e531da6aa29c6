//! Keys of the issuer: next, active, retired, gone, and never back (invariant I4). Private parts arrive sealed.

use tessera_model::{KeyId, KeyPurpose, KeyState, StoredKey, Timestamp};

use crate::sql::keys as sql;
use crate::value::{Row, params};
use crate::{StoreError, Tx};

impl Tx {
    /// Adds a key; `false` if the id is taken, or the purpose has a key in the same state where there may be only one.
    pub async fn insert_key(&self, key: &StoredKey) -> Result<bool, StoreError> {
        let (state, retired_at) = match key.state {
            KeyState::Next => ("next", None),
            KeyState::Active => ("active", None),
            KeyState::Retired { at } => ("retired", Some(at)),
        };
        let purpose = key.purpose.name();
        let params =
            params![&key.id, &purpose, state, retired_at, &key.sealed, key.created_at, key.activated_at];
        self.changed_catalog(&sql::INSERT, params).await
    }

    /// All keys, oldest first.
    pub async fn keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        self.scan(&sql::LIST, &[]).await?.into_iter().map(read).collect()
    }

    /// Makes a next key sign; `false` while another key of its purpose is active: retire that first.
    pub async fn activate_key(&self, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        self.changed_catalog(&sql::ACTIVATE, params![&id, now]).await
    }

    /// Makes an active key sign no more.
    pub async fn retire_key(&self, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        self.changed_catalog(&sql::RETIRE, params![&id, now]).await
    }

    /// Removes a retired key.
    pub async fn remove_key(&self, id: KeyId) -> Result<bool, StoreError> {
        self.changed_catalog(&sql::REMOVE, params![&id]).await
    }
}

fn read(mut row: Row) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        id: row.id()?,
        purpose: KeyPurpose::parse(&row.text()?).ok_or_else(|| row.unreadable("a key purpose"))?,
        state: read_state(&mut row)?,
        sealed: row.bytes()?,
        created_at: row.time()?,
        activated_at: row.opt_time()?,
    })
}

fn read_state(row: &mut Row) -> Result<KeyState, StoreError> {
    let state = row.text()?;
    match (state.as_str(), row.opt_time()?) {
        ("next", None) => Ok(KeyState::Next),
        ("active", None) => Ok(KeyState::Active),
        ("retired", Some(at)) => Ok(KeyState::Retired { at }),
        _ => Err(row.unreadable("a key state with its time")),
    }
}
