//! What an issuer's key is for and from when on it signs: two members besides the registered ones. RFC 7517 section 4 allows
//! more members, and whoever does not know them passes over them.

use serde_json::{Map, Value};

use super::JwkError;
use super::parse::optional;

/// The member that says what the key is for.
pub(super) const PURPOSE: &str = "tessera_purpose";
/// The member that says from when on it signs.
pub(super) const SIGNS_FROM: &str = "tessera_signs_from";

/// What a key signs, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Access tokens (RFC 9068).
    AccessToken,
    /// ID tokens (OIDC core section 2).
    IdToken,
    /// Lists of revocation rules.
    RevocationRules,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::AccessToken, Self::IdToken, Self::RevocationRules];

    /// The value of `tessera_purpose`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::IdToken => "id_token",
            Self::RevocationRules => "revocation_rules",
        }
    }
}

/// Both members: they come together or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// What it signs.
    pub purpose: Purpose,
    /// When it begins to sign, or began to, in seconds since 1970.
    pub signs_from: i64,
}

pub(super) fn parse(object: &Map<String, Value>) -> Result<Option<Role>, JwkError> {
    match (optional(object, PURPOSE)?, object.get(SIGNS_FROM)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(JwkError::Member(PURPOSE)),
        (Some(name), from) => {
            let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == name);
            let signs_from = from.and_then(Value::as_i64).ok_or(JwkError::Member(SIGNS_FROM))?;
            Ok(Some(Role { purpose: purpose.ok_or(JwkError::Unknown(PURPOSE))?, signs_from }))
        }
    }
}
