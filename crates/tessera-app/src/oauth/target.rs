//! The APIs and scopes that a request resolves to (RFC 8707, RFC 6749 section 3.3).

use std::sync::Arc;

use tessera_model::{Api, Client, Grant};
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::resource::Resource;
use tessera_oauth::scope::{OFFLINE_ACCESS, STANDARD_SCOPES, ScopeSet};

use crate::catalog::Catalog;

/// The scopes of a token, and the APIs that it is for.
#[derive(Default)]
pub(super) struct Target {
    pub(super) scope: ScopeSet,
    pub(super) apis: Vec<Arc<Api>>,
}

impl Target {
    /// Removes the scopes that are about a person.
    fn without_person_scopes(mut self) -> Self {
        self.scope.retain(|scope| !STANDARD_SCOPES.contains(&scope.as_str()));
        self
    }
}

/// The scopes of an authorization request that the client may have. Others are left out (OIDC core section 3.1.2.1). A request
/// without `scope` asks for all scopes of the client except `offline_access`.
pub(super) fn allowed_scopes(catalog: &Catalog, client: &Client, asked: &ScopeSet) -> ScopeSet {
    let registered = &client.settings.scopes;
    let mut scope = if asked.is_empty() { registered.clone() } else { asked.clone() };
    scope.retain(|scope| {
        registered.contains(scope.as_str())
            && (!asked.is_empty() || scope.as_str() != OFFLINE_ACCESS)
            && !is_withheld(catalog, client, scope.as_str())
    });
    scope
}

/// Whether a newer version attached something to this scope that this one does not know. People are not asked about it here.
fn is_withheld(catalog: &Catalog, client: &Client, scope: &str) -> bool {
    let apis = client.settings.audiences.iter().filter_map(|audience| catalog.api(audience));
    apis.into_iter().any(|api| api.settings.withheld_scopes.contains(scope))
}

/// Resolves the scopes and resources of a request. Without `resource` it is for every API of the client that has one of the
/// scopes.
///
/// # Errors
/// `invalid_scope` for a scope the client does not have, `invalid_target` for an API it does not have.
pub(super) fn resolve(
    catalog: &Catalog,
    client: &Client,
    scope: &ScopeSet,
    resources: &[Resource],
) -> Result<Target, OAuthError> {
    require_subset(scope, &client.settings.scopes, "this client is not registered for scope")?;
    if !resources.is_empty() {
        return Ok(narrow(scope, find_apis(catalog, client, resources)?));
    }
    let apis = client.settings.audiences.iter().filter_map(|audience| active_api(catalog, client, audience));
    let apis = apis.filter(|api| scope.iter().any(|scope| api.grants(scope.as_str())));
    Ok(narrow(scope, apis.cloned().collect()))
}

/// Resolves the scopes and resources of a token request within its grant. It may ask for less than was granted, never for more
/// (RFC 6749 section 6, RFC 8707 section 2.2). APIs that the client got after the grant, or lost since, are left out.
///
/// # Errors
/// `invalid_scope` or `invalid_target` for what was not granted.
pub(super) fn resolve_within(
    catalog: &Catalog,
    client: &Client,
    grant: &Grant,
    asked: (Option<&ScopeSet>, &[Resource]),
) -> Result<Target, OAuthError> {
    let (scope, resources) = (asked.0.unwrap_or(&grant.scope), asked.1);
    require_subset(scope, &grant.scope, "the person did not grant scope")?;
    let granted = |resource: &Resource| grant.audiences.iter().any(|known| known == resource.as_str());
    if !resources.iter().all(granted) {
        return Err(OAuthError::new(ErrorCode::InvalidTarget).because("wider than what was granted"));
    }
    if !resources.is_empty() {
        let apis = find_apis(catalog, client, resources)?;
        return Ok(narrow(scope, apis));
    }
    let everything = grant.scope.is_subset(scope);
    let live = grant.audiences.iter().filter_map(|audience| active_api(catalog, client, audience));
    let apis = live.filter(|api| everything || scope.iter().any(|scope| api.grants(scope.as_str()))).cloned();
    Ok(narrow(scope, apis.collect()))
}

/// The error names the first scope that is not allowed.
fn require_subset(asked: &ScopeSet, allowed: &ScopeSet, problem: &str) -> Result<(), OAuthError> {
    match asked.iter().find(|scope| !allowed.contains(scope.as_str())) {
        None => Ok(()),
        Some(scope) => Err(OAuthError::new(ErrorCode::InvalidScope).because(format!("{problem} {scope}"))),
    }
}

/// The API of this audience, if it is turned on and the client is registered for it.
fn active_api<'a>(catalog: &'a Catalog, client: &Client, audience: &str) -> Option<&'a Arc<Api>> {
    let registered = client.settings.audiences.iter().any(|known| known == audience);
    catalog.api(audience).filter(|api| api.is_active() && api.has_known_form() && registered)
}

/// Resolves a client credentials request. Without `scope` and `resource` it is for the first API of the client, with all its
/// scopes there.
///
/// # Errors
/// See [`resolve`].
pub(super) fn resolve_for_machine(
    catalog: &Catalog,
    client: &Client,
    scope: Option<&ScopeSet>,
    resources: &[Resource],
) -> Result<Target, OAuthError> {
    let registered = &client.settings.scopes;
    let target = match client.settings.audiences.first().filter(|_| scope.is_none() && resources.is_empty()) {
        Some(first) => narrow(registered, active_api(catalog, client, first).cloned().into_iter().collect()),
        None => resolve(catalog, client, scope.unwrap_or(registered), resources)?,
    };
    Ok(target.without_person_scopes())
}

fn find_apis(
    catalog: &Catalog,
    client: &Client,
    resources: &[Resource],
) -> Result<Vec<Arc<Api>>, OAuthError> {
    let find = |resource: &Resource| active_api(catalog, client, resource.as_str()).cloned();
    let apis = resources.iter().map(|resource| find(resource).ok_or(ErrorCode::InvalidTarget));
    Ok(apis.collect::<Result<_, _>>()?)
}

/// Removes the scopes of other APIs.
fn narrow(scope: &ScopeSet, apis: Vec<Arc<Api>>) -> Target {
    let belongs = |word: &str| STANDARD_SCOPES.contains(&word) || apis.iter().any(|api| api.grants(word));
    Target { scope: scope.iter().filter(|scope| belongs(scope.as_str())).cloned().collect(), apis }
}
