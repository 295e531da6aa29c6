//! Revocation rules for all verifiers. Each is written in the transaction of the act that causes it.

use std::time::Duration;

use tessera_jose::digest::sha256;
use tessera_model::policy::MAX_ACCESS_TOKEN_SECONDS;
use tessera_model::{ClientId, Digest, GrantId, RevocationKind, RevocationRule, Timestamp, UserId};

use crate::Cx;

/// What a rule takes back.
pub(crate) enum RevocationTarget<'a> {
    Token { jti: &'a str, issued_at: Timestamp, expires_at: Timestamp },
    Grant(GrantId),
    Subject(UserId),
    Client(&'a ClientId),
}

/// How far the clocks of two issuers may be apart (policy P6). That covers the half second until every issuer knows of a disabled
/// client.
const CLOCKS: Duration = Duration::from_secs(10);

/// How long after its end a token may still pass somewhere: the most leeway that a verifier may have (policy P6).
const TOLERANCE: Duration = Duration::from_secs(60);

/// A rule that takes back what has been issued. It lasts as long as the longest token that it can hit.
///
/// A request under way, or another issuer, may read a later time than this one. So the rule about a grant, which never issues again,
/// hits all of its tokens. A person or a client may come back: their rule reaches a little past this moment. A token carries its own
/// times.
pub(crate) fn rule(cx: &Cx, target: &RevocationTarget<'_>) -> RevocationRule {
    let longest = Duration::from_secs(u64::from(MAX_ACCESS_TOKEN_SECONDS)) + TOLERANCE;
    let (for_good, soon) = (cx.now.after(longest), cx.now.after(CLOCKS));
    let (kind, id, issued_before, expires_at) = match target {
        RevocationTarget::Token { jti, issued_at, expires_at } => {
            (RevocationKind::Token, id_digest(jti), *issued_at, expires_at.after(TOLERANCE))
        }
        RevocationTarget::Grant(id) => {
            (RevocationKind::Grant, id_digest(&id.to_string()), for_good, for_good)
        }
        RevocationTarget::Subject(id) => {
            (RevocationKind::Subject, id_digest(&id.to_string()), soon, for_good)
        }
        RevocationTarget::Client(id) => (RevocationKind::Client, id_digest(id.as_str()), soon, for_good),
    };
    RevocationRule { kind, id, issued_before, expires_at }
}

/// SHA-256 of what a rule is about: the log of rules tells an outsider nothing.
pub(crate) fn id_digest(identifier: &str) -> Digest {
    Digest::new(sha256(identifier.as_bytes()))
}
