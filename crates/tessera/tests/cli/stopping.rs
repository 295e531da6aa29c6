//! A server that is told to stop.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use rustix::process::Signal;
use tessera_store::{AuditFilter, Location, Store};

use crate::support::{ForTests as _, Installation, STEP_TIMEOUT, Server, eventually, get};

/// A server with this `shutdown_notice`.
fn with_notice(installation: &Installation, notice: &str) -> Server {
    let mut command = installation.command(&["serve"]);
    command.env("TESSERA_SERVER_SHUTDOWN_NOTICE", notice);
    Server::start(command)
}

/// A request whose handler waits for the rest of its body.
struct UnderWay(TcpStream);

impl UnderWay {
    fn begin(server: &Server) -> Self {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(STEP_TIMEOUT)).unwrap();
        let head = "POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 21\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self(stream)
    }

    /// Everything that the server sends until it closes the connection.
    fn rest(mut self) -> String {
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).unwrap();
        answer
    }

    #[track_caller]
    fn finish(mut self) {
        self.0.write_all(b"grant_type=unheard_of").unwrap();
        let answer = self.rest();
        assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("invalid_client"), "{answer}");
    }
}

#[test]
fn f49_a_server_told_to_stop_ends_with_success() {
    for signal in [Signal::TERM, Signal::INT] {
        let installation = Installation::empty();
        let server = installation.serve();
        server.signal(signal);
        server.logged("stopped");
        assert_eq!(server.ended().code(), Some(0));
    }
}

#[tokio::test]
async fn f49_requests_under_way_are_answered_before_the_server_ends() {
    let installation = Installation::init();
    let server = with_notice(&installation, "1s");
    let requests: Vec<UnderWay> = (0..200).map(|_| UnderWay::begin(&server)).collect();
    server.signal(Signal::TERM);
    server.logged("no more connections");
    eventually("nobody else is let in", async || TcpStream::connect(server.address).is_err()).await;
    assert_eq!(server.ops("/readyz").await, (503, "stopping\n".to_owned()));
    assert_eq!(server.ops("/healthz").await.0, 200);
    requests.into_iter().for_each(UnderWay::finish);
    assert_eq!(server.ended().code(), Some(0));
}

#[tokio::test]
async fn f49_load_balancers_have_time_to_hear_of_the_stop() {
    let installation = Installation::init();
    let server = with_notice(&installation, "60s");
    server.signal(Signal::TERM);
    server.logged("stopping");
    assert_eq!(server.ops("/readyz").await, (503, "stopping\n".to_owned()));
    let jwks = format!("http://{}/jwks", server.address);
    assert_eq!(get(&reqwest::Client::new_for_tests(), &jwks).await.0, 200, "over a new connection");
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(143), "the second signal ends the notice");
}

#[test]
fn f49_a_second_signal_ends_the_wait_for_requests() {
    let installation = Installation::empty();
    let server = installation.serve();
    let request = UnderWay::begin(&server);
    server.signal(Signal::TERM);
    server.logged("no more connections");
    server.signal(Signal::INT);
    assert_eq!(server.ended().code(), Some(130));
    drop(request);
}

/// Takes the ten seconds that requests under way have.
#[test]
fn f49_a_request_that_does_not_end_is_told_so_and_keeps_nobody_waiting() {
    let installation = Installation::empty();
    let server = installation.serve();
    let request = UnderWay::begin(&server);
    server.signal(Signal::TERM);
    server.logged("stopped");
    assert_eq!(server.ended().code(), Some(0));
    let answer = request.rest();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1"), "{answer}");
}

#[tokio::test]
async fn s19_a_server_that_stops_writes_the_numbers_of_the_minute_under_way() {
    let installation = Installation::init();
    let server = installation.serve();
    let http = reqwest::Client::new_for_tests();
    for _ in 0..15 {
        let guess =
            http.post(format!("http://{}/token", server.address)).basic_auth("made-up", Some("guess"));
        let answer = guess.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 401);
    }
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(0));
    let store = Store::open(&Location::Sqlite { path: installation.file("tessera.db") }).await.unwrap();
    let filter = &AuditFilter::default();
    let page = store.read(|tx| async move { tx.audit().page(filter, 1_000).await }).await;
    let events = page.unwrap().events;
    let denied = events.iter().filter(|event| event.code.as_str() == "client.auth_failed");
    let (rows, sums): (Vec<_>, Vec<_>) = denied.partition(|event| event.request_id.is_some());
    let numbers: Vec<_> = sums.iter().filter_map(|event| event.detail.as_deref()).collect();
    assert_eq!((rows.len(), numbers), (10, vec!["5 more"]));
}
