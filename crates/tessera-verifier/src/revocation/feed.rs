//! Catching up with the issuer: `GET {issuer}/revocation/rules?after=<seq>` answers a signed list of the rules after number
//! `seq`, at most a page of them.
//!
//! The answer is a compact JWS of `typ` `revocation-rules+jwt` by a published key, over
//! `{iss, iat, seq, complete, rules: [{kind, id, before, exp}]}`; `complete` is false while more wait. Anything in it that
//! cannot be understood refuses the whole answer: to skip a rule would be to let a revoked token pass.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tessera_jose::{Unverified, base64url, json};

use super::{Live, Rule, RuleKind};
use crate::clock::Clock;
use crate::fetch::FetchError;
use crate::keys::Keys;

/// `typ` of the signed list.
const RULES_TYP: &str = "revocation-rules+jwt";
/// How far the issuer's clock may be ahead, in seconds (policy P6).
const MAX_AHEAD: i64 = 60;
/// How often everything is asked for again, in case a rule came out of order.
const RESYNC_EVERY: Duration = Duration::from_secs(300);
/// Most pages of one run: enough for [`super::MAX_RULES`] even if a page is no longer than a token may be.
const MAX_PAGES: usize = 25_000;

/// How far the view has come.
#[derive(Default)]
pub(super) struct Position {
    /// Number of the last rule known.
    seq: i64,
    /// `iat` of the last answer: an answer with the same `iat` may be a copy and proves nothing about now.
    last_iat: Option<i64>,
    /// When everything is asked for again.
    resync_at: Duration,
}

#[derive(Deserialize)]
struct Page {
    iss: String,
    iat: i64,
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

/// Fetches pages until there are no more. Returns whether the answers were new, so that the view is known to be fresh.
pub(super) async fn catch_up(
    position: &mut Position,
    live: &Live,
    keys: &Arc<Keys>,
    clock: &dyn Clock,
) -> Result<bool, FetchError> {
    let now = clock.monotonic();
    let resync = now >= position.resync_at;
    let mut after = if resync { 0 } else { position.seq };
    for _ in 0..MAX_PAGES {
        let page = fetch(live, keys, after).await?;
        if page.iat > clock.unix_seconds().saturating_add(MAX_AHEAD) {
            return Err(FetchError::Untrusted("iat lies in the future"));
        }
        if page.seq < after {
            // The issuer went back, for example to a backup: hear everything again, and forget nothing.
            tracing::warn!(after, seq = page.seq, "revocation.seq_went_back");
            *position = Position { seq: 0, resync_at: Duration::ZERO, ..*position };
            return Ok(false);
        }
        live.view.insert(rules(&page)?);
        position.seq = page.seq;
        if page.complete {
            if resync {
                position.resync_at = now.saturating_add(RESYNC_EVERY);
            }
            live.view.purge(page.iat.min(clock.unix_seconds()));
            return Ok(position.last_iat.replace(page.iat) != Some(page.iat));
        }
        if page.seq == after {
            return Err(FetchError::Untrusted("not complete, yet nothing more"));
        }
        after = page.seq;
    }
    Err(FetchError::TooLarge)
}

async fn fetch(live: &Live, keys: &Arc<Keys>, after: i64) -> Result<Page, FetchError> {
    let answer = live.issuer.rules(after).await?;
    let payload = match verify(&answer, keys) {
        Err(FetchError::NoUsableKey) => {
            keys.unknown_key().await;
            verify(&answer, keys)?
        }
        outcome => outcome?,
    };
    let page: Page = json::strict(&payload).map_err(|_| FetchError::Malformed("revocation rules"))?;
    if page.iss == live.issuer.name { Ok(page) } else { Err(FetchError::Untrusted("another issuer")) }
}

/// The payload, once a published key vouches for it. The list may be longer than a token; its header is held to the same rules.
fn verify(answer: &str, keys: &Keys) -> Result<Vec<u8>, FetchError> {
    const MALFORMED: FetchError = FetchError::Malformed("revocation rules");
    let (signing_input, signature) = answer.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, payload) = signing_input.split_once('.').ok_or(MALFORMED)?;
    let stand_in = format!("{header}.e30.AA");
    let header = Unverified::parse(&stand_in).map_err(|_| MALFORMED)?;
    if !header.has_typ(RULES_TYP) {
        return Err(FetchError::Untrusted("another type"));
    }
    let current = keys.current();
    let key = header.kid().and_then(|kid| current.find(kid)).ok_or(FetchError::NoUsableKey)?;
    if header.alg() != key.algorithm() {
        return Err(FetchError::Untrusted("another algorithm"));
    }
    let signature = base64url::decode(signature).map_err(|_| MALFORMED)?;
    key.verify(signing_input.as_bytes(), &signature).map_err(|_| FetchError::Untrusted("signature"))?;
    base64url::decode(payload).map_err(|_| MALFORMED)
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
