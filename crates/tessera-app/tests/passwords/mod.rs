//! New passwords: judged by every rule at once, and looked up in a list of breached ones. Logins know no rules.

mod list;

use tessera_app::passwords::{NewPassword, OnlyFactor, PasswordRefusal, judge};
use tessera_app::problem::{Field, ProblemKind};
use tessera_app::users::{self, NewUser, UserError};
use tessera_app::{Actor, Cx};
use tessera_model::{PlainPassword, User};
use tessera_testkit::passwords::{NEW_PASSWORD, any_password};
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

fn password(text: &str) -> PlainPassword {
    PlainPassword::to_check(text.to_owned()).unwrap()
}

/// The rules that a command broke.
#[track_caller]
fn refusals<T: std::fmt::Debug>(outcome: Result<T, UserError>) -> Vec<PasswordRefusal> {
    let problems = match outcome {
        Err(UserError::Invalid(problems)) => problems,
        Ok(_) => return Vec::new(),
        Err(other) => panic!("{other}"),
    };
    let refusal = |kind: &ProblemKind| match kind {
        ProblemKind::Password(refusal) => Some(*refusal),
        _ => None,
    };
    problems
        .iter()
        .filter(|problem| problem.field == Field::Password)
        .map(|problem| refusal(&problem.kind).unwrap())
        .collect()
}

async fn add(cx: &Cx, username: &str, text: &str) -> Result<User, UserError> {
    let new = NewUser { password: Some(password(text)), ..NewUser::new(username.parse().unwrap()) };
    users::add(cx, new).await
}

/// What a person is told who has proven `old` and wants `new`.
async fn change(
    server: &TestServer,
    user: &User,
    (old, new): (&str, &str),
    only_factor: OnlyFactor,
) -> Vec<PasswordRefusal> {
    let new = NewPassword { password: password(new), user, old: Some(password(old)), only_factor };
    judge(&server.cli(), new).await.unwrap().err().unwrap_or_default()
}

async fn opens(server: &TestServer, username: &str, password: &str) -> bool {
    let mut browser = server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("username", username), ("password", password)];
    let status = browser.submit("/login", &fields).await.status;
    server.advance(1);
    status == 303
}

#[tokio::test]
async fn r22_every_rule_that_a_password_breaks_is_told_at_once() {
    let server = TestServer::start(Backend::Sqlite).await;
    let new = NewUser {
        email: Some("nowhere".to_owned()),
        password: Some(password("pass\0word")),
        ..NewUser::new("alice".parse().unwrap())
    };
    let outcome = users::add(&server.cli(), new).await;
    let Err(UserError::Invalid(problems)) = &outcome else { panic!("{outcome:?}") };
    assert!(problems.iter().any(|problem| problem.field == Field::Email), "{problems:?}");
    let expected = [PasswordRefusal::TooShort { min: 15 }, PasswordRefusal::Nul, PasswordRefusal::Guessable];
    assert_eq!(refusals(outcome), expected);
    assert!(matches!(users::find(&server.cli(), "alice").await, Err(UserError::NotFound)));
    assert_eq!(server.count("user.created").await, 0);
}

#[tokio::test]
async fn r22_what_a_guesser_knows_does_not_make_a_password_strong() {
    let server = TestServer::start(Backend::Sqlite).await;
    let new = |text: &str| NewUser {
        name: Some("Quintessa Vanderbroek".to_owned()),
        email: Some("q.vanderbroek@zyxwidgets.example".to_owned()),
        password: Some(password(text)),
        ..NewUser::new("qvdbroek77".parse().unwrap())
    };
    for known in [
        "quintessa vanderbroek",
        "Vanderbroek2024",
        "QuintessaVanderbroek",
        "q.vanderbroek@zyxwidgets.example",
        "zyxwidgetszyxwidgets",
        "qvdbroek77qvdbroek77",
        "tesseratessera1",
        "localhostlocalhost",
    ] {
        let outcome = users::add(&server.cli(), new(known)).await;
        assert_eq!(refusals(outcome), [PasswordRefusal::Guessable], "{known}");
    }
    users::add(&server.cli(), new("vanderbroek likes nine purple teapots")).await.unwrap();
}

#[tokio::test]
async fn r22_beside_another_factor_eight_characters_are_enough() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let told = async |new, only_factor| change(&server, &alice, (PASSWORD, new), only_factor).await;
    // The estimate takes each of them for one of ten, so eight at random are 10^8 guesses and not more.
    assert_eq!(told("k7#mzQ2w", OnlyFactor::No).await, [PasswordRefusal::Guessable]);
    assert_eq!(told("k7#mzQ2wv", OnlyFactor::No).await, []);
    assert_eq!(told("k7#mzQ2wv", OnlyFactor::Yes).await, [PasswordRefusal::TooShort { min: 15 }]);
    let seven = [PasswordRefusal::TooShort { min: 8 }, PasswordRefusal::Guessable];
    assert_eq!(told("k7#mzQ2", OnlyFactor::No).await, seven);
    // Letters count, not bytes.
    assert_eq!(told("жйэюшзхкщфцпбв", OnlyFactor::Yes).await, [PasswordRefusal::TooShort { min: 15 }]);
    assert_eq!(told("жйэюшзхкщфцпбвл", OnlyFactor::Yes).await, []);
}

#[tokio::test]
async fn l11_the_old_password_and_its_variations_are_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let told = async |new| change(&server, &alice, (PASSWORD, new), OnlyFactor::Yes).await;
    assert_eq!(told(PASSWORD).await, [PasswordRefusal::SameAsOld]);
    for varied in [
        "Correct Horse Battery Staple",
        "correct horse battery staple 2026!",
        "elpats yrettab esroh tcerroc",
        "correct house battery stable",
    ] {
        assert_eq!(told(varied).await, [PasswordRefusal::LikeOld], "{varied}");
    }
    assert_eq!(told(NEW_PASSWORD).await, []);
    assert_eq!(
        change(&server, &alice, ("Summer2024", "summer2025"), OnlyFactor::Yes).await,
        [PasswordRefusal::TooShort { min: 15 }, PasswordRefusal::LikeOld, PasswordRefusal::Guessable]
    );
}

#[tokio::test]
async fn l11_an_administrator_does_not_set_the_old_password_again() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await.id;
    let set = async |text| users::set_password(&server.cli(), alice, password(text)).await;
    assert_eq!(refusals(set(PASSWORD).await), [PasswordRefusal::SameAsOld]);
    // Nobody knows the old one here, so its variations are others.
    set("correct horse battery staples").await.unwrap();
    // A hash of another cost is compared all the same.
    let dearer = server.second_process(|config| config.hashing.passes = 3).await;
    let dearer = &Cx::new(&dearer, Actor::Cli);
    let again = users::set_password(dearer, alice, password("correct horse battery staples")).await;
    assert_eq!(refusals(again), [PasswordRefusal::SameAsOld]);
    assert_eq!(server.count("user.password_set").await, 1);
    assert!(opens(&server, "alice", "correct horse battery staples").await);
}

#[tokio::test]
async fn l11_a_password_that_is_refused_leaves_the_old_one() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await.id;
    let refused = users::set_password(&server.cli(), alice, password("iloveyouiloveyou")).await;
    assert_eq!(refusals(refused), [PasswordRefusal::Guessable]);
    assert!(!opens(&server, "alice", "iloveyouiloveyou").await);
    assert!(opens(&server, "alice", PASSWORD).await);
    assert_eq!(server.count("user.password_set").await, 0);
}

#[tokio::test]
async fn r22_passwords_that_were_set_before_the_rules_go_on_working() {
    let server = TestServer::start(Backend::Sqlite).await;
    // Its cost is another one too, so that the login hashes the password anew.
    let earlier = server
        .second_process(|config| {
            any_password(config);
            config.hashing.passes = 3;
        })
        .await;
    add(&Cx::new(&earlier, Actor::Cli), "alice", "password").await.unwrap();
    assert!(opens(&server, "alice", "password").await);
    assert!(opens(&server, "alice", "password").await, "and once it is hashed at today's cost");
    assert_ne!(refusals(add(&server.cli(), "bobby", "password").await), []);
}

#[tokio::test]
async fn r22_an_accent_is_one_character_in_every_rule() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let (composed, apart) = ("n\u{e9}uf th\u{e9}i\u{e8}res", "ne\u{301}uf the\u{301}ie\u{300}res");
    let too_short = PasswordRefusal::TooShort { min: 15 };
    let told = change(&server, &alice, (composed, apart), OnlyFactor::Yes).await;
    assert_eq!(told, [too_short, PasswordRefusal::SameAsOld]);
}
