//! What a person has allowed a client, remembered.

use tessera_oauth::scope::ScopeSet;

use crate::{ClientId, Timestamp, UserId};

/// One person's remembered answer for one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Who allowed it.
    pub user_id: UserId,
    /// To whom.
    pub client_id: ClientId,
    /// What; later requests within it do not ask again.
    pub scope: ScopeSet,
    /// When it was last given.
    pub granted_at: Timestamp,
}
