//! What holds for every request and every response of the sample application.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::response::failure;
use super::state::Web;

/// Refuses forged requests, and sets the security headers of every response.
pub(super) async fn protect(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut response =
        if request.method() == Method::POST && is_cross_origin(request.headers(), &web.sites.web) {
            failure(StatusCode::FORBIDDEN, "This form was sent from another site.")
        } else {
            next.run(request).await
        };
    set_security_headers(response.headers_mut(), &web.sites.issuer);
    response
}

/// Whether a POST comes from a page of another origin. Browsers send `Origin` with every POST. `SameSite` alone is not enough: all
/// ports of localhost are one site.
fn is_cross_origin(headers: &HeaderMap, origin: &str) -> bool {
    let mut sent = headers.get_all(ORIGIN).iter();
    sent.next().is_none_or(|value| value != origin) || sent.next().is_some()
}

fn set_security_headers(headers: &mut HeaderMap, issuer: &str) {
    // Browsers apply `form-action` to redirects too, and the logout form is redirected to the issuer.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {issuer}; frame-ancestors 'none'; base-uri 'none'"
    );
    headers.extend(HeaderValue::try_from(policy).ok().map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // URLs of this application may hold a code, so no other site may learn them.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(origins: &[&'static str]) -> bool {
        let headers = origins.iter().map(|origin| (ORIGIN, HeaderValue::from_static(origin))).collect();
        is_cross_origin(&headers, "http://localhost:8081")
    }

    #[test]
    fn only_own_pages_post() {
        assert!(!refused(&["http://localhost:8081"]));
        for others in [
            &[][..],
            &["null"],
            &["http://localhost:8080"],
            &["http://localhost:8081", "http://localhost:8081"],
        ] {
            assert!(refused(others), "{others:?}");
        }
    }
}
