//! Headers in which a proxy may say where a request comes from: anybody can write them, so nothing reads them (attack L08).

use std::net::{IpAddr, Ipv4Addr};

use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::Answer;
use tessera_testkit::server::{Backend, TestServer};

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];
/// Where the headers say that requests come from; somebody else really is there.
const VICTIM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Every spelling, with the address of the victim and one that is new each time.
fn headers(turn: u8) -> [(&'static str, String); 6] {
    [
        ("x-forwarded-for", VICTIM.to_string()),
        ("x-forwarded-for", format!("192.0.2.{turn}, {VICTIM}")),
        ("forwarded", format!("for={VICTIM};by=192.0.2.{turn}")),
        ("x-real-ip", VICTIM.to_string()),
        ("x-client-ip", format!("192.0.2.{turn}")),
        ("cf-connecting-ip", format!("192.0.2.{turn}")),
    ]
}

#[tokio::test]
async fn l08_a_forwarding_header_moves_neither_the_throttle_nor_the_audit_trail() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Service).await;
    let guess = async |turn: u8| {
        let request = server.http.post(server.url("/token")).basic_auth(&client.id, Some("tsr_cs_guess"));
        let request =
            headers(turn).into_iter().fold(request, |request, (name, value)| request.header(name, value));
        Answer::read(request.form(&GRANT).send().await.unwrap()).await.status
    };
    for turn in 0..20 {
        assert_eq!(guess(turn).await, 401);
    }
    assert_eq!(guess(20).await, 429, "a new address in a header is no new address");
    tessera_app::audit::settle(&server.app).await.unwrap();
    let failed = server.events(EventCode::ClientAuthFailed).await;
    assert_eq!(failed.len(), 11, "ten, and the number of the others");
    assert!(failed.iter().all(|event| event.ip.as_deref() == Some("127.0.0.1")), "{failed:?}");

    // The right secret is let in from anywhere; only a wrong one shows whether the one who was named is slowed down.
    let victim = server.http_from(IpAddr::V4(VICTIM)).post(server.url("/token"));
    let request = victim.basic_auth(&client.id, Some("tsr_cs_guess")).form(&GRANT);
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
}
