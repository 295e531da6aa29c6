//! What an API may be called and set to, when it is registered and when it is changed.

use std::collections::BTreeSet;

use tessera_jose::Algorithm;
use tessera_model::api::{ApiSettings, ScopeDefinition, TokenForm};
use tessera_model::policy::{MAX_ACCESS_TOKEN_SECONDS, MIN_ACCESS_TOKEN_SECONDS};
use tessera_oauth::scope::STANDARD_SCOPES;

/// Algorithms an API's tokens may be signed with; published keys only.
const SIGNING: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256];
const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 200;

/// Everything that is wrong with them.
pub(super) fn problems(name: &str, settings: &ApiSettings) -> Vec<String> {
    let mut problems = Vec::new();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        problems.push(format!("name: use 1 to {MAX_NAME} characters"));
    }
    let TokenForm::Jwt { alg, .. } = settings.token_form;
    if !SIGNING.contains(&alg) {
        problems.push("algorithm: use ES256, EdDSA, Ed25519, RS256 or PS256".to_owned());
    }
    if !(MIN_ACCESS_TOKEN_SECONDS..=MAX_ACCESS_TOKEN_SECONDS).contains(&settings.access_token_seconds) {
        problems
            .push(format!("lifetime: use {MIN_ACCESS_TOKEN_SECONDS} to {MAX_ACCESS_TOKEN_SECONDS} seconds"));
    }
    let mut names = BTreeSet::new();
    for scope in &settings.scopes {
        problems.extend(scope_problems(scope));
        if !names.insert(scope.name.as_str()) {
            problems.push(format!("scope {}: it is given twice", scope.name));
        }
    }
    problems
}

fn scope_problems(scope: &ScopeDefinition) -> Vec<String> {
    let mut problems = Vec::new();
    if STANDARD_SCOPES.contains(&scope.name.as_str()) {
        problems.push(format!("scope {}: the name belongs to OpenID Connect; choose another", scope.name));
    }
    let description = &scope.description;
    if description.chars().count() > MAX_DESCRIPTION || description.chars().any(char::is_control) {
        problems.push(format!("scope {}: describe it in at most {MAX_DESCRIPTION} characters", scope.name));
    }
    problems
}
