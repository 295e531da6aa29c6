//! Bearer tokens on the wire (RFC 6750): the request header, and the challenge that answers a missing or bad token.

use std::fmt;

use crate::scope::ScopeSet;

/// The token of an `Authorization` header, unverified. `None` if the header has another scheme or no token. Upper and lower case
/// of the scheme are the same (RFC 9110 section 11.1).
pub fn from_authorization_header(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A `WWW-Authenticate` challenge (RFC 6750 section 3). It does not say what is wrong with the token: that belongs in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge<'a> {
    /// The request has no credentials: 401 without an error code (RFC 6750 section 3.1, last paragraph).
    NoCredentials {
        /// What is protected, for example the audience.
        realm: &'a str,
    },
    /// The credentials of the request are malformed or come twice: 400.
    InvalidRequest,
    /// The token is not valid: 401.
    InvalidToken,
    /// The token is valid but lacks a scope: 403.
    InsufficientScope(&'a ScopeSet),
}

impl Challenge<'_> {
    /// The HTTP status code of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoCredentials { .. } | Self::InvalidToken => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope(_) => 403,
        }
    }
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCredentials { realm } => {
                f.write_str("Bearer realm=\"")?;
                for c in realm.chars().filter(|&c| matches!(c, ' '..='~') && c != '"' && c != '\\') {
                    fmt::Write::write_char(f, c)?;
                }
                f.write_str("\"")
            }
            Self::InvalidRequest => f.write_str("Bearer error=\"invalid_request\""),
            Self::InvalidToken => f.write_str("Bearer error=\"invalid_token\""),
            Self::InsufficientScope(scope) => {
                write!(f, "Bearer error=\"insufficient_scope\", scope=\"{scope}\"")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_scheme_is_read_in_any_case_and_nothing_else_is_a_bearer_token() {
        for good in ["Bearer abc", "bearer abc", "BEARER  abc", "bEaReR abc "] {
            assert_eq!(from_authorization_header(good), Some("abc"), "{good:?}");
        }
        for other in
            ["", "Bearer", "Bearer ", "Basic abc", "Bearerabc", "DPoP abc", " Bearer abc", "Bearer\tabc"]
        {
            assert_eq!(from_authorization_header(other), None, "{other:?}");
        }
    }

    #[test]
    fn challenges_name_the_code_and_nothing_more() {
        let scope: ScopeSet = "orders.read orders.write".parse().unwrap();
        let table = [
            (Challenge::NoCredentials { realm: "https://api" }, 401, r#"Bearer realm="https://api""#),
            (Challenge::InvalidRequest, 400, r#"Bearer error="invalid_request""#),
            (Challenge::InvalidToken, 401, r#"Bearer error="invalid_token""#),
            (
                Challenge::InsufficientScope(&scope),
                403,
                r#"Bearer error="insufficient_scope", scope="orders.read orders.write""#,
            ),
        ];
        for (challenge, status, text) in table {
            assert_eq!((challenge.status(), challenge.to_string().as_str()), (status, text));
        }
    }

    proptest! {
        #[test]
        fn a_challenge_is_always_one_legal_header_line(realm in any::<String>()) {
            let line = Challenge::NoCredentials { realm: &realm }.to_string();
            prop_assert!(line.bytes().all(|c| (0x20..=0x7e).contains(&c)));
            prop_assert_eq!(line.matches('"').count(), 2);
        }

        #[test]
        fn any_header_is_answered_without_panic(value in any::<String>()) {
            let _ = from_authorization_header(&value);
        }
    }
}
