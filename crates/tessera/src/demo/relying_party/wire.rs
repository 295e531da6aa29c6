//! HTTP to the issuer and to APIs: no redirects, bounded time, bounded answers.

use std::time::Duration;

use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Client, RequestBuilder, Response};
use serde::Deserialize;

use super::{ClientError, Registration};

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 256 * 1024;

/// The connection to the outside.
pub(super) struct Wire {
    client: Client,
}

/// What an API answered, good or bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::demo) struct ApiAnswer {
    /// HTTP status.
    pub(in crate::demo) status: u16,
    /// `WWW-Authenticate`: why not (RFC 6750 section 3).
    pub(in crate::demo) challenge: Option<String>,
    pub(in crate::demo) body: String,
}

impl Wire {
    pub(super) fn new() -> Result<Self, ClientError> {
        let client = Client::builder()
            // A redirect would carry the client's secret, a code or a token to another place.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .build();
        Ok(Self { client: client.map_err(|error| unreachable(&error))? })
    }

    /// Fetches a public document of the issuer.
    pub(super) async fn document(&self, url: &str) -> Result<Vec<u8>, ClientError> {
        let (status, body) = send(self.client.get(url)).await?;
        if status == 200 { Ok(body) } else { Err(ClientError::Unusable("a public document of the issuer")) }
    }

    /// Posts a form to an endpoint of the issuer, with the client's secret in HTTP Basic. Id and secret are of characters
    /// that stay the same under the encoding of RFC 6749 section 2.3.1.
    pub(super) async fn post(
        &self,
        url: &str,
        registration: &Registration,
        fields: &[(&str, &str)],
    ) -> Result<Vec<u8>, ClientError> {
        let request = self.client.post(url).form(fields);
        let request = request.basic_auth(&registration.client_id, Some(&registration.client_secret));
        let (status, body) = send(request).await?;
        if status == 200 { Ok(body) } else { Err(refusal(&body)) }
    }

    /// Calls an API.
    pub(super) async fn call_api(&self, url: &str, access_token: &str) -> Result<ApiAnswer, ClientError> {
        let request = self.client.get(url).bearer_auth(access_token);
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status().as_u16();
        let challenge = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let challenge = challenge.map(str::to_owned);
        let body = String::from_utf8_lossy(&read(response).await?).into_owned();
        Ok(ApiAnswer { status, challenge, body })
    }
}

async fn send(request: RequestBuilder) -> Result<(u16, Vec<u8>), ClientError> {
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status().as_u16();
    Ok((status, read(response).await?))
}

async fn read(mut response: Response) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(ClientError::Unusable("an answer without end"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
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
        Err(_) => ClientError::Unusable("the issuer's refusal"),
    }
}

/// Without the URL: it may hold what nobody should read in a log.
fn unreachable(error: &reqwest::Error) -> ClientError {
    let reason = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "nobody listens there"
    } else {
        "the connection broke off"
    };
    ClientError::Unreachable(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_and_nonsense_is_none() {
        let refused = refusal(br#"{"error":"invalid_grant","error_description":"used"}"#);
        assert!(refused.is_refusal("invalid_grant"));
        assert_eq!(refused.to_string(), "invalid_grant: used");
        assert_eq!(refusal(b"<html>"), ClientError::Unusable("the issuer's refusal"));
    }
}
