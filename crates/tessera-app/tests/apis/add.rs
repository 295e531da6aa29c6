//! Registered, with every problem told at once.

use rstest::rstest;
use tessera_app::apis::{self, ApiError, NewApi};
use tessera_app::problem::{Field, Form, Problem, ProblemKind};
use tessera_jose::Algorithm;
use tessera_testkit::server::{Backend, TestServer};

use super::{NAME, SECONDS, SIGNING, Told, api, scope};

async fn problems(server: &TestServer, new: NewApi) -> Vec<Problem> {
    match apis::add(&server.cli(), new).await {
        Ok(_) => Vec::new(),
        Err(ApiError::Invalid(problems)) => problems,
        Err(other) => panic!("{other}"),
    }
}

const AUDIENCE: Told<'_> = (Field::Audience, "", ProblemKind::Form(Form::AbsoluteUri));
const DESCRIPTION: Told<'_> = (Field::Scopes, "a", ProblemKind::Description { max: 200 });

#[tokio::test]
async fn every_problem_of_a_registration_is_told() {
    type Change = fn(&mut NewApi);
    let server = TestServer::start(Backend::Sqlite).await;
    let cases: [(Change, Told<'_>); 19] = [
        (|new| new.audience.clear(), AUDIENCE),
        (|new| new.audience = "stock.example".to_owned(), AUDIENCE),
        (|new| new.audience = "https:".to_owned(), AUDIENCE),
        (|new| new.audience = "https://a/#b".to_owned(), AUDIENCE),
        (|new| new.audience = "https://a b/".to_owned(), AUDIENCE),
        (|new| new.audience = "https://\u{e9}.example/".to_owned(), AUDIENCE),
        (|new| new.audience = format!("https://{}", "a".repeat(505)), AUDIENCE),
        (|new| new.name.clear(), NAME),
        (|new| new.name = "n".repeat(101), NAME),
        (|new| new.name = "a\r\nb".to_owned(), NAME),
        (
            |new| new.access_token_alg = Algorithm::Hs256,
            (Field::AccessTokenAlg, "", ProblemKind::Algorithm(&SIGNING)),
        ),
        (|new| new.access_token_seconds = 9, SECONDS),
        (|new| new.access_token_seconds = 86_401, SECONDS),
        (|new| new.scopes = vec![scope("openid", "")], (Field::Scopes, "openid", ProblemKind::ReservedScope)),
        (
            |new| new.scopes = vec![scope("offline_access", "")],
            (Field::Scopes, "offline_access", ProblemKind::ReservedScope),
        ),
        (|new| new.scopes = vec![scope("a", &"d".repeat(201))], DESCRIPTION),
        (|new| new.scopes = vec![scope("a", "d\u{7}")], DESCRIPTION),
        (
            |new| new.scopes = vec![scope("a", "x"), scope("a", "y")],
            (Field::Scopes, "a", ProblemKind::GivenTwice),
        ),
        // A client id could look like this.
        (|new| new.audience = "shop.example.com".to_owned(), AUDIENCE),
    ];
    for (change, told) in cases {
        let mut new = api();
        change(&mut new);
        let problems = problems(&server, new).await;
        assert_eq!(problems.iter().map(super::told).collect::<Vec<_>>(), [told]);
    }
    let own = NewApi { audience: server.issuer.clone(), ..api() };
    let own = problems(&server, own).await;
    assert_eq!(
        own.iter().map(super::told).collect::<Vec<_>>(),
        [(Field::Audience, "", ProblemKind::IsIssuer)]
    );
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
    let again = NewApi { access_token_alg: Algorithm::Ps256, ..api() };
    assert!(matches!(apis::add(&server.cli(), again).await, Err(ApiError::Taken)), "and makes no key");
    server.refresh().await;
    assert_eq!(server.keys().await.keys.len(), before + 1);
    assert_eq!(apis::find(&server.cli(), "https://stock.example").await.unwrap(), Some(added));
    assert_eq!(apis::find(&server.cli(), "https://stock.example/").await.unwrap(), None);
    assert_eq!(server.count("api.created").await, 2, "i09: this one and the test server's own");
}
