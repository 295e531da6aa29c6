//! Fetches revocation rules: `GET {issuer}/revocation/rules?after=<seq>&nonce=<random>` returns a signed page of the rules after
//! number `seq`. `docs/revocation-rules.md` describes the format.
//!
//! The answer is a compact JWS of `typ` `revocation-rules+jwt`, signed with a key that is published for it. Its payload is a
//! [`Page`]. `complete` is false while more rules follow. An answer with anything unreadable is refused as a whole, because a
//! verifier that skips a rule accepts a revoked token. A rule of an unknown kind is readable. An answer with another `after` or `nonce` than the request is refused too: it
//! may have been recorded earlier. So is an answer whose `iat` is more than 60 s from our clock.

use std::sync::Arc;
use std::time::Duration;

use tessera_jose::Unverified;
use tessera_jose::jwk::Purpose;

use super::page::Page;
use super::view::RevocationView;
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::{self, FetchError, Issuer};
use crate::keys::{Keys, RefetchReason};

/// `typ` of a signed page.
const RULES_TYP: &str = "revocation-rules+jwt";
/// How far `iat` may be ahead of our clock or behind it, in seconds (policy P6).
const MAX_CLOCK_SKEW: i64 = 60;
/// How often all rules are fetched again, in case one was published out of order.
const RESYNC_EVERY: Duration = Duration::from_secs(300);
/// How soon that is tried again after a failure.
const RESYNC_RETRY: Duration = Duration::from_secs(60);
/// Most pages that one run fetches again. New rules must not wait long for them.
const RESYNC_PAGES: usize = 16;
/// Most pages of new rules in one run. Enough for [`super::MAX_RULES`], even if a page is no longer than a token may be.
const MAX_PAGES: usize = 25_000;

/// Which rules the view has.
#[derive(Default)]
pub(super) struct Position {
    /// The epoch that the numbers belong to. `None` before the first page.
    epoch: Option<i64>,
    /// Number of the last known rule.
    seq: i64,
    resync: Resync,
}

/// Progress of fetching all rules again, a few pages at a time.
#[derive(Default)]
struct Resync {
    /// When the next round starts.
    due_at: Duration,
    /// The last rule that the current round has fetched. `None` between rounds.
    under_way: Option<i64>,
    /// A round starts after this rule. The view has folded rules up to here. To fold them again would revoke more.
    floor: i64,
    /// How often the view had been folded when `floor` was set.
    folds: u64,
}

impl Position {
    /// Old rules cannot be fetched now.
    pub(super) const fn resync_later(&mut self, now: Duration) {
        self.resync.under_way = None;
        self.resync.due_at = now.saturating_add(RESYNC_RETRY);
    }

    /// The issuer lost rules, or was restored. Fetch everything again, and forget nothing.
    fn start_over(&mut self) {
        *self = Self { epoch: self.epoch, ..Self::default() };
    }
}

/// The issuer's rules, the view that they go into, and the keys that sign them.
pub(super) struct Feed<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) view: &'a RevocationView,
    pub(super) keys: &'a Arc<Keys>,
    pub(super) clock: &'a dyn Clock,
}

impl Feed<'_> {
    /// Fetches pages until there are no more. Returns the moment of the last request: the view is complete up to it. `None` if the
    /// issuer has lost rules or was restored.
    pub(super) async fn fetch_new(&self, position: &mut Position) -> Result<Option<Duration>, FetchError> {
        let from = position.seq;
        for _ in 0..MAX_PAGES {
            let requested_at = self.clock.monotonic();
            let Some(page) = self.apply_page(position.seq, &mut position.epoch).await? else {
                position.start_over();
                return Ok(None);
            };
            position.seq = page.seq;
            if page.complete {
                if from == 0 {
                    let due_at = requested_at.saturating_add(RESYNC_EVERY);
                    position.resync = Resync { due_at, ..Resync::default() };
                }
                self.view.purge(page.iat.min(self.clock.unix_seconds()));
                return Ok(Some(requested_at));
            }
        }
        Err(FetchError::TooLarge)
    }

    /// Fetches the next few of the old pages again, if it is time.
    pub(super) async fn resync(&self, position: &mut Position) -> Result<(), FetchError> {
        let now = self.clock.monotonic();
        let resync = &mut position.resync;
        if resync.under_way.is_none() {
            if now < resync.due_at {
                return Ok(());
            }
            let folds = self.view.status().folds;
            if folds != resync.folds {
                (resync.folds, resync.floor) = (folds, position.seq);
            }
        }
        let mut after = resync.under_way.unwrap_or(resync.floor);
        for _ in 0..RESYNC_PAGES {
            let Some(page) = self.apply_page(after, &mut position.epoch).await? else {
                position.start_over();
                return Ok(());
            };
            if page.complete {
                resync.under_way = None;
                resync.due_at = now.saturating_add(RESYNC_EVERY);
                return Ok(());
            }
            after = page.seq;
            resync.under_way = Some(after);
        }
        Ok(())
    }

    /// Fetches one page of the rules after number `after` and puts them into the view. `None` if the issuer has no such number, or
    /// began another epoch.
    async fn apply_page(&self, after: i64, epoch: &mut Option<i64>) -> Result<Option<Page>, FetchError> {
        let mut page = self.fetch(after).await?;
        if self.enter(page.epoch, epoch).await? {
            return Ok(None);
        }
        if page.seq < after {
            tracing::warn!(after, seq = page.seq, "revocation.seq_went_back");
            return Ok(None);
        }
        if page.seq == after && !page.complete {
            return Err(FetchError::Untrusted("not complete, yet nothing more"));
        }
        self.view.note_unknown_kinds(std::mem::take(&mut page.unknown_kinds));
        self.view.insert(page.rules.iter().copied(), self.clock.unix_seconds());
        Ok(Some(page))
    }

    /// Whether the page belongs to another epoch than the one before. Then the issuer was restored, and nothing that it signed before
    /// counts: the keys are fetched anew, and every known token is verified again.
    async fn enter(&self, new: i64, known: &mut Option<i64>) -> Result<bool, FetchError> {
        match *known {
            Some(known) if new < known => return Err(FetchError::Untrusted("an epoch that is over")),
            Some(known) if new > known => {
                tracing::warn!(epoch = new, "revocation.new_epoch: the issuer was restored");
                self.keys.start_over().await?;
            }
            Some(_) => return Ok(false),
            None => {}
        }
        Ok(known.replace(new).is_some())
    }

    async fn fetch(&self, after: i64) -> Result<Page, FetchError> {
        let nonce = fetch::nonce()?;
        let answer = self.issuer.rules(after, &nonce).await?;
        let mut payload = self.verify(&answer);
        if let Some(reason) = payload.as_ref().err().and_then(RefetchReason::of_rules) {
            self.keys.refetch(reason).await;
            payload = self.verify(&answer);
        }
        let payload = payload.map_err(|error| untrusted(&error))?;
        let page = Page::parse(&payload).map_err(|_| FetchError::Malformed("revocation rules"))?;
        self.check(&page, after, &nonce)?;
        Ok(page)
    }

    /// Checks the signature, which must be by a key that is published for rules. Returns the payload.
    fn verify(&self, answer: &str) -> Result<Vec<u8>, VerifyError> {
        let unverified = Unverified::parse_document(answer)?;
        if !unverified.has_typ(RULES_TYP) {
            return Err(VerifyError::WrongType);
        }
        let kid = unverified.kid().ok_or(VerifyError::Malformed)?;
        let current = self.keys.current();
        let published = current.at(self.clock.monotonic()).find(kid, Purpose::RevocationRules)?;
        let payload = unverified.verify(&published.key)?;
        published.check_signs(self.clock.unix_seconds().saturating_add(MAX_CLOCK_SKEW))?;
        Ok(payload.to_vec())
    }

    /// Checks that the page is from this issuer, answers this request, and is new.
    fn check(&self, page: &Page, after: i64, nonce: &str) -> Result<(), FetchError> {
        let now = self.clock.unix_seconds();
        if page.iss != self.issuer.name {
            return Err(FetchError::Untrusted("another issuer"));
        }
        if page.after != after || page.nonce != nonce {
            return Err(FetchError::Untrusted("an answer to another request"));
        }
        if page.iat > now.saturating_add(MAX_CLOCK_SKEW) {
            return Err(FetchError::Untrusted("iat lies in the future"));
        }
        if page.iat < now.saturating_sub(MAX_CLOCK_SKEW) {
            return Err(FetchError::Untrusted("iat lies in the past"));
        }
        Ok(())
    }
}

/// What the caller learns about a page with a bad signature.
const fn untrusted(error: &VerifyError) -> FetchError {
    match error {
        VerifyError::UnknownKey => FetchError::NoUsableKey,
        VerifyError::WrongType => FetchError::Untrusted("another type"),
        VerifyError::AlgNotAllowed => FetchError::Untrusted("another algorithm"),
        VerifyError::KeyPurpose => FetchError::Untrusted("a key for something else"),
        VerifyError::KeyInactive => FetchError::Untrusted("a key that does not sign yet"),
        VerifyError::BadSignature => FetchError::Untrusted("signature"),
        _ => FetchError::Malformed("revocation rules"),
    }
}
