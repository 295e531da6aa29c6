//! APIs: registered with every problem told at once.

use rstest::rstest;
use tessera_app::apis::{self, AddError, NewApi};
use tessera_jose::Algorithm;
use tessera_model::api::ScopeDefinition;
use tessera_testkit::server::{Backend, TestServer};

fn api() -> NewApi {
    NewApi {
        audience: "https://stock.example".to_owned(),
        name: "Stock".to_owned(),
        scopes: vec![scope("stock.read", "See what is there")],
        access_token_alg: Algorithm::EdDsa,
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
    let cases: [(Change, &str); 17] = [
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
