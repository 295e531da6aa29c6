//! Client authentication (RFC 6749 section 2.3): by a secret, which is stored as a keyed hash, with the method that the client is
//! registered for.

mod rate_limit;

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, ClientAuthMethod, ClientId, Digest, EventCode, PresentedKind};
use tessera_oauth::client_auth::ClientCredentials;
use tessera_store::StoreError;

pub(crate) use self::rate_limit::ClientAuthFailures;
use crate::audit::budget::deny;
use crate::{Cx, catalog};

/// Why a client was not authenticated. The answer is `invalid_client` for each reason.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthFailure {
    /// The client is unknown or turned off, or method or secret is wrong.
    #[error("client authentication failed")]
    Refused {
        /// The method that the client is registered for, if using another one was its only mistake.
        expected: Option<ClientAuthMethod>,
    },
    /// Too many failures of this client from this address. The status is 429.
    #[error("too many failed attempts")]
    Throttled {
        /// Seconds until the next attempt is answered.
        retry_after: u64,
    },
    /// The database failed while the audit event was written.
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
    // The hash is computed for unknown clients too, so that the time does not tell which clients exist.
    let presented =
        credentials.secret().map(|secret| Digest::new(catalog.keys.client_secrets.tag(&[secret.as_bytes()])));
    let expected = match check_credentials(cx, client.as_ref(), credentials, presented.as_ref()) {
        Ok(client) => return Ok(Arc::clone(client)),
        Err(expected) => expected,
    };
    let limited = rate_limit::count_failure(cx, id.as_ref());
    // A secret in the wrong field is not written down.
    let client_id = id.filter(|id| !id.as_str().starts_with(PresentedKind::ClientSecret.prefix()));
    deny(cx, AuditEvent { client_id, ..cx.event(EventCode::ClientAuthFailed) }).await?;
    Err(match limited {
        Err(retry_after) => ClientAuthFailure::Throttled { retry_after },
        Ok(()) => ClientAuthFailure::Refused { expected },
    })
}

/// The client, or the method that its developer should use instead.
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
        // The method is no secret for somebody who has the client's secret, or if the client is public.
        (false, knows_secret) => {
            Err((knows_secret || registered == ClientAuthMethod::None).then_some(registered))
        }
    }
}

/// Whether credentials fit the method that a client is registered for.
fn accepts(registered: ClientAuthMethod, credentials: &ClientCredentials) -> bool {
    match registered {
        ClientAuthMethod::None => matches!(credentials, ClientCredentials::None { .. }),
        ClientAuthMethod::ClientSecret => credentials.secret().is_some(),
        ClientAuthMethod::ClientSecretBasic => matches!(credentials, ClientCredentials::Basic { .. }),
        ClientAuthMethod::ClientSecretPost => matches!(credentials, ClientCredentials::Post { .. }),
        ClientAuthMethod::Unknown => false,
    }
}
