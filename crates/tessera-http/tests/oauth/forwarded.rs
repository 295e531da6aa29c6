//! Headers in which a proxy may name the client's address. Anybody can send them, so the server does not read them.

use std::net::{IpAddr, Ipv4Addr};

use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::Answer;
use tessera_testkit::server::{Backend, TestServer};

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];
/// The address that the forged headers name. A real client has it.
const VICTIM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Every such header, with the address of the victim and with a fresh address.
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

    // A correct secret is never limited. Only a wrong one shows whether the failures were counted for the named address.
    let victim = server.http_from(IpAddr::V4(VICTIM)).post(server.url("/token"));
    let request = victim.basic_auth(&client.id, Some("tsr_cs_guess")).form(&GRANT);
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
}
