//! Registered, with every problem told at once.

use rstest::rstest;
use tessera_app::clients::{self, Added, ClientError, NewClient};
use tessera_app::problem::{Field, ProblemKind};
use tessera_jose::Algorithm;
use tessera_model::{ClientAuthMethod, ClientKind, PkcePolicy};
use tessera_oauth::token::GrantType;
use tessera_testkit::server::{API, Backend, REDIRECT_URI, TestServer};

use super::{Told, added, machine_token, of_kind, problems, web};

/// What is told of a name that does not fit.
const NAME: Told<'_> = (Field::Name, "", ProblemKind::NameLength { min: 1, max: 100 });
pub(super) const ID_TOKEN: [Algorithm; 4] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519];

type Change = fn(&mut NewClient);

/// A registration that is good as such, what spoils it, and what is told.
const SPOILT: [(ClientKind, Change, Told<'_>); 17] = [
    (ClientKind::Web, |new| new.name.clear(), NAME),
    (ClientKind::Web, |new| new.name = "n".repeat(101), NAME),
    (ClientKind::Web, |new| new.name.replace_range(.., "a\u{1b}[2J"), NAME),
    (
        ClientKind::Web,
        |new| new.auth_method = Some(ClientAuthMethod::None),
        (Field::AuthMethod, "", ProblemKind::AuthMethodOfKind),
    ),
    (
        ClientKind::Service,
        |new| new.auth_method = Some(ClientAuthMethod::None),
        (Field::AuthMethod, "", ProblemKind::AuthMethodOfKind),
    ),
    (
        ClientKind::Spa,
        |new| new.auth_method = Some(ClientAuthMethod::ClientSecretPost),
        (Field::AuthMethod, "", ProblemKind::AuthMethodOfKind),
    ),
    (
        ClientKind::Native,
        |new| new.auth_method = Some(ClientAuthMethod::ClientSecretBasic),
        (Field::AuthMethod, "", ProblemKind::AuthMethodOfKind),
    ),
    (ClientKind::Web, |new| new.redirect_uris.clear(), (Field::RedirectUris, "", ProblemKind::NoRedirectUri)),
    (
        ClientKind::Service,
        |new| new.redirect_uris = web().redirect_uris,
        (Field::RedirectUris, "", ProblemKind::NoBrowser),
    ),
    (
        ClientKind::Service,
        |new| new.post_logout_redirect_uris = web().redirect_uris,
        (Field::RedirectUris, "", ProblemKind::NoBrowser),
    ),
    (ClientKind::Spa, |new| new.pkce = PkcePolicy::Auto, (Field::Pkce, "", ProblemKind::PkceOfKind)),
    (
        ClientKind::Web,
        |new| new.id_token_alg = Algorithm::Hs256,
        (Field::IdTokenAlg, "", ProblemKind::Algorithm(&ID_TOKEN)),
    ),
    (
        ClientKind::Web,
        |new| new.access_token_seconds = Some(9),
        (Field::AccessTokenSeconds, "", ProblemKind::Seconds { min: 10, max: None }),
    ),
    (
        ClientKind::Web,
        |new| new.audiences.push("https://other.example".to_owned()),
        (Field::Audiences, "https://other.example", ProblemKind::NoSuchApi),
    ),
    (
        ClientKind::Web,
        |new| new.scopes = "openid nothing".parse().unwrap(),
        (Field::Scopes, "nothing", ProblemKind::ScopeOfNoApi),
    ),
    (
        ClientKind::Service,
        |new| new.scopes = "openid orders.read".parse().unwrap(),
        (Field::Scopes, "openid", ProblemKind::ScopeOfNoApi),
    ),
    (
        ClientKind::Web,
        |new| new.redirect_uris = vec!["com.example.app:/cb".parse().unwrap()],
        (Field::RedirectUris, "com.example.app:/cb", ProblemKind::NoHttps),
    ),
];

#[tokio::test]
async fn o03_every_problem_of_a_registration_is_told() {
    let server = TestServer::start(Backend::Sqlite).await;
    for (kind, change, told) in SPOILT {
        assert_eq!(problems(&server, of_kind(kind)).await, [], "{kind:?} as such is good");
        let mut new = of_kind(kind);
        change(&mut new);
        let problems = problems(&server, new).await;
        assert_eq!(problems.iter().map(super::told).collect::<Vec<_>>(), [told]);
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
    assert!(matches!(clients::add(&server.cli(), named()).await, Err(ClientError::Taken)));
    let made_up = clients::add(&server.cli(), web()).await.unwrap().client.id;
    assert!(made_up.as_str().len() >= 16);
    let public = clients::add(&server.cli(), of_kind(ClientKind::Spa)).await.unwrap();
    assert!(public.secret.is_none() && public.client.secrets.is_empty());
    assert_eq!(clients::list(&server.cli()).await.unwrap().entries.len(), 3);
    assert_eq!(server.count("client.created").await, 3, "i09");
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
    let told: Vec<_> = refused.iter().map(super::told).collect();
    assert_eq!(told, [(Field::Audiences, "", ProblemKind::NoApi)]);
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
