//! Our own access tokens, presented to us.

use tessera_jose::jws::Unverified;
use tessera_model::{GrantId, KeyPurpose};
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, AccessTokenClaims};

use crate::Cx;
use crate::keys::KeyRing;

/// The claims of an access token that we issued and that has not expired. Whether it was taken back is not looked at here.
pub(super) fn read(cx: &Cx, keys: &KeyRing, token: &str) -> Option<AccessTokenClaims> {
    let unverified = Unverified::parse(token).ok()?;
    if !unverified.has_typ(ACCESS_TOKEN_TYP) {
        return None;
    }
    let (purpose, key) = keys.verifying(unverified.kid()?)?;
    let KeyPurpose::Access(_) = purpose else { return None };
    let payload = unverified.verify(key).ok()?;
    let claims: AccessTokenClaims = tessera_jose::json::strict(payload).ok()?;
    let ours = claims.iss == cx.app.config.issuer;
    (ours && cx.now.seconds() < claims.exp).then_some(claims)
}

/// The grant that an access token of a person came from.
pub(super) fn grant_of(claims: &AccessTokenClaims) -> Option<GrantId> {
    claims.jti.split_once('.')?.0.parse().ok()
}
