//! `GET /.well-known/openid-configuration`, `/.well-known/oauth-authorization-server` (RFC 8414), `/jwks` and
//! `/.well-known/jwks.json` (RFC 7517).
//!
//! The answers depend on configuration and keys only, not on the request. They work while the database is down (policy P5).

use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use tessera_app::oauth::metadata::{metadata, published_keys};
use tessera_jose::Jwk;

use super::json;
use crate::headers::allow_everyone;
use crate::request::RequestCx;

/// Verifiers fetch again after five minutes. A new key is published for much longer than that before it signs.
const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

pub(crate) async fn get(RequestCx(cx): RequestCx) -> Response {
    cacheable(json::json(StatusCode::OK, &metadata(&cx)))
}

#[derive(Serialize)]
struct KeySet {
    keys: Vec<Jwk>,
}

pub(crate) async fn jwks(RequestCx(cx): RequestCx) -> Response {
    let mut response = cacheable(json::json(StatusCode::OK, &KeySet { keys: published_keys(&cx) }));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    response
}

fn cacheable(mut response: Response) -> Response {
    allow_everyone(response.headers_mut(), FIVE_MINUTES);
    response
}
