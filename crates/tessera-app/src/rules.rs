//! Revocation rules: what every verifier must hear, written in the transaction of the act that causes it.

use std::time::Duration;

use tessera_jose::digest::sha256;
use tessera_model::policy::MAX_ACCESS_TOKEN_SECONDS;
use tessera_model::{ClientId, Digest, GrantId, RevocationKind, RevocationRule, UserId};

use crate::Cx;

/// What a rule takes back.
pub(crate) enum Target<'a> {
    Token(&'a str),
    Grant(GrantId),
    Subject(UserId),
    Client(&'a ClientId),
}

/// How far the clocks of two issuers may be apart (policy P6), which covers the half second that an issuer may not have heard
/// of a disabled client.
const CLOCKS: Duration = Duration::from_secs(10);

/// Takes back what has been issued; the rule lives as long as the longest token it can hit.
///
/// A request that is under way meanwhile, or another issuer, may read a later time than this one. So a rule about what never
/// issues again hits whatever it issued, and a rule about somebody who may come back reaches a little past this moment.
pub(crate) fn rule(cx: &Cx, target: &Target<'_>) -> RevocationRule {
    const TOLERANCE: u64 = 60;
    let longest = Duration::from_secs(u64::from(MAX_ACCESS_TOKEN_SECONDS) + TOLERANCE);
    let (for_good, soon) = (cx.now.after(longest), cx.now.after(CLOCKS));
    let (kind, id, issued_before) = match target {
        Target::Token(jti) => (RevocationKind::Token, sha256(jti.as_bytes()), for_good),
        Target::Grant(id) => (RevocationKind::Grant, sha256(id.to_string().as_bytes()), for_good),
        Target::Subject(id) => (RevocationKind::Subject, sha256(id.to_string().as_bytes()), soon),
        Target::Client(id) => (RevocationKind::Client, sha256(id.as_str().as_bytes()), soon),
    };
    RevocationRule { kind, id: Digest::new(id), issued_before, expires_at: cx.now.after(longest) }
}
