//! ID tokens of ours that come back as `id_token_hint` (OIDC core section 3.1.2.1, RP-Initiated Logout 1.0 section 2).

use tessera_jose::jws::Unverified;
use tessera_model::KeyPurpose;
use tessera_oauth::claims::{ID_TOKEN_TYP, IdTokenClaims};

use crate::Cx;

/// The claims of an ID token that this issuer signed; it may have expired.
pub(super) fn read(cx: &Cx, token: &str) -> Option<IdTokenClaims> {
    let unverified = Unverified::parse(token).ok()?;
    if !unverified.has_typ(ID_TOKEN_TYP) {
        return None;
    }
    let catalog = cx.app.catalog.load();
    let (purpose, key) = catalog.keys.verifying(unverified.kid()?)?;
    let KeyPurpose::IdToken(_) = purpose else { return None };
    let claims: IdTokenClaims = tessera_jose::json::strict(unverified.verify(key).ok()?).ok()?;
    (claims.iss == cx.app.config.issuer).then_some(claims)
}

/// The person it is about.
pub(super) fn subject(cx: &Cx, token: &str) -> Option<String> {
    read(cx, token).map(|claims| claims.sub)
}
