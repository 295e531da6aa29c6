//! Denials whose event the database does not accept are counted in the number that is written later.

use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt as _;
use tessera_http::headers::Transport;
use tessera_http::pages::{Pages, Site};
use tessera_http::routes::endpoints;
use tessera_http::state::Server;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::server::{Backend, TestServer};
use tower::ServiceExt as _;

async fn guess(server: &TestServer) -> u16 {
    let request = server.http.post(server.url("/token")).basic_auth("made-up", Some("tsr_cs_guess"));
    request.form(&[("grant_type", "client_credentials")]).send().await.unwrap().status().as_u16()
}

/// The number of denials with a row of their own, and the numbers in the other rows.
async fn written(server: &TestServer) -> (usize, Vec<String>) {
    let events = server.events(EventCode::ClientAuthFailed).await;
    let (rows, sums): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.request_id.is_some());
    (rows.len(), sums.into_iter().filter_map(|event| event.detail).collect())
}

#[tokio::test]
async fn s19_what_the_database_did_not_take_is_counted() {
    let server = TestServer::start(Backend::Postgres).await;
    assert_eq!(guess(&server).await, 401);
    server.sql("ALTER TABLE audit RENAME TO lost");
    for _ in 0..3 {
        assert_eq!(guess(&server).await, 503);
    }
    tessera_app::audit::flush(&server.app).await.unwrap_err();
    tessera_app::audit::flush(&server.app).await.unwrap_err();
    server.sql("ALTER TABLE lost RENAME TO audit");
    assert_eq!(written(&server).await, (1, vec!["3 more".to_owned()]), "once, as soon as it answers");
    for _ in 0..10 {
        assert_eq!(guess(&server).await, 401);
    }
    tessera_app::audit::settle(&server.app).await.unwrap();
    let (rows, mut sums) = written(&server).await;
    sums.sort_unstable();
    assert_eq!((rows, sums), (7, vec!["3 more".to_owned(), "4 more".to_owned()]), "no budget is given back");
}

#[tokio::test]
async fn s19_whoever_hangs_up_before_the_answer_is_counted() {
    let server = TestServer::start(Backend::Postgres).await;
    let client = server.add_client(ClientKind::Service).await;
    let form = format!("grant_type=client_credentials&client_id={}&client_secret=guess", client.id);
    let face =
        Server::new(server.app.clone(), Pages::load(None, Site::default()).unwrap(), Transport::PlainHttp);
    let request = Request::post("/token")
        .header("host", server.issuer.trim_start_matches("http://"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    let mut asking = Box::pin(endpoints(face).oneshot(request));
    assert!(asking.as_mut().now_or_never().is_none(), "it has a turn");
    assert!(asking.as_mut().now_or_never().is_none(), "the database is asked");
    drop(asking);
    assert_eq!(written(&server).await, (0, vec!["1 more".to_owned()]));
}

/// The catalog is refreshed for an unknown client. A stranger who hangs up meanwhile must not mark it as stale, which would stop
/// every token.
#[tokio::test]
async fn i08_whoever_hangs_up_while_a_client_is_looked_for_stops_nobody() {
    let server = TestServer::start(Backend::Postgres).await;
    let client = server.add_client(ClientKind::Service).await;
    let face =
        Server::new(server.app.clone(), Pages::load(None, Site::default()).unwrap(), Transport::PlainHttp);
    let endpoints = endpoints(face);
    for number in 0..5 {
        let request = Request::get(format!("/authorize?client_id=made-up-{number}"))
            .header("host", server.issuer.trim_start_matches("http://"))
            .body(Body::empty())
            .unwrap();
        assert!(endpoints.clone().oneshot(request).now_or_never().is_none(), "the database is asked");
        let answer = server.post("/token", &client, &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}
