//! What every handler of the application needs.

use std::sync::Arc;

use tessera_openid_client::RelyingParty;

use super::session::Sessions;
use crate::host::Host;
use crate::ports::Sites;

/// The running application.
pub(super) struct Web {
    pub(super) host: Arc<Host>,
    pub(super) sites: Sites,
    pub(super) relying_party: RelyingParty,
    pub(super) sessions: Sessions,
}
