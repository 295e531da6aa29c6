//! A new API.

use tessera_jose::Algorithm;
use tessera_model::api::{ApiSettings, ScopeDefinition, TokenForm};
use tessera_model::policy::{MAX_ACCESS_TOKEN_SECONDS, MIN_ACCESS_TOKEN_SECONDS};
use tessera_model::{Api, ApiStatus, AuditEvent, EventCode, KeyPurpose};
use tessera_oauth::scope::STANDARD_SCOPES;
use tessera_store::StoreError;

use crate::Cx;
use crate::keys::KeyError;
use crate::keys::rotate::Forge;

/// Algorithms an API's tokens may be signed with; published keys only.
const SIGNING: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256];
const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 200;
const MAX_AUDIENCE: usize = 512;

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
    /// Lifetime of its tokens, 10..=86,400 s.
    pub access_token_seconds: u32,
}

/// Why an API was not registered.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Some of it cannot be; all reasons at once.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
    /// The audience is registered already.
    #[error("this audience is registered already")]
    Taken,
    /// A key for its algorithm could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers an API, and makes the key that its tokens need.
///
/// # Errors
/// See [`AddError`]; nothing is registered then.
pub async fn add(cx: &Cx, new: NewApi) -> Result<Api, AddError> {
    let problems = problems(cx, &new);
    if !problems.is_empty() {
        return Err(AddError::Invalid(problems));
    }
    let NewApi { audience, name, scopes, access_token_alg, access_token_seconds } = new;
    let api = Api {
        audience,
        name,
        status: ApiStatus::Active,
        settings: ApiSettings {
            scopes,
            token_form: TokenForm::Jwt { alg: access_token_alg },
            access_token_seconds,
        },
        created_at: cx.now,
        updated_at: cx.now,
    };
    Forge::of(cx).ensure(&[KeyPurpose::Access(access_token_alg)]).await?;
    let event = &AuditEvent {
        detail: Some(api.audience.chars().take(256).collect()),
        ..cx.event(EventCode::ApiCreated)
    };
    let row = &api;
    cx.app
        .store
        .write(|tx| async move {
            if !tx.insert_api(row).await? {
                return Err(AddError::Taken);
            }
            Ok(tx.append_event(event).await?)
        })
        .await?;
    Ok(api)
}

fn problems(cx: &Cx, new: &NewApi) -> Vec<String> {
    let mut problems = Vec::new();
    let absolute = new.audience.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
    });
    let printable = new.audience.bytes().all(|c| (0x21..=0x7e).contains(&c) && c != b'#');
    if !absolute || !printable || new.audience.len() > MAX_AUDIENCE {
        problems.push("audience: use an absolute URI such as https://api.example.com, without #".to_owned());
    }
    if new.audience == cx.app.config.issuer {
        problems.push("audience: the issuer itself is not an API; choose the address of the API".to_owned());
    }
    if new.name.is_empty() || new.name.chars().count() > MAX_NAME || new.name.chars().any(char::is_control) {
        problems.push(format!("name: use 1 to {MAX_NAME} characters"));
    }
    if !SIGNING.contains(&new.access_token_alg) {
        problems.push("algorithm: use ES256, EdDSA, Ed25519, RS256 or PS256".to_owned());
    }
    if !(MIN_ACCESS_TOKEN_SECONDS..=MAX_ACCESS_TOKEN_SECONDS).contains(&new.access_token_seconds) {
        problems
            .push(format!("lifetime: use {MIN_ACCESS_TOKEN_SECONDS} to {MAX_ACCESS_TOKEN_SECONDS} seconds"));
    }
    for scope in &new.scopes {
        if STANDARD_SCOPES.contains(&scope.name.as_str()) {
            problems
                .push(format!("scope {}: the name belongs to OpenID Connect; choose another", scope.name));
        }
        if scope.description.chars().count() > MAX_DESCRIPTION
            || scope.description.chars().any(char::is_control)
        {
            problems
                .push(format!("scope {}: describe it in at most {MAX_DESCRIPTION} characters", scope.name));
        }
    }
    problems
}
