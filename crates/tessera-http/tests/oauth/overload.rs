//! More requests than the server can work on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use tessera_app::Fault;
use tessera_model::{ClientKind, EventCode, RefreshUse};
use tessera_testkit::browser::Answer;
use tessera_testkit::inspect::refresh_number;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};
use tessera_testkit::wire::allow_open_files;
use tokio::sync::Barrier;

/// As many requests as the server works on at the same time.
fn turns() -> usize {
    256 * std::thread::available_parallelism().map_or(1, usize::from)
}

async fn machine_token(server: &TestServer, machine: &TestClient) -> Answer {
    server.post("/token", machine, &[("grant_type", "client_credentials")]).await
}

/// Asks for a token until the answer has this status. A request that is made to wait is given up.
async fn until(status: u16, server: &TestServer, machine: &TestClient) {
    for _ in 0..1_000 {
        let answer = tokio::time::timeout(Duration::from_millis(100), machine_token(server, machine)).await;
        if answer.is_ok_and(|answer| answer.status == status) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never {status}")
}

/// Somebody holds the row that all requests want, so none of them gets on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f46_an_overloaded_server_says_so_and_loses_nothing() {
    allow_open_files();
    let server = Arc::new(TestServer::start(Backend::Postgres).await);
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    let machine = server.add_client(ClientKind::Service).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "refresh_token").to_owned();
    let (held, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let holder =
        tokio::spawn(hold(Arc::clone(&server), token.clone(), Arc::clone(&held), Arc::clone(&release)));
    held.wait().await;
    let crowd = tokio::spawn({
        let (server, client, token) = (Arc::clone(&server), client.clone(), token.clone());
        async move { join_all((0..turns() + 64).map(|_| server.refresh_with(&client, &token))).await.len() }
    });

    until(503, &server, &machine).await;
    let refused = machine_token(&server, &machine).await;
    assert_eq!((refused.status, &*refused.error()), (503, "temporarily_unavailable"), "{}", refused.body);
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|s| (1..=3).contains(&s)), "{refused:?}");
    let (_, answer) = begin_request(&server);
    assert!(answer.starts_with("HTTP/1.1 503 "), "refused before the body is sent: {answer}");
    let mut stream = connect(&server);
    for _ in 0..2 {
        let answer = ask_in_two_parts(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 503 "), "the connection lives: {answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    for path in ["/jwks", "/.well-known/openid-configuration"] {
        assert_eq!(server.browser().visit(path).await.status, 200, "{path} goes on");
    }

    release.wait().await;
    holder.await.unwrap();
    crowd.await.unwrap();
    until(200, &server, &machine).await;
    assert_eq!(server.refresh_with(&client, &token).await.status, 200, "the family lives");
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}

/// Rotates in a transaction that stays open, and takes it back in the end.
async fn hold(server: Arc<TestServer>, token: String, held: Arc<Barrier>, release: Arc<Barrier>) {
    let (id, number) = refresh_number(&token);
    let (store, now) = (server.store().await, server.cli().now);
    let later = now.after(Duration::from_secs(60));
    let retry = Duration::from_secs(60);
    let used = &RefreshUse { number, now, from: None, ip: None, retry, idle_expires_at: later };
    let (held, release) = (&held, &release);
    let taken_back = store
        .write(|tx| async move {
            tx.grants().rotate_refresh(id, used).await?;
            held.wait().await;
            release.wait().await;
            Err::<(), _>(Fault::Conflict)
        })
        .await;
    assert_eq!(taken_back, Err(Fault::Conflict));
}

/// Clients that send half a request, more than the server works on at the same time.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i08_f46_slow_clients_keep_nobody_from_a_turn(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    allow_open_files();
    let server = TestServer::start(backend).await;
    let machine = server.add_client(ClientKind::Service).await;
    let slow: Vec<TcpStream> = (0..turns() + 8)
        .map(|_| {
            let (stream, answer) = begin_request(&server);
            assert_eq!(answer, "HTTP/1.1 100 Continue\r\n\r\n");
            stream
        })
        .collect();
    assert_eq!(machine_token(&server, &machine).await.status, 200);
    drop(slow);
}

const HEAD: &str = "POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
    content-length: 21\r\n";

fn connect(server: &TestServer) -> TcpStream {
    let (_, port) = server.issuer.rsplit_once(':').unwrap();
    TcpStream::connect(format!("127.0.0.1:{port}")).unwrap()
}

/// A request for a token without its body, and the first bytes of the answer.
fn begin_request(server: &TestServer) -> (TcpStream, String) {
    let mut stream = connect(server);
    stream.write_all(format!("{HEAD}expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).unwrap();
    (stream, String::from_utf8(answer.to_vec()).unwrap())
}

/// Sends the body in a packet of its own. Returns the answer, with its body.
fn ask_in_two_parts(stream: &mut TcpStream) -> String {
    stream.set_nodelay(true).unwrap();
    stream.write_all(format!("{HEAD}\r\n").as_bytes()).unwrap();
    stream.write_all(b"grant_type=xxxxxxxxxx").unwrap();
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    while !answer.ends_with(b"}") {
        match stream.read(&mut some).unwrap() {
            0 => break,
            len => answer.extend_from_slice(&some[..len]),
        }
    }
    String::from_utf8(answer).unwrap()
}
