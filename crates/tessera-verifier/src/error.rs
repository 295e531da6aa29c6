//! Why a token was refused, and what the caller of the API is told about it: nothing but the class (RFC 6750 section 3.1).

use tessera_jose::JwsError;
use tessera_oauth::bearer::Challenge;
use tessera_oauth::payload::PayloadError;
use tessera_oauth::scope::ScopeSet;

use crate::revocation::RuleKind;

/// Why a request was refused. [`VerifyError::reason`] is for logs; the wire only ever carries [`VerifyError::challenge`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No `Authorization: Bearer` header came.
    #[error("the request carries no bearer token")]
    NoCredentials,
    /// More than one `Authorization` header, one that is not text, or a token in the query besides (RFC 6750 section 2).
    #[error("the request carries its credentials in a broken way")]
    InvalidRequest,
    /// Longer than 8 KiB.
    #[error("the token is too long")]
    TooLarge,
    /// Not a JWT in compact form, or its claims have wrong types.
    #[error("the token is malformed")]
    Malformed,
    /// `none`, unknown, not among the allowed algorithms, or not that of the key.
    #[error("the token's algorithm is not allowed")]
    AlgNotAllowed,
    /// The header brings or points to a key: `jwk`, `jku`, `x5u`, `x5c`.
    #[error("the token names its own key")]
    UntrustedKeyHeader,
    /// `crit` or `b64`.
    #[error("the token asks for an extension")]
    CritUnsupported,
    /// `zip`.
    #[error("the token is compressed")]
    ZipUnsupported,
    /// `typ` is not `at+jwt`: an ID token, a logout token, anything else (RFC 9068 section 4). Or it is `JWT`, which is accepted, but
    /// the key does not say that it is for access tokens.
    #[error("the token is not an access token")]
    WrongType,
    /// The issuer publishes no such key, or no longer.
    #[error("the token's key is not published by the issuer")]
    UnknownKey,
    /// The issuer publishes the key for something else than access tokens.
    #[error("the token's key is not for access tokens")]
    KeyPurpose,
    /// The signature is good, but the key does not sign yet.
    #[error("the token's key does not sign yet")]
    KeyInactive,
    /// `iss` is not the issuer, byte for byte.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// `aud` does not contain the audience, byte for byte.
    #[error("the token is for another audience")]
    WrongAudience,
    /// A required claim is missing or empty.
    #[error("the token lacks the claim {0}")]
    MissingClaim(&'static str),
    /// The token carries `cnf`: only who holds a key may use it (RFC 7800), and this verifier does not check bindings.
    #[error("the token is bound to a key, which is not supported")]
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
    /// The signature is not by that key over this token.
    #[error("the signature is wrong")]
    BadSignature,
    /// A revocation rule hits the token.
    #[error("the token has been revoked ({0})")]
    Revoked(RuleKind),
    /// The token is good but lacks a scope.
    #[error("the token lacks one of the scopes {0}")]
    InsufficientScope(ScopeSet),
    /// The revocation rules could not be refreshed for too long: nobody can say whether the token still counts.
    #[error("the revocation rules are stale")]
    Stale,
    /// The issuer's keys could not be fetched, or not for longer than `max_key_age`: nobody can say whether the token is good.
    #[error("the issuer's keys cannot be fetched")]
    Unavailable,
}

impl VerifyError {
    /// Stable code for logs and metrics; never for the wire.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::InvalidRequest => "invalid_request",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::AlgNotAllowed => "alg_not_allowed",
            Self::UntrustedKeyHeader => "untrusted_key_header",
            Self::CritUnsupported => "crit_unsupported",
            Self::ZipUnsupported => "zip_unsupported",
            Self::WrongType => "wrong_type",
            Self::UnknownKey => "unknown_key",
            Self::KeyPurpose => "key_purpose",
            Self::KeyInactive => "key_inactive",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::MissingClaim(_) => "missing_claim",
            Self::BindingUnsupported => "binding_unsupported",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::BadSignature => "bad_signature",
            Self::Revoked(_) => "revoked",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::Stale => "stale",
            Self::Unavailable => "unavailable",
        }
    }

    /// The `WWW-Authenticate` challenge, or `None` where trying again later is the answer. `realm` goes out only when no
    /// credentials came.
    pub const fn challenge<'a>(&'a self, realm: &'a str) -> Option<Challenge<'a>> {
        match self {
            Self::NoCredentials => Some(Challenge::NoCredentials { realm }),
            Self::InvalidRequest => Some(Challenge::InvalidRequest),
            Self::InsufficientScope(scope) => Some(Challenge::InsufficientScope(scope)),
            Self::Stale | Self::Unavailable => None,
            Self::TooLarge
            | Self::Malformed
            | Self::AlgNotAllowed
            | Self::UntrustedKeyHeader
            | Self::CritUnsupported
            | Self::ZipUnsupported
            | Self::WrongType
            | Self::UnknownKey
            | Self::KeyPurpose
            | Self::KeyInactive
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::MissingClaim(_)
            | Self::BindingUnsupported
            | Self::Expired
            | Self::NotYetValid
            | Self::LifetimeTooLong
            | Self::BadSignature
            | Self::Revoked(_) => Some(Challenge::InvalidToken),
        }
    }

    /// The HTTP status code: 401, 400, 403, or 503.
    pub const fn status(&self) -> u16 {
        match self.challenge("") {
            Some(challenge) => challenge.status(),
            None => 503,
        }
    }

    /// Seconds for `Retry-After`, where trying again later is the answer.
    pub const fn retry_after(&self) -> Option<u64> {
        match self.challenge("") {
            Some(_) => None,
            None => Some(5),
        }
    }
}

impl From<JwsError> for VerifyError {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::TooLarge => Self::TooLarge,
            JwsError::Malformed(_) => Self::Malformed,
            JwsError::AlgNotAllowed => Self::AlgNotAllowed,
            JwsError::UntrustedKeyHeader => Self::UntrustedKeyHeader,
            JwsError::CritUnsupported => Self::CritUnsupported,
            JwsError::ZipUnsupported => Self::ZipUnsupported,
            JwsError::UnknownKey => Self::UnknownKey,
            JwsError::BadSignature => Self::BadSignature,
        }
    }
}

impl From<PayloadError> for VerifyError {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Malformed => Self::Malformed,
            PayloadError::MissingClaim(name) => Self::MissingClaim(name),
            PayloadError::BindingUnsupported => Self::BindingUnsupported,
            PayloadError::Expired => Self::Expired,
            PayloadError::NotYetValid => Self::NotYetValid,
            PayloadError::LifetimeTooLong => Self::LifetimeTooLong,
        }
    }
}
