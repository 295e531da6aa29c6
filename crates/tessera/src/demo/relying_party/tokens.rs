//! What the token endpoint gives (RFC 6749 section 5.1). No `Debug`: tokens are not for logs.

use serde::Deserialize;

use super::ClientError;

/// A set of tokens.
#[derive(Clone, Deserialize)]
pub(in crate::demo) struct Tokens {
    /// For APIs. To this application it is a text without meaning.
    pub(in crate::demo) access_token: String,
    token_type: String,
    /// Seconds that the access token lives.
    pub(in crate::demo) expires_in: u64,
    /// For the next set of tokens.
    #[serde(default)]
    pub(in crate::demo) refresh_token: Option<String>,
    /// Who logged in.
    #[serde(default)]
    pub(super) id_token: Option<String>,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(in crate::demo) struct LoggedIn {
    /// The person: `sub` of the ID token, the one name that never changes.
    pub(in crate::demo) subject: String,
    /// Kept for the logout.
    pub(in crate::demo) id_token: String,
    /// The newest ones.
    pub(in crate::demo) tokens: Tokens,
}

impl Tokens {
    pub(super) fn read(body: &[u8]) -> Result<Self, ClientError> {
        let tokens: Self =
            tessera_jose::json::strict(body).map_err(|_| ClientError::Unusable("the token response"))?;
        // A token of a kind we do not know must not be used (RFC 6749 section 7.1).
        if tokens.token_type.eq_ignore_ascii_case("bearer") {
            Ok(tokens)
        } else {
            Err(ClientError::Distrusted("the access token is of an unknown type"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_are_understood() {
        let body = |kind: &str| format!(r#"{{"access_token":"a","token_type":"{kind}","expires_in":60}}"#);
        assert_eq!(Tokens::read(body("bearer").as_bytes()).ok().map(|tokens| tokens.expires_in), Some(60));
        assert!(Tokens::read(body("mac").as_bytes()).is_err());
        assert!(Tokens::read(b"{}").is_err());
    }
}
