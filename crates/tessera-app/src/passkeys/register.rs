//! A person registers a passkey or a security key (WebAuthn level 3 section 7.1).

use tessera_model::{Authenticator, AuthenticatorId, AuthenticatorKind, WebAuthnCredential};
use tessera_webauthn::{
    AttestationPolicy, CoseAlgorithm, Registered, Registration, RegistrationResponse, UserVerification,
};

use super::ceremony::{Ceremony, Purpose};
use super::options;
use super::relying_party::relying_party;
use super::response::RegistrationJson;
use crate::Cx;
use crate::access::{AccessError, Action, authorize_recent};
use crate::authenticators::{AddError, add_within};
use crate::login::BrowserSecret;
use crate::sessions::Current;

/// What the form of the page sends.
pub struct NewPasskey<'a> {
    /// The sealed ceremony of the page.
    pub ceremony: &'a str,
    /// `RegistrationResponseJSON`.
    pub response: &'a str,
    /// What the person calls it.
    pub name: &'a str,
}

/// Why a passkey was not registered. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The issuer has no domain, so there are no passkeys.
    #[error("this issuer has no domain")]
    Unavailable,
    /// The ceremony is of another browser, another person or another purpose, or it is too old or done.
    #[error("the ceremony does not count")]
    Ceremony,
    /// The response is not that of an authenticator to this ceremony.
    #[error("{0}")]
    Response(String),
    /// It cannot be added.
    #[error(transparent)]
    Add(#[from] AddError),
}

impl From<AccessError> for RegisterError {
    fn from(error: AccessError) -> Self {
        Self::Add(error.into())
    }
}

impl From<tessera_store::StoreError> for RegisterError {
    fn from(error: tessera_store::StoreError) -> Self {
        Self::Add(error.into())
    }
}

/// The ceremony that the page asks for.
///
/// # Errors
/// The login is too old to change anything, the issuer has no domain, or the database failed.
pub async fn begin(
    cx: &Cx,
    current: &Current,
    browser: &BrowserSecret,
) -> Result<options::Ceremony, RegisterError> {
    let allowed = authorize_recent(cx, Action::AddAuthenticator, current).await?;
    let id = current.user.id;
    let has: Vec<Authenticator> =
        allowed.read(|tx| async move { tx.authenticators().of_user(id).await }).await?;
    options::creation_options(cx, &current.user, browser, &has).ok_or(RegisterError::Unavailable)
}

/// Registers what the authenticator has answered.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(
    cx: &Cx,
    current: &Current,
    browser: &BrowserSecret,
    new: NewPasskey<'_>,
) -> Result<Authenticator, RegisterError> {
    let allowed = &authorize_recent(cx, Action::AddAuthenticator, current).await?;
    let purpose = Purpose::Register(current.user.id);
    let ceremony = &Ceremony::open(cx, new.ceremony, purpose, browser).ok_or(RegisterError::Ceremony)?;
    let name = new.name.parse().map_err(AddError::from)?;
    let malformed = |error: serde_json::Error| RegisterError::Response(error.to_string());
    let answer: RegistrationJson = serde_json::from_str(new.response).map_err(malformed)?;
    let registered = verify(cx, ceremony, &answer)?;
    let discoverable = answer.client_extension_results.cred_props.and_then(|properties| properties.rk);
    let kind = AuthenticatorKind::WebAuthn(credential(&registered, discoverable));
    let authenticator = &Authenticator {
        id: AuthenticatorId::from_random(cx.app.random()),
        user_id: current.user.id,
        name,
        kind,
        counter: registered.sign_count.into(),
        created_at: cx.now,
        last_used_at: None,
    };
    allowed
        .write(|tx| async move {
            if !ceremony.spend(&tx).await? {
                return Err(RegisterError::Ceremony);
            }
            Ok(add_within(allowed, &tx, current, authenticator).await?)
        })
        .await?;
    Ok(authenticator.clone())
}

fn verify(cx: &Cx, ceremony: &Ceremony, answer: &RegistrationJson) -> Result<Registered, RegisterError> {
    let config = &cx.app.config;
    let (_, relying_party) =
        relying_party(&config.issuer, &config.passkeys).ok_or(RegisterError::Unavailable)?;
    let registration = Registration {
        relying_party: &relying_party,
        challenge: &ceremony.challenge_bytes(),
        user_verification: UserVerification::Optional,
        algorithms: &CoseAlgorithm::ALL,
        attestation: AttestationPolicy::NotWanted,
    };
    let transports: Vec<_> = answer.response.transports.iter().map(String::as_str).collect();
    let response = RegistrationResponse {
        client_data_json: &answer.response.client_data_json.0,
        attestation_object: &answer.response.attestation_object.0,
        transports: &transports,
    };
    registration.verify(&response).map_err(|error| RegisterError::Response(error.to_string()))
}

fn credential(registered: &Registered, discoverable: Option<bool>) -> WebAuthnCredential {
    WebAuthnCredential {
        credential_id: registered.credential_id.clone(),
        public_key: registered.public_key.clone(),
        user_verified: registered.flags.user_verified(),
        backup_eligible: registered.flags.backup_eligible(),
        backed_up: registered.flags.backed_up(),
        discoverable,
        transports: registered.transports.clone(),
        aaguid: registered.aaguid.to_string(),
        hardware_attested: false,
    }
}
