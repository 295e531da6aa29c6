//! Revocation rules: what every verifier must hear, written in the transaction of the act that causes it.

use std::time::Duration;

use tessera_jose::digest::sha256;
use tessera_model::policy::MAX_ACCESS_TOKEN_SECONDS;
use tessera_model::{
    ClientId, Digest, GrantId, RevocableToken, RevocationKind, RevocationRule, Timestamp, UserId,
};
use tessera_store::{StoreError, Tx};

use crate::Cx;
use crate::oauth::AccessToken;

/// What a rule takes back.
pub(crate) enum RevocationTarget<'a> {
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
pub(crate) fn rule(cx: &Cx, target: &RevocationTarget<'_>) -> RevocationRule {
    let longest = Duration::from_secs(u64::from(MAX_ACCESS_TOKEN_SECONDS)) + TOLERANCE;
    let (for_good, soon) = (cx.now.after(longest), cx.now.after(CLOCKS));
    let (kind, id, issued_before, expires_at) = match target {
        RevocationTarget::Token { jti, issued_at, expires_at } => {
            (RevocationKind::Token, name(jti), *issued_at, expires_at.after(TOLERANCE))
        }
        RevocationTarget::Grant(id) => (RevocationKind::Grant, name(&id.to_string()), for_good, for_good),
        RevocationTarget::Subject(id) => (RevocationKind::Subject, name(&id.to_string()), soon, for_good),
        RevocationTarget::Client(id) => (RevocationKind::Client, name(id.as_str()), soon, for_good),
    };
    RevocationRule { kind, id, issued_before, expires_at }
}

fn name(identifier: &str) -> Digest {
    Digest::new(sha256(identifier.as_bytes()))
}

/// Whether a rule takes back this access token of a grant: what every verifier is told counts here too, also after the person
/// may come back (invariant I4).
pub(crate) async fn is_taken_back(tx: &Tx, claims: &AccessToken, grant: GrantId) -> Result<bool, StoreError> {
    let token = RevocableToken {
        token: name(&claims.jti),
        grant: Some(name(&grant.to_string())),
        subject: name(&claims.sub),
        client: name(&claims.client_id),
        issued_at: Timestamp::from_seconds(claims.iat),
    };
    tx.revocations().is_revoked(&token).await
}
