//! What a program's request carries for proof of possession and mutual TLS.

use axum::body::Body;
use axum::extract::{FromRequest as _, Request};
use tessera_http::headers::Transport;
use tessera_http::pages::{Pages, Site};
use tessera_http::request::{PeerCertificate, ProgramRequest};
use tessera_http::state::Server;
use tessera_testkit::server::{Backend, TestServer};

#[tokio::test]
async fn it_carries_method_url_headers_and_certificate() {
    let test = TestServer::start(Backend::Sqlite).await;
    let pages = Pages::load(None, Site::default()).unwrap();
    let server = Server::new(test.app.clone(), pages, Transport::PlainHttp);
    let certificate = PeerCertificate([1, 2, 3].as_slice().into());
    let sent = Request::post("/token?x=1")
        .header("host", "evil.example")
        .header("dpop", "a proof")
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(certificate.clone())
        .body(Body::from("grant_type=client_credentials"))
        .unwrap();
    let request = ProgramRequest::from_request(sent, &server).await.unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(request.url(), format!("{}/token", test.issuer), "the issuer's, without the query");
    assert_eq!(request.headers["dpop"], "a proof");
    assert_eq!(request.peer_certificate, Some(certificate));
    assert_eq!(request.params.get("grant_type"), Some("client_credentials"));
}
