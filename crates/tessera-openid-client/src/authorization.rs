//! The authorization request and its response (RFC 6749 section 4.1, RFC 7636, RFC 9207).

use tessera_jose::{base64url, digest};
use tessera_oauth::params::Params;
use tessera_oauth::response::with_query;

use crate::error::ClientError;
use crate::registration::Registration;

/// A login that has begun.
pub struct AuthorizationRequest {
    /// Where to send the browser.
    pub url: String,
    /// What to remember, in the session of exactly this browser.
    pub pending: PendingLogin,
}

/// What ties the issuer's answer to the request: three secrets, each against another attack. No `Debug`.
#[derive(Clone)]
pub struct PendingLogin {
    /// The issuer that was asked. The answer of another issuer finishes nothing (against mix-up, RFC 9700 section 4.4).
    issuer: String,
    /// Comes back with the answer and shows that this browser began the login (against cross-site request forgery).
    state: String,
    /// Comes back inside the ID token and shows that the token was made for this login (against replay of ID tokens).
    nonce: String,
    /// Goes with the code. Its hash went with the request, so only the application that asked can exchange the code (against
    /// stolen codes).
    code_verifier: String,
}

impl PendingLogin {
    /// Draws three secrets of 256 bits; 43 characters are what PKCE asks for at least.
    pub(crate) fn new(issuer: &str, mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut random = || {
            let mut bytes = [0; 32];
            fill(&mut bytes);
            base64url::encode(bytes)
        };
        Self { issuer: issuer.to_owned(), state: random(), nonce: random(), code_verifier: random() }
    }

    /// `state`: the application finds the pending login of an answer by it.
    pub fn state(&self) -> &str {
        &self.state
    }

    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The authorization request (OIDC core section 3.1.2.1).
    pub(crate) fn url(&self, endpoint: &str, registration: &Registration) -> String {
        let code_challenge = base64url::encode(digest::sha256(self.code_verifier.as_bytes()));
        let fields = [
            ("response_type", "code"),
            ("client_id", &registration.client_id),
            ("redirect_uri", &registration.redirect_uri),
            ("scope", &registration.scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &code_challenge),
            ("code_challenge_method", "S256"),
        ];
        with_query(endpoint, fields.into_iter())
    }

    /// The code of the answer. `state` and `iss` are checked first: even the error in an answer from elsewhere may be false. `iss`
    /// may only be missing if the issuer does not announce it (`names_issuer`).
    pub(crate) fn code<'a>(
        &self,
        answer: &'a Params,
        issuer: &str,
        names_issuer: bool,
    ) -> Result<&'a str, ClientError> {
        if self.issuer != issuer {
            return Err(ClientError::Untrusted("the login began at another issuer"));
        }
        if answer.get("state") != Some(&self.state) {
            return Err(ClientError::Untrusted("the answer is not to this login (state)"));
        }
        if answer.get("iss").map_or(names_issuer, |iss| iss != issuer) {
            return Err(ClientError::Untrusted("the answer is from another issuer (iss)"));
        }
        if let Some(error) = answer.get("error") {
            let description = answer.get("error_description").map(str::to_owned);
            return Err(ClientError::Refused { error: error.to_owned(), description });
        }
        answer.get("code").ok_or(ClientError::Malformed("an answer with neither code nor error"))
    }

    /// The token request (RFC 6749 section 4.1.3).
    pub(crate) fn exchange<'a>(
        &'a self,
        code: &'a str,
        registration: &'a Registration,
    ) -> [(&'a str, &'a str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &registration.redirect_uri),
            ("code_verifier", &self.code_verifier),
        ]
    }
}

#[cfg(test)]
mod tests {
    use tessera_jose::Algorithm;

    use super::*;

    const ISSUER: &str = "http://localhost:8080";

    fn pending() -> PendingLogin {
        PendingLogin {
            issuer: ISSUER.to_owned(),
            state: "s".to_owned(),
            nonce: "n".to_owned(),
            code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
        }
    }

    fn answer(query: &str) -> Result<String, ClientError> {
        let params = Params::parse(query.as_bytes()).unwrap();
        pending().code(&params, ISSUER, true).map(str::to_owned)
    }

    #[test]
    fn the_request_carries_state_nonce_and_the_challenge_of_rfc7636_appendix_b() {
        let registration = Registration {
            client_id: "demo-web".to_owned(),
            client_secret: String::new(),
            redirect_uri: "http://localhost:8081/callback".to_owned(),
            scope: "openid orders.read".to_owned(),
            id_token_alg: Algorithm::Es256,
        };
        let url = pending().url("http://localhost:8080/authorize", &registration);
        let query = Params::parse(url.split_once('?').unwrap().1.as_bytes()).unwrap();
        assert_eq!(query.get("code_challenge"), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert_eq!(query.get("code_challenge_method"), Some("S256"));
        assert_eq!((query.get("state"), query.get("nonce")), (Some("s"), Some("n")));
        assert_eq!(query.get("redirect_uri"), Some("http://localhost:8081/callback"));
        assert!(!url.contains("dBjft"), "the verifier stays here");
    }

    #[test]
    fn a_good_answer_gives_its_code() {
        assert_eq!(answer("code=c&state=s&iss=http%3A%2F%2Flocalhost%3A8080"), Ok("c".to_owned()));
    }

    #[test]
    fn an_answer_to_another_login_says_nothing() {
        for query in
            ["code=c&iss=http%3A%2F%2Flocalhost%3A8080", "code=c&state=x&iss=http%3A%2F%2Flocalhost%3A8080"]
        {
            assert!(answer(query).unwrap_err().to_string().contains("state"));
        }
    }

    #[test]
    fn o15_an_answer_of_another_issuer_says_nothing() {
        for query in ["code=c&state=s", "error=access_denied&state=s&iss=http%3A%2F%2Fevil.example"] {
            assert!(answer(query).unwrap_err().to_string().contains("iss"));
        }
    }

    #[test]
    fn o15_a_login_that_began_at_another_issuer_is_not_finished() {
        let params = Params::parse(b"code=c&state=s").unwrap();
        let error = pending().code(&params, "https://evil.example", false).unwrap_err();
        assert!(error.to_string().contains("another issuer"), "{error}");
    }

    #[test]
    fn an_issuer_that_does_not_announce_iss_may_leave_it_out_but_not_name_another() {
        let code = |query: &[u8]| {
            let params = Params::parse(query).unwrap();
            pending().code(&params, ISSUER, false).map(str::to_owned)
        };
        assert_eq!(code(b"code=c&state=s"), Ok("c".to_owned()));
        assert!(code(b"code=c&state=s&iss=http%3A%2F%2Fevil.example").is_err());
    }

    #[test]
    fn every_login_has_secrets_of_its_own() {
        let mut next = 0;
        let pending = PendingLogin::new(ISSUER, |bytes| {
            next += 1;
            bytes.fill(next);
        });
        assert_eq!(pending.code_verifier.len(), 43);
        assert!(pending.state != pending.nonce && pending.nonce != pending.code_verifier);
    }

    #[test]
    fn an_error_is_told_as_the_issuer_said_it() {
        let refused =
            answer("error=access_denied&error_description=no&state=s&iss=http%3A%2F%2Flocalhost%3A8080");
        assert_eq!(refused.unwrap_err().to_string(), "access_denied: no");
    }
}
