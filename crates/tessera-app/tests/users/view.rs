//! Listed and found.

use rstest::rstest;
use tessera_app::users::{self, UserError};
use tessera_model::Username;
use tessera_testkit::server::{Backend, TestServer};

use super::add;

#[rstest]
#[tokio::test]
async fn people_are_listed_page_by_page_and_found_by_name_and_id(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let mut names = ["zoe", "a-b", "a.b", "a_b", "alice", "bob", "42", "x@example.com"];
    for name in names {
        add(&server, name).await.unwrap();
    }
    names.sort_unstable();
    let mut listed: Vec<Username> = Vec::new();
    loop {
        let page = users::list(&server.cli(), listed.last(), 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        listed.extend(page.into_iter().map(|user| user.username));
    }
    assert_eq!(listed.iter().map(Username::as_str).collect::<Vec<_>>(), names);

    let alice = users::find(&server.cli(), "ALICE").await.unwrap();
    assert_eq!(users::find(&server.cli(), &alice.id.to_string()).await.unwrap(), alice);
    for nobody in ["", "nobody", "' OR 1=1 --", "00000000-0000-4000-8000-000000000000"] {
        assert!(matches!(users::find(&server.cli(), nobody).await, Err(UserError::NotFound)), "{nobody}");
    }
}
