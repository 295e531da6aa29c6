//! Passkeys and security keys: registration, login, and every answer that must not count.

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::browser::Browser;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};
use tessera_testkit::soft_authenticator::{BE, BS, SoftAuthenticator, UP, UV};
use tokio::task::JoinSet;

use crate::ways::{first_step, log_in, options, passkey_login, register, submit_step};
use crate::{SCOPE, location, submit_login};

/// Alice, with this key, in a browser that has logged in just now.
async fn with_key(
    server: &TestServer,
    change: impl FnOnce(&mut SoftAuthenticator),
) -> (Browser, SoftAuthenticator) {
    server.add_user("alice").await;
    let mut key = SoftAuthenticator::new(1, &server.issuer);
    change(&mut key);
    let mut browser = server.browser();
    log_in(server, &mut browser).await;
    let answer = register(&mut browser, &mut key).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/account")), "{}", answer.body);
    (browser, key)
}

#[rstest]
#[tokio::test]
async fn r01_r04_a_passkey_names_its_person_and_is_two_factors(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Web).await;
    let (_, mut key) = with_key(&server, |key| key.flags |= BE | BS).await;
    let mut browser = server.browser();
    let login = location(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await);
    let answer = passkey_login(&mut browser, &login, &mut key).await;
    let code = tessera_testkit::browser::query(&location(&answer), "code").unwrap();
    let tokens = server.redeem(&client, &code).await.json();
    let claims = crate::claims(tokens["id_token"].as_str().unwrap());
    let amr = serde_json::json!(["mfa", "pop", "swk", "user"]);
    assert_eq!((&claims["acr"], &claims["amr"]), (&"aal2".into(), &amr));
    let page = browser.visit("/account").await;
    assert!(page.body.contains("Passkey, added on") && page.body.contains("last used on"), "{}", page.body);
}

#[rstest]
#[tokio::test]
async fn r20_a_key_that_verifies_nobody_is_a_second_factor(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (_, mut key) = with_key(&server, |key| key.flags = UP).await;
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    let page = browser.visit(&step).await;
    let asked: serde_json::Value = serde_json::from_str(&options(&page)).unwrap();
    assert_eq!(asked["allowCredentials"][0]["id"], tessera_jose::base64url::encode([1; 16]));
    let response = key.get(&options(&page));
    let fields = [("method", "passkey"), ("credential", &*response)];
    assert_eq!(submit_step(&mut browser, &page, &fields).await.location(), Some("/"));
    // Alone it is one factor, and the password is asked for.
    let mut browser = server.browser();
    let step = location(&passkey_login(&mut browser, "/login", &mut key).await);
    let page = browser.visit(&step).await;
    assert!(page.body.contains("name=\"password\""), "{}", page.body);
    let wrong = submit_step(&mut browser, &page, &[("method", "password"), ("password", "wrong one")]).await;
    assert!(wrong.body.contains("That password is wrong"), "{}", wrong.body);
    server.advance(1);
    let right = submit_step(&mut browser, &page, &[("method", "password"), ("password", PASSWORD)]).await;
    assert_eq!(right.location(), Some("/"));
}

#[rstest]
#[tokio::test]
async fn l31_l32_l34_an_answer_counts_once_for_its_page_and_only_from_here(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (_, key) = with_key(&server, |key| key.flags |= BE).await;
    let origin = server.issuer.clone();
    let other_port = format!("{origin}1");
    let bad_origins =
        ["https://badlocalhost", "http://sub.localhost", "http://localhost", "null", &*other_port];
    let mut bad: Vec<(String, SoftAuthenticator)> = bad_origins
        .iter()
        .map(|bad| (format!("origin {bad}"), SoftAuthenticator { origin: (*bad).to_owned(), ..key.clone() }))
        .collect();
    let with = |flags| SoftAuthenticator { flags, ..key.clone() };
    let other_rp = Some("example.org".to_owned());
    bad.push(("rp".to_owned(), SoftAuthenticator { rp_id: other_rp, ..key.clone() }));
    bad.push(("nobody there".to_owned(), with(UV | BE)));
    bad.push(("not backup eligible any more".to_owned(), with(UP | UV)));
    bad.push(("backed up though it cannot be".to_owned(), with(UP | UV | BS)));
    let challenge = Some(tessera_jose::base64url::encode([7; 32]));
    bad.push(("challenge".to_owned(), SoftAuthenticator { challenge, ..key.clone() }));
    let user_handle = tessera_jose::base64url::encode([9; 16]);
    bad.push(("user handle".to_owned(), SoftAuthenticator { user_handle, ..key.clone() }));
    bad.push((
        "key".to_owned(),
        SoftAuthenticator { user_handle: key.user_handle.clone(), ..SoftAuthenticator::new(1, &origin) },
    ));
    bad.push(("credential".to_owned(), SoftAuthenticator { credential_id: vec![2; 16], ..key.clone() }));
    for (what, mut key) in bad {
        let mut browser = server.browser();
        let answer = passkey_login(&mut browser, "/login", &mut key).await;
        assert!(answer.body.contains("That passkey cannot be used here"), "{what}: {}", answer.body);
        assert_eq!(browser.visit("/").await.location(), Some("/login"), "{what}");
    }
    let mut key = key;
    let mut browser = server.browser();
    let page = browser.visit("/login").await;
    let (csrf, ceremony) = (page.hidden("csrf"), page.hidden("ceremony"));
    let response = key.get(&options(&page));
    let fields = [("csrf", &*csrf), ("ceremony", &*ceremony), ("credential", &*response)];
    // In another browser, and after five minutes, it does not count.
    let mut other = server.browser();
    let theirs = other.visit("/login").await.hidden("csrf");
    let stolen = [("csrf", &*theirs), ("ceremony", &*ceremony), ("credential", &*response)];
    assert!(other.submit("/login", &stolen).await.body.contains("cannot be used here"));
    assert_eq!(browser.submit("/login", &fields).await.location(), Some("/"));
    let again = browser.submit("/login", &fields).await;
    assert!(again.body.contains("cannot be used here"), "{}", again.body);
    let page = browser.visit("/login?account=other").await;
    let (ceremony, response) = (page.hidden("ceremony"), key.get(&options(&page)));
    server.advance(300);
    let late = [("csrf", &*csrf), ("ceremony", &*ceremony), ("credential", &*response)];
    assert!(browser.submit("/login", &late).await.body.contains("cannot be used here"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l31_i01_of_many_copies_of_one_answer_one_is_let_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (_, mut key) = with_key(&server, |_| {}).await;
    for round in 0..4 {
        let mut browser = server.browser();
        let page = browser.visit("/login").await;
        let (csrf, ceremony) = (page.hidden("csrf"), page.hidden("ceremony"));
        let response = key.get(&options(&page));
        let mut racers = JoinSet::new();
        for _ in 0..16 {
            let mut copy = server.browser();
            copy.cookies().clone_from(browser.cookies());
            let (csrf, ceremony, response) = (csrf.clone(), ceremony.clone(), response.clone());
            racers.spawn(async move {
                let fields = [("csrf", &*csrf), ("ceremony", &*ceremony), ("credential", &*response)];
                copy.submit("/login", &fields).await.status
            });
        }
        let answers = racers.join_all().await;
        let let_in = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(let_in, 1, "round {round}: {answers:?}");
    }
}

#[rstest]
#[tokio::test]
async fn r20_a_copy_of_a_key_is_found_out(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let (_, mut key) = with_key(&server, |key| key.counter = 5).await;
    let mut copy = key.clone();
    assert_eq!(passkey_login(&mut server.browser(), "/login", &mut key).await.location(), Some("/"));
    assert_eq!(passkey_login(&mut server.browser(), "/login", &mut key).await.location(), Some("/"));
    let answer = passkey_login(&mut server.browser(), "/login", &mut copy).await;
    assert!(answer.body.contains("cannot be used here"), "{}", answer.body);
    assert_eq!(server.count("authenticator.cloned").await, 1);
    assert_eq!(passkey_login(&mut server.browser(), "/login", &mut key).await.location(), Some("/"));
}

#[rstest]
#[tokio::test]
async fn l31_l37_a_registration_counts_once_for_its_person_and_only_from_here(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut browser, key) = with_key(&server, |_| {}).await;
    let mut browser_of_bob = server.browser();
    server.add_user("bob").await;
    submit_login(&mut browser_of_bob, "/login", "bob", PASSWORD).await;
    // One owner for each credential (R21).
    let taken = register(&mut browser_of_bob, &mut key.clone()).await;
    assert!(taken.body.contains("registered already"), "{}", taken.body);
    let fresh =
        || SoftAuthenticator { credential_id: vec![3; 16], ..SoftAuthenticator::new(3, &server.issuer) };
    let elsewhere = SoftAuthenticator { origin: "https://badlocalhost".to_owned(), ..fresh() };
    let wrong_rp = SoftAuthenticator { rp_id: Some("example.org".to_owned()), ..fresh() };
    let absent = SoftAuthenticator { flags: UV, ..fresh() };
    for mut bad in [elsewhere, wrong_rp, absent] {
        let answer = register(&mut browser_of_bob, &mut bad).await;
        assert!(answer.body.contains("That did not work"), "{}", answer.body);
    }
    let page = browser_of_bob.visit("/account/passkey").await;
    let response = fresh().create(&options(&page));
    let (csrf, ceremony) = (page.hidden("csrf"), page.hidden("ceremony"));
    let send = async |browser: &mut Browser, csrf: &str, ceremony: &str, response: &str, name: &str| {
        let fields = [("csrf", csrf), ("ceremony", ceremony), ("credential", response), ("name", name)];
        browser.submit("/account/passkey", &fields).await
    };
    // The ceremony of a login is none of a registration.
    let login = browser_of_bob.visit("/login?account=other").await.hidden("ceremony");
    for (ceremony, response) in
        [(&*login, &*response), (&*ceremony, "{}"), (&*ceremony, ""), ("x", &*response)]
    {
        let answer = send(&mut browser_of_bob, &csrf, ceremony, response, "Key").await;
        assert!(answer.body.contains("That did not work"), "{}", answer.body);
    }
    assert!(send(&mut browser_of_bob, &csrf, &ceremony, &response, "").await.body.contains("1 to 60"));
    let theirs = browser.visit("/login?account=other").await.hidden("csrf");
    let by_alice = send(&mut browser, &theirs, &ceremony, &response, "Key").await;
    assert_ne!(by_alice.location(), Some("/account"), "it was begun by somebody else");
    assert_eq!(
        send(&mut browser_of_bob, &csrf, &ceremony, &response, "Key").await.location(),
        Some("/account")
    );
    assert_eq!(server.count("authenticator.added").await, 2);
}

#[tokio::test]
async fn l34_the_last_way_to_sign_in_stays() {
    let server = TestServer::start(Backend::Postgres).await;
    let (_, mut key) = with_key(&server, |_| {}).await;
    let mut browser = server.browser();
    server.sql("UPDATE users SET password_hash = NULL");
    assert_eq!(passkey_login(&mut browser, "/login", &mut key).await.location(), Some("/"));
    let page = browser.visit("/account").await;
    let id = crate::ways::between(&page.body, "/account/authenticator?id=", "\"").to_owned();
    let csrf = browser.visit(&format!("/account/authenticator?id={id}")).await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("id", &*id), ("act", "remove")];
    let answer = browser.submit("/account/authenticator", &fields).await;
    assert!(answer.body.contains("your last way to sign in"), "{}", answer.body);
    assert_eq!(passkey_login(&mut server.browser(), "/login", &mut key).await.location(), Some("/"));
}

#[tokio::test]
async fn an_issuer_without_a_domain_offers_no_passkeys() {
    let server = TestServer::start_with(Backend::Sqlite, |config| config.passkeys.rp_id = None).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    assert!(!browser.visit("/login").await.body.contains("passkey"));
    log_in(&server, &mut browser).await;
    assert!(!browser.visit("/account").await.body.contains("add-passkey"));
    assert_eq!(browser.visit("/account/passkey").await.location(), Some("/account"));
}
