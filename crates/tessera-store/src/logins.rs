//! Logins that are under way. Each step of a login is taken once (invariant I1).

use tessera_model::{AuthenticationContext, Login, LoginId, SecurityVersion, Timestamp};

use crate::row::Row;
use crate::sql::logins as sql;
use crate::value::{named, params, to_json};
use crate::{StoreError, Tx};

/// Logins that are under way, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Logins<'t>(&'t Tx);

impl Tx {
    /// Logins that are under way.
    pub const fn logins(&self) -> Logins<'_> {
        Logins(self)
    }
}

impl Logins<'_> {
    /// Adds a login. [`StoreError::Conflict`] if its person does not exist any more.
    pub async fn insert(self, login: &Login) -> Result<(), StoreError> {
        let proofs = to_json(&login.proven)?;
        let values = named![
            id = &login.id,
            user_id = &login.user_id,
            browser = &login.browser,
            proofs = &proofs,
            steps = login.steps,
            wrong = login.wrong,
            security_version = login.security_version,
            expires_at = login.expires_at,
        ];
        self.0.execute(&sql::INSERT, values.of(&sql::INSERT)?).await.map(drop)
    }

    /// One login, expired or not.
    pub async fn find(self, id: LoginId) -> Result<Option<Login>, StoreError> {
        self.0.one_row(&sql::FIND, params![&id]).await?.map(read).transpose()
    }

    /// Takes the next step of a login after `steps`. `false` if it was taken before, or the login is gone.
    pub async fn advance(
        self,
        id: LoginId,
        steps: i64,
        proven: &AuthenticationContext,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::ADVANCE, params![&id, steps, &to_json(proven)?]).await
    }

    /// Takes the last step of a login after `steps`, and removes it. `false` if it was taken before, or the login is gone.
    pub async fn finish(self, id: LoginId, steps: i64) -> Result<bool, StoreError> {
        self.0.changed(&sql::FINISH, params![&id, steps]).await
    }

    /// Counts a wrong code, and says how many there were. `None` if the login is gone.
    pub async fn count_wrong(self, id: LoginId) -> Result<Option<i64>, StoreError> {
        self.0.one_row(&sql::COUNT_WRONG, params![&id]).await?.map(read_wrong).transpose()
    }

    /// Removes a login.
    pub async fn delete(self, id: LoginId) -> Result<(), StoreError> {
        self.0.execute(&sql::DELETE, params![&id]).await.map(drop)
    }

    /// Removes logins that have expired: at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![now, most]).await
    }
}

pub(crate) fn read_wrong(mut row: Row) -> Result<i64, StoreError> {
    row.int("wrong")
}

pub(crate) fn read(mut row: Row) -> Result<Login, StoreError> {
    Ok(Login {
        id: row.id("id")?,
        user_id: row.id("user_id")?,
        browser: row.digest("browser")?,
        proven: row.json("proofs")?,
        steps: row.int("steps")?,
        wrong: row.int("wrong")?,
        security_version: SecurityVersion(row.int("security_version")?),
        expires_at: row.time("expires_at")?,
    })
}
