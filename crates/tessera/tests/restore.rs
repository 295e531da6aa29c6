//! A whole life: an issuer and the verifier of an API, a backup, more life, a restore, and the issuer again at the same address.
//! Nothing that was issued before works afterwards, at the issuer or at the verifier.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Cursor;
use std::sync::Arc;

use rstest::rstest;
use tessera_app::backup::{self, Restored, Source, Target};
use tessera_app::keys::Kek;
use tessera_app::{Actor, clients, clock, users};
use tessera_model::{ClientKind, EventCode, PlainPassword, UserStatus};
use tessera_store::Location;
use tessera_testkit::browser::{Browser, query};
use tessera_testkit::clock::{SeededEntropy, TestClock};
use tessera_testkit::evidence::{Tokens, kid};
use tessera_testkit::restart::Stopped;
use tessera_testkit::server::{API, Backend, KEK, TestClient, TestServer};
use tessera_verifier::{Verifier, VerifyError};

const NEW_PASSWORD: &str = "a new password after the backup";

async fn verifier(server: &TestServer) -> Verifier {
    let builder = Verifier::builder(&*server.issuer).audience(API).clock(server.clock.clone());
    let verifier = builder.live_revocation().build().unwrap();
    verifier.ready().await.unwrap();
    verifier
}

/// What a person and a client hold.
struct Held {
    browser: Browser,
    /// The verifier has seen its access token.
    seen: Tokens,
    /// The verifier has not.
    unseen: Tokens,
    code: String,
}

const SCOPE: &str = "openid offline_access orders.read";

async fn hold(server: &TestServer, client: &TestClient, verifier: &Verifier) -> Held {
    let mut browser = server.browser();
    let seen = server.sign_in(&mut browser, client, SCOPE, "alice").await;
    let unseen = server.sign_in(&mut browser, client, SCOPE, "alice").await;
    let path = server.authorize_path(client, SCOPE, &[]);
    let end = server.authorize(&mut browser, &path, "alice").await;
    let code = query(&end, "code").unwrap();
    verifier.verify(&seen.access).await.unwrap();
    Held { browser, seen, unseen, code }
}

/// Nothing of it works, at the issuer or at the verifier.
async fn assert_ended(server: &TestServer, client: &TestClient, verifier: &Verifier, mut held: Held) {
    for tokens in [&held.seen, &held.unseen] {
        let outcome = verifier.verify(&tokens.access).await;
        assert!(
            matches!(outcome, Err(VerifyError::UnknownKey | VerifyError::Unavailable)),
            "at the verifier: {outcome:?}"
        );
        assert_eq!(server.userinfo(&tokens.access).await.status, 401, "at userinfo");
        let answer = server.refresh_with(client, &tokens.refresh).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "refresh token");
    }
    let answer = server.redeem(client, &held.code).await;
    assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "code");
    let silent = server.authorize_path(client, SCOPE, &[("prompt", "none")]);
    let end = held.browser.visit(&silent).await;
    let error = query(end.location().unwrap(), "error");
    assert_eq!(error.as_deref(), Some("login_required"), "session cookie: {:?}", end.location());
    let mut browser = server.browser();
    let fresh = server.sign_in(&mut browser, client, SCOPE, "alice").await;
    for (hint, expected) in [(&fresh.id, None), (&held.seen.id, Some("login_required"))] {
        let hint = [("prompt", "none"), ("id_token_hint", &**hint)];
        let end = browser.visit(&server.authorize_path(client, SCOPE, &hint)).await;
        let error = query(end.location().unwrap(), "error");
        assert_eq!(error.as_deref(), expected, "ID token hint: {:?}", end.location());
    }
    let keys = server.keys().await;
    for token in [&held.seen.access, &held.seen.id] {
        let kid = kid(token);
        assert!(keys.keys.iter().all(|key| key.kid() != Some(&*kid)), "an old key is published");
    }
}

/// The people and clients of the backup work as they did, and the verifier follows.
async fn assert_alive(server: &TestServer, client: &TestClient, verifier: &Verifier) {
    let tokens = server.sign_in(&mut server.browser(), client, SCOPE, "alice").await;
    verifier.verify(&tokens.access).await.unwrap();
    assert_eq!(server.userinfo(&tokens.access).await.status, 200);
    assert_eq!(server.refresh_with(client, &tokens.refresh).await.status, 200);
    assert_eq!(server.count("restore.done").await, 1);
}

/// Lets the verifier hear of the new epoch, and then of its rules.
async fn follow(verifier: &Verifier) {
    for _ in 0..2 {
        verifier.sync_revocations().await.unwrap();
    }
}

fn target<'a>(
    stopped: &Stopped,
    location: &'a Location,
    kek: &'a Kek,
    entropy: &'a SeededEntropy,
) -> Parts<'a> {
    Parts { location, kek, entropy, clock: Arc::clone(&stopped.clock) }
}

/// What a target borrows.
struct Parts<'a> {
    location: &'a Location,
    kek: &'a Kek,
    entropy: &'a SeededEntropy,
    clock: Arc<TestClock>,
}

impl Parts<'_> {
    fn target(&self) -> Target<'_> {
        let Self { location, kek, entropy, clock } = self;
        Target { location, kek, clock: &**clock, entropy: *entropy, actor: Actor::Cli }
    }
}

/// Moves the database aside and restores the backup into its place.
async fn restore(mut stopped: Stopped, file: Vec<u8>) -> (Stopped, Restored) {
    let old = stopped.moved_aside().await;
    let (location, old_location) = (stopped.location(), old.location());
    let (kek, entropy) = (Kek::new(&KEK), SeededEntropy::new(99));
    let parts = target(&stopped, &location, &kek, &entropy);
    let source = Source { file: Cursor::new(file), passphrase: None, old: Some(&old_location) };
    let restored = backup::restore(&parts.target(), source, |_| {}).await.unwrap();
    (stopped, restored)
}

#[rstest]
#[tokio::test]
async fn i04_f53_nothing_issued_before_a_restore_works_after_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    let bob = server.add_user("bob").await;
    let client = server.add_client(ClientKind::Web).await;
    let other = server.add_client(ClientKind::Web).await;
    let verifier = verifier(&server).await;
    let before = hold(&server, &client, &verifier).await;
    let mut file = Vec::new();
    backup::make(&server.cli(), &mut file, None, |_| {}).await.unwrap();
    assert_eq!(server.count("backup.made").await, 1);

    server.advance(10);
    let after = hold(&server, &client, &verifier).await;
    users::lock(&server.cli(), bob.id).await.unwrap();
    let password = PlainPassword::to_set(NEW_PASSWORD.to_owned()).unwrap();
    users::set_password(&server.cli(), bob.id, password).await.unwrap();
    clients::rotate_secret(&server.cli(), &other.id.parse().unwrap()).await.unwrap();
    clients::delete(&server.cli(), &other.id.parse().unwrap()).await.unwrap();
    server.add_user("carol").await;

    server.advance(5);
    let made_at = server.clock_now();
    let (server, restored) = server.while_stopped(|stopped| restore(stopped, file)).await;
    assert_eq!(clock::show(&server.cli()).await.unwrap().seen.highest, Some(made_at), "time goes on");
    // Whether the verifier has heard of it yet or not.
    server.advance(31);
    assert!(verifier.verify(&after.seen.access).await.is_err(), "after max_staleness");
    follow(&verifier).await;
    assert_ended(&server, &client, &verifier, before).await;
    assert_ended(&server, &client, &verifier, after).await;
    assert_alive(&server, &client, &verifier).await;

    let changes: Vec<_> = restored.changes.unwrap().iter().map(|change| change.code).collect();
    let expected = [
        EventCode::UserLocked,
        EventCode::PasswordSet,
        EventCode::ClientSecretRotated,
        EventCode::ClientDeleted,
        EventCode::UserCreated,
    ];
    assert_eq!(changes.len(), expected.len(), "{changes:?}");
    assert!(expected.iter().all(|code| changes.contains(code)), "{changes:?}");
    let people = users::list(&server.cli(), None, 10).await.unwrap();
    let names: Vec<_> = people.iter().map(|user| (user.id, user.status)).collect();
    assert_eq!(names, [(alice.id, UserStatus::Active), (bob.id, UserStatus::Active)]);
    let secret = [("grant_type", "client_credentials")];
    assert_ne!(server.post("/token", &other, &secret).await.error(), "invalid_client", "the backup's secret");
}

#[rstest]
#[tokio::test]
async fn i04_f53_a_promoted_standby_ends_everything_that_was_issued(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let verifier = verifier(&server).await;
    let held = hold(&server, &client, &verifier).await;
    server.advance(5);
    let promote = |stopped: Stopped| async move {
        let location = stopped.location();
        let (kek, entropy) = (Kek::new(&KEK), SeededEntropy::new(99));
        let parts = target(&stopped, &location, &kek, &entropy);
        let promoted = backup::promoted(&parts.target()).await;
        (stopped, promoted)
    };
    let (server, promoted) = server.while_stopped(promote).await;
    promoted.unwrap();
    follow(&verifier).await;
    assert_ended(&server, &client, &verifier, held).await;
    assert_alive(&server, &client, &verifier).await;
}
