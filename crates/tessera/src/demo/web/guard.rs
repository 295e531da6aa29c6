//! What holds for every request and every response of the application.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::{Web, failure};

/// Lets a request in that is not forged, and sends its response out with the headers that keep a page to itself.
pub(super) async fn guard(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut response =
        if request.method() == Method::POST && !from_own_page(request.headers(), &web.sites.web) {
            failure(StatusCode::FORBIDDEN, "This form was sent from another site.")
        } else {
            next.run(request).await
        };
    harden(response.headers_mut(), &web.sites.issuer);
    response
}

/// Browsers say with every POST which site's page it comes from. `SameSite` alone would not do: every port of localhost is
/// the same site.
fn from_own_page(headers: &HeaderMap, origin: &str) -> bool {
    let mut sent = headers.get_all(ORIGIN).iter();
    sent.next().is_some_and(|value| value == origin) && sent.next().is_none()
}

fn harden(headers: &mut HeaderMap, issuer: &str) {
    // Browsers hold `form-action` against redirects too, and the logout button leads to the issuer.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {issuer}; frame-ancestors 'none'; base-uri 'none'"
    );
    headers.extend(HeaderValue::try_from(policy).ok().map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Addresses of this application may hold a code: nobody else is told them.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(origins: &[&'static str]) -> bool {
        let headers = origins.iter().map(|origin| (ORIGIN, HeaderValue::from_static(origin))).collect();
        from_own_page(&headers, "http://localhost:8081")
    }

    #[test]
    fn only_own_pages_post() {
        assert!(sent(&["http://localhost:8081"]));
        for others in [
            &[][..],
            &["null"],
            &["http://localhost:8080"],
            &["http://localhost:8081", "http://localhost:8081"],
        ] {
            assert!(!sent(others), "{others:?}");
        }
    }
}
