//! What a client may be: the same for one that is registered and one that is changed.

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::policy::MIN_ACCESS_TOKEN_SECONDS;
use tessera_model::{Api, Client, ClientAuthMethod, ClientKind, PkcePolicy};
use tessera_oauth::redirect::is_private_use;
use tessera_oauth::scope::STANDARD_SCOPES;
use tessera_oauth::token::GrantType;

/// Algorithms of ID tokens.
const ID_TOKEN_SIGNING: [Algorithm; 4] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519];
const MAX_NAME: usize = 100;

/// The grant types of a kind; tokens for itself are a web client's choice.
pub(super) fn grant_types(kind: ClientKind, client_credentials: bool) -> Vec<GrantType> {
    match kind {
        ClientKind::Web if client_credentials => {
            vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials]
        }
        ClientKind::Web | ClientKind::Spa | ClientKind::Native => {
            vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
        }
        ClientKind::Service => vec![GrantType::ClientCredentials],
    }
}

/// Everything that cannot be, each in one line for the administrator.
pub(super) fn problems(client: &Client, apis: &[Api]) -> Vec<String> {
    let mut problems = Vec::new();
    if client.name.is_empty()
        || client.name.chars().count() > MAX_NAME
        || client.name.chars().any(char::is_control)
    {
        problems.push(format!("name: use 1 to {MAX_NAME} characters"));
    }
    let ClientSettings { auth_method, pkce, access_token_seconds, .. } = client.settings;
    if client.kind.is_confidential() == (auth_method == ClientAuthMethod::None) {
        problems.push(
            "auth method: web and service clients use a secret, spa and native clients none".to_owned(),
        );
    }
    if pkce != PkcePolicy::Required && !client.kind.is_confidential() {
        problems.push("pkce: public clients cannot do without it".to_owned());
    }
    if !ID_TOKEN_SIGNING.contains(&client.settings.id_token_signed_response_alg) {
        problems.push("ID token algorithm: use RS256, ES256, EdDSA or Ed25519".to_owned());
    }
    if access_token_seconds.is_some_and(|seconds| seconds < MIN_ACCESS_TOKEN_SECONDS) {
        problems.push(format!("lifetime: use at least {MIN_ACCESS_TOKEN_SECONDS} seconds"));
    }
    redirects(client, &mut problems);
    access(client, apis, &mut problems);
    problems
}

fn redirects(client: &Client, problems: &mut Vec<String>) {
    let ClientSettings { redirect_uris, post_logout_redirect_uris, .. } = &client.settings;
    if client.kind == ClientKind::Service {
        if !redirect_uris.is_empty() || !post_logout_redirect_uris.is_empty() {
            problems.push("redirect uri: a service client has no browser to redirect".to_owned());
        }
        return;
    }
    if redirect_uris.is_empty() {
        problems.push("redirect uri: name at least one".to_owned());
    }
    let has_https = redirect_uris.iter().any(|uri| uri.as_str().starts_with("https:"));
    for uri in redirect_uris.iter().filter(|uri| is_private_use(uri.as_str())) {
        let why = match client.kind {
            ClientKind::Native => continue,
            ClientKind::Web if has_https => continue,
            ClientKind::Web => "register an https redirect URI beside it",
            ClientKind::Spa | ClientKind::Service => "only native and web clients use a scheme of their own",
        };
        problems.push(format!("redirect uri {uri}: {why}"));
    }
}

fn access(client: &Client, apis: &[Api], problems: &mut Vec<String>) {
    let ClientSettings { audiences, scopes, grant_types, .. } = &client.settings;
    for audience in audiences {
        if !apis.iter().any(|api| api.audience == *audience) {
            problems.push(format!("audience {audience}: no such API; add it first with `tessera api add`"));
        }
    }
    if audiences.is_empty() && grant_types.contains(&GrantType::ClientCredentials) {
        problems.push(
            "audience: name the API that the client gets tokens for itself for (a web client may go without: --no-client-credentials)".to_owned(),
        );
    }
    for scope in scopes.iter().map(tessera_oauth::scope::Scope::as_str) {
        let of_an_api = apis
            .iter()
            .filter(|api| audiences.contains(&api.audience))
            .any(|api| api.scope_names().contains(scope));
        if !of_an_api && (client.kind == ClientKind::Service || !STANDARD_SCOPES.contains(&scope)) {
            problems.push(format!("scope {scope}: none of this client's APIs has it"));
        }
    }
}
