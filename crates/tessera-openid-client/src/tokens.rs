//! What the token endpoint gives (RFC 6749 section 5.1).

use serde::Deserialize;

use crate::error::ClientError;

/// A set of tokens. No `Debug`: tokens are not for logs.
#[derive(Clone, Deserialize)]
pub struct Tokens {
    /// For APIs. The application passes it on and reads nothing in it.
    pub access_token: String,
    token_type: String,
    /// Seconds that the access token lives, if the issuer says so.
    #[serde(default)]
    pub expires_in: Option<u64>,
    /// Can be traded for the next set of tokens.
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// Who logged in.
    #[serde(default)]
    pub(crate) id_token: Option<String>,
}

/// A person who is logged in. No `Debug`: tokens are not for logs.
#[derive(Clone)]
pub struct LoggedIn {
    /// The person: `sub` of the ID token, which never changes for this issuer.
    pub subject: String,
    /// Kept for the logout.
    pub id_token: String,
    /// The newest tokens.
    pub tokens: Tokens,
}

impl Tokens {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ClientError> {
        let tokens: Self =
            tessera_jose::json::strict(body).map_err(|_| ClientError::Malformed("the token response"))?;
        // A client must not use a token of a type that it does not know (RFC 6749 section 7.1).
        if tokens.token_type.eq_ignore_ascii_case("bearer") {
            Ok(tokens)
        } else {
            Err(ClientError::Untrusted("the access token is of an unknown type"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_are_understood() {
        let body = |kind: &str| format!(r#"{{"access_token":"a","token_type":"{kind}","expires_in":60}}"#);
        assert_eq!(
            Tokens::parse(body("bearer").as_bytes()).ok().and_then(|tokens| tokens.expires_in),
            Some(60)
        );
        assert!(Tokens::parse(body("mac").as_bytes()).is_err());
        assert!(Tokens::parse(b"{}").is_err());
    }
}
