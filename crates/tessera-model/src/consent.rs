//! Remembered consents.

use tessera_oauth::scope::ScopeSet;

use crate::{ClientId, Timestamp, UserId};

/// What one person has allowed one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The person.
    pub user_id: UserId,
    /// The client.
    pub client_id: ClientId,
    /// The scopes that were allowed. Requests for these scopes do not ask again.
    pub scope: ScopeSet,
    /// When the person last gave consent.
    pub granted_at: Timestamp,
}
