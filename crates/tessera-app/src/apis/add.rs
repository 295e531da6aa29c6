//! A new API.

use tessera_jose::Algorithm;
use tessera_model::api::{ApiSettings, JwtType, ScopeDefinition, TokenForm};
use tessera_model::{Api, ApiStatus, AuditEvent, EventCode, KeyPurpose};
use tessera_store::StoreError;

use super::settings;
use crate::Cx;
use crate::keys::KeyError;
use crate::keys::rotate::KeyFactory;

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
    /// `typ` of its tokens.
    pub token_type: JwtType,
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
    let NewApi { audience, name, scopes, access_token_alg, token_type, access_token_seconds } = new;
    let api = Api {
        audience,
        name,
        status: ApiStatus::Active,
        settings: ApiSettings {
            scopes,
            token_form: TokenForm::Jwt { alg: access_token_alg, typ: token_type },
            access_token_seconds,
        },
        created_at: cx.now,
        updated_at: cx.now,
    };
    let mut problems = audience_problems(cx, &api.audience);
    problems.extend(settings::problems(&api.name, &api.settings));
    if !problems.is_empty() {
        return Err(AddError::Invalid(problems));
    }
    KeyFactory::of(cx).ensure(&[KeyPurpose::Access(access_token_alg)]).await?;
    let event = &AuditEvent {
        detail: Some(api.audience.chars().take(256).collect()),
        ..cx.event(EventCode::ApiCreated)
    };
    let row = &api;
    cx.app
        .store
        .write(|tx| async move {
            if !tx.apis().insert(row).await? {
                return Err(AddError::Taken);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(api)
}

fn audience_problems(cx: &Cx, audience: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !is_audience(audience) {
        problems.push("audience: use an absolute URI such as https://api.example.com, without #".to_owned());
    }
    if audience == cx.app.config.issuer {
        problems.push("audience: the issuer itself is not an API; choose the address of the API".to_owned());
    }
    problems
}

fn is_audience(text: &str) -> bool {
    let absolute = text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
    });
    absolute && text.len() <= MAX_AUDIENCE && text.bytes().all(|c| (0x21..=0x7e).contains(&c) && c != b'#')
}

#[cfg(test)]
mod tests {
    use tessera_model::ClientId;

    use super::*;

    /// An ID token names its client as audience: no API may be called the same (attack J25).
    #[test]
    fn j25_no_audience_is_a_client_id() {
        let odd = (0x20..0x7f_u8).map(|c| format!("a{}b", char::from(c)));
        let texts = odd.chain(
            ["https://api", "urn:x:y", "demo-web", "api.example.com", "a", "c-x_y.Z9", ":"]
                .map(str::to_owned),
        );
        for text in texts {
            let readings = [is_audience(&text), text.parse::<ClientId>().is_ok()];
            assert_ne!(readings, [true; 2], "{text}");
        }
    }
}
