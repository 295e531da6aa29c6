//! What a browser answers: `RegistrationResponseJSON` and `AuthenticationResponseJSON` (WebAuthn level 3 section 5.1).
//!
//! Members that we do not use are read over. What we use stands there once and is base64url without padding.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use tessera_jose::base64url;

/// Bytes in base64url.
pub(super) struct Bytes(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        base64url::decode(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegistrationJson {
    pub(super) response: AttestationJson,
    #[serde(default)]
    pub(super) client_extension_results: ExtensionsJson,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtensionsJson {
    pub(super) cred_props: Option<CredentialPropertiesJson>,
}

/// The `credProps` extension (WebAuthn level 3 section 10.1.3). The browser says it, and nobody signs it.
#[derive(Deserialize)]
pub(super) struct CredentialPropertiesJson {
    pub(super) rk: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttestationJson {
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: Bytes,
    pub(super) attestation_object: Bytes,
    #[serde(default)]
    pub(super) transports: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthenticationJson {
    pub(super) raw_id: Bytes,
    pub(super) response: AssertionJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssertionJson {
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: Bytes,
    pub(super) authenticator_data: Bytes,
    pub(super) signature: Bytes,
    pub(super) user_handle: Option<Bytes>,
}
