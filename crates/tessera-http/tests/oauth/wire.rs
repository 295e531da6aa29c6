//! Each answer and each error of the token endpoint, byte for byte.

use std::fmt::Write as _;

use tessera_model::{ClientAuthMethod, ClientKind};
use tessera_testkit::browser::Answer;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestServer};

/// Status, headers in order of their names, and body. Values that differ between runs are replaced by their names.
fn wire(answer: &Answer, secrets: &[(&str, &str)]) -> String {
    let mut names: Vec<&str> = answer.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    names.retain(|name| !["date", "content-length"].contains(name));
    let mut written = format!("{}\n", answer.status);
    for name in names {
        let value = if name == "x-request-id" { "[reference]" } else { answer.header(name) };
        writeln!(written, "{name}: {value}").unwrap();
    }
    write!(written, "\n{}", answer.body).unwrap();
    secrets.iter().fold(written, |written, (secret, named)| written.replace(secret, named))
}

/// The answer without the headers that every answer has. `token_code` pins those.
fn brief(answer: &Answer) -> String {
    let mut written = format!("{}\n", answer.status);
    for name in ["cache-control", "content-type", "www-authenticate", "retry-after"] {
        if !answer.header(name).is_empty() {
            writeln!(written, "{name}: {}", answer.header(name)).unwrap();
        }
    }
    written + "\n" + &answer.body
}

fn pin(name: &str, written: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots" }, { insta::assert_snapshot!(name, written) });
}

#[tokio::test]
async fn the_answers_of_the_token_endpoint() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.client_credentials = true).await;
    let named = |answer: &Answer| {
        let json = answer.json();
        let members = [
            ("access_token", "[access token]"),
            ("refresh_token", "[refresh token]"),
            ("id_token", "[ID token]"),
        ];
        let secrets: Vec<(&str, &str)> = members
            .iter()
            .map(|(name, named)| (text(&json, name), *named))
            .filter(|(s, _)| !s.is_empty())
            .collect();
        wire(answer, &secrets)
    };
    let code = server.code(&client, "openid orders.read", "alice").await;
    let exchanged = server.redeem(&client, &code).await;
    pin("token_code", &named(&exchanged));
    let refreshed = server.refresh_with(&client, text(&exchanged.json(), "refresh_token")).await;
    pin("token_refresh", &named(&refreshed));
    let machine = server.post("/token", &client, &[("grant_type", "client_credentials")]).await;
    pin("token_machine", &named(&machine));
}

#[tokio::test]
async fn the_errors_of_the_token_endpoint() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client_with(ClientKind::Web, |new| new.client_credentials = true).await;
    let spa = server.add_client(ClientKind::Spa).await;
    let credentials = ("grant_type", "client_credentials");
    let bad_verifier = [("grant_type", "authorization_code"), ("code", "x"), ("code_verifier", "short")];
    let table: &[(&str, &[(&str, &str)])] = &[
        ("grant_type_missing", &[]),
        ("grant_type_unsupported", &[("grant_type", "password")]),
        ("code_missing", &[("grant_type", "authorization_code")]),
        ("code_verifier_malformed", &bad_verifier),
        ("code_unknown", &[("grant_type", "authorization_code"), ("code", "x")]),
        ("refresh_token_missing", &[("grant_type", "refresh_token")]),
        ("refresh_token_unknown", &[("grant_type", "refresh_token"), ("refresh_token", "x")]),
        ("scope_malformed", &[credentials, ("scope", "a\"b")]),
        ("scope_unknown", &[credentials, ("scope", "unknown")]),
        ("scope_without_api", &[credentials, ("scope", "openid")]),
        ("resource_malformed", &[credentials, ("resource", "relative")]),
        ("resource_unknown", &[credentials, ("resource", "https://unknown.example")]),
        ("parameter_twice", &[credentials, credentials]),
        ("two_methods", &[credentials, ("client_secret", "x")]),
    ];
    let mut written = String::new();
    for (name, form) in table {
        let answer = server.post("/token", &client, form).await;
        writeln!(written, "## {name}\n{}\n", brief(&answer)).unwrap();
    }
    let unauthorized = server.post("/token", &spa, &[credentials]).await;
    writeln!(written, "## client_unauthorized\n{}\n", brief(&unauthorized)).unwrap();
    let missing = server.post_form("/token", &[credentials]).await;
    writeln!(written, "## client_missing\n{}\n", brief(&missing)).unwrap();
    let wrong = server.post_as("/token", "Basic eDp5", &[credentials]).await;
    writeln!(written, "## client_unknown\n{}\n", brief(&wrong)).unwrap();
    for _ in 1..20 {
        server.post_as("/token", "Basic eDp5", &[credentials]).await;
    }
    let throttled = server.post_as("/token", "Basic eDp5", &[credentials]).await;
    writeln!(written, "## client_throttled\n{}", brief(&throttled)).unwrap();
    pin("token_errors", &written);
}

#[tokio::test]
async fn the_answers_of_the_other_endpoints() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server
        .add_client_with(ClientKind::Web, |new| new.auth_method = Some(ClientAuthMethod::ClientSecretPost))
        .await;
    let mut written = String::new();
    let secrets = [(&*server.issuer, "[issuer]"), ("localhost:", "localhost:")];
    let revoke = [("client_id", &*client.id), ("client_secret", &*client.secret), ("token", "x")];
    let silent = server.authorize_path(&client, "openid", &[("prompt", "none")]);
    for (name, answer) in [
        ("revoke", server.post_form("/revoke", &revoke).await),
        ("revoke_without_token", server.post_form("/revoke", &revoke[..2]).await),
        ("userinfo_without_token", server.get("/userinfo").await),
        ("userinfo_with_a_bad_token", server.userinfo("x").await),
        ("authorize_error", server.browser().visit(&silent).await),
        ("token_with_get", server.get("/token").await),
        ("revoke_with_a_secret_in_the_query", server.post_form("/revoke?client_secret=x", &revoke).await),
        (
            "userinfo_with_a_token_in_two_places",
            server.post_as("/userinfo", "Bearer x", &[("access_token", "x")]).await,
        ),
    ] {
        let escaped = server.issuer.replace(':', "%3A").replace('/', "%2F");
        let answer = wire(&answer, &secrets).replace(&escaped, "[issuer]");
        let without_cookie =
            answer.lines().filter(|line| !line.starts_with("set-cookie: ")).collect::<Vec<_>>();
        writeln!(written, "## {name}\n{}\n", without_cookie.join("\n")).unwrap();
    }
    pin("other_answers", &written);
}
