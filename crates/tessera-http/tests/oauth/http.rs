//! How every endpoint handles methods, bodies and headers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use http::Method;
use tessera_model::ClientKind;
use tessera_testkit::browser::Answer;
use tessera_testkit::server::{Backend, PASSWORD, TestServer, VERIFIER};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const FORM: &str = "application/x-www-form-urlencoded";

/// Every endpoint, and its `Allow` header.
const ENDPOINTS: &[(&str, &[&str])] = &[
    ("/", &["GET", "HEAD"]),
    ("/authorize", &["GET", "HEAD", "POST"]),
    ("/login", &["GET", "HEAD", "POST"]),
    ("/consent", &["GET", "HEAD", "POST"]),
    ("/logout", &["GET", "HEAD", "POST"]),
    ("/token", &["POST"]),
    ("/revoke", &["POST"]),
    ("/userinfo", &["GET", "HEAD", "POST"]),
    ("/jwks", &["GET", "HEAD"]),
    ("/.well-known/jwks.json", &["GET", "HEAD"]),
    ("/revocation/rules", &["GET", "HEAD"]),
    ("/.well-known/openid-configuration", &["GET", "HEAD"]),
    ("/.well-known/oauth-authorization-server", &["GET", "HEAD"]),
];

async fn send(server: &TestServer, method: Method, path: &str) -> Answer {
    Answer::read(server.http.request(method, server.url(path)).send().await.unwrap()).await
}

#[tokio::test]
async fn t15_other_methods_are_405_and_say_what_is_allowed() {
    let server = TestServer::start(Backend::Sqlite).await;
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT_", "PROPFIND", "get"];
    for (path, allowed) in ENDPOINTS {
        for name in methods.iter().filter(|name| !allowed.contains(name)) {
            let answer = send(&server, Method::from_bytes(name.as_bytes()).unwrap(), path).await;
            assert_eq!(answer.status, 405, "{name} {path}");
            let mut told: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            told.sort_unstable();
            assert_eq!(told, *allowed, "{name} {path}");
            assert_eq!(answer.body, "", "{name} {path}");
        }
    }
    for path in ["/authorize", "/login", "/consent", "/logout"] {
        assert_eq!(send(&server, Method::OPTIONS, path).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn t15_an_override_header_overrides_nothing() {
    let server = TestServer::start(Backend::Sqlite).await;
    for name in ["x-http-method-override", "x-method-override", "x-http-method"] {
        let request = server.http.get(server.url("/token")).header(name, "POST");
        assert_eq!(Answer::read(request.send().await.unwrap()).await.status, 405, "{name}");
        let request = server.http.post(server.url("/jwks")).header(name, "GET");
        assert_eq!(Answer::read(request.send().await.unwrap()).await.status, 405, "{name}");
    }
    assert_eq!(send(&server, Method::POST, "/jwks?_method=GET").await.status, 405);
}

#[tokio::test]
async fn t12_o58_every_answer_carries_every_header() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    let unknown =
        ["/", "/unknown", "/assets/unknown.css", "/token/", "//token", "/.well-known/", "/authorize/x"];
    let authorize = server.authorize_path(&client, "openid", &[]);
    let refused = server.authorize_path(&client, "openid", &[("prompt", "none")]);
    let bad = server.authorize_path(&client, "openid", &[("redirect_uri", "https://evil.example")]);
    let form_post =
        server.authorize_path(&client, "openid", &[("prompt", "none"), ("response_mode", "form_post")]);
    let paths = ENDPOINTS.iter().map(|(path, _)| *path).chain(unknown);
    for path in paths.chain([&*authorize, &*refused, &*bad, &*form_post, "/login?flow=x", "/token?a=%zz"]) {
        for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::PUT] {
            let answer = send(&server, method.clone(), path).await;
            let flow = ["/authorize", "/login", "/consent", "/logout"];
            let of_the_flow = flow.contains(&path.split('?').next().unwrap_or_default());
            let opener = if of_the_flow { "unsafe-none" } else { "same-origin" };
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", opener),
            ] {
                assert_eq!(answer.header(name), value, "{method} {path}");
            }
            let policy = answer.header("content-security-policy");
            assert!(
                policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
                "{method} {path}"
            );
            assert!(policy.contains("default-src 'none'") && policy.contains("base-uri 'none'"), "{policy}");
            assert!(answer.header("permissions-policy").contains("geolocation=()"), "{method} {path}");
            let cached = [
                "/jwks",
                "/.well-known/jwks.json",
                "/.well-known/openid-configuration",
                "/.well-known/oauth-authorization-server",
            ];
            if !(answer.status == 200 && cached.contains(&path)) {
                assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
            }
            for name in ["server", "x-powered-by", "via", "etag"] {
                assert_eq!(answer.header(name), "", "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn t12_a_page_that_does_not_exist_is_a_page_without_what_was_asked_for() {
    let server = TestServer::start(Backend::Sqlite).await;
    let answer = server.get("/%3Cscript%3Ealert(1)%3C/script%3E?x=<b>").await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(!answer.body.contains("alert"), "{}", answer.body);
}

#[tokio::test]
async fn t04_a_body_that_is_no_form_or_too_large_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let many = (0..65).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    for path in ["/token", "/revoke", "/authorize", "/login", "/consent", "/logout"] {
        for (kind, body, status) in [
            (FORM, "a=".to_owned() + &"b".repeat(64 * 1024), 413),
            (FORM, "x".repeat(1 << 20), 413),
            (FORM, many.clone(), 400),
            (FORM, "a=%zz".to_owned(), 400),
            (FORM, "a=%00".to_owned(), 400),
            (FORM, "a=1&a=2".to_owned(), 400),
            ("application/json", r#"{"grant_type":"client_credentials"}"#.to_owned(), 415),
            ("multipart/form-data; boundary=x", "--x--".to_owned(), 415),
            ("text/plain", "grant_type=client_credentials".to_owned(), 415),
            ("text/plain; charset=application/x-www-form-urlencoded", "a=1".to_owned(), 415),
        ] {
            let request = server.http.post(server.url(path)).header("content-type", kind).body(body);
            let answer = Answer::read(request.send().await.unwrap()).await;
            assert_eq!((answer.status, answer.location()), (status, None), "{path} {kind}");
            if path == "/token" || path == "/revoke" {
                assert_eq!(
                    (answer.header("content-type"), &*answer.error()),
                    ("application/json", "invalid_request")
                );
            } else {
                assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path} {kind}");
            }
        }
    }
}

#[tokio::test]
async fn protocol_30_parameters_of_the_form_type_mean_nothing() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Service).await;
    for parameters in ["; charset=ISO-8859-1", ";charset=UTF-8", ";", " ; ;", "; charset=utf-16; x=\"a;b\""] {
        let kind = format!("{FORM}{parameters}");
        let post = |path: &str| server.http.post(server.url(path)).header("content-type", &kind);
        let form = post("/token").basic_auth(&client.id, Some(&client.secret));
        // The body is read as UTF-8, whatever the type says. In Latin-1 the second byte would be another character.
        let form = form.body("grant_type=client_credentials&scope=orders.read&x=\u{e9}");
        let answer = Answer::read(form.send().await.unwrap()).await;
        assert_eq!((answer.status, &answer.json()["scope"]), (200, &"orders.read".into()), "{kind}");
        let form = post("/token").basic_auth(&client.id, Some(&client.secret)).body(b"x=\xe9".to_vec());
        let answer = Answer::read(form.send().await.unwrap()).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_request"), "{kind}");
        for path in ["/revoke", "/userinfo", "/authorize", "/login", "/consent", "/logout"] {
            let answer = Answer::read(post(path).body("a=1").send().await.unwrap()).await;
            assert_ne!(answer.status, 415, "{path} {kind}");
        }
    }
}

#[tokio::test]
async fn t05_no_compressed_body_is_unpacked() {
    let server = TestServer::start(Backend::Sqlite).await;
    for path in ["/token", "/revoke", "/authorize", "/login", "/consent", "/logout"] {
        for encoding in ["gzip", "br", "zstd", "deflate", "identity", "gzip, gzip"] {
            let request = server.http.post(server.url(path)).header("content-type", FORM);
            let request = request.header("content-encoding", encoding).body(vec![0x1f, 0x8b, 8, 0]);
            let answer = Answer::read(request.send().await.unwrap()).await;
            assert_eq!((answer.status, answer.location()), (415, None), "{path} {encoding}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t04_a_query_longer_than_an_address_may_be_is_414_and_one_with_too_many_parameters_a_page() {
    let server = TestServer::start(Backend::Sqlite).await;
    // Longer than our HTTP client sends.
    let port: u16 = server.issuer.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    let request = format!("GET /authorize?x={} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(70_000));
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 414 "), "{answer}");
    let many = (0..65).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    crate::assert_page(&server.get(&format!("/authorize?{many}")).await);
    let rules = server.get(&format!("/revocation/rules?{many}")).await;
    assert_eq!((rules.status, &*rules.error()), (400, "invalid_request"));
}

/// The answer of the server to these bytes, until it closes the connection.
fn raw(server: &TestServer, request: &str) -> String {
    let port: u16 = server.issuer.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t01_t08_a_request_says_once_which_host_it_is_for() {
    let server = TestServer::start(Backend::Sqlite).await;
    let paths = ENDPOINTS
        .iter()
        .map(|(path, methods)| (*path, methods[0]))
        .chain([("/assets/x", "GET"), ("/unknown", "GET")]);
    for (path, method) in paths {
        let known = !path.starts_with("/assets") && path != "/unknown";
        for target in [path.to_owned(), format!("http://localhost{path}")] {
            for hosts in [
                "",
                "Host: localhost\r\nHost: localhost\r\n",
                "Host: a\r\nHost: b\r\n",
                "Host: a, b\r\n",
                "Host:\r\n",
            ] {
                // If the first request could be read as two, the connection is closed before the second.
                let request = format!(
                    "{method} {target} HTTP/1.1\r\n{hosts}\r\nGET /jwks HTTP/1.1\r\nHost: localhost\r\n\r\n"
                );
                let answer = raw(&server, &request);
                assert!(answer.starts_with("HTTP/1.1 400 "), "{target} {hosts:?} {answer}");
                assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{target} {hosts:?} {answer}");
                for header in ["connection: close", "x-content-type-options: nosniff"] {
                    assert!(answer.contains(header), "{target} {hosts:?} {answer}");
                }
            }
            let one = format!(
                "{method} {target} HTTP/1.1\r\nHost: anything.example:1\r\nConnection: close\r\n\r\n"
            );
            let (answer, elsewhere) = (raw(&server, &one), ["400", "404"]);
            assert!(answer.starts_with("HTTP/1.1 "), "{target} {answer}");
            let status = &answer[9..12];
            // These endpoints answer 400 to a request without parameters too, but with a page.
            assert!(
                !known || !elsewhere.contains(&status) || answer.contains("text/html"),
                "{target} {answer}"
            );
        }
    }
}

/// Tokio's paused clock: it stands still while any task can run, and then jumps to the next timer.
#[tokio::test]
async fn t03_a_body_that_stops_is_given_up_after_twenty_seconds() {
    let server = TestServer::start(Backend::Sqlite).await;
    let port: u16 = server.issuer.rsplit_once(':').unwrap().1.parse().unwrap();
    tokio::time::pause();
    for (path, kind) in [("/token", "application/json"), ("/login", "text/html; charset=utf-8")] {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: 9\r\n\r\na=1"
        );
        let begun = tokio::time::Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains(kind), "{answer}");
        assert_eq!(begun.elapsed().as_secs(), 20, "{path}");
    }
}

/// Sends a form without its last byte. Once the server waits for it, lets time pass, and then sends the byte.
fn hold_back(server: &TestServer, path: &str, headers: &str, form: &str, seconds: u64) -> String {
    let port: u16 = server.issuer.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    let length = form.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n{headers}\
         Content-Type: {FORM}\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut waits = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut waits).unwrap();
    assert_eq!(&waits, b"HTTP/1.1 100 Continue\r\n\r\n");
    let (most, last) = form.split_at(length - 1);
    stream.write_all(most.as_bytes()).unwrap();
    server.advance(seconds);
    stream.write_all(last.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t03_a_request_is_judged_by_the_time_at_which_all_of_it_has_arrived() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    let at = |moment| move |event: &tessera_model::RecordedEvent| event.at == moment;

    let code = server.code(&client, "openid", "alice").await;
    let redirect_uri = "https%3A%2F%2Frp.example%2Fcallback";
    let form = format!(
        "grant_type=authorization_code&client_id={}&code={code}&redirect_uri={redirect_uri}&code_verifier={VERIFIER}",
        client.id
    );
    server.advance(59);
    let answer = hold_back(&server, "/token", "", &form, 2);
    assert!(answer.ends_with(crate::INVALID_GRANT), "p2: {answer}");

    let mut browser = server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    let cookies = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    let form = format!("csrf={csrf}&username=alice&password={}", PASSWORD.replace(' ', "+"));
    let answer = hold_back(&server, "/login", &format!("Cookie: {}\r\n", cookies.join("; ")), &form, 20);
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let logged_in = server.cli().now;
    assert!(server.audit_trail().await.iter().any(at(logged_in)));

    let scope = "openid offline_access";
    let tokens = server.sign_in(&mut server.browser(), &client, scope, "alice").await;
    let form = format!("client_id={}&token={}", client.id, tokens.refresh);
    let answer = hold_back(&server, "/revoke", "", &form, 20);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let revoked = server.cli().now;
    assert!(server.audit_trail().await.iter().any(at(revoked)));
}
