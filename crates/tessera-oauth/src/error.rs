//! Error answers (RFC 6749 sections 4.1.2.1 and 5.2, and the documents that add codes).

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::client_auth::ClientAuthError;
use crate::params::ParamsError;
use crate::pkce::InvalidPkce;
use crate::resource::InvalidResource;
use crate::scope::InvalidScope;

/// The `error` code of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// RFC 6749 section 5.2: a parameter is missing, repeated or malformed.
    InvalidRequest,
    /// RFC 6749 section 5.2: client authentication failed.
    InvalidClient,
    /// RFC 6749 section 5.2: the code or refresh token is not valid.
    InvalidGrant,
    /// RFC 6749 section 5.2: this client may not use this grant type.
    UnauthorizedClient,
    /// RFC 6749 section 5.2.
    UnsupportedGrantType,
    /// RFC 6749 section 5.2.
    InvalidScope,
    /// RFC 6749 section 4.1.2.1: the person refused.
    AccessDenied,
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 section 4.1.2.1.
    ServerError,
    /// RFC 6749 section 4.1.2.1.
    TemporarilyUnavailable,
    /// RFC 8707 section 2.
    InvalidTarget,
    /// OIDC core section 3.1.2.6.
    InteractionRequired,
    /// OIDC core section 3.1.2.6.
    LoginRequired,
    /// OIDC core section 3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core Unmet Authentication Requirements section 2.
    UnmetAuthenticationRequirements,
    /// OIDC core section 3.1.2.6.
    RequestNotSupported,
    /// OIDC core section 3.1.2.6.
    RequestUriNotSupported,
    /// OIDC core section 3.1.2.6.
    RegistrationNotSupported,
}

impl ErrorCode {
    /// Every code, for tables and tests.
    pub const ALL: [Self; 18] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::AccessDenied,
        Self::UnsupportedResponseType,
        Self::ServerError,
        Self::TemporarilyUnavailable,
        Self::InvalidTarget,
        Self::InteractionRequired,
        Self::LoginRequired,
        Self::ConsentRequired,
        Self::UnmetAuthenticationRequirements,
        Self::RequestNotSupported,
        Self::RequestUriNotSupported,
        Self::RegistrationNotSupported,
    ];

    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidTarget => "invalid_target",
            Self::InteractionRequired => "interaction_required",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An error answer. As JSON it is the body of RFC 6749 section 5.2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}")]
pub struct OAuthError {
    /// `error`.
    #[serde(rename = "error")]
    code: ErrorCode,
    /// `error_description`: what the developer of the client can fix. It never says why a secret was refused.
    #[serde(rename = "error_description", skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'static, str>>,
}

impl OAuthError {
    /// An error without description.
    pub const fn new(code: ErrorCode) -> Self {
        Self { code, description: None }
    }

    /// Adds a description. Characters that RFC 6749 does not allow become `'` or `?`.
    #[must_use]
    pub fn because(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        self.description = Some(if description.bytes().all(is_allowed) {
            description
        } else {
            description.chars().map(allowed).collect::<String>().into()
        });
        self
    }

    /// `error`.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// `error_description`: only `%x20-21 / %x23-5B / %x5D-7E`.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

/// The characters of `error` and `error_description` (RFC 6749 section 5.2).
const fn is_allowed(c: u8) -> bool {
    matches!(c, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn allowed(c: char) -> char {
    match u8::try_from(c) {
        Ok(b'"') => '\'',
        Ok(byte) if is_allowed(byte) => c,
        _ => '?',
    }
}

impl From<ErrorCode> for OAuthError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<ParamsError> for OAuthError {
    fn from(error: ParamsError) -> Self {
        Self::new(ErrorCode::InvalidRequest).because(match error {
            ParamsError::Duplicate(_) => "a parameter was sent more than once",
            ParamsError::Malformed => "not application/x-www-form-urlencoded in UTF-8",
            ParamsError::TooMany => "too many parameters",
        })
    }
}

impl From<InvalidScope> for OAuthError {
    fn from(_: InvalidScope) -> Self {
        Self::new(ErrorCode::InvalidScope)
            .because("scope must be words of printable ASCII, separated by spaces")
    }
}

impl From<InvalidPkce> for OAuthError {
    fn from(error: InvalidPkce) -> Self {
        Self::new(ErrorCode::InvalidRequest).because(error.to_string())
    }
}

impl From<InvalidResource> for OAuthError {
    fn from(_: InvalidResource) -> Self {
        Self::new(ErrorCode::InvalidTarget).because("resource must be an absolute URI without fragment")
    }
}

impl From<ClientAuthError> for OAuthError {
    fn from(error: ClientAuthError) -> Self {
        let code = match error {
            ClientAuthError::TwoMethods => ErrorCode::InvalidRequest,
            ClientAuthError::Missing | ClientAuthError::Malformed | ClientAuthError::Assertion => {
                ErrorCode::InvalidClient
            }
        };
        Self::new(code).because(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_code_is_a_word_of_legal_characters_and_stands_once() {
        let mut names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn the_body_is_that_of_rfc_6749() {
        let plain = OAuthError::new(ErrorCode::InvalidGrant);
        assert_eq!(serde_json::to_string(&plain).unwrap(), r#"{"error":"invalid_grant"}"#);
        let described = OAuthError::new(ErrorCode::InvalidScope).because("no \"x\"\r\nhere");
        assert_eq!(
            serde_json::to_string(&described).unwrap(),
            r#"{"error":"invalid_scope","error_description":"no 'x'??here"}"#
        );
    }

    proptest! {
        #[test]
        fn a_description_only_ever_has_legal_characters(text in any::<String>()) {
            let error = OAuthError::new(ErrorCode::InvalidRequest).because(text);
            prop_assert!(error.description().unwrap().bytes().all(is_allowed));
        }
    }
}
