//! APIs (resource servers) that accept our tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tessera_jose::Algorithm;
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, JWT_TYP};
use tessera_oauth::scope::{Scope, ScopeSet};

use crate::Timestamp;

/// An API that verifies tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// `aud` of its tokens; an absolute URI (RFC 8707 section 2). It holds a colon, which a [`crate::ClientId`] never does: no ID
    /// token names an API.
    pub audience: String,
    /// Shown on the consent page, at most 100 characters.
    pub name: String,
    /// Whether tokens are issued for it.
    pub status: ApiStatus,
    /// Everything an administrator chooses.
    pub settings: ApiSettings,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
}

/// Whether tokens are issued for an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiStatus {
    /// In use.
    Active,
    /// Turned off by an administrator.
    Disabled {
        /// Since when.
        at: Timestamp,
    },
}

/// What an administrator chooses for an API; stored as one JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSettings {
    /// The scopes it understands.
    pub scopes: Vec<ScopeDefinition>,
    /// What its access tokens are.
    pub token_form: TokenForm,
    /// Access-token lifetime, 10..=86,400 seconds (default 600).
    pub access_token_seconds: u32,
}

/// What the access tokens of an API are. One token for several APIs needs the same form at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenForm {
    /// A JWT that the API verifies by itself (RFC 9068).
    Jwt {
        /// Its signature.
        alg: Algorithm,
        /// Its `typ`.
        #[serde(default, skip_serializing_if = "JwtType::is_default")]
        typ: JwtType,
    },
}

/// `typ` of the access tokens of an API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum JwtType {
    /// `at+jwt` (RFC 9068 section 2.1): the type alone says that it is an access token.
    #[default]
    #[serde(rename = "at+jwt")]
    AtJwt,
    /// `JWT`, for verifiers that take no other. ID tokens have it too: key and audience must tell them apart.
    #[serde(rename = "jwt")]
    Jwt,
}

/// The text is not a type of access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use at+jwt or jwt")]
pub struct InvalidJwtType;

impl JwtType {
    /// Its name in settings and at the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtJwt => "at+jwt",
            Self::Jwt => "jwt",
        }
    }

    /// What stands in the header of the token.
    pub const fn header(self) -> &'static str {
        match self {
            Self::AtJwt => ACCESS_TOKEN_TYP,
            Self::Jwt => JWT_TYP,
        }
    }

    /// Left out where it is stored: an API of before there was a choice reads and is written as it was.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl FromStr for JwtType {
    type Err = InvalidJwtType;

    fn from_str(text: &str) -> Result<Self, InvalidJwtType> {
        [Self::AtJwt, Self::Jwt].into_iter().find(|typ| typ.as_str() == text).ok_or(InvalidJwtType)
    }
}

impl fmt::Display for JwtType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One scope of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeDefinition {
    /// What stands in the token.
    pub name: Scope,
    /// What the consent page tells the person, at most 200 characters.
    pub description: String,
}

impl Api {
    /// Whether tokens are issued for it.
    pub const fn is_active(&self) -> bool {
        match self.status {
            ApiStatus::Active => true,
            ApiStatus::Disabled { .. } => false,
        }
    }

    /// The names of its scopes.
    pub fn scope_names(&self) -> ScopeSet {
        self.settings.scopes.iter().map(|s| s.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_of_before_there_was_a_choice_reads_and_is_written_as_it_was() {
        let stored = r#"{"form":"jwt","alg":"ES256"}"#;
        let form: TokenForm = serde_json::from_str(stored).unwrap();
        assert_eq!(form, TokenForm::Jwt { alg: Algorithm::Es256, typ: JwtType::AtJwt });
        assert_eq!(serde_json::to_string(&form).unwrap(), stored);
        let form = TokenForm::Jwt { alg: Algorithm::Rs256, typ: JwtType::Jwt };
        let stored = serde_json::to_string(&form).unwrap();
        assert_eq!(stored, r#"{"form":"jwt","alg":"RS256","typ":"jwt"}"#);
        assert_eq!(serde_json::from_str::<TokenForm>(&stored).unwrap(), form);
    }

    #[test]
    fn a_type_is_one_of_two() {
        for typ in [JwtType::AtJwt, JwtType::Jwt] {
            assert_eq!(typ.to_string().parse(), Ok(typ));
        }
        for other in ["", "JWT", "at+JWT", "application/at+jwt", "jwt "] {
            assert_eq!(other.parse::<JwtType>(), Err(InvalidJwtType), "{other}");
        }
    }
}
