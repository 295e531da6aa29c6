//! A server from start to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{ForTests as _, Installation, Outcome, STEP_TIMEOUT, Server, get};

#[tokio::test]
async fn t17_health_and_metrics_are_on_their_own_listener() {
    let installation = Installation::init();
    let server = Server::start(installation.command(&["serve"]));
    assert_eq!(server.issuer, "https://login.example.com");
    assert_eq!(server.ops("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(server.ops("/readyz").await, (200, "ready\n".to_owned()));
    let http = &reqwest::Client::new_for_tests();
    for path in ["/healthz", "/readyz", "/metrics", "/debug/pprof"] {
        assert_eq!(get(http, &format!("http://{}{path}", server.address)).await.0, 404, "{path}");
    }
    assert_eq!(get(http, &format!("http://{}/jwks", server.address)).await.0, 200);
    let (status, metrics) = server.ops("/metrics").await;
    assert_eq!(status, 200);
    let counted = "tessera_http_request_seconds_count{endpoint=\"/jwks\",status=\"200\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("tessera_http_request_seconds_bucket"), "{metrics}");
    assert!(!metrics.contains("/readyz"), "probes are not people: {metrics}");
}

#[tokio::test]
async fn a_program_that_starts_the_server_reads_where_it_listens() {
    let installation = Installation::init();
    let mut command = installation.command(&["serve", "--json"]);
    command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&said["issuer"], &said["tls"]), (&"https://login.example.com".into(), &false.into()));
    let http = &reqwest::Client::new_for_tests();
    let address = |name: &str| said[name].as_str().unwrap().to_owned();
    assert_eq!(get(http, &format!("http://{}/jwks", address("listen"))).await.0, 200);
    assert_eq!(get(http, &format!("http://{}/readyz", address("ops_listen"))).await.0, 200);
    child.kill().unwrap();
    let log = Outcome::from(child.wait_with_output().unwrap()).stderr;
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
    assert!(log.contains("\"listening\""), "{log}");
}

#[test]
fn one_sqlite_file_has_one_server() {
    let installation = Installation::empty();
    let server = installation.serve();
    let mut second = installation.command(&["serve", "--dev"]);
    second.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
    let said = Outcome::from(second.output().unwrap());
    assert_eq!(said.code, Some(69), "{said:?}");
    assert!(said.stderr.contains("another server is already running"), "{said:?}");
    installation.run(&["user", "list"]).accepted();
    drop(server);
    // The operating system gives the claim back when a server dies.
    drop(installation.serve());
}

#[test]
fn f41_a_broken_configuration_leaves_the_running_one_in_place() {
    let installation = Installation::init();
    let server = Server::start(installation.command(&["serve"]));
    let file = installation.file("tessera.toml");
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("nonsense = 1\n{right}")).unwrap();
    server.signal(Signal::HUP);
    let event = server.logged("config.rejected");
    assert!(event["error"].as_str().unwrap().contains(":1: nonsense: unknown key"), "{event}");
    std::fs::write(&file, right).unwrap();
    server.signal(Signal::HUP);
    server.logged("config.accepted");
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn s04_the_memory_of_a_server_is_not_dumped() {
    let installation = Installation::empty();
    let server = installation.serve();
    let limits = server.proc("limits");
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{line}");
}

#[test]
fn p12_headers_have_a_bound() {
    let installation = Installation::empty();
    let server = installation.serve();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(STEP_TIMEOUT)).unwrap();
    let head =
        format!("GET /jwks HTTP/1.1\r\nhost: localhost\r\nx-filler: {}\r\n\r\n", "x".repeat(32 * 1024));
    // The server may close before it has read everything.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = [0; 12];
    if stream.read_exact(&mut answer).is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
}
