//! The operator's listener, and that its endpoints are not on the public one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::Request;
use tessera_app::clock::watch_beside;
use tessera_http::ops::{Ops, endpoints};
use tessera_testkit::server::{Backend, TestServer};
use tower::ServiceExt as _;

fn ops(server: &TestServer) -> Arc<Ops> {
    Arc::new(Ops {
        app: Arc::clone(&server.app),
        accepting: AtomicBool::new(true),
        dead_part: Box::new(|| None),
        failing_part: Box::new(|| None),
        metrics: Box::new(|| "tessera_up 1\n".to_owned()),
    })
}

async fn ask(ops: &Arc<Ops>, method: &str, path: &str) -> (u16, String) {
    let request =
        Request::builder().method(method).uri(path).header("host", "localhost").body(Body::empty()).unwrap();
    let answer = endpoints(Arc::clone(ops)).oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_operator_learns_whether_the_server_lives_and_takes_requests() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ops = ops(&server);
    assert_eq!(ask(&ops, "GET", "/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(ask(&ops, "GET", "/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(ask(&ops, "GET", "/metrics").await, (200, "tessera_up 1\n".to_owned()));
    ops.accepting.store(false, Ordering::Release);
    assert_eq!(ask(&ops, "GET", "/readyz").await, (503, "stopping\n".to_owned()));
    assert_eq!(ask(&ops, "GET", "/healthz").await.0, 200, "it lives while it drains");
    assert_eq!(ask(&ops, "POST", "/healthz").await.0, 405);
    assert_eq!(ask(&ops, "GET", "/token").await.0, 404);
}

#[tokio::test]
async fn f44_a_server_with_a_dead_part_is_not_ready_but_lives() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ops =
        Ops { dead_part: Box::new(|| Some("catalog.refresh")), ..Arc::into_inner(ops(&server)).unwrap() };
    let ops = Arc::new(ops);
    let said = "catalog.refresh does not work\n".to_owned();
    assert_eq!(ask(&ops, "GET", "/readyz").await, (503, said.clone()));
    assert_eq!(ask(&ops, "GET", "/readyz/write").await, (503, said));
    assert_eq!(ask(&ops, "GET", "/healthz").await.0, 200);
}

#[tokio::test]
async fn p6_a_server_whose_clock_is_not_that_of_the_database_is_not_ready() {
    let server = TestServer::start(Backend::Postgres).await;
    let ops = ops(&server);
    for (ahead, said) in [
        (11, "the clock is 11 s ahead of that of the database\n"),
        (-3_600, "the clock is 3600 s behind that of the database\n"),
    ] {
        watch_beside(&server.app, Some(ahead)).await.unwrap();
        assert_eq!(ask(&ops, "GET", "/readyz").await, (503, said.to_owned()));
    }
    watch_beside(&server.app, Some(-10)).await.unwrap();
    assert_eq!(ask(&ops, "GET", "/readyz").await.0, 200);
}

#[tokio::test]
async fn f44_a_part_that_fails_and_lives_is_no_reason_to_ask_another_instance() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ops =
        Ops { failing_part: Box::new(|| Some("audit.flush")), ..Arc::into_inner(ops(&server)).unwrap() };
    let ops = Arc::new(ops);
    assert_eq!(ask(&ops, "GET", "/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(ask(&ops, "GET", "/readyz/write").await, (503, "audit.flush fails\n".to_owned()));
}

#[tokio::test]
async fn t17_nothing_of_it_is_public() {
    let server = TestServer::start(Backend::Sqlite).await;
    for path in ["/healthz", "/readyz", "/metrics", "/debug", "/debug/pprof", "/admin", "/.env"] {
        let answer = server.browser().visit(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("tessera_"), "{path}");
    }
}
