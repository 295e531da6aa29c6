//! The list of breached passwords: a file, or a service on this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tessera_app::passwords::{Breached, PasswordRefusal, WhenUnreachable};
use tessera_app::{Actor, Config, Cx};
use tessera_testkit::counted::Counted;
use tessera_testkit::passwords::NEW_PASSWORD;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use super::{add, refusals};

/// The SHA-1 of [`PASSWORD`].
const HASH: &str = "ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42";
const FAILURES: &str = "tessera_breached_list_failures_total";

fn listed_in(breached: Breached, when_unreachable: WhenUnreachable) -> impl FnOnce(&mut Config) {
    move |config| {
        config.passwords.breached = breached;
        config.passwords.when_unreachable = when_unreachable;
    }
}

async fn with_file(path: &Path, when_unreachable: WhenUnreachable) -> TestServer {
    let breached = Breached::File(path.to_owned());
    TestServer::start_with(Backend::Sqlite, listed_in(breached, when_unreachable)).await
}

fn file(folder: &tempfile::TempDir, content: &str) -> PathBuf {
    let path = folder.path().join("breached.txt");
    std::fs::write(&path, content).unwrap();
    path
}

#[tokio::test]
async fn r22_a_password_in_the_file_is_refused_and_a_newer_file_counts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, &format!("{:040}:1\r\n{HASH}:2\r\n{}:3\r\n", 0, "F".repeat(40)));
    let server = with_file(&path, WhenUnreachable::Refuse).await;
    assert_eq!(refusals(add(&server.cli(), "alice", PASSWORD).await), [PasswordRefusal::Breached]);
    add(&server.cli(), "bobby", NEW_PASSWORD).await.unwrap();
    file(&folder, &format!("{:040}:1\r\n", 0));
    add(&server.cli(), "alice", PASSWORD).await.unwrap();
}

/// Everything runs on this thread, because the recorder is local to it.
#[tokio::test]
async fn r22_without_its_list_a_server_accepts_and_counts_or_refuses() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("gone"), file(&folder, "damaged\n")] {
        let counted = Counted::new(FAILURES);
        let _heard = metrics::set_default_local_recorder(&counted);
        let server = with_file(&path, WhenUnreachable::Accept).await;
        add(&server.cli(), "alice", PASSWORD).await.unwrap();
        assert_eq!(counted.total(), 1);
        let strict = with_file(&path, WhenUnreachable::Refuse).await;
        let told = refusals(add(&strict.cli(), "alice", "password").await);
        let expected =
            [PasswordRefusal::TooShort { min: 15 }, PasswordRefusal::Guessable, PasswordRefusal::NotLookedUp];
        assert_eq!((told.as_slice(), counted.total()), (&expected[..], 2));
    }
}

/// A service that gives every request the same answer, and keeps what it was sent. An empty answer is none.
async fn service(answer: String) -> (Url, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/list", listener.local_addr().unwrap())).unwrap();
    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let (answer, sender) = (Arc::clone(&answer), sender.clone());
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let read = socket.read(&mut request).await.unwrap_or_default();
                let _ = sender.send(String::from_utf8_lossy(&request[..read]).into_owned());
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
                // The client hangs up in the middle of an answer that is too long.
                let _ = socket.write_all(answer.as_bytes()).await;
            });
        }
    });
    (url, received)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn r22_the_service_learns_five_digits_of_the_hash_and_nothing_else() {
    let (told, kept) = HASH.split_at(5);
    let (url, mut received) = service(ok(&format!("{:035}:9\r\n{kept}:42\r\n", 1))).await;
    let breached = Breached::Service(url);
    let server = TestServer::start_with(Backend::Sqlite, listed_in(breached, WhenUnreachable::Refuse)).await;
    assert_eq!(refusals(add(&server.cli(), "alice", PASSWORD).await), [PasswordRefusal::Breached]);
    let sent = received.recv().await.unwrap().to_lowercase();
    assert!(sent.starts_with(&format!("get /list/range/{} http/1.1\r\n", told.to_lowercase())), "{sent}");
    assert!(sent.contains("add-padding: true\r\n"), "{sent}");
    for secret in [kept, PASSWORD, "alice"] {
        assert!(!sent.contains(&secret.to_lowercase()), "{sent}");
    }
    add(&server.cli(), "bobby", NEW_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn r22_a_service_that_is_slow_huge_or_odd_lists_nothing() {
    let (_, kept) = HASH.split_at(5);
    let huge = format!("{kept}:1\r\n").repeat(30_000);
    let moved = "HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n";
    let answers = [
        String::new(),
        ok(&huge),
        ok("<html>Please log in to this network</html>"),
        ok(""),
        ok(&format!("{kept}:1\r\n<!-- -->")),
        moved.to_owned(),
        format!("HTTP/1.1 503 Busy\r\ncontent-length: {}\r\n\r\n{kept}:1", kept.len() + 2),
        "SSH-2.0-none\r\n".to_owned(),
    ];
    for answer in answers {
        let shown = answer.chars().take(100).collect::<String>();
        let (url, _received) = service(answer).await;
        let breached = Breached::Service(url);
        let server =
            TestServer::start_with(Backend::Sqlite, listed_in(breached.clone(), WhenUnreachable::Refuse))
                .await;
        let refused = refusals(add(&server.cli(), "alice", PASSWORD).await);
        assert_eq!(refused, [PasswordRefusal::NotLookedUp], "{shown}");
        let lenient = server.second_process(listed_in(breached, WhenUnreachable::Accept)).await;
        add(&Cx::new(&lenient, Actor::Cli), "alice", PASSWORD).await.unwrap();
    }
}
