//! Which fob a verb is about.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, Fob, FobText, UserId};
use tessera_store::Tx;

use super::FobError;

/// A fob by its serial number and, where that is not enough, by who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhichFob {
    /// The serial number.
    pub serial: FobText,
    /// Who made it; `None` if the serial number is enough.
    pub manufacturer: Option<FobText>,
}

impl WhichFob {
    /// The fob as it is now.
    pub(super) async fn find(&self, tx: &Tx) -> Result<Fob, FobError> {
        let fits = |fob: &Fob| {
            self.manufacturer.is_none() || fob.label.manufacturer.as_ref() == self.manufacturer.as_ref()
        };
        let found = tx.fobs().with_serial(&self.serial).await?;
        let mut found = found.into_iter().filter(fits);
        match (found.next(), found.next()) {
            (None, _) => Err(FobError::NotFound),
            (Some(fob), None) => Ok(fob),
            (Some(_), Some(_)) => Err(FobError::Ambiguous),
        }
    }
}

/// The event about this fob and, if somebody has it or had it, about them.
pub(super) fn about(fob: &Fob, user_id: Option<UserId>, event: &AuditEvent) -> AuditEvent {
    AuditEvent { user_id, detail: Some(Detail::Fob(&fob.label).text()), ..event.clone() }
}
