//! Why a request was refused. The caller of the API learns only the error code of RFC 6750 section 3.1.

use tessera_jose::JwsError;
use tessera_oauth::bearer::Challenge;
use tessera_oauth::payload::PayloadError;
use tessera_oauth::scope::ScopeSet;

use crate::revocation::RuleKind;

/// Why a request was refused. [`VerifyError::reason`] is for logs. Send only [`VerifyError::challenge`] to the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// There is no `Authorization: Bearer` header.
    #[error("the request has no bearer token")]
    NoCredentials,
    /// There is more than one `Authorization` header, one that is not text, or a second token in the query (RFC 6750 section 2).
    #[error("the credentials of the request are malformed or sent twice")]
    InvalidRequest,
    /// Longer than 8 KiB.
    #[error("the token is too long")]
    TooLarge,
    /// Not a JWT in compact form, or a claim has the wrong type.
    #[error("the token is malformed")]
    Malformed,
    /// `alg` is `none`, unknown, not allowed, or not that of the key.
    #[error("the token's algorithm is not allowed")]
    AlgNotAllowed,
    /// The header contains a key or a URL of one: `jwk`, `jku`, `x5u`, `x5c`.
    #[error("the token names its own key")]
    UntrustedKeyHeader,
    /// The header has `crit` or `b64`.
    #[error("the token asks for an extension")]
    CritUnsupported,
    /// The header has `zip`.
    #[error("the token is compressed")]
    ZipUnsupported,
    /// `typ` is not `at+jwt` (RFC 9068 section 4): the token is an ID token, a logout token or something else. Or `typ` is `JWT`, which
    /// this verifier accepts, but the issuer does not publish the key for access tokens.
    #[error("the token is not an access token")]
    WrongType,
    /// The issuer does not publish such a key, or does not any more.
    #[error("the token's key is not published by the issuer")]
    UnknownKey,
    /// The issuer publishes the key for something other than access tokens.
    #[error("the token's key is not for access tokens")]
    KeyPurpose,
    /// The signature is right, but the key should not sign yet.
    #[error("the token's key should not sign yet")]
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
    /// The token has `cnf`: only the holder of a key may use it (RFC 7800). This verifier does not check that.
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
    /// The key did not sign this token.
    #[error("the signature is wrong")]
    BadSignature,
    /// A revocation rule revokes the token.
    #[error("the token has been revoked ({0})")]
    Revoked(RuleKind),
    /// The token is valid but lacks a scope.
    #[error("the token lacks one of the scopes {0}")]
    InsufficientScope(ScopeSet),
    /// The revocation rules could not be refreshed for too long, or there are more than the verifier can hold. So nobody knows
    /// whether the token is revoked.
    #[error("the revocation rules are stale")]
    Stale,
    /// The issuer's keys could not be fetched, or the last fetch is longer ago than `max_key_age`. So nobody knows whether the token is
    /// valid.
    #[error("the issuer's keys cannot be fetched")]
    Unavailable,
}

impl VerifyError {
    /// A stable code for logs and metrics. Do not send it to the caller.
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

    /// The `WWW-Authenticate` challenge. `None` if the caller should try again later. `realm` is sent only to a request without
    /// credentials.
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

    /// Seconds for `Retry-After`, if the caller should try again later.
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
