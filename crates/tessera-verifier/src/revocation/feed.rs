//! Catching up with the issuer: `GET {issuer}/revocation/rules?after=<seq>&nonce=<random>` answers a signed list of the rules after
//! number `seq`, at most a page of them.
//!
//! The answer is a compact JWS of `typ` `revocation-rules+jwt` by a key published for it, over
//! `{iss, iat, after, nonce, seq, complete, rules: [{kind, id, before, exp}]}`; `complete` is false while more wait. Anything in it
//! that cannot be understood refuses the whole answer: to skip a rule would be to let a revoked token pass. So does another `after`
//! or `nonce` than was asked, which no answer recorded earlier has, or an `iat` more than 60 s from our clock.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tessera_jose::jwk::Purpose;
use tessera_jose::{Unverified, base64url, json};

use super::{Live, Rule, RuleKind};
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::fetch::{self, FetchError};
use crate::keys::{Demand, Keys};

/// `typ` of the signed list.
const RULES_TYP: &str = "revocation-rules+jwt";
/// How far `iat` may be from our clock, ahead or behind, in seconds (policy P6): the most that clocks may be apart.
const MAX_APART: i64 = 60;
/// How often everything is asked for again, in case a rule came out of order.
const RESYNC_EVERY: Duration = Duration::from_secs(300);
/// Most pages that are asked for again in one run: news must not wait long for them.
const RESYNC_PAGES: usize = 16;
/// Most pages of news in one run: enough for [`super::MAX_RULES`] even if a page is no longer than a token may be.
const MAX_PAGES: usize = 25_000;

/// How far the view has come.
#[derive(Default)]
pub(super) struct Position {
    /// Number of the last rule known.
    seq: i64,
    resync: Resync,
}

/// Asking for everything again, a few pages at a time.
#[derive(Default)]
struct Resync {
    /// When the next one begins.
    due_at: Duration,
    /// How far the present one has come.
    under_way: Option<i64>,
    /// Where it begins: rules up to this number have been folded into one, and to fold them again would reach further.
    floor: i64,
    /// How often the view had been folded when the floor was set.
    folds: u64,
}

impl Position {
    /// The issuer went back, for example to a backup: hear everything again, and forget nothing.
    fn start_over(&mut self) {
        *self = Self::default();
    }
}

/// Whom to ask, and what to believe.
pub(super) struct Feed<'a> {
    pub(super) live: &'a Live,
    pub(super) keys: &'a Arc<Keys>,
    pub(super) clock: &'a dyn Clock,
}

#[derive(Deserialize)]
struct Page {
    iss: String,
    iat: i64,
    after: i64,
    nonce: String,
    seq: i64,
    complete: bool,
    rules: Vec<WireRule>,
}

#[derive(Deserialize)]
struct WireRule {
    kind: String,
    id: String,
    before: i64,
    exp: i64,
}

impl Feed<'_> {
    /// Fetches pages until there are no more. Returns when the last one was asked for: up to then, the view knows everything.
    pub(super) async fn hear_news(&self, position: &mut Position) -> Result<Option<Duration>, FetchError> {
        let from = position.seq;
        for _ in 0..MAX_PAGES {
            let asked_at = self.clock.monotonic();
            let Some(page) = self.take_page(position.seq).await? else {
                position.start_over();
                return Ok(None);
            };
            position.seq = page.seq;
            if page.complete {
                if from == 0 {
                    let due_at = asked_at.saturating_add(RESYNC_EVERY);
                    position.resync = Resync { due_at, ..Resync::default() };
                }
                self.live.view.purge(page.iat.min(self.clock.unix_seconds()));
                return Ok(Some(asked_at));
            }
        }
        Err(FetchError::TooLarge)
    }

    /// Asks for the next few pages of everything again, if it is time.
    pub(super) async fn resync(&self, position: &mut Position) -> Result<(), FetchError> {
        let now = self.clock.monotonic();
        let resync = &mut position.resync;
        if resync.under_way.is_none() {
            if now < resync.due_at {
                return Ok(());
            }
            let folds = self.live.view.folds();
            if folds != resync.folds {
                (resync.folds, resync.floor) = (folds, position.seq);
            }
        }
        let mut after = resync.under_way.unwrap_or(resync.floor);
        for _ in 0..RESYNC_PAGES {
            let Some(page) = self.take_page(after).await? else {
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

    /// Puts the rules after number `after` into the view, one page of them. `None` if the issuer has not come that far.
    async fn take_page(&self, after: i64) -> Result<Option<Page>, FetchError> {
        let page = self.fetch(after).await?;
        if page.seq < after {
            tracing::warn!(after, seq = page.seq, "revocation.seq_went_back");
            return Ok(None);
        }
        if page.seq == after && !page.complete {
            return Err(FetchError::Untrusted("not complete, yet nothing more"));
        }
        self.live.view.insert(rules(&page)?, self.clock.unix_seconds());
        Ok(Some(page))
    }

    async fn fetch(&self, after: i64) -> Result<Page, FetchError> {
        let nonce = fetch::nonce()?;
        let answer = self.live.issuer.rules(after, &nonce).await?;
        let mut payload = self.verify(&answer);
        if let Some(demand) = payload.as_ref().err().and_then(Demand::because_of) {
            self.keys.ask_again(demand).await;
            payload = self.verify(&answer);
        }
        let payload = payload.map_err(|error| untrusted(&error))?;
        let page: Page = json::strict(&payload).map_err(|_| FetchError::Malformed("revocation rules"))?;
        self.check(&page, after, &nonce)?;
        Ok(page)
    }

    /// The payload, once a key published for rules vouches for it.
    fn verify(&self, answer: &str) -> Result<Vec<u8>, VerifyError> {
        let unverified = Unverified::parse_document(answer)?;
        if !unverified.has_typ(RULES_TYP) {
            return Err(VerifyError::WrongType);
        }
        let kid = unverified.kid().ok_or(VerifyError::Malformed)?;
        let current = self.keys.current();
        let published = current.at(self.clock.monotonic()).find(kid, Purpose::RevocationRules)?;
        let payload = unverified.verify(&published.key)?;
        published.check_signs(self.clock.unix_seconds().saturating_add(MAX_APART))?;
        Ok(payload.to_vec())
    }

    /// Whether the answer is this issuer's, to this question, and of now.
    fn check(&self, page: &Page, after: i64, nonce: &str) -> Result<(), FetchError> {
        let now = self.clock.unix_seconds();
        if page.iss != self.live.issuer.name {
            return Err(FetchError::Untrusted("another issuer"));
        }
        if page.after != after || page.nonce != nonce {
            return Err(FetchError::Untrusted("an answer to another question"));
        }
        if page.iat > now.saturating_add(MAX_APART) {
            return Err(FetchError::Untrusted("iat lies in the future"));
        }
        if page.iat < now.saturating_sub(MAX_APART) {
            return Err(FetchError::Untrusted("iat lies in the past"));
        }
        Ok(())
    }
}

/// Why nobody vouches for the list.
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

fn rules(page: &Page) -> Result<Vec<Rule>, FetchError> {
    page.rules.iter().map(rule).collect::<Option<_>>().ok_or(FetchError::Malformed("revocation rules"))
}

fn rule(wire: &WireRule) -> Option<Rule> {
    let kind = RuleKind::from_name(&wire.kind)?;
    let id = match kind {
        RuleKind::All => [0; 32],
        RuleKind::Token | RuleKind::Grant | RuleKind::Session | RuleKind::Subject | RuleKind::Client => {
            base64url::decode(&wire.id).ok()?.try_into().ok()?
        }
    };
    Some(Rule { kind, id, issued_before: wire.before, expires_at: wire.exp })
}
