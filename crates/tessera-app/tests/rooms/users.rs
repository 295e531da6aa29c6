//! People: made, listed, locked, closed, erased, given passwords.

use rstest::rstest;
use tessera_app::users::{self, AddError, NewUser, SetPasswordError, UpdateError, UserChanges, UserError};
use tessera_model::user::UserStatus;
use tessera_model::{ClientKind, PlainPassword, User, UserId, Username};
use tessera_oauth::claims::ProfileClaims;
use tessera_testkit::browser::Browser;
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};

const SCOPE: &str = "openid orders.read";

/// Alice, logged in at a client.
struct Alice {
    server: TestServer,
    client: TestClient,
    browser: Browser,
    id: UserId,
    tokens: Tokens,
}

impl Alice {
    async fn at(backend: Backend) -> Self {
        let server = TestServer::start(backend).await;
        let id = server.add_user("alice").await.id;
        let client = server.add_client(ClientKind::Web).await;
        let mut browser = server.browser();
        let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
        Self { server, client, browser, id, tokens }
    }

    /// Whether her browser still is hers.
    async fn session_works(&mut self) -> bool {
        self.browser.visit("/").await.body.contains("You are signed in")
    }

    async fn refresh_works(&mut self) -> bool {
        let answer = self.server.refresh_with(&self.client, &self.tokens.refresh).await;
        if answer.status == 200 {
            self.tokens = Tokens::of(&answer);
            return true;
        }
        assert_eq!(answer.error(), "invalid_grant");
        false
    }

    async fn userinfo_works(&self) -> bool {
        let status = self.server.userinfo(&self.tokens.access).await.status;
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    }

    /// Whether this password opens a session in a new browser.
    async fn login_works(&self, password: &str) -> bool {
        let mut browser = self.server.browser();
        let csrf = browser.visit("/login").await.hidden("csrf");
        let fields = [("csrf", &*csrf), ("username", "alice"), ("password", password)];
        let status = browser.submit("/login", &fields).await.status;
        self.server.advance(1);
        status == 303
    }

    async fn are_tokens_taken_back(&self) -> bool {
        self.server.has_revocation_rule("subject", &self.id.to_string()).await
    }
}

#[rstest]
#[tokio::test]
async fn locked_people_hold_still_until_they_are_unlocked(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    users::lock(&alice.server.cli(), alice.id).await.unwrap();
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);

    users::unlock(&alice.server.cli(), alice.id).await.unwrap();
    assert!(alice.session_works().await && alice.refresh_works().await && alice.login_works(PASSWORD).await);
    assert!(!alice.userinfo_works().await, "the access token of before stays dead (I4)");
}

#[rstest]
#[tokio::test]
async fn i09_locking_twice_is_locking_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let alice = Alice::at(backend).await;
    let cx = &alice.server.cli();
    for _ in 0..2 {
        users::lock(cx, alice.id).await.unwrap();
    }
    assert_eq!(alice.server.count("user.locked").await, 1);
    for _ in 0..2 {
        users::unlock(cx, alice.id).await.unwrap();
    }
    assert_eq!(alice.server.count("user.unlocked").await, 1);
}

#[rstest]
#[tokio::test]
async fn i04_a_closed_account_never_opens_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(false, true)] locked_before: bool,
) {
    let mut alice = Alice::at(backend).await;
    if locked_before {
        users::lock(&alice.server.cli(), alice.id).await.unwrap();
    }
    let cx = &alice.server.cli();
    for _ in 0..2 {
        users::disable(cx, alice.id).await.unwrap();
    }
    assert_eq!(alice.server.count("user.disabled").await, 1);
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);

    assert!(matches!(users::lock(cx, alice.id).await, Err(UserError::Disabled)));
    assert!(matches!(users::unlock(cx, alice.id).await, Err(UserError::Disabled)));
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    let refused = users::set_password(cx, alice.id, new).await;
    assert!(matches!(refused, Err(SetPasswordError::User(UserError::Disabled))), "{refused:?}");
    assert!(!alice.login_works("another password").await);
    assert!(matches!(add(&alice.server, "alice").await, Err(AddError::Taken)), "l47: the name stays taken");
    let user = users::find(cx, "alice").await.unwrap();
    assert!(matches!(user.status, UserStatus::Disabled { .. }));
}

#[rstest]
#[tokio::test]
async fn an_erased_account_leaves_nothing_but_its_id_in_the_audit_trail(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    let cx = &alice.server.cli();
    users::delete(cx, alice.id).await.unwrap();
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);
    for refused in [
        users::delete(cx, alice.id).await,
        users::lock(cx, alice.id).await,
        users::unlock(cx, alice.id).await,
        users::disable(cx, alice.id).await,
        users::find(cx, "alice").await.map(drop),
    ] {
        assert!(matches!(refused, Err(UserError::NotFound)), "{refused:?}");
    }
    let trail = alice.server.audit_trail().await;
    assert_eq!(trail.iter().filter(|event| event.code.as_str() == "user.deleted").count(), 1);
    assert!(trail.iter().any(|event| event.user_id == Some(alice.id)));
    let successor = add(&alice.server, "alice").await.unwrap();
    assert_ne!(successor.id, alice.id, "whoever gets the name next is somebody else");
}

#[rstest]
#[tokio::test]
async fn a_new_password_ends_what_the_old_one_opened(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    users::set_password(&alice.server.cli(), alice.id, new).await.unwrap();
    assert!(!alice.session_works().await && !alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);
    assert!(!alice.login_works(PASSWORD).await);
    assert!(alice.login_works("another password").await);
    assert_eq!(alice.server.count("user.password_set").await, 1);
    let nobody = UserId::from_random([9; 16]);
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    let refused = users::set_password(&alice.server.cli(), nobody, new).await;
    assert!(matches!(refused, Err(SetPasswordError::User(UserError::NotFound))));
}

#[rstest]
#[tokio::test]
async fn i09_what_administrators_do_is_written_down_with_their_door(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let id = server.add_user("alice").await.id;
    users::lock(&server.cli(), id).await.unwrap();
    users::unlock(&server.cli(), id).await.unwrap();
    users::disable(&server.cli(), id).await.unwrap();
    users::delete(&server.cli(), id).await.unwrap();
    let trail = server.audit_trail().await;
    let mut about: Vec<_> = trail.iter().filter(|event| event.user_id == Some(id)).collect();
    assert!(about.iter().all(|event| event.actor == "cli" && event.request_id.is_some()), "{about:?}");
    about.sort_by_key(|event| event.code.as_str());
    let codes: Vec<_> = about.iter().map(|event| event.code.as_str()).collect();
    assert_eq!(codes, ["user.created", "user.deleted", "user.disabled", "user.locked", "user.unlocked"]);
}

async fn add(server: &TestServer, username: &str) -> Result<User, AddError> {
    add_with(server, username, None, None).await
}

async fn add_with(
    server: &TestServer,
    username: &str,
    name: Option<&str>,
    email: Option<&str>,
) -> Result<User, AddError> {
    let new = NewUser {
        name: name.map(str::to_owned),
        email: email.map(str::to_owned),
        ..NewUser::new(username.parse().unwrap())
    };
    users::add(&server.cli(), new).await
}

#[rstest]
#[tokio::test]
async fn l47_a_name_belongs_to_one_person(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    add(&server, "alice").await.unwrap();
    for twin in ["alice", "ALICE", "Alice"] {
        assert!(matches!(add(&server, twin).await, Err(AddError::Taken)), "{twin}");
    }
    let (left, right) = tokio::join!(add(&server, "bob"), add(&server, "bob"));
    assert_eq!(usize::from(left.is_ok()) + usize::from(right.is_ok()), 1);
    assert_eq!(server.count("user.created").await, 2, "i09: refusals are no events");
}

#[tokio::test]
async fn names_and_addresses_are_checked() {
    let server = TestServer::start(Backend::Sqlite).await;
    let long_name = "é".repeat(100);
    let long_address = format!("{}@example.com", "a".repeat(254 - 12));
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
        assert!(matches!(add_with(&server, "bad", Some(name), None).await, Err(AddError::Name)), "{name:?}");
    }
    let too_long_address = format!("a{long_address}");
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
    ] {
        assert!(
            matches!(add_with(&server, "bad", None, Some(email)).await, Err(AddError::Email)),
            "{email:?}"
        );
    }
    assert!(matches!(users::find(&server.cli(), "bad").await, Err(UserError::NotFound)));
}

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
    assert!(matches!(refused, Err(UpdateError::Invalid(AddError::Email))), "{refused:?}");
    let bad = ProfileClaims { birthdate: Some("yesterday".to_owned()), ..ProfileClaims::default() };
    let refused = update(UserChanges { claims: bad, ..UserChanges::default() }).await;
    assert!(matches!(refused, Err(UpdateError::Invalid(AddError::Claims(_)))), "{refused:?}");
    assert_eq!(server.count("user.updated").await, 4, "i09");
    users::disable(&server.cli(), before.id).await.unwrap();
    let closed = update(UserChanges { name: Some("Bob".to_owned()), ..UserChanges::default() }).await;
    assert!(matches!(closed, Err(UpdateError::User(UserError::Disabled))), "{closed:?}");
}
