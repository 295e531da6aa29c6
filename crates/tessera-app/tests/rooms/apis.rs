//! APIs: registered with every problem told at once.

use rstest::rstest;
use tessera_app::apis::{self, AddError, ApiChange, NewApi, ScopeChange, UpdateError};
use tessera_jose::Algorithm;
use tessera_model::EventCode;
use tessera_model::api::{JwtType, ScopeDefinition};
use tessera_testkit::server::{Backend, TestServer};

fn api() -> NewApi {
    NewApi {
        audience: "https://stock.example".to_owned(),
        name: "Stock".to_owned(),
        scopes: vec![scope("stock.read", "See what is there")],
        access_token_alg: Algorithm::EdDsa,
        token_type: JwtType::AtJwt,
        access_token_seconds: 600,
    }
}

fn scope(name: &str, description: &str) -> ScopeDefinition {
    ScopeDefinition { name: name.parse().unwrap(), description: description.to_owned() }
}

async fn problems(server: &TestServer, new: NewApi) -> Vec<String> {
    match apis::add(&server.cli(), new).await {
        Ok(_) => Vec::new(),
        Err(AddError::Invalid(problems)) => problems,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_problem_of_a_registration_is_told() {
    type Change = fn(&mut NewApi);
    let server = TestServer::start(Backend::Sqlite).await;
    let cases: [(Change, &str); 19] = [
        (|new| new.audience.clear(), "audience: "),
        (|new| new.audience = "stock.example".to_owned(), "audience: "),
        (|new| new.audience = "https:".to_owned(), "audience: "),
        (|new| new.audience = "https://a/#b".to_owned(), "audience: "),
        (|new| new.audience = "https://a b/".to_owned(), "audience: "),
        (|new| new.audience = "https://\u{e9}.example/".to_owned(), "audience: "),
        (|new| new.audience = format!("https://{}", "a".repeat(505)), "audience: "),
        (|new| new.name.clear(), "name: "),
        (|new| new.name = "n".repeat(101), "name: "),
        (|new| new.name = "a\r\nb".to_owned(), "name: "),
        (|new| new.access_token_alg = Algorithm::Hs256, "algorithm: "),
        (|new| new.access_token_seconds = 9, "lifetime: "),
        (|new| new.access_token_seconds = 86_401, "lifetime: "),
        (|new| new.scopes = vec![scope("openid", "")], "scope openid: "),
        (|new| new.scopes = vec![scope("offline_access", "")], "scope offline_access: "),
        (|new| new.scopes = vec![scope("a", &"d".repeat(201))], "scope a: "),
        (|new| new.scopes = vec![scope("a", "d\u{7}")], "scope a: "),
        (|new| new.scopes = vec![scope("a", "x"), scope("a", "y")], "scope a: "),
        // What a client id looks like (attack J25).
        (|new| new.audience = "shop.example.com".to_owned(), "audience: "),
    ];
    for (change, told) in cases {
        let mut new = api();
        change(&mut new);
        let problems = problems(&server, new).await;
        assert!(problems.len() == 1 && problems[0].starts_with(told), "{told} {problems:?}");
    }
    let own = NewApi { audience: server.issuer.clone(), ..api() };
    assert!(problems(&server, own).await[0].contains("issuer itself"));
    let hopeless = NewApi {
        audience: String::new(),
        name: String::new(),
        access_token_seconds: 0,
        access_token_alg: Algorithm::Hs256,
        ..api()
    };
    assert_eq!(problems(&server, hopeless).await.len(), 4, "all at once");
    assert_eq!(
        apis::list(&server.cli()).await.unwrap().entries.len(),
        1,
        "the one that every test server has"
    );
}

#[rstest]
#[tokio::test]
async fn an_api_brings_the_key_of_its_tokens(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let before = server.keys().await.keys.len();
    let added = apis::add(&server.cli(), api()).await.unwrap();
    assert!(matches!(apis::add(&server.cli(), api()).await, Err(AddError::Taken)));
    server.refresh().await;
    assert_eq!(server.keys().await.keys.len(), before + 1);
    assert_eq!(apis::find(&server.cli(), "https://stock.example").await.unwrap(), Some(added));
    assert_eq!(apis::find(&server.cli(), "https://stock.example/").await.unwrap(), None);
    assert_eq!(server.count("api.created").await, 2, "i09: this one and the test server's own");
}

const STOCK: &str = "https://stock.example";

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
        "name, scopes, alg, token_type, access_token_lifetime: https://stock.example".to_owned(),
    ];
    assert!(details.len() == 2 && expected.iter().all(|detail| details.contains(detail)), "{details:?}");
}

#[tokio::test]
async fn a_change_that_cannot_be_changes_nothing_and_every_reason_is_told() {
    type Change = fn(&mut ApiChange);
    let server = with_stock(Backend::Sqlite).await;
    let before = apis::find(&server.cli(), STOCK).await.unwrap().unwrap();
    let keys = server.keys().await.keys.len();
    let cases: [(Change, &[&str]); 9] = [
        (|change| change.name = Some(String::new()), &["name: "]),
        (|change| change.access_token_alg = Some(Algorithm::Hs256), &["algorithm: "]),
        (|change| change.access_token_seconds = Some(9), &["lifetime: "]),
        (|change| change.access_token_seconds = Some(86_401), &["lifetime: "]),
        (|change| *change = edit(&[], &["unknown"]), &["scope unknown: "]),
        (|change| *change = edit(&[("openid", "")], &[]), &["scope openid: "]),
        (|change| *change = edit(&[("a", ""), ("a", "")], &[]), &["scope a: "]),
        (
            |change| change.scopes = Some(ScopeChange::Replace(vec![scope("a", ""), scope("a", "")])),
            &["scope a: "],
        ),
        (
            |change| {
                *change = edit(&[], &["unknown"]);
                change.name = Some("x".repeat(101));
                change.access_token_alg = Some(Algorithm::Rs256);
            },
            &["scope unknown: ", "name: "],
        ),
    ];
    for (make, told) in cases {
        let mut change = ApiChange::default();
        make(&mut change);
        let Err(UpdateError::Invalid(problems)) = apis::update(&server.cli(), STOCK, &change).await else {
            panic!("{change:?}")
        };
        assert!(problems.len() == told.len(), "{problems:?}");
        assert!(problems.iter().zip(told).all(|(problem, told)| problem.starts_with(told)), "{problems:?}");
    }
    let nothing = apis::update(&server.cli(), STOCK, &ApiChange::default()).await;
    assert!(matches!(nothing, Err(UpdateError::Nothing)), "{nothing:?}");
    let renamed = ApiChange { name: Some("x".to_owned()), ..ApiChange::default() };
    let unknown = apis::update(&server.cli(), "https://unknown.example", &renamed).await;
    assert!(matches!(unknown, Err(UpdateError::NotFound)), "{unknown:?}");
    server.refresh().await;
    assert_eq!(apis::find(&server.cli(), STOCK).await.unwrap(), Some(before));
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
            apis::update(&cx, STOCK, &change).await
        });
    }
    for outcome in changes.join_all().await {
        assert!(outcome.as_ref().is_ok_and(|updated| !updated.changed.is_empty()), "{outcome:?}");
    }
    let api = apis::find(&server.cli(), STOCK).await.unwrap().unwrap();
    assert_eq!((api.settings.scopes.len(), api.settings.access_token_seconds), (1 + 16, 77), "{api:?}");
    assert_eq!(server.count("api.updated").await, 16);
}
