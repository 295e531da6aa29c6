//! One revocation rule.

use std::fmt;

/// What a rule revokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// One token, by `jti`.
    Token,
    /// All tokens of a grant: the part of `jti` before the first dot.
    Grant,
    /// All tokens of a login session, by `sid`.
    Session,
    /// All tokens of a subject, by `sub`.
    Subject,
    /// All tokens of a client, by `client_id`.
    Client,
    /// All tokens of the issuer.
    All,
}

impl RuleKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Token, Self::Grant, Self::Session, Self::Subject, Self::Client, Self::All];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Grant => "grant",
            Self::Session => "session",
            Self::Subject => "subject",
            Self::Client => "client",
            Self::All => "all",
        }
    }

    /// Reads the name. `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Tokens of `id` that were issued up to and including `issued_before` are revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What is revoked.
    pub kind: RuleKind,
    /// SHA-256 of the identifier. Ignored for [`RuleKind::All`].
    pub id: [u8; 32],
    /// The last `iat` that is revoked, in seconds since 1970.
    pub issued_before: i64,
    /// When the last token that the rule can revoke has expired, in seconds since 1970.
    pub expires_at: i64,
}
