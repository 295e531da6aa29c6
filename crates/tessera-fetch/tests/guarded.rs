//! The guarded client against real servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tessera_fetch::{
    BuildError, Fetch as _, FetchError, GuardedFetch, GuardedFetchBuilder, HeaderValue, MAX_RESPONSE, Reach,
    Request, Response, Url, header,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that gives every connection the same answer, and keeps what it was sent.
struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    received: tokio::sync::mpsc::UnboundedReceiver<String>,
}

impl Server {
    /// An empty answer is none: the connection stays open.
    async fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (sender, received) = tokio::sync::mpsc::unbounded_channel();
        let (answer, counted) = (Arc::new(answer), Arc::clone(&connections));
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, SeqCst);
                let (answer, sender) = (Arc::clone(&answer), sender.clone());
                tokio::spawn(async move {
                    let mut request = vec![0; 4096];
                    let read = socket.read(&mut request).await.unwrap_or_default();
                    let _ = sender.send(String::from_utf8_lossy(&request[..read]).into_owned());
                    if answer.is_empty() {
                        std::future::pending::<()>().await;
                    }
                    // The client hangs up in the middle of an answer that is too long.
                    let _ = socket.write_all(&answer).await;
                });
            }
        });
        Self { port, connections, received }
    }

    async fn answering(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::start(
            format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes(),
        )
        .await
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/x?y=1", self.port)
    }

    fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

fn local() -> GuardedFetchBuilder {
    GuardedFetch::builder().loopback_http()
}

fn get(url: &str) -> Request {
    Request::get(Url::parse(url).unwrap())
}

async fn ask(builder: GuardedFetchBuilder, request: Request) -> Result<Response, FetchError> {
    builder.build().unwrap().fetch(request).await
}

#[tokio::test]
async fn an_answer_comes_whole_whatever_its_status() {
    let server = Server::answering("404 Not Found", "x-kind: test\r\n", "nothing").await;
    for host in ["127.0.0.1", "localhost"] {
        let response = ask(local(), get(&server.url(host))).await.unwrap();
        assert_eq!((response.status, &*response.body), (404, &b"nothing"[..]), "{host}");
        assert_eq!(response.headers["x-kind"], "test", "{host}");
    }
}

#[tokio::test]
async fn a_form_arrives_with_its_headers() {
    let mut server = Server::answering("200 OK", "", "").await;
    let request = Request::post_form(Url::parse(&server.url("127.0.0.1")).unwrap(), [("a", "b c")]);
    let request = request.header(header::AUTHORIZATION, HeaderValue::from_static("Basic eA=="));
    ask(local(), request).await.unwrap();
    let sent = server.received.recv().await.unwrap().to_lowercase();
    for part in [
        "post /x?y=1 http/1.1\r\n",
        "authorization: basic ea==\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "\r\n\r\na=b+c",
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = Server::answering("200 OK", "", "").await;
    let location = format!("location: {}\r\n", target.url("127.0.0.1"));
    let server = Server::answering("302 Found", &location, "").await;
    let response = ask(local(), get(&server.url("127.0.0.1"))).await.unwrap();
    assert_eq!(response.status, 302, "{response:?}");
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_answer_that_a_brought_client_has_redirected_is_refused() {
    let target = Server::answering("200 OK", "", "").await;
    let location = format!("location: {}\r\n", target.url("127.0.0.1"));
    let server = Server::answering("302 Found", &location, "").await;
    let brought = reqwest::Client::builder().no_proxy().build().unwrap();
    let fetch = local().build_around(brought);
    assert_eq!(fetch.fetch(get(&server.url("127.0.0.1"))).await, Err(FetchError::Redirected));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let server = Server::answering("200 OK", "", "12345").await;
    let url = server.url("127.0.0.1");
    assert_eq!(ask(local(), get(&url).max_response(5)).await.unwrap().body, b"12345");
    assert_eq!(ask(local(), get(&url).max_response(4)).await, Err(FetchError::TooLarge));

    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(MAX_RESPONSE + 1));
    let server = Server::start(endless.into_bytes()).await;
    let mut request = get(&server.url("127.0.0.1"));
    request.max_response = usize::MAX;
    assert_eq!(ask(local(), request).await, Err(FetchError::TooLarge), "no length announced");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(Vec::new()).await;
    let quick = local().timeout(Duration::from_millis(50));
    assert_eq!(ask(quick, get(&server.url("127.0.0.1"))).await, Err(FetchError::TimedOut));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_by_its_cause_alone() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = ask(local(), get(&format!("http://{free}/secret"))).await.unwrap_err();
    assert!(matches!(&error, FetchError::Transport(cause) if cause.contains("refused")), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn plain_http_never_leaves_this_machine_and_has_to_be_allowed() {
    let server = Server::answering("200 OK", "", "").await;
    let strict = [GuardedFetch::builder(), GuardedFetch::builder().reach(Reach::Anywhere)];
    for (builder, host) in strict.into_iter().zip(["127.0.0.1", "localhost"]) {
        assert_eq!(ask(builder, get(&server.url(host))).await, Err(FetchError::Url), "{host}");
    }
    for url in ["http://as.example/", "http://10.0.0.1/", "http://localhost.as.example/", "ftp://localhost/"]
    {
        assert_eq!(ask(local().reach(Reach::Anywhere), get(url)).await, Err(FetchError::Url), "{url}");
    }
    assert_eq!(
        ask(local(), get(&format!("http://u:p@127.0.0.1:{}/", server.port))).await,
        Err(FetchError::Url)
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_that_resolves_to_this_machine_is_refused_under_public() {
    let server = Server::answering("200 OK", "", "").await;
    let url = format!("https://localhost:{}/", server.port);
    assert_eq!(ask(GuardedFetch::builder(), get(&url)).await, Err(FetchError::Address));
    assert_eq!(server.connections(), 0, "no connection was opened");

    // The same name where it may be reached: TLS fails, because the server speaks none.
    let error = ask(GuardedFetch::builder().reach(Reach::Anywhere), get(&url)).await.unwrap_err();
    assert!(matches!(error, FetchError::Transport(_)), "{error}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn addresses_that_stand_in_the_url_are_refused_in_every_spelling() {
    let server = Server::answering("200 OK", "", "").await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "[::]",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = format!("https://{host}:{}/", server.port);
        assert_eq!(ask(GuardedFetch::builder(), get(&url)).await, Err(FetchError::Address), "{host}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_root_that_is_not_a_certificate_is_refused() {
    for pem in ["", "not PEM", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let built = GuardedFetch::builder().extra_root_certificate(pem).build();
        let error = built.err();
        assert!(
            matches!(error, Some(BuildError::RootCertificate | BuildError::Client(_))),
            "{pem}: {error:?}"
        );
    }
}

/// A TLS server for `localhost` that answers 200 to every connection; its port and its self-signed certificate (PEM).
fn tls_server() -> (u16, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let private = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let (config, pem) = (Arc::new(config), certificate.pem());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, socket.unwrap());
            // A client that does not trust the certificate ends the handshake.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            }
        }
    });
    (port, pem)
}

#[tokio::test]
async fn an_extra_root_is_trusted_for_the_names_of_its_certificate_only() {
    let (port, pem) = tls_server();
    let anywhere = || GuardedFetch::builder().reach(Reach::Anywhere);
    let (named, unnamed) = (format!("https://localhost:{port}/"), format!("https://127.0.0.1:{port}/"));
    let trusting = || anywhere().extra_root_certificate(pem.clone());
    assert_eq!(ask(trusting(), get(&named)).await.unwrap().status, 200);
    for (builder, url) in [(anywhere(), &named), (trusting(), &unnamed)] {
        let error = ask(builder, get(url)).await.unwrap_err();
        assert!(
            matches!(&error, FetchError::Transport(cause) if cause.contains("certificate")),
            "{url}: {error}"
        );
    }
}
