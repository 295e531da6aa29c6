//! Which revocation rules a token is newer than.

/// The numbers of the last revocation rules about the subject and the client of a token that the issuer knew when it made the token.
/// These rules and older ones do not mean the token, even if its `iat` lies before theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownRules {
    /// The last rule about the subject.
    pub subject: Option<i64>,
    /// The last rule about the client.
    pub client: Option<i64>,
}
