//! The page that posts an authorization response.

use axum::response::IntoResponse as _;
use http::StatusCode;
use tessera_http::headers::Nonce;
use tessera_http::pages::{FormPost, Language};

use crate::hostile::HOSTILE;
use crate::pages;

#[test]
fn o19_o61_form_post_brings_any_state_back_as_an_escaped_value() {
    let pages = pages();
    let nonce = Nonce::new([7; 16]);
    for state in HOSTILE.into_iter().chain(["é\u{1f600}", "a&b=c"]) {
        let fields = [("state", state)];
        let page = FormPost {
            action: "https://app.example/cb?a=1&b=2",
            fields: &fields,
            nonce: &nonce,
            request_id: "r",
        };
        let page = page.render(&pages, Language::English);
        let (_, value) = page.html().split_once("name=\"state\" value=\"").unwrap();
        let (value, _) = value.split_once('"').unwrap();
        assert_eq!(unescape(value), state);
        assert_eq!(page.html().matches("<script").count(), 1, "{}", page.html());
    }
}

/// Reads an escaped attribute value as a browser does.
fn unescape(value: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")]
        .iter()
        .fold(value.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[test]
fn o61_form_post_has_a_nonce_a_button_and_only_http_targets() {
    let pages = pages();
    let nonce = Nonce::new([7; 16]);
    let post = |action| {
        FormPost { action, fields: &[("code", "c")], nonce: &nonce, request_id: "r" }
            .render(&pages, Language::English)
    };
    let page = post("https://app.example/cb");
    for part in [&format!("<script nonce=\"{}\">", nonce.as_str()), "<button id=\"continue\" type=\"submit\""]
    {
        assert!(page.html().contains(part), "{part}: {}", page.html());
    }
    let response = page.into_response();
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("; script-src 'nonce-0707") && !policy.contains("form-action"), "{policy}");
    for action in ["javascript:alert(1)", "data:text/html,x", "com.example.app:/cb", "//evil.example", ""] {
        let page = post(action);
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{action}");
        let html = page.html();
        assert!(!html.contains("<form") && !html.contains("<script"), "{action}: {html}");
    }
}
