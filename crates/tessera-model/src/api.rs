//! APIs (resource servers) that accept our tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tessera_jose::Algorithm;
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, JWT_TYP};
use tessera_oauth::scope::{Scope, ScopeSet};

use crate::Timestamp;
use crate::settings::Version;

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

/// What an administrator chooses for an API; stored as one JSON document. See [`crate::settings`] for documents of other versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ApiDocument")]
pub struct ApiSettings {
    /// The scopes it understands.
    pub scopes: Vec<ScopeDefinition>,
    /// What its access tokens are.
    pub token_form: TokenForm,
    /// Access-token lifetime, 10..=86,400 seconds (default 600).
    pub access_token_seconds: u32,
    /// Those of the scopes about which a newer version stored something that this one does not know. No token gets them here.
    #[serde(skip_serializing)]
    pub withheld_scopes: ScopeSet,
    /// Fields of the stored document that this version does not know, or whose values it does not know. Never written.
    #[serde(skip_serializing)]
    pub not_understood: BTreeSet<String>,
}

/// The settings as a document of any version has them.
#[derive(Deserialize)]
struct ApiDocument {
    #[serde(default, rename = "version")]
    _version: Version,
    scopes: Vec<ScopeDocument>,
    token_form: TokenForm,
    access_token_seconds: u32,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// A scope as a document of any version has it.
#[derive(Deserialize)]
struct ScopeDocument {
    #[serde(default)]
    name: Value,
    #[serde(default)]
    description: Value,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// A document that no version can have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the settings of an API: {0}")]
pub struct BrokenDocument(&'static str);

impl TryFrom<ApiDocument> for ApiSettings {
    type Error = BrokenDocument;

    fn try_from(document: ApiDocument) -> Result<Self, BrokenDocument> {
        let mut not_understood: BTreeSet<String> = document.unknown.into_keys().collect();
        if document.token_form == TokenForm::Unknown {
            not_understood.insert("token_form".to_owned());
        }
        let (mut scopes, mut withheld) = (Vec::with_capacity(document.scopes.len()), Vec::new());
        for scope in document.scopes {
            let name = scope.name.as_str().and_then(|name| name.parse::<Scope>().ok());
            let description = scope.description.as_str().map(str::to_owned);
            if scope.unknown.is_empty() && (name.is_none() || description.is_none()) {
                return Err(BrokenDocument("a scope without name or description"));
            }
            if !scope.unknown.is_empty() {
                not_understood.insert("scopes".to_owned());
                withheld.extend(name.clone());
            }
            scopes.extend(
                name.map(|name| ScopeDefinition { name, description: description.unwrap_or_default() }),
            );
        }
        Ok(Self {
            scopes,
            token_form: document.token_form,
            access_token_seconds: document.access_token_seconds,
            withheld_scopes: withheld.into_iter().collect(),
            not_understood,
        })
    }
}

/// What the access tokens of an API are. One token for several APIs needs the same form at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", try_from = "FormDocument")]
pub enum TokenForm {
    /// A JWT that the API verifies by itself (RFC 9068).
    Jwt {
        /// Its signature.
        alg: Algorithm,
        /// Its `typ`.
        #[serde(skip_serializing_if = "JwtType::is_default")]
        typ: JwtType,
    },
    /// A newer version chose a form that this one does not know, or knows in part only. Here the API gets no tokens.
    Unknown,
}

/// The form as a document of any version has it.
#[derive(Deserialize)]
struct FormDocument {
    form: String,
    alg: Option<Value>,
    typ: Option<Value>,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

impl TryFrom<FormDocument> for TokenForm {
    type Error = BrokenDocument;

    fn try_from(document: FormDocument) -> Result<Self, BrokenDocument> {
        if document.form != "jwt" || !document.unknown.is_empty() {
            return Ok(Self::Unknown);
        }
        let alg = document.alg.as_ref().and_then(Value::as_str).ok_or(BrokenDocument("no algorithm"))?;
        let typ = match &document.typ {
            None => Some(JwtType::default()),
            Some(typ) => typ.as_str().ok_or(BrokenDocument("the type is not a text"))?.parse().ok(),
        };
        let known = alg.parse().ok().zip(typ);
        Ok(known.map_or(Self::Unknown, |(alg, typ)| Self::Jwt { alg, typ }))
    }
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

    /// Whether this version knows what its tokens are.
    pub const fn has_known_form(&self) -> bool {
        match self.settings.token_form {
            TokenForm::Jwt { .. } => true,
            TokenForm::Unknown => false,
        }
    }

    /// The names of its scopes.
    pub fn scope_names(&self) -> ScopeSet {
        self.settings.scopes.iter().map(|s| s.name.clone()).collect()
    }

    /// Whether its tokens may carry this scope.
    pub fn grants(&self, scope: &str) -> bool {
        self.settings.scopes.iter().any(|known| known.name.as_str() == scope)
            && !self.settings.withheld_scopes.contains(scope)
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
