//! Client authentication (RFC 6749 section 2.3): by a secret kept as a keyed hash, in the place that the client is registered for.

mod rate_limit;

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, ClientAuthMethod, ClientId, Digest, EventCode};
use tessera_oauth::client_auth::ClientCredentials;
use tessera_store::StoreError;

pub(crate) use self::rate_limit::ClientAuthFailures;
use crate::audit::budget::deny;
use crate::{Cx, catalog};

/// Why a client was not authenticated. The wire says `invalid_client` for every reason but the throttle.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthFailure {
    /// Unknown, turned off, wrong method or wrong secret.
    #[error("client authentication failed")]
    Refused {
        /// What the client is registered for, where it used another method and that is what stands against it.
        expected: Option<ClientAuthMethod>,
    },
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
    let client = match &id {
        Some(id) => catalog::client(cx, id).await,
        None => None,
    };
    let catalog = cx.app.catalog.load();
    // The hash is computed for unknown clients too, so that both take the same time.
    let presented =
        credentials.secret().map(|secret| Digest::new(catalog.keys.client_secrets.tag(&[secret.as_bytes()])));
    let expected = match check_credentials(cx, client.as_ref(), credentials, presented.as_ref()) {
        Ok(client) => return Ok(Arc::clone(client)),
        Err(expected) => expected,
    };
    let limited = rate_limit::count_failure(cx, id.as_ref());
    deny(cx, AuditEvent { client_id: id, ..cx.event(EventCode::ClientAuthFailed) }).await?;
    Err(match limited {
        Err(retry_after) => ClientAuthFailure::Throttled { retry_after },
        Ok(()) => ClientAuthFailure::Refused { expected },
    })
}

/// The client behind the credentials, or what to tell its developer.
fn check_credentials<'a>(
    cx: &Cx,
    client: Option<&'a Arc<Client>>,
    credentials: &ClientCredentials,
    presented: Option<&Digest>,
) -> Result<&'a Arc<Client>, Option<ClientAuthMethod>> {
    let client = client.filter(|client| client.is_active()).ok_or(None)?;
    let registered = client.settings.auth_method;
    let knows_secret = presented
        .is_none_or(|presented| client.live_secrets(cx.now).filter(|live| *live == presented).count() > 0);
    match (accepts(registered, credentials), knows_secret) {
        (true, true) => Ok(client),
        (true, false) => Err(None),
        // Whoever has the secret of a client, or says that it has none, may know how the client authenticates.
        (false, knows_secret) => {
            Err((knows_secret || registered == ClientAuthMethod::None).then_some(registered))
        }
    }
}

/// Whether a client that is registered for this method may send these credentials.
fn accepts(registered: ClientAuthMethod, credentials: &ClientCredentials) -> bool {
    match registered {
        ClientAuthMethod::None => matches!(credentials, ClientCredentials::None { .. }),
        ClientAuthMethod::ClientSecret => credentials.secret().is_some(),
        ClientAuthMethod::ClientSecretBasic => matches!(credentials, ClientCredentials::Basic { .. }),
        ClientAuthMethod::ClientSecretPost => matches!(credentials, ClientCredentials::Post { .. }),
    }
}
