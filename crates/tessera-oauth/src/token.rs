//! Requests and answers of the token endpoint (RFC 6749 sections 4 to 6).

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::CodeVerifier;
use crate::resource::Resource;
use crate::scope::ScopeSet;

/// What a client exchanges for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4.
    ClientCredentials,
}

impl GrantType {
    /// Every grant type.
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The name in `grant_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// Reads the name. `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant_type| grant_type.as_str() == name)
    }
}

/// A well-formed token request without its client authentication. `Debug` hides codes and tokens.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// RFC 6749 section 4.1.3.
    AuthorizationCode {
        /// The code.
        code: Zeroizing<String>,
        /// Must equal that of the authorization request.
        redirect_uri: Option<String>,
        /// RFC 7636 section 4.5.
        code_verifier: Option<CodeVerifier>,
        /// Narrows the audience (RFC 8707 section 2.2).
        resource: Vec<Resource>,
    },
    /// RFC 6749 section 6.
    RefreshToken {
        /// The refresh token.
        refresh_token: Zeroizing<String>,
        /// Narrows the scope of the new access token.
        scope: Option<ScopeSet>,
        /// Narrows the audience.
        resource: Vec<Resource>,
    },
    /// RFC 6749 section 4.4.2.
    ClientCredentials {
        /// The requested scope. `None` for everything that the client has.
        scope: Option<ScopeSet>,
        /// APIs that the token is for.
        resource: Vec<Resource>,
    },
}

impl TokenRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `unsupported_grant_type`, `invalid_request`, `invalid_scope`, `invalid_target`.
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let name = params.get("grant_type").ok_or_else(|| missing("grant_type is missing"))?;
        let grant_type = GrantType::from_name(name).ok_or(ErrorCode::UnsupportedGrantType)?;
        let secret = |name, description| {
            params.get(name).map(|value| Zeroizing::new(value.to_owned())).ok_or_else(|| missing(description))
        };
        let scope = || params.get("scope").map(ScopeSet::requested).transpose();
        let resource = Resource::all(params)?;
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::AuthorizationCode {
                code: secret("code", "code is missing")?,
                redirect_uri: params.get("redirect_uri").map(str::to_owned),
                code_verifier: params.get("code_verifier").map(str::parse).transpose()?,
                resource,
            },
            GrantType::RefreshToken => Self::RefreshToken {
                refresh_token: secret("refresh_token", "refresh_token is missing")?,
                scope: scope()?,
                resource,
            },
            GrantType::ClientCredentials => Self::ClientCredentials { scope: scope()?, resource },
        })
    }

    /// `grant_type`.
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenRequest({})", self.grant_type().as_str())
    }
}

fn missing(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest).because(description)
}

/// A successful answer (RFC 6749 section 5.1). Send it with `Cache-Control: no-store`. `Debug` hides the tokens.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How to use the access token.
    pub token_type: TokenType,
    /// The lifetime of the access token, in seconds.
    pub expires_in: u64,
    /// The refresh token, if the client gets one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The ID token, if `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The scope that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
}

/// `token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TokenType {
    /// RFC 6750.
    Bearer,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn parse(form: &str) -> Result<TokenRequest, OAuthError> {
        TokenRequest::parse(&Params::parse(form.as_bytes()).unwrap())
    }

    #[test]
    fn each_grant_type_is_read() {
        let code = parse(&format!(
            "grant_type=authorization_code&code=c&redirect_uri=https://rp/cb&code_verifier={VERIFIER}"
        ));
        assert_eq!(
            code,
            Ok(TokenRequest::AuthorizationCode {
                code: Zeroizing::new("c".to_owned()),
                redirect_uri: Some("https://rp/cb".to_owned()),
                code_verifier: Some(VERIFIER.parse().unwrap()),
                resource: Vec::new(),
            })
        );
        let refresh = parse("grant_type=refresh_token&refresh_token=r&scope=a+b&resource=urn:x");
        assert_eq!(
            refresh,
            Ok(TokenRequest::RefreshToken {
                refresh_token: Zeroizing::new("r".to_owned()),
                scope: Some("a b".parse().unwrap()),
                resource: vec!["urn:x".parse().unwrap()],
            })
        );
        assert_eq!(
            parse("grant_type=client_credentials&scope="),
            Ok(TokenRequest::ClientCredentials { scope: None, resource: Vec::new() })
        );
    }

    #[test]
    fn o62_the_password_grant_and_its_like_do_not_exist() {
        for other in
            ["password", "implicit", "Authorization_Code", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
        {
            assert_eq!(
                parse(&format!("grant_type={other}")).unwrap_err().code(),
                ErrorCode::UnsupportedGrantType
            );
        }
    }

    #[test]
    fn what_is_missing_or_malformed_has_its_code() {
        let verifier = "grant_type=authorization_code&code=c&code_verifier=";
        for (form, code) in [
            ("", ErrorCode::InvalidRequest),
            ("grant_type=", ErrorCode::InvalidRequest),
            ("grant_type=authorization_code", ErrorCode::InvalidRequest),
            ("grant_type=refresh_token&refresh_token=", ErrorCode::InvalidRequest),
            (&format!("{verifier}{}", "a".repeat(42)), ErrorCode::InvalidRequest),
            (&format!("{verifier}{}", "a".repeat(129)), ErrorCode::InvalidRequest),
            (&format!("{verifier}{VERIFIER}%5B%5D"), ErrorCode::InvalidRequest),
            ("grant_type=refresh_token&refresh_token=r&scope=a%22b", ErrorCode::InvalidScope),
            ("grant_type=client_credentials&resource=relative", ErrorCode::InvalidTarget),
        ] {
            assert_eq!(parse(form).unwrap_err().code(), code, "{form}");
        }
    }

    #[test]
    fn the_response_is_that_of_rfc_6749() {
        let response = TokenResponse {
            access_token: "at".to_owned(),
            token_type: TokenType::Bearer,
            expires_in: 600,
            refresh_token: None,
            id_token: None,
            scope: Some("a b".parse().unwrap()),
        };
        assert_eq!(
            serde_json::to_string(&response).unwrap(),
            r#"{"access_token":"at","token_type":"Bearer","expires_in":600,"scope":"a b"}"#
        );
        assert!(!format!("{response:?}").contains("at\""));
    }

    proptest! {
        #[test]
        fn any_form_is_answered_without_panic(
            kind in prop::sample::select(vec!["authorization_code", "refresh_token", "client_credentials", "x"]),
            rest in "[a-z_=&%0-9A-F+]{0,200}",
        ) {
            if let Ok(params) = Params::parse(format!("grant_type={kind}&{rest}").as_bytes()) {
                let _ = TokenRequest::parse(&params);
            }
        }
    }
}
