//! Logout that a client asks for (OpenID Connect RP-Initiated Logout 1.0). The person always confirms (attack O65).

use tessera_model::ClientId;
use tessera_oauth::logout::EndSessionRequest;
use tessera_oauth::response::with_query;

use super::id_token_hint;
use crate::Cx;

/// Where the browser goes after the logout, if the client may say so: a registered URI, and an ID token that this issuer
/// signed for that client. Otherwise nowhere (attack O20).
pub fn return_uri(cx: &Cx, request: &EndSessionRequest) -> Option<String> {
    let uri = request.post_logout_redirect_uri.as_deref()?;
    let claims = id_token_hint::read(cx, request.id_token_hint.as_deref()?)?;
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
