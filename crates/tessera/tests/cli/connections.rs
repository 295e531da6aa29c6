//! Connections that would keep a server busy for nothing (invariant I8).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::{ForTests as _, Installation, STEP_TIMEOUT, Server, eventually};

fn with_room_for(installation: &Installation, connections: &str) -> Server {
    let mut command = installation.command(&["serve", "--dev"]);
    command.env("TESSERA_SERVER_MAX_CONNECTIONS", connections);
    Server::start(command)
}

/// A connection that sends these words and then nothing.
fn say(server: &Server, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(STEP_TIMEOUT)).unwrap();
    stream.write_all(words.as_bytes()).unwrap();
    stream
}

/// Everything that the server sends until it closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // If the server closes with bytes of ours unread, this ends in an error.
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

async fn there_is_room_again(server: &Server) {
    let http = reqwest::Client::new_for_tests();
    let url = format!("http://{}/jwks", server.address);
    eventually("there is room again", async || http.get(&url).send().await.is_ok()).await;
}

const GET: &str = "GET /jwks HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn i08_one_connection_too_many_is_closed_at_once() {
    let installation = Installation::empty();
    let server = with_room_for(&installation, "2");
    let (silent, kept) = (say(&server, ""), say(&server, GET));
    let mut answer = [0; 15];
    (&kept).read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    assert_eq!(rest(say(&server, GET)), "");
    server.logged("too many connections");
    assert_eq!(server.ops("/readyz").await.0, 200, "its own connections are counted by themselves");
    drop((silent, kept));
    there_is_room_again(&server).await;
    let (_, metrics) = server.ops("/metrics").await;
    assert!(metrics.contains("tessera_connections_refused_total"), "{metrics}");
}

#[test]
fn a_burst_of_connections_waits_for_its_turn() {
    let installation = Installation::empty();
    let server = with_room_for(&installation, "500");
    server.signal(Signal::STOP);
    let at_once = |_| TcpStream::connect_timeout(&server.address, Duration::from_millis(900)).unwrap();
    let burst: Vec<TcpStream> = (0..200).map(at_once).collect();
    server.signal(Signal::CONT);
    for mut stream in burst {
        stream.write_all(GET.as_bytes()).unwrap();
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
    }
}

/// With HTTP/2 one connection could hold the answers to many requests as long as it likes (`docs/adr/0007`).
#[test]
fn t03_no_http_2_is_spoken() {
    let installation = Installation::empty();
    let server = with_room_for(&installation, "5");
    assert_eq!(rest(say(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")), "");
}

/// Takes the ten seconds after which the server closes such connections.
#[tokio::test]
async fn t03_who_says_nothing_or_speaks_slowly_is_not_waited_for() {
    let installation = Installation::empty();
    let server = with_room_for(&installation, "4");
    let silent = say(&server, "");
    let half = say(&server, "GET /jwks HTTP/1.1\r\nhost: local");
    let idle = say(&server, GET);
    let half_of_a_second_request = say(&server, &format!("{GET}GET /jwks"));
    assert_eq!(rest(say(&server, GET)), "", "they take every place");
    assert_eq!(rest(silent), "");
    assert!(!rest(half).contains("200 OK"));
    assert!(rest(idle).starts_with("HTTP/1.1 200 OK"));
    assert_eq!(rest(half_of_a_second_request).matches("HTTP/1.1 200 OK").count(), 1);
    there_is_room_again(&server).await;
    // The server refuses this at once, so it takes no slot.
    assert!(!rest(say(&server, "PRI * HTTP/2.0")).contains("200 OK"));
}
