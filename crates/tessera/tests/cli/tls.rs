//! TLS that ends in the server, and certificates that change while requests come in.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;

use crate::support::{Installation, Outcome, STEP_TIMEOUT, Server, eventually, mode};

struct Pair {
    certificate: String,
    key: String,
}

fn pair() -> Pair {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    Pair { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

const CONFIGURATION: &str = "issuer = \"https://localhost\"\ndata_dir = \"data\"\n[tls]\ncertificate_file = \"cert.pem\"\nkey_file = \"key.pem\"\n";

fn write(installation: &Installation, pair: &Pair) -> PathBuf {
    installation.write("cert.pem", &pair.certificate, 0o644);
    installation.write("key.pem", &pair.key, 0o600);
    installation.configure(CONFIGURATION)
}

/// Writes the files and makes the database.
fn install(installation: &Installation, pair: &Pair) -> PathBuf {
    let file = write(installation, pair);
    Outcome::from(installation.with_file(&["init"], &file).output().unwrap()).accepted();
    file
}

/// Whether a client that trusts only this certificate gets an answer over a new connection.
async fn answers(server: &Server, pair: &Pair) -> bool {
    let root = reqwest::Certificate::from_pem(pair.certificate.as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .resolve("localhost", SocketAddr::from(([127, 0, 0, 1], server.address.port())))
        .build()
        .unwrap();
    let answer = client.get(format!("https://localhost:{}/jwks", server.address.port())).send().await;
    answer.is_ok_and(|answer| {
        answer.status() == 200 && answer.headers().contains_key("strict-transport-security")
    })
}

#[tokio::test]
async fn f39_a_certificate_is_replaced_while_the_server_runs() {
    let installation = Installation::empty();
    let (first, second) = (pair(), pair());
    let file = install(&installation, &first);
    let server = Server::start(installation.with_file(&["serve"], &file));
    assert!(answers(&server, &first).await);
    assert!(!answers(&server, &second).await);

    // Half written.
    installation.write("cert.pem", &second.certificate[..second.certificate.len() / 2], 0o644);
    server.logged("tls.certificate_refused");
    assert!(answers(&server, &first).await);

    // Of another key.
    installation.write("cert.pem", &second.certificate, 0o644);
    server.logged("tls.certificate_refused");
    assert!(answers(&server, &first).await);

    // With a key that others can read.
    installation.write("key.pem", &second.key, 0o644);
    server.logged("tls.certificate_refused");
    assert!(answers(&server, &first).await);

    installation.write("key.pem", &second.key, 0o600);
    server.logged("tls.certificate_reloaded");
    assert!(answers(&server, &second).await);
    assert!(!answers(&server, &first).await);
    let (_, metrics) = server.ops("/metrics").await;
    assert!(metrics.contains("tessera_tls_reloads_total{outcome=\"taken\"} 1"), "{metrics}");
}

#[test]
fn f40_certificate_and_key_are_checked_before_the_start() {
    let installation = Installation::empty();
    let (first, second) = (pair(), pair());
    let file = write(&installation, &first);
    let check = || Outcome::from(installation.with_file(&["config", "check"], &file).output().unwrap());
    check().accepted();
    let cases: [(&str, &str, u32, &str); 5] = [
        ("key.pem", &first.key, 0o644, "chmod 600"),
        ("key.pem", &second.key, 0o600, "cannot be used with the key"),
        ("key.pem", "nothing", 0o600, "no private key"),
        ("cert.pem", "nothing", 0o644, "no certificate"),
        ("cert.pem", "-----BEGIN CERTIFICATE-----\n", 0o644, "cert.pem: "),
    ];
    for (name, content, permissions, expected) in cases {
        write(&installation, &first);
        let path = installation.write(name, content, permissions);
        assert_eq!(mode(&path), permissions);
        let said = check().refused(78);
        assert!(said.contains(expected) && said.contains("t.toml:"), "{expected}: {said}");
    }
}

#[tokio::test]
async fn t10_plain_http_gets_no_answer_from_a_tls_listener() {
    let installation = Installation::empty();
    let file = install(&installation, &pair());
    let server = Server::start(installation.with_file(&["serve"], &file));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(client.get(format!("http://{}/jwks", server.address)).send().await.is_err());
}

/// Takes the five seconds that a handshake may last.
#[tokio::test]
async fn t03_a_handshake_that_does_not_end_is_not_waited_for() {
    let installation = Installation::empty();
    let pair = pair();
    let file = install(&installation, &pair);
    let mut command = installation.with_file(&["serve"], &file);
    command.env("TESSERA_SERVER_MAX_CONNECTIONS", "2");
    let server = Server::start(command);
    // Nothing at all, and the first bytes of a ClientHello of 512.
    let held = [&b""[..], &[22, 3, 1, 2, 0, 1]].map(|bytes| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(STEP_TIMEOUT)).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    });
    assert!(!answers(&server, &pair).await, "they take every place");
    for mut stream in held {
        // The stream ends with or without an error.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    eventually("there is room again", async || answers(&server, &pair).await).await;
}
