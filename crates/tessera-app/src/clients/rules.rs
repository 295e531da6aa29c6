//! What a client may be: the same for a new client and for a change.

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::policy::MIN_ACCESS_TOKEN_SECONDS;
use tessera_model::{Api, Client, ClientAuthMethod, ClientKind, PkcePolicy};
use tessera_oauth::redirect::is_private_use;
use tessera_oauth::scope::{STANDARD_SCOPES, Scope};
use tessera_oauth::token::GrantType;

use crate::problem::{self, Field, Problem, ProblemKind};

/// Algorithms of ID tokens.
pub(crate) const ID_TOKEN_SIGNING: [Algorithm; 4] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519];

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

/// Everything that is wrong.
pub(super) fn problems(client: &Client, apis: &[Api]) -> Vec<Problem> {
    let mut problems = Vec::from_iter(problem::name(&client.name, 1));
    let mut wrong = |field, kind| problems.push(Problem::of(field, kind));
    let ClientSettings { auth_method, pkce, access_token_seconds, .. } = client.settings;
    // What a newer version chose and this one does not know is that one's to judge.
    let known_method = auth_method != ClientAuthMethod::Unknown;
    if known_method && client.kind.is_confidential() == (auth_method == ClientAuthMethod::None) {
        wrong(Field::AuthMethod, ProblemKind::AuthMethodOfKind);
    }
    if !matches!(pkce, PkcePolicy::Required | PkcePolicy::Unknown) && !client.kind.is_confidential() {
        wrong(Field::Pkce, ProblemKind::PkceOfKind);
    }
    let alg = client.settings.id_token_signed_response_alg;
    if alg.is_some_and(|alg| !ID_TOKEN_SIGNING.contains(&alg)) {
        wrong(Field::IdTokenAlg, ProblemKind::Algorithm(&ID_TOKEN_SIGNING));
    }
    if access_token_seconds.is_some_and(|seconds| seconds < MIN_ACCESS_TOKEN_SECONDS) {
        let kind = ProblemKind::Seconds { min: MIN_ACCESS_TOKEN_SECONDS, max: None };
        wrong(Field::AccessTokenSeconds, kind);
    }
    redirects(client, &mut problems);
    access(client, apis, &mut problems);
    problems
}

fn redirects(client: &Client, problems: &mut Vec<Problem>) {
    let ClientSettings { redirect_uris, post_logout_redirect_uris, .. } = &client.settings;
    if client.kind == ClientKind::Service {
        if !redirect_uris.is_empty() || !post_logout_redirect_uris.is_empty() {
            problems.push(Problem::of(Field::RedirectUris, ProblemKind::NoBrowser));
        }
        return;
    }
    if redirect_uris.is_empty() {
        problems.push(Problem::of(Field::RedirectUris, ProblemKind::NoRedirectUri));
    }
    let has_https = redirect_uris.iter().any(|uri| uri.as_str().starts_with("https:"));
    for uri in redirect_uris.iter().filter(|uri| is_private_use(uri.as_str())) {
        let kind = match client.kind {
            ClientKind::Native => continue,
            ClientKind::Web if has_https => continue,
            ClientKind::Web => ProblemKind::NoHttps,
            ClientKind::Spa | ClientKind::Service => ProblemKind::PrivateUseScheme,
        };
        problems.push(Problem::in_entry(Field::RedirectUris, uri, kind));
    }
}

fn access(client: &Client, apis: &[Api], problems: &mut Vec<Problem>) {
    let ClientSettings { audiences, scopes, grant_types, .. } = &client.settings;
    for audience in audiences {
        if !apis.iter().any(|api| api.audience == *audience) {
            problems.push(Problem::in_entry(Field::Audiences, audience, ProblemKind::NoSuchApi));
        }
    }
    if audiences.is_empty() && grant_types.contains(&GrantType::ClientCredentials) {
        problems.push(Problem::of(Field::Audiences, ProblemKind::NoApi));
    }
    for scope in scopes.iter().map(Scope::as_str) {
        let of_an_api = apis
            .iter()
            .filter(|api| audiences.contains(&api.audience))
            .any(|api| api.scope_names().contains(scope));
        if !of_an_api && (client.kind == ClientKind::Service || !STANDARD_SCOPES.contains(&scope)) {
            problems.push(Problem::in_entry(Field::Scopes, scope, ProblemKind::ScopeOfNoApi));
        }
    }
}
