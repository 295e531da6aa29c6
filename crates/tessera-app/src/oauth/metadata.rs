//! The metadata of this issuer (RFC 8414, OpenID Connect Discovery), and its public keys (RFC 7517).

use tessera_jose::Jwk;
use tessera_oauth::endpoint::{
    AUTHORIZATION_PATH, END_SESSION_PATH, JWKS_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH,
};
use tessera_oauth::metadata::{AuthorizationServerMetadata, Endpoints};
use tessera_oauth::scope::{STANDARD_SCOPES, ScopeSet};

use crate::Cx;
use crate::clients::ID_TOKEN_SIGNING;

/// The metadata document. It is the same for every request.
pub fn metadata(cx: &Cx) -> AuthorizationServerMetadata {
    let issuer = &cx.app.config.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let endpoints = Endpoints {
        authorization: at(AUTHORIZATION_PATH),
        token: at(TOKEN_PATH),
        jwks: at(JWKS_PATH),
        userinfo: at(USERINFO_PATH),
        revocation: at(REVOCATION_PATH),
        end_session: at(END_SESSION_PATH),
    };
    let scopes: ScopeSet = STANDARD_SCOPES.iter().filter_map(|scope| scope.parse().ok()).collect();
    AuthorizationServerMetadata::new(issuer.clone(), endpoints, &scopes, &ID_TOKEN_SIGNING)
}

/// Public parts of every published key: next, active, and retired not long ago.
pub fn published_keys(cx: &Cx) -> Vec<Jwk> {
    cx.app.catalog.load().keys.published(cx.now)
}
