//! The authenticated client of a request (RFC 6749 section 2.3).

use std::sync::Arc;

use axum::response::Response;
use http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use tessera_app::Cx;
use tessera_app::oauth::client_auth::{ClientAuthFailure, authenticate};
use tessera_model::{Client, ClientAuthMethod};
use tessera_oauth::client_auth::ClientCredentials;
use tessera_oauth::error::{ErrorCode, OAuthError};

use super::json;
use crate::request::ProgramRequest;

/// Authenticates the client, or returns the error response.
pub(super) async fn client(request: &ProgramRequest) -> Result<Arc<Client>, Box<Response>> {
    let ProgramRequest { cx, headers, params, .. } = request;
    let refused = |error: &OAuthError| Box::new(json::error(cx, None, error));
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = match (sent.next(), sent.next()) {
        (None, _) => None,
        (Some(one), None) => {
            Some(one.to_str().map_err(|_| refused(&OAuthError::new(ErrorCode::InvalidClient)))?)
        }
        (Some(_), Some(_)) => return Err(refused(&OAuthError::new(ErrorCode::InvalidRequest))),
    };
    let credentials = ClientCredentials::parse(header, params).map_err(|error| refused(&error.into()))?;
    let authenticated = authenticate(cx, &credentials).await;
    authenticated.map_err(|failure| Box::new(failed(cx, credentials.client_id(), failure)))
}

fn failed(cx: &Cx, client_id: &str, failure: ClientAuthFailure) -> Response {
    // Of an id that nobody has, the log says nothing: somebody may have typed a secret there.
    let catalog = cx.app.catalog();
    let client = client_id.parse().ok().and_then(|id| catalog.client(&id)).map(|client| &**client);
    match failure {
        ClientAuthFailure::Refused { expected } => {
            json::error(cx, client, &OAuthError::new(ErrorCode::InvalidClient).because(refusal(expected)))
        }
        ClientAuthFailure::Throttled { retry_after } => {
            let error = OAuthError::new(ErrorCode::InvalidClient).because("too many failed attempts");
            let mut response = json::error(cx, client, &error);
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().remove(WWW_AUTHENTICATE);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
        ClientAuthFailure::Store(fault) => json::fault(cx, &fault),
    }
}

/// The description of a refusal. It does not depend on how the secret was sent, so that a library that tries both ways shows the
/// true reason in the end.
const fn refusal(expected: Option<ClientAuthMethod>) -> &'static str {
    match expected {
        None => "the client is unknown or turned off, or the secret is wrong",
        Some(ClientAuthMethod::None) => "this client is public: send client_id and no secret",
        Some(ClientAuthMethod::ClientSecret) => {
            "this client has a secret: send it by HTTP Basic or as client_secret in the form"
        }
        Some(ClientAuthMethod::ClientSecretBasic) => {
            "this client is registered for client_secret_basic: send the secret by HTTP Basic"
        }
        Some(ClientAuthMethod::ClientSecretPost) => {
            "this client is registered for client_secret_post: send client_secret in the form"
        }
        Some(ClientAuthMethod::Unknown) => {
            "this client is registered for a method that this server does not know yet"
        }
    }
}
