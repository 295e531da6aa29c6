//! Client authentication (RFC 6749 section 2.3): exactly the registered method, by a secret kept as a keyed hash.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tessera_model::{AuditEvent, Client, ClientAuthMethod, ClientId, Digest, EventCode, Timestamp};
use tessera_oauth::client_auth::ClientCredentials;
use tessera_store::StoreError;

use crate::Cx;

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
    let key = (id.clone(), cx.ip);
    if let Some(retry_after) = cx.app.guesses.blocked(&key, cx.now) {
        return Err(ClientAuthFailure::Throttled { retry_after });
    }
    cx.app.guesses.failed(key, cx.now);
    let event = &AuditEvent { client_id: id, ..cx.event(EventCode::ClientAuthFailed) };
    cx.app.store.write(|tx| async move { tx.append_events(std::slice::from_ref(event)).await }).await?;
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
    client.is_active() && method == client.settings.auth_method && secret_is_good
}

/// Failures of one minute, by client and address, so that guessing at one client from one place costs no more audit events
/// (attack O35). In memory: a guess at 256 random bits is hopeless, this only bounds the work it makes.
#[derive(Default)]
pub(crate) struct Guesses(Mutex<HashMap<Guesser, (Timestamp, u32)>>);

type Guesser = (Option<ClientId>, Option<IpAddr>);

const WINDOW_SECONDS: i64 = 60;
const MAX_FAILURES: u32 = 20;
const MAX_GUESSERS: usize = 10_000;

impl Guesses {
    fn blocked(&self, key: &Guesser, now: Timestamp) -> Option<u64> {
        let guesses = self.0.lock();
        if guesses.is_empty() {
            return None;
        }
        let (since, failures) = guesses.get(key)?;
        let left = since.seconds() + WINDOW_SECONDS - now.seconds();
        (*failures >= MAX_FAILURES).then(|| u64::try_from(left).ok()).flatten().filter(|left| *left > 0)
    }

    fn failed(&self, key: Guesser, now: Timestamp) {
        let mut guesses = self.0.lock();
        if guesses.len() >= MAX_GUESSERS {
            guesses.retain(|_, (since, _)| now.seconds() - since.seconds() < WINDOW_SECONDS);
        }
        if guesses.len() >= MAX_GUESSERS {
            guesses.clear();
        }
        let (since, failures) = guesses.entry(key).or_insert((now, 0));
        if now.seconds() - since.seconds() >= WINDOW_SECONDS {
            (*since, *failures) = (now, 0);
        }
        *failures += 1;
    }
}
