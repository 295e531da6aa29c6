//! Logout that a client asks for (OpenID Connect RP-Initiated Logout 1.0). The person always confirms (attack O65).

use tessera_jose::jws::Unverified;
use tessera_model::{ClientId, KeyPurpose};
use tessera_oauth::claims::{ID_TOKEN_TYP, IdTokenClaims};
use tessera_oauth::logout::EndSessionRequest;
use tessera_oauth::response::with_query;

use crate::Cx;

/// Where the browser goes after the logout, if the client may say so: a registered URI, and an ID token that this issuer
/// signed for that client. Otherwise nowhere (attack O20).
pub fn return_uri(cx: &Cx, request: &EndSessionRequest) -> Option<String> {
    let uri = request.post_logout_redirect_uri.as_deref()?;
    let claims = hint(cx, request.id_token_hint.as_deref()?)?;
    let client_id: ClientId = claims.aud.iter().next()?.parse().ok()?;
    if request.client_id.as_deref().is_some_and(|named| named != client_id.as_str()) {
        return None;
    }
    let catalog = cx.app.catalog.load();
    let client = catalog.client(&client_id).filter(|client| client.is_active())?;
    let registered = client.settings.post_logout_redirect_uris.iter().any(|known| known.as_str() == uri);
    registered.then(|| match &request.state {
        Some(state) => with_query(uri, [("state", state.as_str())].into_iter()),
        None => uri.to_owned(),
    })
}

/// The person an ID token of ours is about; it may have expired.
pub(super) fn subject_of_hint(cx: &Cx, token: &str) -> Option<String> {
    hint(cx, token).map(|claims| claims.sub)
}

fn hint(cx: &Cx, token: &str) -> Option<IdTokenClaims> {
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
