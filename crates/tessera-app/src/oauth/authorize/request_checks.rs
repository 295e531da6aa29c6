//! The checks of a request whose client and redirect URI are verified, in order.

use std::sync::Arc;

use tessera_model::Client;
use tessera_oauth::authorize::AuthorizationRequest;
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::redirect::is_private_use;
use tessera_oauth::scope::OPENID;
use tessera_oauth::token::GrantType;

use super::super::flow::{Flow, Opened};
use super::super::target::{Target, allowed_scopes, resolve};
use crate::Cx;

/// A request that passed its checks.
pub(in crate::oauth) struct Checked {
    pub(in crate::oauth) flow: Flow,
    pub(in crate::oauth) client: Arc<Client>,
    pub(in crate::oauth) target: Target,
}

/// One check.
struct Check {
    name: &'static str,
    /// Whether the check runs again when a flow is reopened.
    rerun: bool,
    run: fn(&mut Subject<'_>) -> Result<(), OAuthError>,
}

/// PKCE (policy P2) is checked when a request begins. A request that passed stays valid while its person goes through the pages.
/// The other checks run again, because the client and the APIs may have changed since.
const CHECKS: [Check; 7] = [
    Check { name: "pkce", rerun: false, run: pkce },
    Check { name: "grant_type", rerun: true, run: grant_type },
    Check { name: "scope", rerun: true, run: scope },
    Check { name: "id_token_alg", rerun: true, run: id_token_alg },
    Check { name: "resource", rerun: true, run: resource },
    Check { name: "something_to_grant", rerun: true, run: something_to_grant },
    Check { name: "one_token_form", rerun: true, run: one_token_form },
];

/// The input of the checks, and their result.
struct Subject<'a> {
    cx: &'a Cx,
    client: &'a Client,
    request: &'a mut AuthorizationRequest,
    target: Target,
}

/// Runs the checks. Removes scopes from the request that the client may not have, and returns what the rest is for.
///
/// # Errors
/// The error of the first check that fails. It goes to the client.
pub(super) fn check(
    cx: &Cx,
    client: &Client,
    request: &mut AuthorizationRequest,
    opened: Opened,
) -> Result<Target, OAuthError> {
    let mut subject = Subject { cx, client, request, target: Target::default() };
    for check in CHECKS.iter().filter(|check| check.rerun || opened == Opened::Restarted) {
        if let Err(error) = (check.run)(&mut subject) {
            tracing::debug!(request_id = %cx.request_id, check = check.name, %error, "authorization request refused");
            return Err(error);
        }
    }
    Ok(subject.target)
}

fn pkce(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    let redirect_uri = subject.request.redirect_uri.as_deref().unwrap_or_default();
    let reason = if subject.request.code_challenge.is_some() {
        return Ok(());
    } else if subject.cx.app.config.require_pkce {
        "this issuer requires PKCE of every client"
    } else if is_private_use(redirect_uri) {
        "a redirect URI with a scheme of its own requires PKCE"
    } else if subject.client.needs_pkce() {
        "this client is required to use PKCE"
    } else {
        return Ok(());
    };
    let description = format!("code_challenge is missing: {reason}; switch PKCE with S256 on in the client");
    Err(OAuthError::new(ErrorCode::InvalidRequest).because(description))
}

fn grant_type(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    if subject.client.allows(GrantType::AuthorizationCode) {
        Ok(())
    } else {
        Err(OAuthError::new(ErrorCode::UnauthorizedClient))
    }
}

/// Removes scopes that the client may not have.
fn scope(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    let catalog = subject.cx.app.catalog.load();
    subject.request.scope = allowed_scopes(&catalog, subject.client, &subject.request.scope);
    if subject.request.scope.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope)
            .because("this client is registered for none of these scopes"));
    }
    Ok(())
}

/// During an upgrade a newer instance may know the algorithm.
fn id_token_alg(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    let alg = subject.client.settings.id_token_signed_response_alg;
    if alg.is_none() && subject.request.scope.contains(OPENID) {
        return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable)
            .because("this server does not know the algorithm of the client's ID tokens yet"));
    }
    Ok(())
}

fn resource(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    let catalog = subject.cx.app.catalog.load();
    subject.target = resolve(&catalog, subject.client, &subject.request.scope, &subject.request.resource)?;
    Ok(())
}

fn something_to_grant(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    if subject.target.apis.is_empty() && !subject.target.scope.is_about_a_person() {
        return Err(OAuthError::new(ErrorCode::InvalidScope)
            .because("ask for a scope about the person, such as openid, or for one of an API"));
    }
    Ok(())
}

fn one_token_form(subject: &mut Subject<'_>) -> Result<(), OAuthError> {
    let apis = &subject.target.apis;
    if apis.windows(2).any(|two| two[0].settings.token_form != two[1].settings.token_form) {
        return Err(OAuthError::new(ErrorCode::InvalidTarget)
            .because("these APIs need separate tokens: send resource"));
    }
    Ok(())
}
