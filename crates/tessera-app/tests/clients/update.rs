//! Changed, by the rules of a registration.

use rstest::rstest;
use tessera_app::clients::{self, ClientChanges, ClientError, ListChange};
use tessera_app::problem::{Field, ProblemKind};
use tessera_jose::Algorithm;
use tessera_model::{ClientAuthMethod, EventCode, PkcePolicy};
use tessera_oauth::redirect::RedirectUri;
use tessera_testkit::server::{Backend, TestServer};

use super::add::ID_TOKEN;
use super::{Told, added, web};

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
    let cases: [(Change, Told<'_>); 8] = [
        (|it| it.name = Some(String::new()), (Field::Name, "", ProblemKind::NameLength { min: 1, max: 100 })),
        (
            |it| it.redirect_uris.replace = Some(Vec::new()),
            (Field::RedirectUris, "", ProblemKind::NoRedirectUri),
        ),
        (
            |it| it.redirect_uris.remove = vec!["https://x.example/".parse().unwrap()],
            (Field::RedirectUris, "https://x.example/", ProblemKind::NotRegistered),
        ),
        (
            |it| it.redirect_uris.replace = Some(vec!["com.example.app:/cb".parse().unwrap()]),
            (Field::RedirectUris, "com.example.app:/cb", ProblemKind::NoHttps),
        ),
        (
            |it| it.scopes = Some("orders.unknown".parse().unwrap()),
            (Field::Scopes, "orders.unknown", ProblemKind::ScopeOfNoApi),
        ),
        (
            |it| it.audiences = Some(vec!["https://none.example".to_owned()]),
            (Field::Audiences, "https://none.example", ProblemKind::NoSuchApi),
        ),
        (
            |it| it.auth_method = Some(ClientAuthMethod::None),
            (Field::AuthMethod, "", ProblemKind::AuthMethodOfKind),
        ),
        (
            |it| it.id_token_alg = Some(Algorithm::Hs256),
            (Field::IdTokenAlg, "", ProblemKind::Algorithm(&ID_TOKEN)),
        ),
    ];
    for (change, told) in cases {
        let mut changes = ClientChanges { require_consent: Some(false), ..unused.clone() };
        change(&mut changes);
        let Err(ClientError::Invalid(problems)) = clients::update(&server.cli(), &id, &changes).await else {
            panic!("{told:?} was accepted");
        };
        assert!(problems.iter().any(|problem| super::told(problem) == told), "{told:?} {problems:?}");
    }
    assert_eq!(clients::find(&server.cli(), &id).await.unwrap(), before, "nothing is half done");
    let nobody = clients::update(&server.cli(), &"nobody".parse().unwrap(), &unused).await;
    assert!(matches!(nobody, Err(ClientError::NotFound)), "{nobody:?}");
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
