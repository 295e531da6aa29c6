//! Clients: registered with every problem told at once, given new secrets, turned off, removed.

use rstest::rstest;
use tessera_app::clients::{
    self, AddError, Added, ClientChanges, ClientError, ListChange, NewClient, RotateError, UpdateError,
};
use tessera_jose::Algorithm;
use tessera_model::{Client, ClientAuthMethod, ClientId, ClientKind, EventCode, PkcePolicy, RefreshTokens};
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::token::GrantType;
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
    assert!(server.has_revocation_rule("client", &client.id).await);
    server.refresh().await;
    let refused = server.refresh_with(&client, &tokens.refresh).await;
    assert_eq!((refused.status, refused.error().as_str()), (401, "invalid_client"));
    let page = browser.visit(&server.authorize_path(&client, "openid", &[])).await;
    assert_eq!((page.status, page.location()), (400, None));
    let (disabled, deleted) = (server.count("client.disabled").await, server.count("client.deleted").await);
    assert_eq!((disabled, deleted), if removed { (0, 1) } else { (1, 0) }, "i09");
}

async fn added(server: &TestServer, new: NewClient) -> ClientId {
    clients::add(&server.cli(), new).await.unwrap().client.id
}

#[rstest]
#[tokio::test]
async fn a_client_is_changed_in_what_is_named_and_nothing_else(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let id = added(&server, web()).await;
    let before = clients::find(&server.cli(), &id).await.unwrap().unwrap();
    let more: RedirectUri = "https://rp.example/second".parse().unwrap();
    let redirect_uris = ListChange { add: vec![more.clone(), more.clone()], ..ListChange::default() };
    let changes = ClientChanges { redirect_uris, require_consent: Some(false), ..ClientChanges::default() };
    server.advance(5);
    let after = clients::update(&server.cli(), &id, &changes).await.unwrap();
    let mut expected = before.clone();
    expected.settings.redirect_uris.push(more.clone());
    expected.settings.require_consent = false;
    expected.updated_at = after.updated_at;
    assert_eq!(after, expected);
    assert!(after.updated_at > before.updated_at, "{after:?}");
    assert_eq!(clients::find(&server.cli(), &id).await.unwrap(), Some(after.clone()));
    clients::update(&server.cli(), &id, &changes).await.unwrap();
    let redirect_uris = ListChange { remove: vec![more], ..ListChange::default() };
    let back = ClientChanges { redirect_uris, require_consent: Some(true), ..ClientChanges::default() };
    let back = clients::update(&server.cli(), &id, &back).await.unwrap();
    assert_eq!(back.settings, before.settings);
    let details: Vec<_> =
        server.events(EventCode::ClientUpdated).await.into_iter().filter_map(|event| event.detail).collect();
    assert_eq!(
        details,
        ["redirect_uris consent", "redirect_uris consent"],
        "what changes nothing is no event"
    );
}

#[tokio::test]
async fn o03_a_change_is_held_to_the_rules_of_a_registration() {
    type Change = fn(&mut ClientChanges);
    let server = TestServer::start(Backend::Sqlite).await;
    let id = added(&server, web()).await;
    let before = clients::find(&server.cli(), &id).await.unwrap();
    server.refresh().await;
    let keys = server.keys().await.keys.len();
    let unused = ClientChanges { id_token_alg: Some(Algorithm::Ed25519), ..ClientChanges::default() };
    let cases: [(Change, &str); 8] = [
        (|it| it.name = Some(String::new()), "name: "),
        (|it| it.redirect_uris.replace = Some(Vec::new()), "redirect uri: "),
        (
            |it| it.redirect_uris.remove = vec!["https://x.example/".parse().unwrap()],
            "redirect uri https://x",
        ),
        (
            |it| it.redirect_uris.replace = Some(vec!["com.example.app:/cb".parse().unwrap()]),
            "redirect uri com",
        ),
        (|it| it.scopes = Some("orders.unknown".parse().unwrap()), "scope orders.unknown: "),
        (|it| it.audiences = Some(vec!["https://none.example".to_owned()]), "audience https://none"),
        (|it| it.auth_method = Some(ClientAuthMethod::None), "auth method: "),
        (|it| it.id_token_alg = Some(Algorithm::Hs256), "ID token algorithm: "),
    ];
    for (change, told) in cases {
        let mut changes = ClientChanges { require_consent: Some(false), ..unused.clone() };
        change(&mut changes);
        let Err(UpdateError::Invalid(problems)) = clients::update(&server.cli(), &id, &changes).await else {
            panic!("{told} was accepted");
        };
        assert!(problems.iter().any(|problem| problem.starts_with(told)), "{told} {problems:?}");
    }
    assert_eq!(clients::find(&server.cli(), &id).await.unwrap(), before, "nothing is half done");
    let nobody = clients::update(&server.cli(), &"nobody".parse().unwrap(), &unused).await;
    assert!(matches!(nobody, Err(UpdateError::Client(ClientError::NotFound))), "{nobody:?}");
    server.refresh().await;
    assert_eq!(server.keys().await.keys.len(), keys, "no key is made for nothing");
    assert!(server.events(EventCode::ClientUpdated).await.is_empty());
}

/// Each changes another setting, so none of them may be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_the_same_moment_are_all_kept() {
    let server = TestServer::start(Backend::Postgres).await;
    let id = &added(&server, web()).await;
    let changes: [ClientChanges; 3] = [
        ClientChanges { name: Some("New".to_owned()), ..ClientChanges::default() },
        ClientChanges { id_token_claims: Some(true), ..ClientChanges::default() },
        ClientChanges { pkce: Some(PkcePolicy::Off), ..ClientChanges::default() },
    ];
    let cx = &server.cli();
    let (one, two, three) = tokio::join!(
        clients::update(cx, id, &changes[0]),
        clients::update(cx, id, &changes[1]),
        clients::update(cx, id, &changes[2])
    );
    for outcome in [one, two, three] {
        outcome.unwrap();
    }
    let kept = clients::find(cx, id).await.unwrap().unwrap();
    let seen = (kept.name.as_str(), kept.settings.id_token_claims, kept.settings.pkce);
    assert_eq!(seen, ("New", true, PkcePolicy::Off));
}

#[tokio::test]
async fn what_a_kind_starts_with() {
    let server = TestServer::start(Backend::Sqlite).await;
    for kind in [ClientKind::Web, ClientKind::Spa, ClientKind::Native] {
        let redirect_uris = vec![REDIRECT_URI.parse().unwrap()];
        let new = NewClient { redirect_uris, ..NewClient::new(kind, "App") };
        let id = added(&server, new).await;
        let settings = clients::find(&server.cli(), &id).await.unwrap().unwrap().settings;
        assert_eq!(settings.scopes.to_string(), "openid profile email", "{kind:?}");
        assert!(!settings.grant_types.contains(&GrantType::ClientCredentials), "{kind:?}");
    }
    let refused = problems(&server, NewClient::new(ClientKind::Service, "Job")).await;
    assert!(refused.len() == 1 && refused[0].starts_with("audience: "), "{refused:?}");
}

/// A stranger's made-up names are looked for ten times a second at most.
#[tokio::test]
async fn i08_a_client_that_was_added_a_moment_ago_is_looked_for_within_bounds() {
    let server = TestServer::start(Backend::Sqlite).await;
    let service = || NewClient {
        audiences: vec![API.to_owned()],
        scopes: "orders.read".parse().unwrap(),
        ..NewClient::new(ClientKind::Service, "Job")
    };
    let first = clients::add(&server.cli(), service()).await.unwrap();
    let status = async |added: &Added| {
        machine_token(&server, added.client.id.as_str(), added.secret.as_ref().unwrap()).await.status
    };
    assert_eq!(status(&first).await, 200, "nobody waits for the next look");
    let second = clients::add(&server.cli(), service()).await.unwrap();
    for number in 0..10 {
        machine_token(&server, &format!("made-up-{number}"), "x").await;
    }
    let third = clients::add(&server.cli(), service()).await.unwrap();
    assert_eq!((status(&second).await, status(&third).await), (200, 401), "the tenth look is the last");
    server.advance(1);
    assert_eq!(status(&third).await, 200, "in this second");
}

type Change = fn(&mut ClientChanges);
type Effect = fn(&Client) -> bool;

/// The words that the audit event has for a change, and the change.
const CHANGES: [(&str, Change, Effect); 13] = [
    ("name", |it| it.name = Some("New".to_owned()), |client| client.name == "New"),
    (
        "redirect_uris",
        |it| it.redirect_uris.replace = Some(vec!["https://new.example/cb".parse().unwrap()]),
        |client| client.settings.redirect_uris[0].as_str() == "https://new.example/cb",
    ),
    (
        "post_logout_redirect_uris",
        |it| it.post_logout_redirect_uris.add = vec!["https://new.example/".parse().unwrap()],
        |client| client.settings.post_logout_redirect_uris.len() == 1,
    ),
    (
        "scope audiences",
        |it| {
            it.audiences = Some(vec!["https://other.example".to_owned()]);
            it.scopes = Some("openid other.read".parse().unwrap());
        },
        |client| client.settings.scopes.contains("other.read"),
    ),
    (
        "auth_method",
        |it| it.auth_method = Some(ClientAuthMethod::ClientSecretPost),
        |client| client.settings.auth_method == ClientAuthMethod::ClientSecretPost,
    ),
    (
        "pkce",
        |it| it.pkce = Some(PkcePolicy::Required),
        |client| client.settings.pkce == PkcePolicy::Required,
    ),
    (
        "refresh_tokens",
        |it| it.refresh_tokens = Some(RefreshTokens::OfflineAccess),
        |client| client.settings.refresh_tokens == RefreshTokens::OfflineAccess,
    ),
    ("consent", |it| it.require_consent = Some(false), |client| !client.settings.require_consent),
    (
        "client_credentials",
        |it| it.client_credentials = Some(true),
        |client| client.allows(GrantType::ClientCredentials),
    ),
    ("id_token_claims", |it| it.id_token_claims = Some(true), |client| client.settings.id_token_claims),
    ("confirm_logout", |it| it.confirm_logout = Some(false), |client| !client.settings.confirm_logout),
    (
        "id_token_alg",
        |it| it.id_token_alg = Some(Algorithm::EdDsa),
        |client| client.settings.id_token_signed_response_alg == Algorithm::EdDsa,
    ),
    (
        "access_token_lifetime",
        |it| it.access_token_seconds = Some(60),
        |client| client.settings.access_token_seconds == Some(60),
    ),
];

#[tokio::test]
async fn every_setting_of_a_client_can_be_changed_and_the_event_names_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_api("https://other.example", &["other.read"]).await;
    let id = added(&server, web()).await;
    for (word, change, effect) in CHANGES {
        let mut changes = ClientChanges::default();
        change(&mut changes);
        let client = clients::update(&server.cli(), &id, &changes).await.unwrap();
        assert!(effect(&client), "{word}: {client:?}");
        let detail = server.events(EventCode::ClientUpdated).await.remove(0).detail;
        assert_eq!(detail.as_deref(), Some(word));
    }
}
