//! Headers in which a proxy may name the address of its client. Anybody can send them, so only the one of the settings counts, and
//! only from a trusted proxy.

use std::net::{IpAddr, Ipv4Addr};

use rstest::rstest;
use tessera_app::network::{AddressHeader, Peers, TrustedProxies};
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};

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

/// An issuer behind the proxies 127.0.0.1 and 10.0.0.0/8.
async fn behind_proxies(backend: Backend, header: AddressHeader) -> TestServer {
    let networks = ["127.0.0.1/32", "10.0.0.0/8"].map(|network| network.parse().unwrap());
    let proxies = TrustedProxies::new(networks.to_vec(), header);
    TestServer::start_with(backend, |config| config.proxies = proxies).await
}

/// What a connection from `peer` says about its client.
#[derive(Clone, Copy)]
struct Via<'a> {
    peer: Ipv4Addr,
    says: &'a [(&'static str, &'a str)],
}

const PROXY: Ipv4Addr = Ipv4Addr::LOCALHOST;

impl Via<'_> {
    /// The address of the last failed client authentication, after this one.
    async fn audited(self, server: &TestServer, client: &TestClient) -> Option<String> {
        self.guess(server, client).await;
        server.advance(1);
        server.events(EventCode::ClientAuthFailed).await.swap_remove(0).ip
    }

    async fn guess(self, server: &TestServer, client: &TestClient) -> u16 {
        let request = server.http_from(self.peer.into()).post(server.url("/token"));
        let request = request.basic_auth(&client.id, Some("tsr_cs_guess")).form(&GRANT);
        let request = self.says.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::read(request.send().await.unwrap()).await.status
    }
}

#[rstest]
#[tokio::test]
async fn l08_the_rightmost_address_that_is_not_trusted_is_the_client(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = behind_proxies(backend, AddressHeader::XForwardedFor).await;
    let client = server.add_client(ClientKind::Service).await;
    let many = vec!["192.0.2.66"; 1_000].join(", ");
    for (sent, ip) in [
        (&["203.0.113.7"][..], "203.0.113.7"),
        (&["203.0.113.7:4711"], "203.0.113.7"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["::ffff:203.0.113.7"], "203.0.113.7"),
        (&["6.6.6.6, 203.0.113.7"], "203.0.113.7"),
        (&["6.6.6.6, 203.0.113.7, 10.0.0.1, 10.1.2.3"], "203.0.113.7"),
        (&["6.6.6.6", "203.0.113.7", "10.0.0.1"], "203.0.113.7"),
        (&["unknown, \"<script>, 203.0.113.7"], "203.0.113.7"),
        (&[&format!("{many}, 203.0.113.7")], "203.0.113.7"),
        (&[&many], "192.0.2.66"),
        // The proxy did not say it in a way that can be read.
        (&["unknown"], "127.0.0.1"),
        (&["6.6.6.6, _hidden"], "127.0.0.1"),
        (&["6.6.6.6, 203.0.113.300"], "127.0.0.1"),
        (&["6.6.6.6, unknown, 10.0.0.1"], "10.0.0.1"),
        (&["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
        (&[""], "127.0.0.1"),
        (&[], "127.0.0.1"),
    ] {
        let says: Vec<_> = sent.iter().map(|value| ("x-forwarded-for", *value)).collect();
        let via = Via { peer: PROXY, says: &says };
        assert_eq!(via.audited(&server, &client).await.as_deref(), Some(ip), "{sent:?}");
    }
}

#[tokio::test]
async fn l08_forwarded_names_the_client_in_every_form_of_the_standard() {
    let server = behind_proxies(Backend::Sqlite, AddressHeader::Forwarded).await;
    let client = server.add_client(ClientKind::Service).await;
    for (sent, ip) in [
        ("for=203.0.113.7", "203.0.113.7"),
        ("For=\"203.0.113.7:4711\";proto=https;host=\"a.example, b\"", "203.0.113.7"),
        ("for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("for=6.6.6.6, for=203.0.113.7, for=10.0.0.1", "203.0.113.7"),
        ("for=\"6.6.6.6, for=203.0.113.7", "203.0.113.7"),
        ("for=unknown", "127.0.0.1"),
        ("for=6.6.6.6, for=_hidden, for=10.0.0.1", "10.0.0.1"),
        ("for=6.6.6.6, for=203.0.113.7;for=6.6.6.6", "127.0.0.1"),
        ("203.0.113.7", "127.0.0.1"),
    ] {
        let via = Via { peer: PROXY, says: &[("forwarded", sent)] };
        assert_eq!(via.audited(&server, &client).await.as_deref(), Some(ip), "{sent}");
    }
}

#[rstest]
#[case::x_forwarded_for(AddressHeader::XForwardedFor, ("x-forwarded-for", "203.0.113.7"))]
#[case::forwarded(AddressHeader::Forwarded, ("forwarded", "for=203.0.113.7"))]
#[tokio::test]
async fn l08_other_headers_and_other_peers_change_nothing(
    #[case] header: AddressHeader,
    #[case] chosen: (&'static str, &'static str),
) {
    let server = behind_proxies(Backend::Sqlite, header).await;
    let client = server.add_client(ClientKind::Service).await;
    let others = [
        ("x-forwarded-for", "6.6.6.6"),
        ("forwarded", "for=6.6.6.6"),
        ("x-real-ip", "6.6.6.6"),
        ("x-client-ip", "6.6.6.6"),
        ("true-client-ip", "6.6.6.6"),
        ("cf-connecting-ip", "6.6.6.6"),
        ("x_forwarded_for", "6.6.6.6"),
    ];
    let others: Vec<_> = others.into_iter().filter(|(name, _)| *name != chosen.0).collect();
    let with_chosen: Vec<_> = others.iter().copied().chain([chosen]).collect();
    for (peer, says, ip) in [
        (PROXY, &with_chosen, "203.0.113.7"),
        (PROXY, &others, "127.0.0.1"),
        (VICTIM, &with_chosen, "127.0.0.2"),
    ] {
        let via = Via { peer, says };
        assert_eq!(via.audited(&server, &client).await.as_deref(), Some(ip), "{peer} {says:?}");
    }
}

#[tokio::test]
async fn l08_behind_a_proxy_each_client_has_a_limit_of_its_own() {
    let server = behind_proxies(Backend::Sqlite, AddressHeader::XForwardedFor).await;
    let client = server.add_client(ClientKind::Service).await;
    let guess = async |address: &str| {
        Via { peer: PROXY, says: &[("x-forwarded-for", address)] }.guess(&server, &client).await
    };
    for turn in 0..20 {
        assert_eq!(guess(&format!("192.0.2.{turn}, 203.0.113.7")).await, 401, "{turn}");
    }
    assert_eq!(guess("192.0.2.20, 203.0.113.7").await, 429, "what the client itself sends is no new address");
    assert_eq!(guess("203.0.113.8").await, 401);
    assert_eq!(Via { peer: VICTIM, says: &[] }.guess(&server, &client).await, 401);
}

/// A login with a new browser, through the proxy, which says this in `Forwarded`.
async fn log_in(server: &TestServer, says: Option<&'static str>, name: &str, password: &str) -> Answer {
    let http = says.map_or_else(|| server.http.clone(), |says| server.http_behind("forwarded", says));
    let mut browser = Browser::new(http, &server.issuer);
    let csrf = browser.visit("/login").await.hidden("csrf");
    browser.submit("/login", &[("csrf", &csrf), ("username", name), ("password", password)]).await
}

#[rstest]
#[tokio::test]
async fn l03_l08_sessions_and_brakes_hold_the_address_of_the_client(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = behind_proxies(backend, AddressHeader::Forwarded).await;
    let alice = server.add_user("alice").await.id;
    assert_eq!(log_in(&server, Some("for=203.0.113.7"), "alice", PASSWORD).await.status, 303);
    let store = server.store().await;
    let sessions = store.read(|tx| async move { tx.sessions().list_of_user(alice).await }).await.unwrap();
    let ips: Vec<_> = sessions.iter().map(|session| session.ip.as_deref()).collect();
    assert_eq!(ips, [Some("203.0.113.7")]);
    for number in 0..100 {
        let (name, guess) = (format!("name{number}"), format!("guess {number}"));
        let answer = log_in(&server, Some("for=203.0.113.7"), &name, &guess).await;
        assert_ne!(answer.status, 429, "{number}");
    }
    assert_eq!(log_in(&server, Some("for=203.0.113.7"), "alice", PASSWORD).await.status, 429);
    assert_eq!(
        log_in(&server, Some("for=203.0.113.8"), "alice", PASSWORD).await.status,
        303,
        "another client"
    );
    assert_eq!(log_in(&server, None, "alice", PASSWORD).await.status, 303, "the proxy names nobody");
}

/// A proxy that names nobody is an address that all clients share, so nothing is counted by it. Others are counted as `peers` says.
#[rstest]
#[case::a_proxy_that_names_nobody(PROXY, Peers::Direct, 0)]
#[case::a_load_balancer(VICTIM, Peers::Shared, 0)]
#[case::a_client_itself(VICTIM, Peers::Direct, 1)]
#[tokio::test]
async fn l03_l08_nothing_is_counted_by_an_address_that_clients_share(
    #[case] second: Ipv4Addr,
    #[case] peers: Peers,
    #[case] alarms: usize,
) {
    let networks = vec!["127.0.0.1/32".parse().unwrap()];
    let proxies = TrustedProxies::new(networks, AddressHeader::Forwarded);
    let server = TestServer::start_with(Backend::Sqlite, |config| {
        (config.peers, config.proxies) = (peers, proxies);
    })
    .await;
    let client = server.add_client(ClientKind::Spa).await;
    server.add_user("alice").await;
    let mut token =
        server.sign_in(&mut server.browser(), &client, "openid offline_access", "alice").await.refresh;
    let refresh = async |token: &str, peer: Ipv4Addr, says: Option<&str>| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", &*client.id)];
        let request = server.http_from(peer.into()).post(server.url("/token")).form(&form);
        let request = says.into_iter().fold(request, |request, says| request.header("forwarded", says));
        Tokens::of(&Answer::read(request.send().await.unwrap()).await).refresh
    };
    // Three rotations in a row are retried from elsewhere: from the address of this case.
    for _ in 0..4 {
        let next = refresh(&token, PROXY, Some("for=203.0.113.7")).await;
        refresh(&token, second, None).await;
        server.advance(1);
        token = next;
    }
    assert_eq!(server.count("refresh.shadowed").await, alarms);
}
