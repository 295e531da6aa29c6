//! Discovery metadata (RFC 8414 section 2, OpenID Connect Discovery section 3, RFC 9207).

use serde::{Deserialize, Serialize};
use tessera_jose::Algorithm;

use crate::authorize::ResponseMode;
use crate::scope::ScopeSet;
use crate::token::GrantType;

/// The metadata document. [`AuthorizationServerMetadata::new`] makes ours. Unknown members of another server's document are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationServerMetadata {
    /// The issuer, byte for byte as in `iss`.
    pub issuer: String,
    /// Where clients send the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where clients fetch tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Where the verification keys are.
    pub jwks_uri: String,
    /// OIDC core section 5.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// RFC 7009.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// RP-Initiated Logout section 2.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// Scopes that clients may request.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// `code`.
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    /// `query`, `form_post`.
    #[serde(default)]
    pub response_modes_supported: Vec<String>,
    /// Grant types of the token endpoint.
    #[serde(default)]
    pub grant_types_supported: Vec<String>,
    /// `public`.
    #[serde(default)]
    pub subject_types_supported: Vec<String>,
    /// Signature algorithms of ID tokens.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Client authentication methods at the token endpoint.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Client authentication methods at the revocation endpoint.
    #[serde(default)]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// `S256`.
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// Claims that ID token and `UserInfo` may carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_supported: Vec<String>,
    /// `prompt` values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt_values_supported: Vec<String>,
    /// RFC 9207: every authorization response names the issuer.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// Whether the `claims` parameter is supported.
    #[serde(default)]
    pub claims_parameter_supported: bool,
    /// Whether the `request` parameter is supported.
    #[serde(default)]
    pub request_parameter_supported: bool,
    /// Whether the `request_uri` parameter is supported. Always written, because the default of the standard is true.
    #[serde(default)]
    pub request_uri_parameter_supported: bool,
}

/// Absolute URLs of the endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where clients send the browser.
    pub authorization: String,
    /// Where clients fetch tokens.
    pub token: String,
    /// Where the verification keys are.
    pub jwks: String,
    /// OIDC core section 5.3.
    pub userinfo: String,
    /// RFC 7009.
    pub revocation: String,
    /// RP-Initiated Logout.
    pub end_session: String,
}

/// The client authentication methods that [`crate::client_auth`] reads.
const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

impl AuthorizationServerMetadata {
    /// The metadata of an issuer that offers exactly what this crate can read and write. `scopes` and `id_token_algs` come from its
    /// configuration.
    pub fn new(issuer: String, endpoints: Endpoints, scopes: &ScopeSet, id_token_algs: &[Algorithm]) -> Self {
        Self {
            issuer,
            authorization_endpoint: Some(endpoints.authorization),
            token_endpoint: Some(endpoints.token),
            jwks_uri: endpoints.jwks,
            userinfo_endpoint: Some(endpoints.userinfo),
            revocation_endpoint: Some(endpoints.revocation),
            end_session_endpoint: Some(endpoints.end_session),
            scopes_supported: scopes.iter().map(ToString::to_string).collect(),
            response_types_supported: owned(&["code"]),
            response_modes_supported: owned(&[ResponseMode::Query.as_str(), ResponseMode::FormPost.as_str()]),
            grant_types_supported: owned(&GrantType::ALL.map(GrantType::as_str)),
            subject_types_supported: owned(&["public"]),
            id_token_signing_alg_values_supported: id_token_algs.iter().map(ToString::to_string).collect(),
            token_endpoint_auth_methods_supported: owned(&AUTH_METHODS),
            revocation_endpoint_auth_methods_supported: owned(&AUTH_METHODS),
            code_challenge_methods_supported: owned(&["S256"]),
            claims_supported: owned(&[
                "iss",
                "sub",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "nonce",
                "acr",
                "amr",
                "at_hash",
                "sid",
                "name",
                "given_name",
                "family_name",
                "middle_name",
                "nickname",
                "preferred_username",
                "profile",
                "picture",
                "website",
                "gender",
                "birthdate",
                "zoneinfo",
                "locale",
                "updated_at",
                "email",
                "email_verified",
                "phone_number",
                "phone_number_verified",
                "address",
                "groups",
            ]),
            prompt_values_supported: owned(&["none", "login", "consent", "select_account"]),
            authorization_response_iss_parameter_supported: true,
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::{AuthorizationRequest, ClientPart, Prompt};
    use crate::params::Params;

    fn ours() -> AuthorizationServerMetadata {
        let at = |path: &str| format!("https://as.example{path}");
        let endpoints = Endpoints {
            authorization: at("/authorize"),
            token: at("/token"),
            jwks: at("/jwks"),
            userinfo: at("/userinfo"),
            revocation: at("/revoke"),
            end_session: at("/logout"),
        };
        let scopes = "openid profile email".parse().unwrap();
        AuthorizationServerMetadata::new(
            at(""),
            endpoints,
            &scopes,
            &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa],
        )
    }

    #[test]
    fn the_document_says_what_the_plans_look_for() {
        let json: serde_json::Value = serde_json::to_value(ours()).unwrap();
        assert_eq!(json["issuer"], "https://as.example");
        assert_eq!(json["response_types_supported"], serde_json::json!(["code"]));
        assert_eq!(json["response_modes_supported"], serde_json::json!(["query", "form_post"]));
        assert_eq!(
            json["grant_types_supported"],
            serde_json::json!(["authorization_code", "refresh_token", "client_credentials"])
        );
        assert_eq!(json["subject_types_supported"], serde_json::json!(["public"]));
        assert_eq!(
            json["id_token_signing_alg_values_supported"],
            serde_json::json!(["RS256", "ES256", "EdDSA"])
        );
        assert_eq!(json["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(json["authorization_response_iss_parameter_supported"], true);
        for off in
            ["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"]
        {
            assert_eq!(json[off], false, "{off}");
        }
        assert_eq!(serde_json::from_value::<AuthorizationServerMetadata>(json).unwrap(), ours());
    }

    #[test]
    fn the_document_tells_the_truth_about_the_readers() {
        let accepts = |pair: String| {
            let form = if pair.starts_with("response_type=") {
                format!("client_id=c&{pair}")
            } else {
                format!("client_id=c&response_type=code&{pair}")
            };
            let params = Params::parse(form.as_bytes()).unwrap();
            AuthorizationRequest::parse(ClientPart::parse(&params).unwrap(), &params).is_ok()
        };
        let document = ours();
        assert!(document.response_types_supported.iter().all(|v| accepts(format!("response_type={v}"))));
        assert!(document.response_modes_supported.iter().all(|v| accepts(format!("response_mode={v}"))));
        assert!(document.prompt_values_supported.iter().all(|v| Prompt::parse(v).is_ok()));
        assert!(document.grant_types_supported.iter().all(|v| GrantType::from_name(v).is_some()));
        assert!(!accepts("request=x".to_owned()) && !accepts("request_uri=x".to_owned()));
    }

    #[test]
    fn another_servers_document_needs_only_issuer_and_keys() {
        let read = serde_json::from_str::<AuthorizationServerMetadata>;
        assert!(read(r#"{"issuer":"https://x","jwks_uri":"https://x/jwks","unknown":[1]}"#).is_ok());
        assert!(read(r#"{"issuer":"https://x"}"#).is_err());
        assert!(read(r#"{"issuer":"https://x","issuer":"https://y","jwks_uri":"https://x/jwks"}"#).is_err());
    }
}
