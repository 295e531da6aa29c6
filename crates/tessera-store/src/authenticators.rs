//! Authenticators. A counter never goes back, so a code that was used and a security key that was copied are found out (invariant I1).

use tessera_model::{
    Authenticator, AuthenticatorId, AuthenticatorKind, AuthenticatorName, HotpSecret, Timestamp, TotpSecret,
    UserId, WebAuthnCredential,
};

use crate::row::Row;
use crate::sql::{authenticators as sql, fobs};
use crate::value::{named, params, to_json};
use crate::{StoreError, Tx, document};

/// Authenticators, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Authenticators<'t>(&'t Tx);

impl Tx {
    /// Authenticators of people.
    pub const fn authenticators(&self) -> Authenticators<'_> {
        Authenticators(self)
    }
}

impl Authenticators<'_> {
    /// Adds an authenticator. `false` if somebody has this credential already. [`StoreError::Conflict`] if there is no such person.
    pub async fn insert(self, authenticator: &Authenticator) -> Result<bool, StoreError> {
        let properties = properties_of(&authenticator.kind)?;
        let (credential_id, secret) = match &authenticator.kind {
            AuthenticatorKind::WebAuthn(credential) => (Some(&credential.credential_id), None),
            AuthenticatorKind::Totp(secret) => (None, Some(&secret.sealed)),
            AuthenticatorKind::Hotp(secret) => (None, Some(&secret.sealed)),
            AuthenticatorKind::Other(_) => (None, None),
        };
        let values = named![
            id = &authenticator.id,
            user_id = &authenticator.user_id,
            kind = authenticator.kind.as_str(),
            name = authenticator.name.as_str(),
            credential_id = credential_id,
            properties = &properties,
            secret = secret,
            counter = authenticator.counter,
            created_at = authenticator.created_at,
            last_used_at = authenticator.last_used_at,
        ];
        self.0.changed(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// The authenticator with this credential id.
    pub async fn find_by_credential(
        self,
        credential_id: &Vec<u8>,
    ) -> Result<Option<Authenticator>, StoreError> {
        self.0.one_row(&sql::FIND_BY_CREDENTIAL, params![credential_id]).await?.map(read).transpose()
    }

    /// The authenticators of a person, oldest first.
    pub async fn of_user(self, user: UserId) -> Result<Vec<Authenticator>, StoreError> {
        self.0.rows(&sql::OF_USER, params![&user]).await?.into_iter().map(read).collect()
    }

    /// Writes down that an authenticator was used and has counted this far. `false` if it had counted as far before, or is gone.
    pub async fn record_use(
        self,
        id: AuthenticatorId,
        counter: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::USE, params![&id, counter, now]).await
    }

    /// [`Self::record_use`] of a device that shows codes, also for the fob that it is.
    pub async fn record_code(self, used: &Authenticator, now: Timestamp) -> Result<bool, StoreError> {
        let counts = self.record_use(used.id, used.counter, now).await?;
        if counts && used.kind.fob().is_some() {
            let properties = properties_of(&used.kind)?;
            self.0.execute(&sql::DESCRIBE, params![&used.id, &properties]).await?;
            self.0.execute(&fobs::FOLLOW, params![&used.id, used.counter, &properties, now]).await?;
        }
        Ok(counts)
    }

    /// Writes down what a credential has shown of itself. What this version does not know of it stays.
    pub async fn describe(
        self,
        id: AuthenticatorId,
        credential: &WebAuthnCredential,
    ) -> Result<(), StoreError> {
        let stored = self.0.one_row(&sql::PROPERTIES_FOR_UPDATE, params![&id]).await?;
        let Some(mut stored) = stored else { return Ok(()) };
        let properties = document::changed(&stored.text("properties")?, credential)?;
        self.0.execute(&sql::DESCRIBE, params![&id, &properties]).await.map(drop)
    }

    /// Gives an authenticator of a person another name.
    pub async fn rename(
        self,
        user: UserId,
        id: AuthenticatorId,
        name: &AuthenticatorName,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::RENAME, params![&user, &id, name.as_str()]).await
    }

    /// Removes an authenticator of a person.
    pub async fn delete(self, user: UserId, id: AuthenticatorId) -> Result<bool, StoreError> {
        self.0.changed(&sql::DELETE, params![&user, &id]).await
    }

    /// Removes all authenticators of a person.
    pub async fn delete_all(self, user: UserId) -> Result<(), StoreError> {
        self.0.execute(&sql::DELETE_ALL, params![&user]).await.map(drop)
    }
}

/// What is stored of a kind as a document. A kind that this version does not know is neither added nor used.
pub(crate) fn properties_of(kind: &AuthenticatorKind) -> Result<String, StoreError> {
    match kind {
        AuthenticatorKind::WebAuthn(credential) => to_json(credential),
        AuthenticatorKind::Totp(secret) => to_json(secret),
        AuthenticatorKind::Hotp(secret) => to_json(secret),
        AuthenticatorKind::Other(_) => Err(StoreError::Misuse("an unknown authenticator is added or used")),
    }
}

/// Reads the kind of this name from the row of an authenticator or a fob.
pub(crate) fn kind_of(name: &str, row: &mut Row) -> Result<AuthenticatorKind, StoreError> {
    Ok(match name {
        "webauthn" => {
            let credential_id = row.bytes("credential_id")?;
            AuthenticatorKind::WebAuthn(WebAuthnCredential { credential_id, ..row.json("properties")? })
        }
        "totp" => {
            let secret: TotpSecret = row.json("properties")?;
            AuthenticatorKind::Totp(TotpSecret { sealed: row.bytes("secret")?, ..secret })
        }
        "hotp" => {
            let secret: HotpSecret = row.json("properties")?;
            AuthenticatorKind::Hotp(HotpSecret { sealed: row.bytes("secret")?, ..secret })
        }
        _ => AuthenticatorKind::Other(name.to_owned()),
    })
}

pub(crate) fn read(mut row: Row) -> Result<Authenticator, StoreError> {
    let id = row.id("id")?;
    let user_id = row.id("user_id")?;
    let kind = row.text("kind")?;
    let name: AuthenticatorName = row.parsed("name")?;
    let kind = kind_of(&kind, &mut row)?;
    Ok(Authenticator {
        id,
        user_id,
        name,
        kind,
        counter: row.int("counter")?,
        created_at: row.time("created_at")?,
        last_used_at: row.opt_time("last_used_at")?,
    })
}
