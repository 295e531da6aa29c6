//! Requests to the issuer and to APIs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tessera_fetch::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use tessera_fetch::{Fetch, HeaderValue, Request, Response, Url};

use crate::error::ClientError;
use crate::registration::Registration;

/// Most bytes of any answer.
const MAX_ANSWER: usize = 256 * 1024;

/// Sends requests.
pub(crate) struct Http {
    fetch: Arc<dyn Fetch>,
}

/// What an API answered, good or bad. No `Debug`: the body may hold what is not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiResponse {
    /// HTTP status.
    pub status: u16,
    /// `WWW-Authenticate`: why the request was refused (RFC 6750 section 3).
    pub challenge: Option<String>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Http {
    pub(crate) const fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self { fetch }
    }

    /// Fetches a public document of the issuer.
    pub(crate) async fn document(&self, url: Url) -> Result<Vec<u8>, ClientError> {
        let response = self.send(Request::get(url)).await?;
        if response.status == 200 {
            Ok(response.body)
        } else {
            Err(ClientError::Malformed("a public document of the issuer"))
        }
    }

    /// Posts a form to an endpoint of the issuer, with the client's secret in HTTP Basic.
    pub(crate) async fn post(
        &self,
        url: Url,
        registration: &Registration,
        fields: &[(&str, &str)],
    ) -> Result<Vec<u8>, ClientError> {
        let request = Request::post_form(url, fields.iter().copied());
        let response = self.send(request.header(AUTHORIZATION, sensitive(&basic(registration))?)).await?;
        if response.status == 200 { Ok(response.body) } else { Err(refusal(&response.body)) }
    }

    /// Calls an API with an access token.
    pub(crate) async fn call_api(&self, url: Url, access_token: &str) -> Result<ApiResponse, ClientError> {
        let bearer = sensitive(&format!("Bearer {access_token}"))?;
        let response = self.send(Request::get(url).header(AUTHORIZATION, bearer)).await?;
        let challenge = response.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        Ok(ApiResponse {
            status: response.status,
            challenge: challenge.map(str::to_owned),
            body: String::from_utf8_lossy(&response.body).into_owned(),
        })
    }

    async fn send(&self, request: Request) -> Result<Response, ClientError> {
        Ok(self.fetch.fetch(request.max_response(MAX_ANSWER)).await?)
    }
}

/// Credentials as RFC 6749 section 2.3.1 wants them: id and secret are form-encoded before they are joined.
fn basic(registration: &Registration) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(&registration.client_id), encoded(&registration.client_secret));
    format!("Basic {}", STANDARD.encode(pair))
}

/// A header value that HTTP libraries keep out of their logs.
fn sensitive(value: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::try_from(value).map_err(|_| ClientError::Malformed("the access token"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The error response of RFC 6749 section 5.2.
fn refusal(body: &[u8]) -> ClientError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
        error_description: Option<String>,
    }
    match tessera_jose::json::strict::<Refusal>(body) {
        Ok(Refusal { error, error_description: description }) => ClientError::Refused { error, description },
        Err(_) => ClientError::Malformed("the issuer's refusal"),
    }
}

#[cfg(test)]
mod tests {
    use tessera_jose::Algorithm;

    use super::*;

    #[test]
    fn a_refusal_is_read_and_nonsense_is_none() {
        let refused = refusal(br#"{"error":"invalid_grant","error_description":"used"}"#);
        assert!(refused.is_refusal("invalid_grant"));
        assert_eq!(refused.to_string(), "invalid_grant: used");
        assert_eq!(refusal(b"<html>"), ClientError::Malformed("the issuer's refusal"));
    }

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let registration = Registration {
            client_id: "a:b".to_owned(),
            client_secret: "c d%".to_owned(),
            redirect_uri: String::new(),
            scope: String::new(),
            id_token_alg: Algorithm::Es256,
        };
        assert_eq!(basic(&registration), format!("Basic {}", STANDARD.encode("a%3Ab:c+d%25")));
        assert!(sensitive(&basic(&registration)).unwrap().is_sensitive());
    }
}
