//! Changed, by the rules of a registration.

use rstest::rstest;
use tessera_app::apis::{self, ApiChange, ApiError, ScopeChange};
use tessera_app::problem::{Field, ProblemKind};
use tessera_jose::Algorithm;
use tessera_model::EventCode;
use tessera_model::api::JwtType;
use tessera_testkit::server::{Backend, TestServer};

use super::{NAME, SECONDS, SIGNING, STOCK, Told, api, scope};

/// A server with the API of these tests besides its own.
async fn with_stock(backend: Backend) -> TestServer {
    let server = TestServer::start(backend).await;
    apis::add(&server.cli(), api()).await.unwrap();
    server.refresh().await;
    server
}

fn edit(add: &[(&str, &str)], remove: &[&str]) -> ApiChange {
    let add = add.iter().map(|(name, description)| scope(name, description)).collect();
    let remove = remove.iter().map(|name| name.parse().unwrap()).collect();
    ApiChange { scopes: Some(ScopeChange::Edit { add, remove }), ..ApiChange::default() }
}

#[rstest]
#[tokio::test]
async fn settings_change_and_the_audit_trail_says_which(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = with_stock(backend).await;
    let before = apis::find(&server.cli(), STOCK).await.unwrap().unwrap();
    let keys = server.keys().await.keys.len();
    server.advance(5);
    let names = |api: &tessera_model::Api| api.scope_names().to_string();
    let everything = ApiChange {
        name: Some("Store".to_owned()),
        scopes: Some(ScopeChange::Replace(vec![scope("a", "A"), scope("b", "B")])),
        access_token_alg: Some(Algorithm::Ps256),
        token_type: Some(JwtType::Jwt),
        access_token_seconds: Some(30),
    };
    let updated = apis::update(&server.cli(), STOCK, &everything).await.unwrap();
    assert_eq!(updated.changed, ["name", "scopes", "alg", "token_type", "access_token_lifetime"]);
    let after = apis::find(&server.cli(), STOCK).await.unwrap().unwrap();
    assert_eq!(after, updated.api);
    assert_eq!(
        (&*after.name, names(&after), after.settings.access_token_seconds),
        ("Store", "a b".to_owned(), 30)
    );
    assert_eq!((after.created_at, after.updated_at), (before.created_at, server.cli().now));
    server.refresh().await;
    assert_eq!(server.keys().await.keys.len(), keys + 1, "the key of its tokens is made");

    let again = apis::update(&server.cli(), STOCK, &everything).await.unwrap();
    assert_eq!((again.changed.len(), &again.api), (0, &after), "nothing is different, nothing is written");
    let updated =
        apis::update(&server.cli(), STOCK, &edit(&[("b", "Bb"), ("c", "C")], &["a"])).await.unwrap();
    assert_eq!((&*updated.changed, names(&updated.api)), (&["scopes"][..], "b c".to_owned()));
    assert_eq!(updated.api.settings.scopes[0].description, "Bb", "described anew");
    let details: Vec<_> =
        server.events(EventCode::ApiUpdated).await.into_iter().map(|event| event.detail.unwrap()).collect();
    let expected = [
        "scopes: https://stock.example".to_owned(),
        "name scopes alg token_type access_token_lifetime: https://stock.example".to_owned(),
    ];
    assert!(details.len() == 2 && expected.iter().all(|detail| details.contains(detail)), "{details:?}");
}

const UNKNOWN: Told<'_> = (Field::Scopes, "unknown", ProblemKind::NoSuchScope);
const TWICE: Told<'_> = (Field::Scopes, "a", ProblemKind::GivenTwice);

#[tokio::test]
async fn a_change_that_cannot_be_changes_nothing_and_every_reason_is_told() {
    type Change = fn(&mut ApiChange);
    let server = with_stock(Backend::Sqlite).await;
    let before = apis::find(&server.cli(), STOCK).await.unwrap();
    let keys = server.keys().await.keys.len();
    let cases: [(Change, Vec<Told<'_>>); 9] = [
        (|change| change.name = Some(String::new()), vec![NAME]),
        (
            |change| change.access_token_alg = Some(Algorithm::Hs256),
            vec![(Field::AccessTokenAlg, "", ProblemKind::Algorithm(&SIGNING))],
        ),
        (|change| change.access_token_seconds = Some(9), vec![SECONDS]),
        (|change| change.access_token_seconds = Some(86_401), vec![SECONDS]),
        (|change| *change = edit(&[], &["unknown"]), vec![UNKNOWN]),
        (
            |change| *change = edit(&[("openid", "")], &[]),
            vec![(Field::Scopes, "openid", ProblemKind::ReservedScope)],
        ),
        (|change| *change = edit(&[("a", ""), ("a", "")], &[]), vec![TWICE]),
        (
            |change| change.scopes = Some(ScopeChange::Replace(vec![scope("a", ""), scope("a", "")])),
            vec![TWICE],
        ),
        (
            |change| {
                *change = edit(&[], &["unknown"]);
                change.name = Some("x".repeat(101));
                change.access_token_alg = Some(Algorithm::Rs256);
            },
            vec![UNKNOWN, NAME],
        ),
    ];
    for (make, told) in cases {
        let mut change = ApiChange::default();
        make(&mut change);
        let Err(ApiError::Invalid(problems)) = apis::update(&server.cli(), STOCK, &change).await else {
            panic!("{change:?}")
        };
        assert_eq!(problems.iter().map(super::told).collect::<Vec<_>>(), told);
    }
    let nothing = apis::update(&server.cli(), STOCK, &ApiChange::default()).await.unwrap();
    assert!(nothing.changed.is_empty() && Some(&nothing.api) == before.as_ref(), "{nothing:?}");
    let renamed = ApiChange { name: Some("x".to_owned()), ..ApiChange::default() };
    let unknown = apis::update(&server.cli(), "https://unknown.example", &renamed).await;
    assert!(matches!(unknown, Err(ApiError::NotFound)), "{unknown:?}");
    server.refresh().await;
    assert_eq!(apis::find(&server.cli(), STOCK).await.unwrap(), before);
    assert_eq!(
        (server.keys().await.keys.len(), server.count("api.updated").await),
        (keys, 0),
        "no key, no event"
    );
}

#[rstest]
#[tokio::test]
async fn of_changes_at_the_same_moment_none_is_lost(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = with_stock(backend).await;
    let mut changes = tokio::task::JoinSet::new();
    for n in 0..16 {
        let cx = server.cli();
        changes.spawn(async move {
            let change = match n % 4 {
                0 => ApiChange { access_token_seconds: Some(77), ..edit(&[(&format!("s{n}"), "x")], &[]) },
                _ => edit(&[(&format!("s{n}"), "x")], &[]),
            };
            loop {
                match apis::update(&cx, STOCK, &change).await {
                    // A machine under load has no time for so many connections at once.
                    Err(ApiError::Store(starved)) if starved.is_unavailable() => println!("again: {starved}"),
                    outcome => return outcome,
                }
            }
        });
    }
    for outcome in changes.join_all().await {
        assert!(outcome.as_ref().is_ok_and(|updated| !updated.changed.is_empty()), "{outcome:?}");
    }
    let api = apis::find(&server.cli(), STOCK).await.unwrap().unwrap();
    assert_eq!((api.settings.scopes.len(), api.settings.access_token_seconds), (1 + 16, 77), "{api:?}");
    assert_eq!(server.count("api.updated").await, 16);
}
