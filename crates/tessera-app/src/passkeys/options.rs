//! What a page tells the browser to ask of an authenticator (WebAuthn level 3 sections 5.4 and 5.5), as JSON (section 5.1).

use serde_json::{Value, json};
use tessera_jose::base64url;
use tessera_model::{Authenticator, AuthenticatorKind, User, WebAuthnCredential};
use tessera_webauthn::CoseAlgorithm;

use super::ceremony::{self, Purpose};
use super::relying_party::relying_party;
use crate::login::BrowserSecret;
use crate::{Config, Cx};

/// What a page needs for one ceremony.
pub struct Ceremony {
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    pub options: String,
    /// The sealed ceremony. The form sends it back.
    pub sealed: String,
}

/// Whether the browser asks an authenticator to verify its person (WebAuthn level 3 section 5.8.6). What it has done stands in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserVerification {
    /// If it can.
    Preferred,
    /// In any case.
    Required,
}

impl UserVerification {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Preferred => "preferred",
            Self::Required => "required",
        }
    }
}

/// Whether this issuer can have passkeys.
pub fn is_available(config: &Config) -> bool {
    config.passkeys.rp_id.is_some()
}

/// The options of a login. `None` if there are no passkeys.
pub(crate) fn request_options(
    cx: &Cx,
    purpose: Purpose,
    browser: &BrowserSecret,
    (of, verification): (&[Authenticator], UserVerification),
) -> Option<Ceremony> {
    let (rp_id, _) = relying_party(&cx.app.config.issuer, &cx.app.config.passkeys)?;
    let ceremony = ceremony::Ceremony::begin(cx, purpose, browser);
    let options = json!({
        "challenge": ceremony.challenge(),
        "rpId": rp_id,
        "timeout": ceremony::LIFETIME.as_millis(),
        "userVerification": verification.as_str(),
        "allowCredentials": credentials(of).map(descriptor).collect::<Vec<_>>(),
    });
    Some(Ceremony { options: options.to_string(), sealed: ceremony.seal(cx) })
}

/// The options of a registration by a person who has these authenticators.
pub(super) fn creation_options(
    cx: &Cx,
    user: &User,
    browser: &BrowserSecret,
    has: &[Authenticator],
) -> Option<Ceremony> {
    let (rp_id, _) = relying_party(&cx.app.config.issuer, &cx.app.config.passkeys)?;
    let ceremony = ceremony::Ceremony::begin(cx, Purpose::Register(user.id), browser);
    let algorithms = CoseAlgorithm::ALL.map(|alg| json!({ "type": "public-key", "alg": alg.number() }));
    let options = json!({
        "rp": { "id": rp_id, "name": rp_id },
        "user": {
            "id": base64url::encode(user.id.as_bytes()),
            "name": user.username.as_str(),
            "displayName": user.name.as_deref().unwrap_or(user.username.as_str()),
        },
        "challenge": ceremony.challenge(),
        "pubKeyCredParams": algorithms,
        "timeout": ceremony::LIFETIME.as_millis(),
        "excludeCredentials": credentials(has).map(descriptor).collect::<Vec<_>>(),
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": "none",
        "extensions": { "credProps": true },
    });
    Some(Ceremony { options: options.to_string(), sealed: ceremony.seal(cx) })
}

fn credentials(authenticators: &[Authenticator]) -> impl Iterator<Item = &WebAuthnCredential> {
    authenticators.iter().filter_map(|authenticator| match &authenticator.kind {
        AuthenticatorKind::WebAuthn(credential) => Some(credential),
        AuthenticatorKind::Totp(_) | AuthenticatorKind::Hotp(_) | AuthenticatorKind::Other(_) => None,
    })
}

fn descriptor(credential: &WebAuthnCredential) -> Value {
    json!({
        "type": "public-key",
        "id": base64url::encode(&credential.credential_id),
        "transports": credential.transports,
    })
}
