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

/// Takes back what has been issued up to now; the rule lives as long as the longest token it can hit.
pub(crate) fn rule(cx: &Cx, target: &Target<'_>) -> RevocationRule {
    const TOLERANCE: u64 = 60;
    let (kind, id) = match target {
        Target::Token(jti) => (RevocationKind::Token, sha256(jti.as_bytes())),
        Target::Grant(id) => (RevocationKind::Grant, sha256(id.to_string().as_bytes())),
        Target::Subject(id) => (RevocationKind::Subject, sha256(id.to_string().as_bytes())),
        Target::Client(id) => (RevocationKind::Client, sha256(id.as_str().as_bytes())),
    };
    let longest = Duration::from_secs(u64::from(MAX_ACCESS_TOKEN_SECONDS) + TOLERANCE);
    RevocationRule { kind, id: Digest::new(id), issued_before: cx.now, expires_at: cx.now.after(longest) }
}
