//! `GET /revocation/rules?after=N&nonce=X`: the revocation rules after number N, signed together with N and the nonce.

use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use tessera_app::oauth::feed::{FeedError, rules_after};
use tessera_oauth::error::{ErrorCode, OAuthError};

use super::json;
use crate::form::QueryParams;
use crate::headers::allow_everyone;
use crate::request::RequestCx;

pub(crate) async fn get(QueryParams(params): QueryParams, RequestCx(cx): RequestCx) -> Response {
    let Some(after) = params.get("after").unwrap_or("0").parse::<i64>().ok().filter(|after| *after >= 0)
    else {
        return json::error(
            &OAuthError::new(ErrorCode::InvalidRequest).because("after must be a whole number"),
        );
    };
    let nonce = params.get("nonce");
    if !nonce.is_none_or(is_nonce) {
        return json::error(
            &OAuthError::new(ErrorCode::InvalidRequest)
                .because("nonce must be 1 to 64 letters, digits, - or _"),
        );
    }
    match rules_after(&cx, after, nonce).await {
        Ok(list) => {
            let jwt = HeaderValue::from_static("application/revocation-rules+jwt");
            let mut response = (StatusCode::OK, [(CONTENT_TYPE, jwt)], list).into_response();
            allow_everyone(response.headers_mut(), HeaderValue::from_static("no-store"));
            response
        }
        Err(FeedError::Store(fault)) => json::fault(&cx, &fault),
        Err(FeedError::Key(error)) => {
            tracing::error!(request_id = %cx.request_id, %error, "the revocation rules could not be signed");
            json::internal()
        }
    }
}

fn is_nonce(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
