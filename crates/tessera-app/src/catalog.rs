//! Clients, APIs and keys in memory, so that issuing a machine's token touches no disk.
//!
//! A job calls [`refresh`] twice a second. It reloads the catalog when the database says that something changed. So a change
//! by the CLI or by another issuer takes effect everywhere within a second.
//!
//! A client or API whose row cannot be read is left out, which turns it off. The log names it at each reload. The others are
//! not affected. A key that cannot be opened makes the whole reload fail, because every client needs the keys.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tessera_model::key::RotationSchedule;
use tessera_model::{Api, Client, ClientId, Digest, KnownRule, RevocationKind, Timestamp};
use tessera_oauth::payload::KnownRules;
use tessera_store::{Store, StoreError, Unreadable};

use crate::keys::{Kek, KeyError, KeyRing};
use crate::rules::id_digest;
use crate::{App, Cx};

/// The catalog as one reload found it.
pub struct Catalog {
    version: i64,
    clients: HashMap<ClientId, Arc<Client>>,
    apis: HashMap<String, Arc<Api>>,
    /// The last revocation rules about clients.
    rules: HashMap<ClientId, RulesAbout>,
    /// The keys, decrypted.
    pub keys: KeyRing,
    /// The epoch of the revocation feed. A restore begins one together with new keys.
    pub(crate) epoch: i64,
}

impl Catalog {
    pub(crate) async fn load(
        store: &Store,
        kek: &Kek,
        schedule: &RotationSchedule,
    ) -> Result<Self, KeyError> {
        let (version, rules, clients, apis, keys, epoch) = store
            .read(|tx| async move {
                // The version is read first. If something changes after that, the next refresh sees another version and reloads.
                let version = tx.catalog().version().await?;
                // Rules are read before clients: of a client that was made anew, the rule may be missing, but a rule never comes with
                // the client that it ended.
                Ok::<_, KeyError>((
                    version,
                    tx.revocations().list_of_clients().await?,
                    tx.clients().list().await?,
                    tx.apis().list().await?,
                    tx.keys().list().await?,
                    tx.revocations().epoch().await?,
                ))
            })
            .await?;
        report_unreadable(&clients.unreadable, &apis.unreadable);
        report_newer_settings(&clients.entries, &apis.entries);
        Ok(Self {
            version,
            rules: rules_of_clients(&rules, &clients.entries),
            clients: clients
                .entries
                .into_iter()
                .map(|client| (client.id.clone(), Arc::new(client)))
                .collect(),
            apis: apis.entries.into_iter().map(|api| (api.audience.clone(), Arc::new(api))).collect(),
            keys: KeyRing::open(kek, &keys, schedule)?,
            epoch,
        })
    }

    /// The client of this id.
    pub fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// The last revocation rules about a client. None about one that this catalog does not hold any more.
    pub(crate) fn rules_about(&self, client: &Arc<Client>) -> RulesAbout {
        let is_current = self.client(&client.id).is_some_and(|current| Arc::ptr_eq(current, client));
        self.rules.get(&client.id).copied().filter(|_| is_current).unwrap_or_default()
    }

    /// The client that revocation rules call so.
    pub(crate) fn client_of(&self, digest: &Digest) -> Option<ClientId> {
        self.clients.keys().find(|id| id_digest(id.as_str()) == *digest).cloned()
    }

    /// The API of this audience.
    pub fn api(&self, audience: &str) -> Option<&Arc<Api>> {
        self.apis.get(audience)
    }

    /// Every API.
    pub fn apis(&self) -> impl Iterator<Item = &Arc<Api>> {
        self.apis.values()
    }
}

/// The last revocation rules about somebody.
#[derive(Clone, Copy, Default)]
pub(crate) struct RulesAbout {
    /// About the subject of a token.
    pub(crate) subject: Option<KnownRule>,
    /// About its client.
    client: Option<KnownRule>,
}

impl RulesAbout {
    /// What a token that is issued now says about them.
    pub(crate) fn for_token_of(self, now: Timestamp) -> KnownRules {
        KnownRules {
            subject: self.subject.and_then(|rule| rule.for_token_of(now)),
            client: self.client.and_then(|rule| rule.for_token_of(now)),
        }
    }
}

fn rules_of_clients(
    rules: &[(RevocationKind, Digest, KnownRule)],
    clients: &[Client],
) -> HashMap<ClientId, RulesAbout> {
    // Few clients were turned off or removed in the last day.
    let mut about: HashMap<ClientId, RulesAbout> = HashMap::new();
    for (kind, digest, rule) in rules {
        let Some(client) = clients.iter().find(|client| id_digest(client.id.as_str()) == *digest) else {
            continue;
        };
        let about = about.entry(client.id.clone()).or_default();
        match kind {
            RevocationKind::Subject => about.subject = Some(*rule),
            RevocationKind::Client => about.client = Some(*rule),
            RevocationKind::Token | RevocationKind::Grant | RevocationKind::Session => {}
        }
    }
    about
}

fn report_unreadable(clients: &[Unreadable], apis: &[Unreadable]) {
    for (kind, rows) in [("client", clients), ("api", apis)] {
        metrics::gauge!("tessera_catalog_unreadable", "kind" => kind)
            .set(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        for Unreadable { name, why } in rows {
            tracing::error!(kind, ?name, error = %why, "turned off, because its row cannot be read");
        }
    }
}

/// A newer version wrote these settings. What this one does not know of them has no effect here.
fn report_newer_settings(clients: &[Client], apis: &[Api]) {
    let clients =
        clients.iter().map(|client| ("client", client.id.as_str(), &client.settings.not_understood));
    let apis = apis.iter().map(|api| ("api", &*api.audience, &api.settings.not_understood));
    for (kind, name, settings) in clients.chain(apis).filter(|(_, _, settings)| !settings.is_empty()) {
        tracing::warn!(
            kind,
            name,
            ?settings,
            "settings of a newer version; what is not known of them has no effect"
        );
    }
}

/// Reloads the catalog if anything changed.
///
/// # Errors
/// The database cannot be read, or a key cannot be opened. The old catalog stays.
pub async fn refresh(app: &App) -> Result<(), KeyError> {
    let mut flag = CurrentFlag { app, succeeded: false };
    let refreshed = reload_within_timeout(app).await;
    flag.succeeded = refreshed.is_ok();
    refreshed
}

async fn reload_within_timeout(app: &App) -> Result<(), KeyError> {
    let refreshed = tokio::time::timeout(RELOAD_TIMEOUT, reload_if_changed(app)).await;
    refreshed.unwrap_or_else(|_| Err(StoreError::Unavailable("it takes too long".to_owned()).into()))
}

/// The longest that a reload may take.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(2);

/// Marks the catalog as stale unless the refresh succeeded. It does so on drop, so that a panic counts too (invariant I6).
struct CurrentFlag<'a> {
    app: &'a App,
    succeeded: bool,
}

impl Drop for CurrentFlag<'_> {
    fn drop(&mut self) {
        self.app.catalog_is_current.store(self.succeeded, Ordering::Release);
    }
}

/// Requires that the last refresh succeeded. Otherwise the client may have been turned off meanwhile, so no token is issued
/// (policy P5).
///
/// # Errors
/// The last refresh failed.
pub(crate) fn require_current(app: &App) -> Result<(), StoreError> {
    if app.catalog_is_current.load(Ordering::Acquire) {
        Ok(())
    } else {
        Err(StoreError::Unavailable("it did not answer when last asked for changes".to_owned()))
    }
}

/// The client of this id. An unknown client may have been registered a moment ago, so the catalog is refreshed for it. That
/// happens at most ten times a second, because anybody can make up client ids.
pub(crate) async fn client(cx: &Cx, id: &ClientId) -> Option<Arc<Client>> {
    let known = || cx.app.catalog.load().client(id).cloned();
    match known() {
        None if cx.app.lookups.lock().take(cx.now) => {
            // Boxed, so that the future for a known client stays small. This does not touch `catalog_is_current`, which
            // belongs to the job: a stranger who hangs up here must not mark the catalog as stale.
            if let Err(error) = Box::pin(reload_within_timeout(&cx.app)).await {
                tracing::warn!(request_id = %cx.request_id, %error, "an unknown client could not be looked for");
            }
            known()
        }
        found => found,
    }
}

/// How many extra refreshes were made in this second.
#[derive(Default)]
pub(crate) struct Lookups {
    second: Timestamp,
    taken: u32,
}

impl Lookups {
    const PER_SECOND: u32 = 10;

    fn take(&mut self, now: Timestamp) -> bool {
        if self.second != now {
            *self = Self { second: now, taken: 0 };
        }
        self.taken += 1;
        self.taken <= Self::PER_SECOND
    }
}

async fn reload_if_changed(app: &App) -> Result<(), KeyError> {
    // One reload at a time, so that an older one cannot replace a newer one.
    let _reloading = app.catalog_reload.lock().await;
    let version = app.store.read(|tx| async move { tx.catalog().version().await }).await?;
    if version != app.catalog.load().version {
        let catalog = Catalog::load(&app.store, &app.kek, &app.config.rotation).await?;
        app.catalog.store(Arc::new(catalog));
    }
    Ok(())
}
