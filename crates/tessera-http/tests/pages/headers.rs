//! The security headers of every response, and `form-action` of each page.

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use tessera_http::assets;
use tessera_http::headers::{self, FormLeads, Transport};
use tessera_http::pages::{Error, ErrorKind, Language, Login, Logout, LogoutWay, Page, Pages};
use tower::ServiceExt as _;

use crate::{Filling, pages};

async fn served(path: &str) -> (StatusCode, HeaderMap) {
    let pages: &'static Pages = Box::leak(Box::new(pages()));
    let mut router =
        Router::new().route(assets::PATH, assets::methods(pages.assets())).route("/json", get(async || "{}"));
    for n in 0..Filling::new("x").all(pages, Language::English).len() {
        let page = async move || Filling::new("x").all(pages, Language::English).swap_remove(n).1;
        router = router.route(&format!("/page/{n}"), get(page));
    }
    let path = if path == "/css" { pages.assets().path("tessera.css").unwrap() } else { path.to_owned() };
    let mut response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    headers::harden(response.headers_mut(), Transport::Https);
    (response.status(), response.headers().clone())
}

#[tokio::test]
async fn o58_o59_t12_every_response_has_every_header() {
    let count = Filling::new("x").all(&pages(), Language::English).len();
    let paths = (0..count)
        .map(|n| format!("/page/{n}"))
        .chain(["/json", "/css", "/nowhere", "/assets/nothing"].map(str::to_owned));
    for path in paths {
        let (status, headers) = served(&path).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path} {status}: {policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ] {
            assert_eq!(headers[name], value, "{path} {name}");
        }
        assert!(headers.contains_key("permissions-policy") && !headers.contains_key("server"), "{path}");
        let cache = if path == "/css" { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(headers["cache-control"], cache, "{path}");
        assert!(!headers.contains_key("content-encoding"), "{path}");
    }
    let referrer = r#"<meta name="referrer" content="same-origin">"#;
    for (name, page) in Filling::new("x").all(&pages(), Language::English) {
        let forms = ["login", "login_problem", "accounts", "consent", "logout", "logout_at_once"];
        let own = ["passkey", "password", "totp", "recovery_codes", "authenticator", "authenticator_fob"];
        let sends_to_us = forms.contains(&name) || own.contains(&name) || name.starts_with("login_step");
        assert_eq!(page.html().contains(referrer), sends_to_us, "{name}: its form has an origin to name");
        let action = page.html().split_once("action=\"").map(|(_, rest)| rest.starts_with('/'));
        assert_eq!(action == Some(true), sends_to_us, "{name}");
        assert_eq!(page.html().matches("name=\"referrer\"").count(), usize::from(sends_to_us), "{name}");
    }
}

#[test]
fn form_action_is_self_unless_the_form_leads_to_an_application() {
    let pages = pages();
    let held = |page: Page| {
        let response = page.into_response();
        response.headers()["content-security-policy"].to_str().unwrap().contains("form-action 'self'")
    };
    let filling = Filling::new("x");
    let alone = Login { flow: None, ..filling.login(None) };
    let staying = Logout { csrf: "x", username: "x", carry: &[], form: FormLeads::ToUs, way: LogoutWay::Ask };
    assert!(held(alone.render(&pages, Language::English)), "a login without a flow");
    assert!(held(staying.render(&pages, Language::English)), "a logout that stays here");
    for (name, page) in filling.all(&pages, Language::English) {
        let leads_away =
            ["login", "login_problem", "accounts", "consent", "logout", "logout_at_once", "form_post"];
        let leads_away = leads_away.contains(&name) || name.starts_with("login_step");
        assert_eq!(held(page), !leads_away, "{name}");
    }
}

#[test]
fn an_unavailable_server_says_when_to_come_back() {
    let kind = ErrorKind::Unavailable { retry_after: 7 };
    let response = Error::new(kind, "r").render(&pages(), Language::English).into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "7");
}
