//! A new API.

use std::collections::BTreeSet;

use tessera_jose::Algorithm;
use tessera_model::api::{ApiSettings, JwtType, ScopeDefinition, TokenForm};
use tessera_model::audit::Detail;
use tessera_model::{Api, ApiStatus, AuditEvent, EventCode, KeyPurpose};
use tessera_oauth::scope::ScopeSet;

use super::{ApiError, settings};
use crate::access::{Action, Object, authorize};
use crate::keys::KeyFactory;
use crate::problem::{Field, Form, Problem, ProblemKind};
use crate::{Cx, problem};

/// What an API starts with.
pub struct NewApi {
    /// `aud` of its tokens: an absolute `https` or `urn`-like URI without fragment (RFC 8707 section 2).
    pub audience: String,
    /// Shown on the consent page.
    pub name: String,
    /// The scopes it understands.
    pub scopes: Vec<ScopeDefinition>,
    /// Signature of its tokens: ES256, EdDSA, Ed25519, RS256 or PS256.
    pub access_token_alg: Algorithm,
    /// `typ` of its tokens.
    pub token_type: JwtType,
    /// Lifetime of its tokens, 10..=86,400 s.
    pub access_token_seconds: u32,
}

/// Registers an API, and makes the key that its tokens need.
///
/// # Errors
/// See [`ApiError`].
pub async fn add(cx: &Cx, new: NewApi) -> Result<Api, ApiError> {
    let allowed = &authorize(cx, Action::AddApi, Object::Apis).await?;
    let (alg, api) = (new.access_token_alg, api(cx, new));
    let mut problems = Vec::from_iter(audience_problem(cx, &api.audience));
    problems.extend(settings::problems(&api.name, &api.settings));
    problem::require_none(problems, ApiError::Invalid)?;
    // A registration that is refused makes no key.
    let audience = &*api.audience;
    if allowed.read(|tx| async move { tx.apis().find(audience).await }).await?.is_some() {
        return Err(ApiError::Taken);
    }
    KeyFactory::of(allowed).ensure(&[KeyPurpose::Access(alg)]).await?;
    let detail = Some(Detail::Api(&api.audience).text());
    let event = &AuditEvent { detail, ..allowed.event(EventCode::ApiCreated) };
    let row = &api;
    allowed
        .write(|tx| async move {
            if !tx.apis().insert(row).await? {
                return Err(ApiError::Taken);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(api)
}

fn api(cx: &Cx, new: NewApi) -> Api {
    Api {
        audience: new.audience,
        name: new.name,
        status: ApiStatus::Active,
        settings: ApiSettings {
            scopes: new.scopes,
            token_form: TokenForm::Jwt { alg: new.access_token_alg, typ: new.token_type },
            access_token_seconds: new.access_token_seconds,
            withheld_scopes: ScopeSet::default(),
            not_understood: BTreeSet::new(),
        },
        created_at: cx.now,
        updated_at: cx.now,
    }
}

fn audience_problem(cx: &Cx, audience: &str) -> Option<Problem> {
    let kind = if !Form::AbsoluteUri.fits(audience) {
        ProblemKind::Form(Form::AbsoluteUri)
    } else if audience == cx.app.config.issuer {
        ProblemKind::IsIssuer
    } else {
        return None;
    };
    Some(Problem::of(Field::Audience, kind))
}
