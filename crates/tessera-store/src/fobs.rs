//! Key fobs. What one has counted never goes back, whoever has it (invariant I1).

use tessera_model::{
    AuthenticatorId, AuthenticatorKind, Fob, FobId, FobLabel, FobState, FobText, Timestamp, UserId,
};

use crate::authenticators::{kind_of, properties_of};
use crate::row::Row;
use crate::sql::fobs as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// Key fobs, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Fobs<'t>(&'t Tx);

impl Tx {
    /// Key fobs of the organisation.
    pub const fn fobs(&self) -> Fobs<'_> {
        Fobs(self)
    }
}

impl Fobs<'_> {
    /// Adds a fob that nobody has. `false` if there is one with this label.
    pub async fn insert(self, fob: &Fob) -> Result<bool, StoreError> {
        if fob.state != FobState::InStock {
            return Err(StoreError::Misuse("a fob begins in stock"));
        }
        let properties = properties_of(&fob.kind)?;
        let values = named![
            id = &fob.id,
            serial = fob.label.serial.as_str(),
            manufacturer = manufacturer(&fob.label),
            kind = fob.kind.as_str(),
            properties = &properties,
            secret = sealed(&fob.kind)?,
            counter = fob.counter,
            imported_at = fob.imported_at,
            last_used_at = fob.last_used_at,
            authenticator_id = None::<&AuthenticatorId>,
            user_id = None::<&UserId>,
            lost_at = None::<Timestamp>,
        ];
        self.0.changed(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// The fobs with this serial number, which may be of several manufacturers: the first ten.
    pub async fn with_serial(self, serial: &FobText) -> Result<Vec<Fob>, StoreError> {
        self.0.rows(&sql::WITH_SERIAL, params![serial.as_str()]).await?.into_iter().map(read).collect()
    }

    /// The fobs in the order of their labels, after this one.
    pub async fn list(self, after: Option<&FobLabel>, limit: u32) -> Result<Vec<Fob>, StoreError> {
        let (serial, manufacturer) = place(after);
        let rows = self.0.scan(&sql::LIST, params![serial, manufacturer, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// The fobs that nobody has, in the order of their labels, after this one.
    pub async fn list_in_stock(self, after: Option<&FobLabel>, limit: u32) -> Result<Vec<Fob>, StoreError> {
        let (serial, manufacturer) = place(after);
        let rows = self.0.scan(&sql::LIST_IN_STOCK, params![serial, manufacturer, limit]).await?;
        rows.into_iter().map(read).collect()
    }

    /// The fobs of a person.
    pub async fn of_user(self, user: UserId) -> Result<Vec<Fob>, StoreError> {
        self.0.rows(&sql::OF_USER, params![&user]).await?.into_iter().map(read).collect()
    }

    /// Gives a fob to a person, who has this authenticator of it. `false` if it is not in stock.
    pub async fn assign(
        self,
        id: FobId,
        user: UserId,
        authenticator: AuthenticatorId,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::ASSIGN, params![&id, &authenticator, &user]).await
    }

    /// Writes down that a fob in stock has counted this far. `false` if it had counted as far before, or is not in stock.
    pub async fn record_use(self, used: &Fob, now: Timestamp) -> Result<bool, StoreError> {
        let properties = properties_of(&used.kind)?;
        self.0.changed(&sql::USE, params![&used.id, used.counter, &properties, now]).await
    }

    /// Marks a fob in stock as lost, and erases its secret. `false` if it is not in stock.
    pub async fn lose(self, id: FobId, now: Timestamp) -> Result<bool, StoreError> {
        let none: Vec<u8> = Vec::new();
        self.0.changed(&sql::LOSE, params![&id, now, &none]).await
    }

    /// Removes a fob that is in stock and was never used; `false` if it is neither.
    pub async fn delete(self, id: FobId) -> Result<bool, StoreError> {
        self.0.changed(&sql::DELETE, params![&id]).await
    }
}

fn manufacturer(label: &FobLabel) -> &str {
    label.manufacturer.as_ref().map_or("", FobText::as_str)
}

fn place(after: Option<&FobLabel>) -> (&str, &str) {
    after.map_or(("", ""), |label| (label.serial.as_str(), manufacturer(label)))
}

fn sealed(kind: &AuthenticatorKind) -> Result<&Vec<u8>, StoreError> {
    match kind {
        AuthenticatorKind::Totp(secret) => Ok(&secret.sealed),
        AuthenticatorKind::Hotp(secret) => Ok(&secret.sealed),
        AuthenticatorKind::WebAuthn(_) | AuthenticatorKind::Other(_) => {
            Err(StoreError::Misuse("a fob shows codes"))
        }
    }
}

pub(crate) fn read(mut row: Row) -> Result<Fob, StoreError> {
    let manufacturer = row.text("manufacturer")?;
    let manufacturer = if manufacturer.is_empty() { None } else { manufacturer.parse().ok() };
    let label = FobLabel { serial: row.parsed("serial")?, manufacturer };
    let kind = row.text("kind")?;
    let (authenticator, user) = (row.opt_id("authenticator_id")?, row.opt_id("user_id")?);
    let state = match (row.opt_time("lost_at")?, authenticator, user) {
        (Some(at), _, _) => FobState::Lost { at },
        (None, Some(authenticator), Some(user)) => FobState::Assigned { user, authenticator },
        (None, _, _) => FobState::InStock,
    };
    Ok(Fob {
        id: row.id("id")?,
        label,
        kind: kind_of(&kind, &mut row)?,
        counter: row.int("counter")?,
        imported_at: row.time("imported_at")?,
        last_used_at: row.opt_time("last_used_at")?,
        state,
    })
}
