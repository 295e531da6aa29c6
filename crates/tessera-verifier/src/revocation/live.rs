//! Taking tokens back while they are verified locally: a view of revocation rules, consulted for every token, also for one
//! seen a moment ago.
//!
//! A rule says: what was issued to this (token, grant, session, subject, client, or everybody) up to this moment is dead.
//! Rules are only ever added; they leave when the last token they can hit has expired. No answer, no order of answers and no
//! restart of the issuer makes the view forget one earlier.

mod digests;
mod feed;
mod rule;
mod view;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::{FetchError, Issuer};
use crate::keys::Keys;

pub(crate) use self::digests::Digests;
use self::feed::{Feed, Position};
pub use self::rule::{Rule, RuleKind};
pub use self::view::{MAX_RULES, RevocationView};

/// How a verifier learns of revocations.
pub(crate) enum Revocation {
    /// It does not: tokens live until they expire.
    Off,
    /// From a view that somebody else feeds.
    Local(Arc<RevocationView>),
    /// From the issuer.
    Live(Live),
}

/// A view that follows the issuer.
pub(crate) struct Live {
    issuer: Arc<Issuer>,
    view: Arc<RevocationView>,
    max_staleness: Duration,
    /// Monotonic milliseconds plus one of the last moment at which the view was known to be complete; 0 for never.
    fresh_at: AtomicU64,
    position: Mutex<Position>,
}

impl Revocation {
    pub(crate) fn live(issuer: Arc<Issuer>, view: Arc<RevocationView>, max_staleness: Duration) -> Self {
        Self::Live(Live {
            issuer,
            view,
            max_staleness,
            fresh_at: AtomicU64::new(0),
            position: Mutex::default(),
        })
    }

    pub(crate) const fn is_live(&self) -> bool {
        match self {
            Self::Live(_) => true,
            Self::Off | Self::Local(_) => false,
        }
    }

    /// Whether the token still counts, as far as anybody here can know at this monotonic time.
    pub(crate) fn check(&self, claims: &Claims, now: Duration) -> Result<(), VerifyError> {
        let view = match self {
            Self::Off => return Ok(()),
            Self::Local(view) => view,
            Self::Live(live) => {
                live.check_fresh(now)?;
                &live.view
            }
        };
        match view.revoked_by(claims) {
            Some(kind) => Err(VerifyError::Revoked(kind)),
            None => Ok(()),
        }
    }

    /// Catches up with the issuer: news first, then what is asked for again.
    pub(crate) async fn sync(&self, keys: &Arc<Keys>, clock: &dyn Clock) -> Result<(), FetchError> {
        let Self::Live(live) = self else { return Ok(()) };
        let feed = Feed { live, keys, clock };
        let mut position = live.position.lock().await;
        // What the issuer answers is at least as new as the moment it was asked.
        if let Some(asked_at) = feed.hear_news(&mut position).await? {
            live.fresh_at.fetch_max(stamp(asked_at), Ordering::AcqRel);
        }
        feed.resync(&mut position).await
    }
}

impl Live {
    fn check_fresh(&self, now: Duration) -> Result<(), VerifyError> {
        let fresh_at = self.fresh_at.load(Ordering::Acquire);
        let age = Duration::from_millis(stamp(now).saturating_sub(fresh_at));
        if fresh_at == 0 || age > self.max_staleness { Err(VerifyError::Stale) } else { Ok(()) }
    }
}

fn stamp(monotonic: Duration) -> u64 {
    u64::try_from(monotonic.as_millis()).unwrap_or(u64::MAX - 1) + 1
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("max_staleness", &self.max_staleness).finish_non_exhaustive()
    }
}
