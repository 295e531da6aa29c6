//! The answers of the layer, the scope layer and the extractor (RFC 6750 section 3).

use std::sync::atomic::Ordering::SeqCst;

use crate::support::{API, Issuer};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use serde_json::json;
use tessera_verifier::tower::{RequireScope, Verified, VerifierLayer};
use tower::ServiceExt as _;

async fn who(Verified(claims): Verified) -> String {
    claims.subject().to_owned()
}

async fn app(issuer: &Issuer) -> Router {
    let verifier = issuer.ready(issuer.builder().live_revocation()).await;
    Router::new()
        .route("/me", get(who))
        .route("/orders", get(who).layer(RequireScope::new("orders.read").unwrap()))
        .route("/admin", get(who).layer(RequireScope::new("orders.read admin").unwrap()))
        .layer(VerifierLayer::new(verifier))
}

/// Status, challenge and Retry-After of the answer to these `Authorization` headers. A refusal has no body.
async fn ask(app: &Router, path: &str, authorization: &[&str]) -> (u16, Option<String>, Option<String>) {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header("authorization", *value);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let answer = (response.status().as_u16(), header("www-authenticate"), header("retry-after"));
    let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
    assert_eq!(body.is_empty(), answer.0 != 200);
    answer
}

#[tokio::test]
async fn a_good_token_gets_through_in_any_case_of_the_scheme() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    let token = issuer.token();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(ask(&app, "/me", &[&format!("{scheme} {token}")]).await, (200, None, None));
        assert_eq!(ask(&app, "/orders", &[&format!("{scheme} {token}")]).await.0, 200);
    }
}

#[tokio::test]
async fn no_credentials_no_error_code() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    let challenge = Some(format!(r#"Bearer realm="{API}""#));
    let token = issuer.token();
    for none in ["", "Bearer", "Basic dXNlcjpwdw==", &format!("DPoP {token}"), &token] {
        assert_eq!(ask(&app, "/me", &[none]).await, (401, challenge.clone(), None), "{none}");
    }
    assert_eq!(ask(&app, "/me", &[]).await, (401, challenge.clone(), None));
    assert_eq!(ask(&app, &format!("/me?access_token={token}"), &[]).await, (401, challenge, None));
}

#[tokio::test]
async fn whatever_the_reason_the_answer_is_the_same() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    let bad = [
        "x".to_owned(),
        format!("{}x", issuer.token()),
        issuer.sign_as("JWT", &issuer.claims()),
        issuer.token_with("exp", json!(1)),
        issuer.token_with("aud", json!("other")),
        issuer.token_with("iss", json!("other")),
        issuer.token_without("sub"),
        "x".repeat(9000),
    ];
    for token in bad {
        let answer = ask(&app, "/me", &[&format!("Bearer {token}")]).await;
        assert_eq!(answer, (401, Some(r#"Bearer error="invalid_token""#.to_owned()), None), "{token:.60}");
    }
}

#[tokio::test]
async fn two_authorization_headers_are_a_broken_request() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    let header = format!("Bearer {}", issuer.token());
    let answer = (400, Some(r#"Bearer error="invalid_request""#.to_owned()), None);
    assert_eq!(ask(&app, "/me", &[&header, &header]).await, answer);
    assert_eq!(ask(&app, "/me", &[&header, "Basic eA=="]).await, answer);
}

#[tokio::test]
async fn o32_a_token_in_the_header_and_one_in_the_query_are_a_broken_request() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    let header = format!("Bearer {}", issuer.token());
    let answer = (400, Some(r#"Bearer error="invalid_request""#.to_owned()), None);
    let token = issuer.token();
    for query in [
        &*format!("access_token={token}"),
        "access_token=x",
        "access_token",
        "a=b&access%5Ftoken=",
        "%zz&access_token=x",
    ] {
        assert_eq!(ask(&app, &format!("/me?{query}"), &[&header]).await, answer, "{query}");
        assert_eq!(ask(&app, &format!("/me?{query}"), &["Basic eA=="]).await, answer, "{query}");
    }
    for harmless in ["", "a=access_token", "token=x", "Access_token=x"] {
        assert_eq!(ask(&app, &format!("/me?{harmless}"), &[&header]).await.0, 200, "{harmless}");
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    let header = format!("Bearer {}", issuer.token());
    let challenge = r#"Bearer error="insufficient_scope", scope="orders.read admin""#.to_owned();
    assert_eq!(ask(&app, "/admin", &[&header]).await, (403, Some(challenge), None));
}

#[tokio::test]
async fn stale_rules_ask_to_come_back_later() {
    let issuer = Issuer::start().await;
    let app = app(&issuer).await;
    issuer.rules_down.store(true, SeqCst);
    issuer.clock.advance(31);
    let header = format!("Bearer {}", issuer.token());
    assert_eq!(ask(&app, "/me", &[&header]).await, (503, None, Some("5".to_owned())));
}

#[tokio::test]
async fn routes_that_nobody_protects_fail_closed() {
    let bare = Router::new()
        .route("/me", get(who))
        .route("/orders", get(who).layer(RequireScope::new("x").unwrap()));
    let status = |path: &'static str| {
        let request = Request::get(path).header("authorization", "Bearer x").body(Body::empty()).unwrap();
        let bare = bare.clone();
        async move { bare.oneshot(request).await.unwrap().status() }
    };
    assert_eq!(status("/me").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(status("/orders").await, StatusCode::UNAUTHORIZED);
}
