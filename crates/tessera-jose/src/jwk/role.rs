//! What an issuer's key is for and when it starts to sign. Two members of our own say so. RFC 7517 section 4 allows additional
//! members, and readers that do not know them ignore them.

/// The member that says what the key is for.
pub(super) const PURPOSE: &str = "tessera_purpose";
/// The member that says when the key starts to sign.
pub(super) const SIGNS_FROM: &str = "tessera_signs_from";

/// The only thing that a key signs.
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
    pub(super) const ALL: [Self; 3] = [Self::AccessToken, Self::IdToken, Self::RevocationRules];

    /// The value of `tessera_purpose`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::IdToken => "id_token",
            Self::RevocationRules => "revocation_rules",
        }
    }
}

/// What a published key is for, and when it starts to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// What it signs.
    pub purpose: Purpose,
    /// When it starts or started to sign, in seconds since 1970.
    pub signs_from: i64,
}
