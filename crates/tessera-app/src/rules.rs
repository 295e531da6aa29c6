//! Revocation rules: what every verifier must hear, written in the transaction of the act that causes it.

use std::time::Duration;

use tessera_jose::digest::sha256;
use tessera_model::policy::MAX_ACCESS_TOKEN_SECONDS;
use tessera_model::{ClientId, Digest, GrantId, RevocationKind, RevocationRule, Timestamp, UserId};

use crate::Cx;

/// What a rule takes back.
pub(crate) enum Target<'a> {
    Token { jti: &'a str, issued_at: Timestamp, expires_at: Timestamp },
    Grant(GrantId),
    Subject(UserId),
    Client(&'a ClientId),
}

/// How far the clocks of two issuers may be apart (policy P6), which covers the half second that an issuer may not have heard
/// of a disabled client.
const CLOCKS: Duration = Duration::from_secs(10);

/// How long after its end a token may still pass somewhere: the most leeway that a verifier may have (policy P6).
const TOLERANCE: Duration = Duration::from_secs(60);

/// Takes back what has been issued; the rule lives as long as the longest token it can hit.
///
/// A request that is under way meanwhile, or another issuer, may read a later time than this one. So a rule about what never
/// issues again hits whatever it issued, and a rule about somebody who may come back reaches a little past this moment. A token
/// says itself when it was issued and when it ends.
pub(crate) fn rule(cx: &Cx, target: &Target<'_>) -> RevocationRule {
    let longest = Duration::from_secs(u64::from(MAX_ACCESS_TOKEN_SECONDS)) + TOLERANCE;
    let (for_good, soon) = (cx.now.after(longest), cx.now.after(CLOCKS));
    let (kind, id, issued_before, expires_at) = match target {
        Target::Token { jti, issued_at, expires_at } => {
            (RevocationKind::Token, sha256(jti.as_bytes()), *issued_at, expires_at.after(TOLERANCE))
        }
        Target::Grant(id) => (RevocationKind::Grant, sha256(id.to_string().as_bytes()), for_good, for_good),
        Target::Subject(id) => (RevocationKind::Subject, sha256(id.to_string().as_bytes()), soon, for_good),
        Target::Client(id) => (RevocationKind::Client, sha256(id.as_str().as_bytes()), soon, for_good),
    };
    RevocationRule { kind, id: Digest::new(id), issued_before, expires_at }
}
