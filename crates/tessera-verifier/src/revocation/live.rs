//! Where a verifier gets its revocation rules from, and whether they are fresh enough.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use super::feed::{Feed, Position};
use super::view::{RevocationStatus, RevocationView, Verdict};
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::{FetchError, Issuer};
use crate::keys::Keys;

/// Where a verifier gets its revocation rules from.
pub(crate) enum Revocation {
    /// From nowhere: tokens are valid until they expire.
    Off,
    /// From a view that the application fills.
    Local(Arc<RevocationView>),
    /// From the issuer.
    Live(Live),
}

/// A view that follows the issuer.
pub(crate) struct Live {
    issuer: Arc<Issuer>,
    view: Arc<RevocationView>,
    max_staleness: Duration,
    /// When the view was last known to be complete, in monotonic milliseconds plus one. 0 for never.
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

    /// Checks that no rule revokes the token and that the rules are fresh at the monotonic time `now`.
    pub(crate) fn check(&self, claims: &Claims, now: Duration) -> Result<(), VerifyError> {
        let view = match self {
            Self::Off => return Ok(()),
            Self::Local(view) => view,
            Self::Live(live) => {
                live.check_fresh(now)?;
                &live.view
            }
        };
        match view.verdict(claims) {
            Verdict::Live => Ok(()),
            Verdict::Revoked(kind) => Err(VerifyError::Revoked(kind)),
            Verdict::Undecided => Err(VerifyError::Stale),
        }
    }

    /// The state of the rules; `None` if there are none to consult.
    pub(crate) fn status(&self) -> Option<RevocationStatus> {
        match self {
            Self::Off => None,
            Self::Local(view) => Some(view.status()),
            Self::Live(live) => Some(live.view.status()),
        }
    }

    /// Fetches new rules from the issuer, then repeats a part of the old ones if it is time.
    pub(crate) async fn sync(&self, keys: &Arc<Keys>, clock: &dyn Clock) -> Result<(), FetchError> {
        let Self::Live(live) = self else { return Ok(()) };
        let feed = Feed { issuer: &live.issuer, view: &live.view, keys, clock };
        let mut position = live.position.lock().await;
        // The answer is at least as new as the request.
        if let Some(requested_at) = feed.fetch_new(&mut position).await? {
            live.fresh_at.fetch_max(stamp(requested_at), Ordering::AcqRel);
        }
        if let Err(error) = feed.resync(&mut position).await {
            // An issuer without its database has only the newest rules. Those are here, so tokens are verified.
            tracing::warn!(%error, "revocation.resync_failed");
            position.resync_later(clock.monotonic());
        }
        Ok(())
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
