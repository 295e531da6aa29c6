//! Revocation is a log of rules, not a list of tokens.

use crate::{Digest, Timestamp};

/// What a rule takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationKind {
    /// One access token, by `jti`.
    Token,
    /// All tokens of a grant.
    Grant,
    /// All tokens of a person.
    Subject,
    /// All tokens of a client.
    Client,
}

impl RevocationKind {
    /// Every kind, for the store's tables and for tests.
    pub const ALL: [Self; 4] = [Self::Token, Self::Grant, Self::Subject, Self::Client];

    /// Stable code, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Grant => "grant",
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
}

/// A token by everything that a rule could name it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocableToken {
    /// SHA-256 of its `jti`.
    pub token: Digest,
    /// SHA-256 of its grant; a machine's token has none.
    pub grant: Option<Digest>,
    /// SHA-256 of its `sub`.
    pub subject: Digest,
    /// SHA-256 of its `client_id`.
    pub client: Digest,
    /// Its `iat`.
    pub issued_at: Timestamp,
}
