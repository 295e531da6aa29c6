//! Authorization responses (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).

use std::fmt;

use crate::error::OAuthError;

/// The answer to a client whose redirect URI is verified. `Debug` hides the code.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    fields: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    /// A code, with the state as sent and the issuer (RFC 9207).
    pub fn code(code: &str, state: Option<&str>, issuer: &str) -> Self {
        Self { fields: vec![("code", code.to_owned())] }.finish(state, issuer)
    }

    /// An error, with the state as sent and the issuer. It has no code.
    pub fn error(error: &OAuthError, state: Option<&str>, issuer: &str) -> Self {
        let mut fields = vec![("error", error.code().as_str().to_owned())];
        fields.extend(error.description().map(|text| ("error_description", text.to_owned())));
        Self { fields }.finish(state, issuer)
    }

    fn finish(mut self, state: Option<&str>, issuer: &str) -> Self {
        self.fields.extend(state.map(|state| ("state", state.to_owned())));
        self.fields.push(("iss", issuer.to_owned()));
        self
    }

    /// Name and value of each hidden field of a form post. The page must escape the values.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The `Location` of a redirect. It keeps the query of the redirect URI.
    pub fn location(&self, redirect_uri: &str) -> String {
        with_query(redirect_uri, self.fields())
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields().map(|(name, _)| name)).finish()
    }
}

/// Adds parameters to the query of a URL. The URL has no fragment.
pub fn with_query<'n, 'v>(url: &str, fields: impl Iterator<Item = (&'n str, &'v str)>) -> String {
    let mut location = url.to_owned();
    match url.split_once('?') {
        None => location.push('?'),
        Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
        Some(_) => location.push('&'),
    }
    let at = location.len();
    form_urlencoded::Serializer::for_suffix(location, at).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorCode;
    use crate::params::Params;

    #[test]
    fn a_code_goes_back_with_state_and_issuer() {
        let response = AuthorizationResponse::code("c/1", Some("a&b c"), "https://as");
        assert_eq!(
            response.location("https://rp/cb"),
            "https://rp/cb?code=c%2F1&state=a%26b+c&iss=https%3A%2F%2Fas"
        );
        assert_eq!(
            response.location("https://rp/cb?foo=bar"),
            "https://rp/cb?foo=bar&code=c%2F1&state=a%26b+c&iss=https%3A%2F%2Fas"
        );
        assert!(
            AuthorizationResponse::code("c", None, "i")
                .location("https://rp/?")
                .starts_with("https://rp/?code=c&iss=i")
        );
        assert!(!format!("{response:?}").contains("c/1"));
    }

    #[test]
    fn an_error_carries_no_code() {
        let error = OAuthError::new(ErrorCode::AccessDenied).because("refused");
        let response = AuthorizationResponse::error(&error, None, "https://as");
        assert_eq!(
            response.fields().collect::<Vec<_>>(),
            [("error", "access_denied"), ("error_description", "refused"), ("iss", "https://as")]
        );
    }

    proptest! {
        #[test]
        fn o19_any_state_comes_back_byte_for_byte(state in "[^\0]{1,200}") {
            let location = AuthorizationResponse::code("c", Some(&state), "https://as").location("https://rp/cb?x=1");
            prop_assert!(location.is_ascii() && !location.contains(['\r', '\n', ' ', '<', '"']));
            let params = Params::parse(location.split_once('?').unwrap().1.as_bytes()).unwrap();
            prop_assert_eq!((params.get("state"), params.get("x")), (Some(state.as_str()), Some("1")));
        }
    }
}
