//! Discovery and keys (RFC 8414, RFC 7517): correct, public, and the same for every request. CORS of these endpoints.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;
use tessera_jose::Algorithm;
use tessera_model::ClientKind;
use tessera_testkit::browser::Answer;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestServer};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const JWKS_ALIAS: &str = "/.well-known/jwks.json";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

fn words(document: &Value, member: &str) -> Vec<String> {
    document[member].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn protocol_1_to_7_the_document_says_what_is_so() {
    let server = TestServer::start(Backend::Sqlite).await;
    let answer = server.get(DISCOVERY).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let document = answer.json();
    assert_eq!(document["issuer"], *server.issuer);
    for (member, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("jwks_uri", "/jwks"),
        ("userinfo_endpoint", "/userinfo"),
        ("revocation_endpoint", "/revoke"),
        ("end_session_endpoint", "/logout"),
    ] {
        assert_eq!(document[member], server.url(path), "{member}");
        assert_ne!(server.get(path).await.status, 404, "{path} exists");
    }
    assert_eq!(words(&document, "response_types_supported"), ["code"]);
    assert_eq!(words(&document, "response_modes_supported"), ["query", "form_post"]);
    assert_eq!(words(&document, "subject_types_supported"), ["public"]);
    assert_eq!(words(&document, "code_challenge_methods_supported"), ["S256"]);
    assert_eq!(
        words(&document, "grant_types_supported"),
        ["authorization_code", "refresh_token", "client_credentials"]
    );
    assert!(words(&document, "id_token_signing_alg_values_supported").contains(&"RS256".to_owned()));
    assert!(!words(&document, "id_token_signing_alg_values_supported").contains(&"none".to_owned()));
    assert!(words(&document, "scopes_supported").contains(&"openid".to_owned()));
    for (flag, value) in [
        ("authorization_response_iss_parameter_supported", true),
        ("claims_parameter_supported", false),
        ("request_parameter_supported", false),
        ("request_uri_parameter_supported", false),
    ] {
        assert_eq!(document[flag], value, "{flag}");
    }
    let pinned = serde_json::to_string_pretty(&document).unwrap().replace(&server.issuer, "[issuer]");
    insta::with_settings!({ snapshot_path => "../snapshots" }, { insta::assert_snapshot!("metadata", pinned) });
    assert_eq!(server.get(OAUTH).await.body, answer.body, "both documents are one");
}

#[tokio::test]
async fn protocol_8_no_private_part_is_published_and_every_key_is_usable() {
    let server = TestServer::start(Backend::Sqlite).await;
    for alg in [Algorithm::Es256, Algorithm::EdDsa] {
        server.add_client_with(ClientKind::Web, |new| new.id_token_alg = alg).await;
    }
    let answer = server.get("/jwks").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/jwk-set+json"));
    let document = answer.json();
    let keys = document["keys"].as_array().unwrap();
    assert!(keys.len() >= 5, "{document}");
    let mut kids = BTreeSet::new();
    for key in keys {
        let members: BTreeSet<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        let expected: &[&str] = match text(key, "kty") {
            "EC" => &["crv", "x", "y"],
            "OKP" => &["crv", "x"],
            "RSA" => &["e", "n"],
            other => panic!("{other}"),
        };
        let always = &["alg", "kid", "kty", "tessera_purpose", "tessera_signs_from", "use"];
        assert_eq!(members, expected.iter().chain(always).copied().collect(), "{key}");
        assert!(kids.insert(text(key, "kid").to_owned()), "the kid comes twice: {key}");
        tessera_jose::VerifyingKey::from_jwk(&tessera_jose::Jwk::parse(key.to_string().as_bytes()).unwrap())
            .unwrap();
    }
}

#[tokio::test]
async fn o75_no_header_changes_the_document() {
    let server = TestServer::start(Backend::Sqlite).await;
    let normal = server.get(DISCOVERY).await;
    for headers in [
        &[("host", "evil.example")][..],
        &[("host", "evil.example:80"), ("x-forwarded-host", "evil.example")],
        &[("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "1")],
        &[("forwarded", "host=evil.example;proto=https")],
        &[("x-original-url", "/evil"), ("x-rewrite-url", "/evil"), ("x-forwarded-prefix", "/evil")],
        &[("origin", "https://evil.example"), ("referer", "https://evil.example/")],
        &[("accept", "text/html"), ("accept-language", "de"), ("accept-encoding", "gzip, br")],
    ] {
        for path in [DISCOVERY, OAUTH, "/jwks"] {
            let expected = server.get(path).await.body;
            let request =
                headers.iter().fold(server.http.get(server.url(path)), |r, (n, v)| r.header(*n, *v));
            let answer = Answer::read(request.send().await.unwrap()).await;
            assert_eq!((answer.status, &answer.body), (200, &expected), "{path} {headers:?}");
            assert_eq!(answer.header("cache-control"), "public, max-age=300");
        }
    }
    let with_query = server.get(&format!("{DISCOVERY}?issuer=https://evil.example")).await;
    assert_eq!(with_query.body, normal.body);
}

#[tokio::test]
async fn o75_a_host_header_changes_no_redirect_and_no_token() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Service).await;
    let request = server.http.post(server.url("/token")).basic_auth(&client.id, Some(&client.secret));
    let request = request.header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let answer =
        Answer::read(request.form(&[("grant_type", "client_credentials")]).send().await.unwrap()).await;
    let claims = server.verified(text(&answer.json(), "access_token"), "at+jwt").await.1;
    assert_eq!(claims["iss"], *server.issuer);
    let web = server.add_client(ClientKind::Web).await;
    let path = server.authorize_path(&web, "openid", &[("prompt", "none")]);
    let request = server.http.get(server.url(&path)).header("host", "evil.example");
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(crate::error_in(&server, &answer, Some("s t&te")), "login_required");
}

const OPEN: &[(&str, Method)] = &[
    ("/token", Method::POST),
    ("/revoke", Method::POST),
    ("/userinfo", Method::GET),
    ("/jwks", Method::GET),
    (JWKS_ALIAS, Method::GET),
    ("/revocation/rules", Method::GET),
    (DISCOVERY, Method::GET),
    (OAUTH, Method::GET),
];
const CLOSED: &[&str] = &["/", "/authorize", "/login", "/consent", "/logout", "/unknown"];

#[tokio::test]
async fn o74_scripts_of_any_origin_may_call_what_needs_no_cookie() {
    let server = TestServer::start(Backend::Sqlite).await;
    for (path, method) in OPEN {
        for origin in ["https://evil.example", "null"] {
            let request = server.http.request(method.clone(), server.url(path)).header("origin", origin);
            let answer = Answer::read(request.send().await.unwrap()).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
            let preflight = server.http.request(Method::OPTIONS, server.url(path)).header("origin", origin);
            let preflight = preflight
                .header("access-control-request-method", method.as_str())
                .header("access-control-request-headers", "authorization,content-type");
            let answer = Answer::read(preflight.send().await.unwrap()).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{path}");
            assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type");
            assert_eq!(answer.header("access-control-allow-methods"), "GET,POST");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            assert_eq!(answer.header("access-control-max-age"), "600");
            assert_eq!(answer.header("vary"), "access-control-request-headers");
        }
    }
}

#[tokio::test]
async fn o74_a_script_may_send_any_header_that_brings_no_authority() {
    let server = TestServer::start(Backend::Sqlite).await;
    for (path, method) in OPEN {
        for (asked, allowed) in [
            ("traceparent,x-requested-with", "traceparent,x-requested-with"),
            ("Authorization, DPoP", "authorization,dpop"),
            ("cookie,traceparent,x-forwarded-for,sec-fetch-site", "traceparent"),
            ("cookie", "authorization,content-type"),
            ("*", "authorization,content-type"),
            ("a b", "authorization,content-type"),
            (&*format!("traceparent,{}", "x".repeat(2000)), "authorization,content-type"),
        ] {
            let preflight = server
                .http
                .request(Method::OPTIONS, server.url(path))
                .header("origin", "https://app.example");
            let preflight = preflight
                .header("access-control-request-method", method.as_str())
                .header("access-control-request-headers", asked);
            let answer = Answer::read(preflight.send().await.unwrap()).await;
            assert_eq!(
                (answer.status, answer.header("access-control-allow-headers")),
                (200, allowed),
                "{path} {asked:.60}"
            );
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
            assert_eq!(answer.header("vary"), "access-control-request-headers", "{path}");
        }
    }
}

#[tokio::test]
async fn the_keys_are_the_same_at_both_addresses() {
    let server = TestServer::start(Backend::Sqlite).await;
    let [one, other] = [server.get("/jwks").await, server.get(JWKS_ALIAS).await];
    assert_eq!((one.status, &one.body), (200, &other.body));
    let headers = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(headers(&one), headers(&other));
}

#[tokio::test]
async fn o74_no_script_of_another_origin_reads_a_page_or_a_cookie_endpoint() {
    let server = TestServer::start(Backend::Sqlite).await;
    for path in CLOSED {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let request = server.http.request(method.clone(), server.url(path));
            let request = request
                .header("origin", "https://evil.example")
                .header("access-control-request-method", "POST");
            let answer = Answer::read(request.send().await.unwrap()).await;
            let names: Vec<_> = answer.headers.keys().map(http::HeaderName::as_str).collect();
            assert!(
                !names.iter().any(|name| name.starts_with("access-control-")),
                "{method} {path} {names:?}"
            );
            assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{method} {path}");
        }
    }
}
