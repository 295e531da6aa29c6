//! Made.

use rstest::rstest;
use tessera_app::problem::{Field, Form, Problem, ProblemKind};
use tessera_app::users::{self, UserError};
use tessera_testkit::server::{Backend, TestServer};

use super::{add, add_with};

#[rstest]
#[tokio::test]
async fn l47_a_name_belongs_to_one_person(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    add(&server, "alice").await.unwrap();
    for twin in ["alice", "ALICE", "Alice"] {
        assert!(matches!(add(&server, twin).await, Err(UserError::Taken)), "{twin}");
    }
    let (left, right) = tokio::join!(add(&server, "bob"), add(&server, "bob"));
    assert_eq!(usize::from(left.is_ok()) + usize::from(right.is_ok()), 1);
    assert_eq!(server.count("user.created").await, 2, "i09: refusals are no events");
}

const fn problem(field: Field, kind: ProblemKind) -> Problem {
    Problem { field, entry: None, kind }
}

async fn problems(server: &TestServer, name: Option<&str>, email: Option<&str>) -> Vec<Problem> {
    match add_with(server, "bad", name, email).await {
        Err(UserError::Invalid(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn names_and_addresses_are_checked() {
    let server = TestServer::start(Backend::Sqlite).await;
    let long_name = "é".repeat(100);
    let label = "b".repeat(61);
    let long_address = format!("{}@{label}.{label}.{label}.com", "a".repeat(64));
    assert_eq!(long_address.len(), 254);
    let good = [
        (Some(long_name.as_str()), None),
        (Some("<script>alert(1)</script>"), Some("a+b@sub.example.com")),
        (None, Some(long_address.as_str())),
    ];
    for (n, (name, email)) in good.into_iter().enumerate() {
        add_with(&server, &format!("good{n}"), name, email).await.unwrap();
    }
    let too_long_name = format!("{long_name}x");
    for name in [too_long_name.as_str(), "a\nb", "a\u{1b}[2J", "a\0"] {
        let kind = ProblemKind::NameLength { min: 0, max: 100 };
        assert_eq!(problems(&server, Some(name), None).await, [problem(Field::Name, kind)], "{name:?}");
    }
    let too_long_address = long_address.replace(".com", ".coms");
    for email in [
        "",
        "a",
        "a@",
        "@example.com",
        "a@b",
        "a@b@example.com",
        "a b@example.com",
        "a@example.com\r\nBcc: b@c.de",
        too_long_address.as_str(),
        "a@example.com, b@c.de",
        "A <a@example.com>",
    ] {
        let wrong = problem(Field::Email, ProblemKind::Form(Form::Email));
        assert_eq!(problems(&server, None, Some(email)).await, [wrong], "{email:?}");
    }
    assert_eq!(problems(&server, Some("a\0"), Some("a")).await.len(), 2, "all at once");
    assert!(matches!(users::find(&server.cli(), "bad").await, Err(UserError::NotFound)));
}
