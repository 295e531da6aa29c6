//! Claims changed.

use rstest::rstest;
use tessera_app::problem::{Field, Form, ProblemKind};
use tessera_app::users::{self, UserChanges, UserError};
use tessera_model::User;
use tessera_oauth::claims::ProfileClaims;
use tessera_testkit::server::{Backend, TestServer};

fn told(outcome: Result<User, UserError>) -> Vec<(Field, ProblemKind)> {
    match outcome {
        Err(UserError::Invalid(problems)) => problems.into_iter().map(|it| (it.field, it.kind)).collect(),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[tokio::test]
async fn what_is_told_about_a_person_is_changed_in_what_is_named_and_nothing_else(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let before = server.add_user("alice").await;
    let update = async |changes: UserChanges| users::update(&server.cli(), before.id, &changes).await;
    let verified =
        update(UserChanges { email_verified: Some(true), ..UserChanges::default() }).await.unwrap();
    assert!(verified.email_verified && verified.email == before.email, "{verified:?}");
    let named = update(UserChanges { name: Some("Ann".to_owned()), ..UserChanges::default() }).await.unwrap();
    assert_eq!((named.name.as_deref(), named.email_verified), (Some("Ann"), true));
    let other = Some("ann@example.com".to_owned());
    let moved = update(UserChanges { email: other.clone(), ..UserChanges::default() }).await.unwrap();
    assert_eq!((&moved.email, moved.email_verified), (&other, false), "a new address is not verified");
    let gone = update(UserChanges { email: Some(String::new()), ..UserChanges::default() }).await.unwrap();
    assert_eq!((gone.email, gone.email_verified), (None, false));
    let refused = update(UserChanges { email: Some("nonsense".to_owned()), ..UserChanges::default() }).await;
    assert_eq!(told(refused), [(Field::Email, ProblemKind::Form(Form::Email))]);
    let bad = ProfileClaims { birthdate: Some("yesterday".to_owned()), ..ProfileClaims::default() };
    let refused = update(UserChanges { claims: bad, ..UserChanges::default() }).await;
    assert_eq!(told(refused), [(Field::Claim("birthdate"), ProblemKind::Form(Form::Birthdate))]);
    assert_eq!(server.count("user.updated").await, 4, "i09");
    users::disable(&server.cli(), before.id).await.unwrap();
    let closed = update(UserChanges { name: Some("Bob".to_owned()), ..UserChanges::default() }).await;
    assert!(matches!(closed, Err(UserError::Disabled)), "{closed:?}");
}
