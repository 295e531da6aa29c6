//! Remembered consents: one row for each person and client.

use tessera_model::{ClientId, Consent, Timestamp, UserId};

use crate::row::Row;
use crate::sql::consents as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// Most clients in one answer.
const MAX_ACCESSES: i64 = 200;

/// A client that has access to a person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The client.
    pub client_id: ClientId,
    /// When the oldest live grant was made or consent was last given, whichever is earlier.
    pub since: Timestamp,
}

/// Remembered consents, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Consents<'t>(&'t Tx);

impl Tx {
    /// Remembered consents.
    pub const fn consents(&self) -> Consents<'_> {
        Consents(self)
    }
}

impl Consents<'_> {
    /// The clients with a live grant or a remembered consent of a person, ordered by id. At most 200.
    pub async fn accesses_of_user(self, user: UserId, now: Timestamp) -> Result<Vec<Access>, StoreError> {
        let rows = self.0.rows(&sql::ACCESSES_OF_USER, params![&user, now, MAX_ACCESSES]).await?;
        rows.into_iter().map(read_access).collect()
    }

    /// The remembered consent of a person for a client.
    pub async fn find(self, user: UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        self.0.one_row(&sql::FIND, params![&user, client]).await?.map(read).transpose()
    }

    /// Adds the scopes of a consent to those that are remembered. [`StoreError::Conflict`] if its person or client does not exist any
    /// more.
    ///
    /// The first statement locks the row, so that no scope of two simultaneous consents is lost.
    pub async fn allow(self, consent: &Consent) -> Result<(), StoreError> {
        let (user, client, scope) = (&consent.user_id, &consent.client_id, consent.scope.to_string());
        let values =
            named![user_id = user, client_id = client, scope = &scope, granted_at = consent.granted_at];
        let Some(row) = self.0.one_row(&sql::ALLOW, values.of(&sql::ALLOW)?).await? else { return Ok(()) };
        let allowed = read(row)?.scope;
        if consent.scope.is_subset(&allowed) {
            return Ok(());
        }
        let scope = allowed.union(&consent.scope).to_string();
        self.0.execute(&sql::WIDEN, params![user, client, &scope]).await.map(drop)
    }

    /// Removes consents for a client, at most `most` in one call. Whether none is left.
    pub async fn remove_of_client(self, client: &ClientId, most: u32) -> Result<bool, StoreError> {
        self.0.sweep(&sql::REMOVE_OF_CLIENT, params![client, most]).await?;
        Ok(self.0.one_row(&sql::ANY_OF_CLIENT, params![client]).await?.is_none())
    }
}

pub(crate) fn read(mut row: Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        user_id: row.id("user_id")?,
        client_id: row.parsed("client_id")?,
        scope: row.parsed("scope")?,
        granted_at: row.time("granted_at")?,
    })
}

pub(crate) fn read_access(mut row: Row) -> Result<Access, StoreError> {
    Ok(Access { client_id: row.parsed("client_id")?, since: row.time("since")? })
}
