//! APIs: registered and changed.

mod add;
mod update;

use tessera_app::apis::NewApi;
use tessera_app::problem::{Field, Problem, ProblemKind};
use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, ScopeDefinition};

pub(crate) const STOCK: &str = "https://stock.example";

pub(crate) fn api() -> NewApi {
    NewApi {
        audience: "https://stock.example".to_owned(),
        name: "Stock".to_owned(),
        scopes: vec![scope("stock.read", "See what is there")],
        access_token_alg: Algorithm::EdDsa,
        token_type: JwtType::AtJwt,
        access_token_seconds: 600,
    }
}

pub(crate) fn scope(name: &str, description: &str) -> ScopeDefinition {
    ScopeDefinition { name: name.parse().unwrap(), description: description.to_owned() }
}

/// A problem: field, entry, kind.
pub(crate) type Told<'a> = (Field, &'a str, ProblemKind);

pub(crate) fn told(problem: &Problem) -> Told<'_> {
    (problem.field, problem.entry.as_deref().unwrap_or_default(), problem.kind.clone())
}

pub(crate) const NAME: Told<'_> = (Field::Name, "", ProblemKind::NameLength { min: 1, max: 100 });
pub(crate) const SECONDS: Told<'_> =
    (Field::AccessTokenSeconds, "", ProblemKind::Seconds { min: 10, max: Some(86_400) });
pub(crate) const SIGNING: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256];
