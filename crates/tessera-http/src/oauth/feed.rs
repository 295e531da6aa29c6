//! `GET /revocation/rules?after=N&nonce=X`: the revocation rules after number N, signed together with N and the nonce.

use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode, Uri};
use tessera_app::oauth::feed::{FeedError, rules_after};
use tessera_oauth::error::{ErrorCode, OAuthError};

use super::json;
use crate::form;
use crate::headers::allow_everyone;
use crate::request::RequestCx;

pub(crate) async fn get(uri: Uri, RequestCx(cx): RequestCx) -> Response {
    let params = match form::query(&uri) {
        Ok(params) => params,
        Err(rejection) => return rejection.respond(&cx),
    };
    let refuse = |reason| json::error(&cx, None, &OAuthError::new(ErrorCode::InvalidRequest).because(reason));
    let after = params.get("after").unwrap_or("0").parse::<i64>().ok().filter(|after| *after >= 0);
    let Some(after) = after else { return refuse("after must be a whole number") };
    let nonce = params.get("nonce");
    if !nonce.is_none_or(is_nonce) {
        return refuse("nonce must be 1 to 64 letters, digits, - or _");
    }
    match rules_after(&cx, after, nonce).await {
        Ok(list) => {
            let jwt = HeaderValue::from_static("application/revocation-rules+jwt");
            let mut response = (StatusCode::OK, [(CONTENT_TYPE, jwt)], list).into_response();
            allow_everyone(response.headers_mut(), HeaderValue::from_static("no-store"));
            response
        }
        Err(FeedError::Store(fault)) => json::fault(&cx, &fault),
        Err(FeedError::Key(error)) => json::internal(&cx, &error),
    }
}

fn is_nonce(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
