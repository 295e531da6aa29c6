//! Which APIs and scopes a request comes to (RFC 8707, RFC 6749 section 3.3).

use std::sync::Arc;

use tessera_model::{Api, Client};
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::resource::Resource;
use tessera_oauth::scope::ScopeSet;

use crate::catalog::Catalog;

/// What a token may be for.
pub(super) struct Target {
    pub(super) scope: ScopeSet,
    pub(super) apis: Vec<Arc<Api>>,
}

/// Scopes that belong to no API (OIDC core section 5.4, section 11).
const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Resolves what a client asks for. No `resource`: every API of the client that has one of the scopes.
///
/// # Errors
/// `invalid_scope` for a scope the client does not have, `invalid_target` for an API it does not have.
pub(super) fn resolve(
    catalog: &Catalog,
    client: &Client,
    scope: &ScopeSet,
    resources: &[Resource],
) -> Result<Target, OAuthError> {
    if !scope.is_subset(&client.settings.scopes) {
        return Err(OAuthError::new(ErrorCode::InvalidScope)
            .because("this client may not ask for one of these scopes"));
    }
    let registered = |audience: &str| client.settings.audiences.iter().any(|known| known == audience);
    if resources.is_empty() {
        let audiences = client.settings.audiences.iter();
        let apis = audiences.filter_map(|audience| catalog.api(audience)).filter(|api| api.is_active());
        let apis = apis.filter(|api| scope.iter().any(|scope| has(api, scope.as_str()))).cloned().collect();
        return Ok(narrow(scope, apis));
    }
    let mut apis = Vec::with_capacity(resources.len());
    for resource in resources.iter().map(Resource::as_str) {
        match catalog.api(resource).filter(|api| api.is_active() && registered(resource)) {
            Some(api) => apis.push(Arc::clone(api)),
            None => return Err(OAuthError::new(ErrorCode::InvalidTarget)),
        }
    }
    Ok(narrow(scope, apis))
}

/// Scopes of APIs that are not meant do not go into the token.
fn narrow(scope: &ScopeSet, apis: Vec<Arc<Api>>) -> Target {
    let meant = |word: &str| OIDC_SCOPES.contains(&word) || apis.iter().any(|api| has(api, word));
    Target { scope: scope.iter().filter(|scope| meant(scope.as_str())).cloned().collect(), apis }
}

fn has(api: &Api, word: &str) -> bool {
    api.settings.scopes.iter().any(|scope| scope.name.as_str() == word)
}
