//! Revocation is a log of rules, not a list of tokens.

use crate::{Digest, Timestamp};

/// What a rule takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationKind {
    /// One access token, by `jti`.
    Token,
    /// All tokens of a grant.
    Grant,
    /// All tokens of a session, by `sid`. Tokens of offline grants have none.
    Session,
    /// All tokens of a person.
    Subject,
    /// All tokens of a client.
    Client,
}

impl RevocationKind {
    /// Every kind, for the store's tables and for tests.
    pub const ALL: [Self; 5] = [Self::Token, Self::Grant, Self::Session, Self::Subject, Self::Client];

    /// Stable code, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Grant => "grant",
            Self::Session => "session",
            Self::Subject => "subject",
            Self::Client => "client",
        }
    }
}

/// Tokens of `id` issued at or before `issued_before` are dead. Written in the transaction of the act that causes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRule {
    /// What is taken back.
    pub kind: RevocationKind,
    /// SHA-256 of the identifier: the log tells an outsider nothing.
    pub id: Digest,
    /// `iat` up to and including this moment.
    pub issued_before: Timestamp,
    /// When the last token it can hit has expired; then the rule goes.
    pub expires_at: Timestamp,
    /// SHA-256 of the `sub` of its tokens, if they have the same. Too many rules of one person become one about the person.
    pub subject: Option<Digest>,
    /// SHA-256 of the `client_id` of its tokens, if they have the same.
    pub client: Option<Digest>,
}

/// A rule and its number in the log.
pub type NumberedRule = (i64, RevocationRule);

/// A rule about a person or a client that the issuer knows when it makes a token for them. The token names its number, and the rule
/// does not mean it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRule {
    /// Its number.
    pub seq: i64,
    /// `iat` up to and including this moment.
    pub issued_before: Timestamp,
}

impl KnownRule {
    /// The number, for a token that the rule would hit otherwise.
    pub fn for_token_of(self, issued_at: Timestamp) -> Option<i64> {
        (issued_at <= self.issued_before).then_some(self.seq)
    }
}

/// How many rules there may be before they give way to fewer ones that hit more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleBudget {
    /// Most rules about tokens, grants and sessions of one person. With one more, they become one about the person.
    pub of_person: u64,
    /// Most rules. With more, those of a client with very many people become one about the client.
    pub rules: u64,
    /// A client whose rules are about no more people than this keeps them.
    pub people_of_client: u64,
}

impl Default for RuleBudget {
    fn default() -> Self {
        Self { of_person: 32, rules: 250_000, people_of_client: 10_000 }
    }
}

/// A token by everything that a rule could name it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocableToken {
    /// SHA-256 of its `jti`.
    pub token: Digest,
    /// SHA-256 of its grant; a machine's token has none.
    pub grant: Option<Digest>,
    /// SHA-256 of its `sid`, if it has one.
    pub session: Option<Digest>,
    /// SHA-256 of its `sub`.
    pub subject: Digest,
    /// SHA-256 of its `client_id`.
    pub client: Digest,
    /// Its `iat`.
    pub issued_at: Timestamp,
    /// The last rule about its subject that its issuer knew.
    pub known_subject_rule: Option<i64>,
    /// The last rule about its client that its issuer knew.
    pub known_client_rule: Option<i64>,
}
