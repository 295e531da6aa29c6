//! Why claims are refused.

/// Why the claims of a token are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not JSON by our rules, a claim has the wrong type, or the token ends before it begins.
    #[error("the claims are malformed")]
    Malformed,
    /// A required claim is missing or empty.
    #[error("the claim {0} is missing")]
    MissingClaim(&'static str),
    /// The token has `cnf`: only the holder of a key may use it (RFC 7800). Nothing here checks that.
    #[error("the token is bound to a key")]
    BindingUnsupported,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `exp` is further from `iat` than allowed.
    #[error("the token lives too long")]
    LifetimeTooLong,
}
