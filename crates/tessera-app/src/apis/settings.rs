//! What an API may be called and set to, when it is registered and when it is changed.

use std::collections::BTreeSet;

use tessera_jose::Algorithm;
use tessera_model::api::{ApiSettings, TokenForm};
use tessera_model::policy::{MAX_ACCESS_TOKEN_SECONDS, MIN_ACCESS_TOKEN_SECONDS};
use tessera_oauth::scope::STANDARD_SCOPES;

use crate::problem::{self, Field, Problem, ProblemKind};

/// Algorithms an API's tokens may be signed with; published keys only.
const SIGNING: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256];
/// Most characters of what the consent page says about a scope.
const MAX_DESCRIPTION: usize = 200;

/// Everything that is wrong.
pub(super) fn problems(name: &str, settings: &ApiSettings) -> Vec<Problem> {
    let mut problems = Vec::from_iter(problem::name(name, 1));
    match settings.token_form {
        TokenForm::Jwt { alg, .. } if !SIGNING.contains(&alg) => {
            problems.push(Problem::of(Field::AccessTokenAlg, ProblemKind::Algorithm(&SIGNING)));
        }
        TokenForm::Jwt { .. } | TokenForm::Unknown => {}
    }
    let (min, max) = (MIN_ACCESS_TOKEN_SECONDS, MAX_ACCESS_TOKEN_SECONDS);
    if !(min..=max).contains(&settings.access_token_seconds) {
        let kind = ProblemKind::Seconds { min, max: Some(max) };
        problems.push(Problem::of(Field::AccessTokenSeconds, kind));
    }
    let mut names = BTreeSet::new();
    for scope in &settings.scopes {
        let mut wrong = |kind| problems.push(Problem::in_entry(Field::Scopes, &scope.name, kind));
        if STANDARD_SCOPES.contains(&scope.name.as_str()) {
            wrong(ProblemKind::ReservedScope);
        }
        let description = &scope.description;
        if description.chars().count() > MAX_DESCRIPTION || description.chars().any(char::is_control) {
            wrong(ProblemKind::Description { max: MAX_DESCRIPTION });
        }
        if !names.insert(scope.name.as_str()) {
            wrong(ProblemKind::GivenTwice);
        }
    }
    problems
}
