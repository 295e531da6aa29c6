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
    /// All tokens that an API accepts, by one of the values of `aud`.
    Audience,
    /// All tokens that a key has signed, by the `kid` of their header.
    Key,
    /// All tokens of the issuer.
    All,
    /// A newer issuer has a kind of rule that this verifier does not know. It revokes every token that such a rule could mean.
    Unknown,
}

impl RuleKind {
    /// Every kind that has a name on the wire. Those that name something come first, the narrowest first.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::Grant,
        Self::Session,
        Self::Subject,
        Self::Client,
        Self::Audience,
        Self::Key,
        Self::All,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Grant => "grant",
            Self::Session => "session",
            Self::Subject => "subject",
            Self::Client => "client",
            Self::Audience => "audience",
            Self::Key => "key",
            Self::All => "all",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the name. `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a rule of this kind names what it revokes.
    pub(super) const fn has_id(self) -> bool {
        match self {
            Self::All | Self::Unknown => false,
            Self::Token
            | Self::Grant
            | Self::Session
            | Self::Subject
            | Self::Client
            | Self::Audience
            | Self::Key => true,
        }
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
    /// The number of the rule. A rule about a subject or a client does not mean a token whose issuer knew this number already.
    pub seq: Option<i64>,
    /// SHA-256 of the `sub` of all tokens that the rule revokes, if they have the same. Too many rules of one person are replaced by
    /// one about the person.
    pub subject: Option<[u8; 32]>,
    /// SHA-256 of the `client_id` of all tokens that the rule revokes, if they have the same.
    pub client: Option<[u8; 32]>,
}

impl Rule {
    /// A rule without number that says nothing else about its tokens.
    pub const fn new(kind: RuleKind, id: [u8; 32], issued_before: i64, expires_at: i64) -> Self {
        Self { kind, id, issued_before, expires_at, seq: None, subject: None, client: None }
    }
}
