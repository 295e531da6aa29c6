//! Client authentication (RFC 6749 section 2.3): exactly the registered method, by a secret kept as a keyed hash.

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, ClientAuthMethod, ClientId, Digest, EventCode};
use tessera_oauth::client_auth::ClientCredentials;
use tessera_store::StoreError;

use crate::Cx;
use crate::denials::deny;

/// Failures a minute at one client from one address that are answered like the first (attack O35). A guess at 256 random bits is
/// hopeless; this only tells a program that is set up wrongly to slow down.
const MAX_FAILURES: u64 = 20;

/// Why a client was not authenticated. The wire says `invalid_client` for every reason but the throttle.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthFailure {
    /// Unknown, turned off, wrong method or wrong secret.
    #[error("client authentication failed")]
    Refused,
    /// Too many failures from this address: answer 429.
    #[error("too many failed attempts")]
    Throttled {
        /// Seconds until the next attempt is looked at.
        retry_after: u64,
    },
    /// The database failed while the failure was written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The client behind these credentials.
///
/// # Errors
/// See [`ClientAuthFailure`].
pub async fn authenticate(
    cx: &Cx,
    credentials: &ClientCredentials,
) -> Result<Arc<Client>, ClientAuthFailure> {
    let id = credentials.client_id().parse::<ClientId>().ok();
    let catalog = cx.app.catalog.load();
    let client = id.as_ref().and_then(|id| catalog.client(id));
    // The hash is computed for unknown clients too, so that both take the same time.
    let presented =
        credentials.secret().map(|secret| Digest::new(catalog.keys.client_secrets.tag(&[secret.as_bytes()])));
    if let Some(client) = client.filter(|client| proves(cx, client, credentials, presented.as_ref())) {
        return Ok(Arc::clone(client));
    }
    // Only failures are held up: a stranger's guesses must not keep the client itself out.
    let standing = deny(cx, AuditEvent { client_id: id, ..cx.event(EventCode::ClientAuthFailed) }).await?;
    if standing.denials > MAX_FAILURES {
        return Err(ClientAuthFailure::Throttled { retry_after: standing.left });
    }
    Err(ClientAuthFailure::Refused)
}

fn proves(cx: &Cx, client: &Client, credentials: &ClientCredentials, presented: Option<&Digest>) -> bool {
    let method = match credentials {
        ClientCredentials::None { .. } => ClientAuthMethod::None,
        ClientCredentials::Basic { .. } => ClientAuthMethod::ClientSecretBasic,
        ClientCredentials::Post { .. } => ClientAuthMethod::ClientSecretPost,
    };
    let secret_is_good = match presented {
        None => method == ClientAuthMethod::None,
        Some(presented) => client.live_secrets(cx.now).filter(|live| *live == presented).count() > 0,
    };
    client.is_active() && accepts(client.settings.auth_method, method) && secret_is_good
}

/// Whether a client that is registered for one method may use another.
fn accepts(registered: ClientAuthMethod, used: ClientAuthMethod) -> bool {
    match registered {
        ClientAuthMethod::ClientSecret => used != ClientAuthMethod::None,
        ClientAuthMethod::None | ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost => {
            used == registered
        }
    }
}
