//! The database goes away and comes back (policy P5). Meanwhile nothing is issued, and no code or token is lost or used up.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::extract::Request;
use tessera_http::ops::{self, Ops};
use tessera_jose::base64url;
use tessera_jose::digest::sha256;
use tessera_model::ClientKind;
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::evidence::{Tokens, claims};
use tessera_testkit::postgres::{TestDatabase, TestPostgres};
use tessera_testkit::proxy::Proxy;
use tessera_testkit::server::{PASSWORD, TestServer};
use tower::ServiceExt as _;

use crate::{SCOPE, location, submit_login};

/// A server whose connection to PostgreSQL can be cut.
pub(crate) async fn behind_a_proxy() -> (TestServer, Proxy, TestDatabase) {
    let created = tokio::task::spawn_blocking(|| TestPostgres::shared().database());
    let database = created.await.unwrap();
    let (proxy, url) = Proxy::start(&database.url()).await;
    (TestServer::start_at(url).await, proxy, database)
}

/// What `/healthz`, `/readyz` and `/readyz/write` say after the job of the server has tried the database.
async fn is_ready(server: &TestServer) -> (u16, u16, u16) {
    tessera_app::probe::run(&server.app).await;
    let app = Arc::clone(&server.app);
    let (accepting, dead_part, failing_part) = (AtomicBool::new(true), Box::new(|| None), Box::new(|| None));
    let ops = Arc::new(Ops { app, accepting, dead_part, failing_part, metrics: Box::new(String::new) });
    let ask = async |path: &str| {
        let request = Request::builder().uri(path).header("host", "localhost").body(Body::empty()).unwrap();
        ops::endpoints(Arc::clone(&ops)).oneshot(request).await.unwrap().status().as_u16()
    };
    (ask("/healthz").await, ask("/readyz").await, ask("/readyz/write").await)
}

/// Asserts 503 with `Retry-After`.
fn assert_unavailable(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.body);
    let seconds = answer.header("retry-after").parse::<u32>();
    assert!(seconds.is_ok_and(|seconds| (1..=3).contains(&seconds)), "{what}: {:?}", answer.headers);
    assert_eq!(answer.header("set-cookie"), "", "{what}");
}

#[tokio::test]
async fn p5_f17_without_its_database_the_issuer_issues_nothing_and_forgets_nothing() {
    let (server, mut wire, _database) = behind_a_proxy().await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let machine = server.add_client(ClientKind::Service).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    let code = server.code(&client, SCOPE, "alice").await;
    let mut stranger = server.browser();
    let page = location(&stranger.visit(&server.authorize_path(&client, SCOPE, &[])).await);
    let form = stranger.visit(&page).await;
    let (csrf, flow) = (form.hidden("csrf"), form.hidden("flow"));
    let login = [("csrf", &*csrf), ("flow", &*flow), ("username", "alice"), ("password", PASSWORD)];
    assert_eq!(is_ready(&server).await, (200, 200, 200));

    wire.cut().await;
    // The job of the server refreshes twice a second. Tests refresh by themselves.
    tessera_app::catalog::refresh(&server.app).await.unwrap_err();
    for _ in 0..3 {
        let answer = server.refresh_with(&client, &tokens.refresh).await;
        assert_unavailable(&answer, "refresh");
        assert_eq!(answer.error(), "temporarily_unavailable");
    }
    assert_unavailable(&server.redeem(&client, &code).await, "code");
    let machine_token = [("grant_type", "client_credentials")];
    assert_unavailable(&server.post("/token", &machine, &machine_token).await, "client credentials");
    assert_unavailable(&server.post("/revoke", &client, &[("token", &tokens.refresh)]).await, "revocation");
    assert_unavailable(&server.userinfo(&tokens.access).await, "userinfo");
    assert_unavailable(&stranger.submit("/login", &login).await, "login");
    assert_unavailable(&browser.visit("/logout").await, "logout");
    assert_unavailable(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await, "authorize");
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        assert_eq!(server.browser().visit(path).await.status, 200, "{path} stays up");
    }
    assert_eq!(is_ready(&server).await, (200, 200, 503));

    wire.mend().await;
    // The database answers again, but the catalog has not been refreshed yet.
    assert_unavailable(&server.refresh_with(&client, &tokens.refresh).await, "refresh");
    assert_unavailable(&server.redeem(&client, &code).await, "code");
    assert_unavailable(&server.post("/token", &machine, &machine_token).await, "client credentials");
    assert_unavailable(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await, "authorize");
    server.refresh().await;
    assert_eq!(is_ready(&server).await, (200, 200, 200));
    let refreshed = server.refresh_with(&client, &tokens.refresh).await;
    assert_eq!(refreshed.status, 200, "no family was revoked: {}", refreshed.body);
    assert_ne!(Tokens::of(&refreshed).refresh, tokens.refresh);
    assert_eq!(server.redeem(&client, &code).await.status, 200, "no code was burnt");
    assert_eq!(server.post("/token", &machine, &machine_token).await.status, 200);
    let end = location(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await);
    assert!(query(&end, "code").is_some(), "no session was lost: {end}");
    let end = location(&submit_login(&mut stranger, &page, "alice", PASSWORD).await);
    assert!(query(&end, "code").is_some(), "no login was counted: {end}");
    for code in ["refresh.reuse_detected", "code.reuse", "token.revoked", "session.ended"] {
        assert_eq!(server.count(code).await, 0, "{code}");
    }
}

/// The rules after number `after`: the last number, and what the rules name.
async fn feed(server: &TestServer, after: u32) -> (u64, Vec<String>) {
    let page = server.rules(after).await;
    assert_eq!(page["complete"], true, "{page}");
    let name = |rule: &serde_json::Value| rule["id"].as_str().unwrap().to_owned();
    (page["seq"].as_u64().unwrap(), page["rules"].as_array().unwrap().iter().map(name).collect())
}

fn named(token: &str) -> String {
    let jti = claims(token)["jti"].as_str().unwrap().to_owned();
    base64url::encode(sha256(jti.split('.').next().unwrap().as_bytes()))
}

#[tokio::test]
async fn p5_without_its_database_the_issuer_goes_on_telling_verifiers_what_is_revoked() {
    let (server, mut wire, _database) = behind_a_proxy().await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let other = server.second_instance().await;
    let mut grants = Vec::new();
    for _ in 0..3 {
        grants.push(server.sign_in(&mut server.browser(), &client, SCOPE, "alice").await);
    }
    let [read, elsewhere, committed] = [0, 1, 2].map(|grant: usize| named(&grants[grant].access));
    let revoke = async |at: &TestServer, grant: usize| {
        let answer = at.post("/revoke", &client, &[("token", &grants[grant].refresh)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    revoke(&server, 0).await;
    server.refresh().await;
    revoke(&other, 1).await;
    revoke(&server, 2).await;

    wire.cut().await;
    // The first answer finds out that the database is gone, the job of the server finds it out before the second.
    for found_out in [false, true] {
        let known = vec![read.clone(), committed.clone()];
        assert_eq!(feed(&server, 0).await, (1, known), "{found_out}: number 2 is not known, 3 is");
        assert_eq!(feed(&server, 3).await, (3, vec![committed.clone()]), "{found_out}: nobody goes back");
        tessera_app::oauth::feed::refresh(&server.app).await.unwrap_err();
    }
    wire.mend().await;
    server.refresh().await;
    assert_eq!(feed(&server, 1).await, (3, vec![elsewhere, committed]), "nobody misses what others revoked");
}

#[tokio::test]
async fn p5_the_memory_of_the_feed_is_for_a_database_that_does_not_answer_and_for_nothing_else() {
    let (server, mut wire, database) = behind_a_proxy().await;
    let client = server.add_client(ClientKind::Web).await;
    let gone = server.add_client(ClientKind::Web).await;
    let disable = async |id: &str| {
        tessera_app::clients::disable(&server.cli(), &id.parse().unwrap()).await.unwrap();
    };
    let execute = |sql: &str| assert_eq!(database.try_execute(sql), Ok(()), "{sql}");
    disable(&gone.id).await;
    server.refresh().await;
    // A rule that this version does not understand may be news.
    execute("UPDATE revocations SET kind = 'iris', seq = 2");
    execute("UPDATE counters SET value = 2 WHERE name = 'revocations'");
    for _ in 0..2 {
        let answer = server.get("/revocation/rules").await;
        assert_eq!(answer.status, 500, "{}", answer.body);
        tessera_app::oauth::feed::refresh(&server.app).await.unwrap_err();
    }
    // The database goes back to before the rule, and another one gets its number.
    execute("DELETE FROM revocations");
    execute("UPDATE counters SET value = 0 WHERE name = 'revocations'");
    server.refresh().await;
    disable(&client.id).await;
    server.refresh().await;
    wire.cut().await;
    let hashed = base64url::encode(sha256(client.id.as_bytes()));
    assert_eq!(feed(&server, 0).await, (1, vec![hashed]));
}
