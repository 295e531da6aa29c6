//! Clients: registered with every problem told at once, given new secrets, turned off, removed.

use rstest::rstest;
use tessera_app::clients::{self, AddError, ClientError, NewClient, RotateError};
use tessera_jose::Algorithm;
use tessera_model::{ClientAuthMethod, ClientId, ClientKind, PkcePolicy};
use tessera_testkit::browser::Answer;
use tessera_testkit::server::{API, Backend, REDIRECT_URI, TestClient, TestServer};

fn web() -> NewClient {
    NewClient {
        redirect_uris: vec![REDIRECT_URI.parse().unwrap()],
        scopes: "openid orders.read".parse().unwrap(),
        audiences: vec![API.to_owned()],
        id_token_alg: Algorithm::Es256,
        ..NewClient::new(ClientKind::Web, "Shop")
    }
}

fn of_kind(kind: ClientKind) -> NewClient {
    let machine = kind == ClientKind::Service;
    NewClient {
        redirect_uris: if machine { Vec::new() } else { web().redirect_uris },
        scopes: if machine { "orders.read".parse().unwrap() } else { web().scopes },
        audiences: web().audiences,
        id_token_alg: Algorithm::Es256,
        ..NewClient::new(kind, "Shop")
    }
}

async fn problems(server: &TestServer, new: NewClient) -> Vec<String> {
    match clients::add(&server.cli(), new).await {
        Ok(_) => Vec::new(),
        Err(AddError::Invalid(problems)) => problems,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn o03_every_problem_of_a_registration_is_told() {
    type Change = fn(&mut NewClient);
    let server = TestServer::start(Backend::Sqlite).await;
    let cases: [(ClientKind, Change, &str); 17] = [
        (ClientKind::Web, |new| new.name.clear(), "name: "),
        (ClientKind::Web, |new| new.name = "n".repeat(101), "name: "),
        (ClientKind::Web, |new| new.name = "a\u{1b}[2J".to_owned(), "name: "),
        (ClientKind::Web, |new| new.auth_method = Some(ClientAuthMethod::None), "auth method: "),
        (ClientKind::Service, |new| new.auth_method = Some(ClientAuthMethod::None), "auth method: "),
        (ClientKind::Spa, |new| new.auth_method = Some(ClientAuthMethod::ClientSecretPost), "auth method: "),
        (
            ClientKind::Native,
            |new| new.auth_method = Some(ClientAuthMethod::ClientSecretBasic),
            "auth method: ",
        ),
        (ClientKind::Web, |new| new.redirect_uris.clear(), "redirect uri: "),
        (ClientKind::Service, |new| new.redirect_uris = web().redirect_uris, "redirect uri: "),
        (ClientKind::Service, |new| new.post_logout_redirect_uris = web().redirect_uris, "redirect uri: "),
        (ClientKind::Spa, |new| new.pkce = PkcePolicy::Auto, "pkce: "),
        (ClientKind::Web, |new| new.id_token_alg = Algorithm::Hs256, "ID token algorithm: "),
        (ClientKind::Web, |new| new.access_token_seconds = Some(9), "lifetime: "),
        (
            ClientKind::Web,
            |new| new.audiences.push("https://other.example".to_owned()),
            "audience https://other.example: ",
        ),
        (ClientKind::Web, |new| new.scopes = "openid nothing".parse().unwrap(), "scope nothing: "),
        (ClientKind::Service, |new| new.scopes = "openid orders.read".parse().unwrap(), "scope openid: "),
        (
            ClientKind::Web,
            |new| new.redirect_uris = vec!["com.example.app:/cb".parse().unwrap()],
            "redirect uri com.example.app:/cb: ",
        ),
    ];
    for (kind, change, told) in cases {
        assert_eq!(problems(&server, of_kind(kind)).await, Vec::<String>::new(), "{kind:?} as such is good");
        let mut new = of_kind(kind);
        change(&mut new);
        let problems = problems(&server, new).await;
        assert!(problems.len() == 1 && problems[0].starts_with(told), "{told} {problems:?}");
    }
}

#[tokio::test]
async fn all_problems_are_told_at_once_and_nothing_is_registered() {
    let server = TestServer::start(Backend::Sqlite).await;
    let hopeless = NewClient {
        kind: ClientKind::Spa,
        name: String::new(),
        auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        redirect_uris: Vec::new(),
        scopes: "a b".parse().unwrap(),
        audiences: vec!["urn:none".to_owned()],
        pkce: PkcePolicy::Off,
        id_token_alg: Algorithm::Hs256,
        access_token_seconds: Some(1),
        ..web()
    };
    assert_eq!(problems(&server, hopeless).await.len(), 9);
    assert_eq!(clients::list(&server.cli()).await.unwrap().entries, []);
    assert_eq!(server.count("client.created").await, 0);
}

#[rstest]
#[tokio::test]
async fn an_id_is_registered_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let named = || NewClient { id: Some("shop".parse().unwrap()), ..web() };
    let added = clients::add(&server.cli(), named()).await.unwrap();
    assert!(added.secret.unwrap().starts_with("tsr_cs_"));
    assert!(matches!(clients::add(&server.cli(), named()).await, Err(AddError::Taken)));
    let made_up = clients::add(&server.cli(), web()).await.unwrap().client.id;
    assert!(made_up.as_str().len() >= 16);
    let public = clients::add(&server.cli(), of_kind(ClientKind::Spa)).await.unwrap();
    assert!(public.secret.is_none() && public.client.secrets.is_empty());
    assert_eq!(clients::list(&server.cli()).await.unwrap().entries.len(), 3);
    assert_eq!(server.count("client.created").await, 3, "i09");
}

async fn machine_token(server: &TestServer, id: &str, secret: &str) -> Answer {
    let client = TestClient { id: id.to_owned(), secret: secret.to_owned() };
    server.post("/token", &client, &[("grant_type", "client_credentials")]).await
}

#[rstest]
#[tokio::test]
async fn a_replaced_secret_works_for_a_week_and_a_third_one_ends_the_first_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const WEEK: u64 = 7 * 86_400;
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    let id: ClientId = client.id.parse().unwrap();
    let works = async |secret: &str| machine_token(&server, &client.id, secret).await.status == 200;

    let second = clients::rotate_secret(&server.cli(), &id).await.unwrap();
    server.refresh().await;
    assert!(works(&client.secret).await && works(&second).await);
    server.advance(WEEK - 1);
    assert!(works(&client.secret).await && works(&second).await, "a second before the end");
    server.advance(1);
    assert!(!works(&client.secret).await && works(&second).await, "at the end");

    let third = clients::rotate_secret(&server.cli(), &id).await.unwrap();
    let fourth = clients::rotate_secret(&server.cli(), &id).await.unwrap();
    server.refresh().await;
    assert!(!works(&second).await && works(&third).await && works(&fourth).await);
    let kept = clients::find(&server.cli(), &id).await.unwrap().unwrap();
    assert_eq!(kept.secrets.len(), 2);
    assert_eq!(server.count("client.secret_rotated").await, 3, "i09");
}

#[tokio::test]
async fn only_confidential_clients_have_secrets_to_replace() {
    let server = TestServer::start(Backend::Sqlite).await;
    let public = server.add_client(ClientKind::Spa).await.id.parse().unwrap();
    assert!(matches!(clients::rotate_secret(&server.cli(), &public).await, Err(RotateError::Public)));
    let nobody = "nobody".parse().unwrap();
    let refused = clients::rotate_secret(&server.cli(), &nobody).await;
    assert!(matches!(refused, Err(RotateError::Client(ClientError::NotFound))));
    assert_eq!(server.count("client.secret_rotated").await, 0);
}

#[rstest]
#[tokio::test]
async fn i02_a_client_that_is_turned_off_or_removed_keeps_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(false, true)] removed: bool,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let id: ClientId = client.id.parse().unwrap();
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
    let code = server.code(&client, "openid orders.read", "alice").await;
    if removed {
        clients::delete(&server.cli(), &id).await.unwrap();
        assert!(matches!(clients::delete(&server.cli(), &id).await, Err(ClientError::NotFound)));
        assert!(matches!(clients::disable(&server.cli(), &id).await, Err(ClientError::NotFound)));
    } else {
        clients::disable(&server.cli(), &id).await.unwrap();
        clients::disable(&server.cli(), &id).await.unwrap();
    }
    // Even before the server has looked: the grants are gone from the database.
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.error(), "invalid_grant");
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    assert_eq!(server.userinfo(&tokens.access).await.status, 401);
    assert!(server.takes_back("client", &client.id).await);
    server.refresh().await;
    let refused = server.refresh_with(&client, &tokens.refresh).await;
    assert_eq!((refused.status, refused.error().as_str()), (401, "invalid_client"));
    let page = browser.visit(&server.authorize_path(&client, "openid", &[])).await;
    assert_eq!((page.status, page.location()), (400, None));
    let (disabled, deleted) = (server.count("client.disabled").await, server.count("client.deleted").await);
    assert_eq!((disabled, deleted), if removed { (0, 1) } else { (1, 0) }, "i09");
}
