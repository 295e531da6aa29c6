//! People. A status only goes back from locked to active (invariant I4).

use tessera_model::{
    ClientId, Digest, KnownRule, PasswordHash, SecurityVersion, Timestamp, User, UserId, UserStatus, Username,
};

use crate::row::Row;
use crate::sql::users as sql;
use crate::value::{named, params, to_json};
use crate::{StoreError, Tx, document};

/// People, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Users<'t>(&'t Tx);

/// The person behind a grant, with what else decides about it at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantUser {
    /// Who.
    pub user: User,
    /// The last revocation rule about them.
    pub rule: Option<KnownRule>,
    /// Whether the client of the grant is on. What a server remembers of it may be a second old.
    pub client_is_active: bool,
}

/// How many password hashes have one cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// How these hashes begin: algorithm, version and cost.
    pub cost: String,
    /// Accounts with such a hash.
    pub accounts: u64,
}

impl Tx {
    /// People.
    pub const fn users(&self) -> Users<'_> {
        Users(self)
    }
}

impl Users<'_> {
    /// Adds a person. `false` if the id or the username is taken.
    pub async fn insert(self, user: &User) -> Result<bool, StoreError> {
        let (status, since) = match user.status {
            UserStatus::Active => ("active", None),
            UserStatus::Locked { at } => ("locked", Some(at)),
            UserStatus::Disabled { at } => ("disabled", Some(at)),
        };
        let claims = to_json(&user.claims)?;
        let values = named![
            id = &user.id,
            username = user.username.as_str(),
            name = user.name.as_deref(),
            email = user.email.as_deref(),
            email_verified = user.email_verified,
            claims = &claims,
            status = status,
            status_at = since,
            password_hash = user.password.as_ref().map(PasswordHash::as_str),
            security_version = user.security_version,
            created_at = user.created_at,
            updated_at = user.updated_at,
        ];
        self.0.changed(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// One person.
    pub async fn find(self, id: UserId) -> Result<Option<User>, StoreError> {
        self.0.one_row(&sql::FIND, params![&id]).await?.map(read).transpose()
    }

    /// The person behind a grant of this client. `subject` is the hash by which rules call them.
    pub async fn find_holder(
        self,
        id: UserId,
        subject: &Digest,
        client: &ClientId,
    ) -> Result<Option<GrantUser>, StoreError> {
        self.0.one_row(&sql::FIND_HOLDER, params![&id, subject, client]).await?.map(read_holder).transpose()
    }

    /// One person, locked until the transaction ends, for changes that depend on the current row. Only in a write.
    pub async fn find_for_update(self, id: UserId) -> Result<Option<User>, StoreError> {
        self.0.one_row(&sql::FIND_FOR_UPDATE, params![&id]).await?.map(read).transpose()
    }

    /// Replaces name, e-mail address and claims of a person. `false` if there is no such person. Stored claims that this version does
    /// not know stay.
    pub async fn update(self, user: &User) -> Result<bool, StoreError> {
        let stored = self.0.one_row(&sql::CLAIMS_FOR_UPDATE, params![&user.id]).await?;
        let Some(mut stored) = stored else { return Ok(false) };
        let claims = document::changed(&stored.text("claims")?, &user.claims)?;
        let (name, email) = (user.name.as_deref(), user.email.as_deref());
        let params = params![&user.id, name, email, user.email_verified, &claims, user.updated_at];
        self.0.changed(&sql::UPDATE, params).await
    }

    /// The person with this login name.
    pub async fn find_by_username(self, username: &Username) -> Result<Option<User>, StoreError> {
        self.0.one_row(&sql::FIND_BY_USERNAME, params![username.as_str()]).await?.map(read).transpose()
    }

    /// People in the order of their usernames, byte by byte, after the given one.
    pub async fn list_after(self, username: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        let after = username.map_or("", Username::as_str);
        self.0.scan(&sql::LIST_AFTER, params![after, limit]).await?.into_iter().map(read).collect()
    }

    /// Locks an active account.
    pub async fn lock(self, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::LOCK, params![&id, now]).await
    }

    /// Unlocks a locked account.
    pub async fn unlock(self, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::UNLOCK, params![&id, now]).await
    }

    /// Closes an active or locked account for good, and deletes its password hash.
    pub async fn disable(self, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::DISABLE, params![&id, now]).await
    }

    /// Sets a new password, and increments the security version.
    pub async fn set_password(
        self,
        id: UserId,
        password: &PasswordHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::SET_PASSWORD, params![&id, password.as_str(), now]).await
    }

    /// Locks a person until the transaction ends, if their credentials still have this version. `false` if not. Stores a new hash of
    /// the same password, if one is given. Only in a write.
    pub async fn confirm(
        self,
        id: UserId,
        version: SecurityVersion,
        rehashed: Option<&PasswordHash>,
    ) -> Result<bool, StoreError> {
        let rehashed = rehashed.map(PasswordHash::as_str);
        self.0.changed(&sql::CONFIRM, params![&id, version, rehashed]).await
    }

    /// Begins the next generation of a person's credentials, if they still have this one, and locks their row until the transaction ends.
    /// `false` if not.
    pub async fn renew_credentials(self, id: UserId, version: SecurityVersion) -> Result<bool, StoreError> {
        self.0.changed(&sql::RENEW_CREDENTIALS, params![&id, version]).await
    }

    /// The distinct costs of all password hashes, each with the number of accounts. At most 16.
    pub async fn password_costs(self) -> Result<Vec<PasswordCost>, StoreError> {
        self.0.scan(&sql::PASSWORD_COSTS, params![]).await?.into_iter().map(read_cost).collect()
    }

    /// Deletes a person with their sessions, grants and consents. Audit events stay.
    pub async fn delete(self, id: UserId) -> Result<bool, StoreError> {
        self.0.changed(&sql::DELETE, params![&id]).await
    }
}

pub(crate) fn read_holder(mut row: Row) -> Result<GrantUser, StoreError> {
    let (seq, before) = (row.opt_int("rule_seq")?, row.opt_time("rule_before")?);
    let rule = seq.zip(before).map(|(seq, issued_before)| KnownRule { seq, issued_before });
    let client_is_active = row.opt_text("active_client")?.is_some();
    Ok(GrantUser { user: read(row)?, rule, client_is_active })
}

pub(crate) fn read(mut row: Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.id("id")?,
        username: row.parsed("username")?,
        name: row.opt_text("name")?,
        email: row.opt_text("email")?,
        email_verified: row.bool("email_verified")?,
        claims: row.json("claims")?,
        status: read_status(&mut row)?,
        password: row.opt_text("password_hash")?.map(PasswordHash::new),
        security_version: SecurityVersion(row.int("security_version")?),
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

pub(crate) fn read_cost(mut row: Row) -> Result<PasswordCost, StoreError> {
    let (cost, accounts) = (row.text("cost")?, row.int("accounts")?);
    Ok(PasswordCost { cost, accounts: u64::try_from(accounts).unwrap_or(0) })
}

fn read_status(row: &mut Row) -> Result<UserStatus, StoreError> {
    let status = row.text("status")?;
    match (status.as_str(), row.opt_time("status_at")?) {
        ("active", None) => Ok(UserStatus::Active),
        ("locked", Some(at)) => Ok(UserStatus::Locked { at }),
        ("disabled", Some(at)) => Ok(UserStatus::Disabled { at }),
        _ => Err(row.unreadable("status", "a user status with its time")),
    }
}
