//! Published before they sign, and known after they have.

use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tessera_app::jobs::{ClaimedJob, run_due, table};
use tessera_app::keys::rotate::{Requested, request, run_schedule};
use tessera_app::keys::{self, ManageError, NextStep};
use tessera_app::{App, Parts};
use tessera_jose::aead::SealingKey;
use tessera_jose::jwk::{MAX_KEYS, Purpose};
use tessera_jose::{Algorithm, SigningKey};
use tessera_model::{ClientKind, KeyPurpose, KeyState, StoredKey, Timestamp};
use tessera_testkit::evidence::{claims, kid};
use tessera_testkit::server::{Backend, TestServer};

use super::{ACCESS, DAY, key, published, stored};

const SCOPE: &str = "openid orders.read";

/// What a thief with database and key-encryption key could do.
fn unseal(key: &StoredKey) -> SigningKey {
    let binding = format!("tessera key {} {}", key.id, key.purpose);
    let private = SealingKey::new(&[7; 32]).open(binding.as_bytes(), &key.sealed).unwrap();
    SigningKey::from_pkcs8(key.purpose.algorithm().unwrap(), &private).unwrap()
}

/// The schedule, as the server's own job runs it.
async fn tick(server: &TestServer) {
    run_schedule(&server.app.system()).await.unwrap();
    server.refresh().await;
}

#[rstest]
#[tokio::test]
async fn keys_are_published_before_they_sign_and_known_after_they_have(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let first = published(&server).await;
    assert_eq!(first.len(), 3, "access tokens, ID tokens, feed");

    server.advance(89 * DAY - 1);
    tick(&server).await;
    assert_eq!(published(&server).await, first, "nothing before its time");
    server.advance(1);
    tick(&server).await;
    tick(&server).await;
    let both = published(&server).await;
    assert_eq!((both.len(), first.is_subset(&both)), (6, true), "one successor each, once");
    let old = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    assert!(first.contains(&kid(&old.access)) && first.contains(&kid(&old.id)), "successors do not sign yet");

    server.advance(DAY - 1);
    tick(&server).await;
    let last = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    assert!(first.contains(&kid(&last.access)), "a second before");
    server.advance(1);
    tick(&server).await;
    let new = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    assert!(!first.contains(&kid(&new.access)) && !first.contains(&kid(&new.id)), "now they do");
    assert_eq!(published(&server).await, both);
    assert_eq!(server.userinfo(&last.access).await.status, 200, "a retired key still verifies");

    server.advance(2 * DAY - 1);
    tick(&server).await;
    assert_eq!(published(&server).await, both);
    server.advance(1);
    tick(&server).await;
    let rest = published(&server).await;
    assert_eq!((rest.len(), rest.is_disjoint(&first)), (3, true), "then it is gone");
    assert_eq!(
        server.count("key.rotated").await,
        8,
        "i09: published, signs, removed; that for ID tokens is still known"
    );
    server.advance(29 * DAY);
    tick(&server).await;
    assert_eq!(server.count("key.rotated").await, 9, "i09");
}

#[tokio::test]
async fn j31_each_key_says_what_it_is_for_and_when_it_begins_to_sign() {
    let server = TestServer::start(Backend::Sqlite).await;
    let begun = server.app.system().now.seconds();
    let roles = async || {
        let keys = server.keys().await.keys;
        let mut roles: Vec<_> = keys.iter().map(|jwk| jwk.role().unwrap()).collect();
        roles.sort_by_key(|role| (role.purpose.as_str(), role.signs_from));
        roles.iter().map(|role| (role.purpose, role.signs_from)).collect::<Vec<_>>()
    };
    let first = [Purpose::AccessToken, Purpose::IdToken, Purpose::RevocationRules].map(|p| (p, begun));
    assert_eq!(roles().await, first);
    server.advance(60);
    request(&server.cli(), ACCESS).await.unwrap();
    server.refresh().await;
    let day = i64::try_from(DAY).unwrap();
    let [access, id, feed] = first;
    let announced = (Purpose::AccessToken, begun + 60 + day);
    assert_eq!(roles().await, [access, announced, id, feed]);
    server.advance(DAY + 5);
    tick(&server).await;
    let taken_over = (Purpose::AccessToken, begun + 65 + day);
    assert_eq!(roles().await, [access, taken_over, id, feed], "when it really did");

    // The clock was ahead when the key took over, and is put right.
    server.clock.set_back(Duration::from_secs(DAY));
    server.accept_clock().await;
    request(&server.cli(), KeyPurpose::IdToken(Algorithm::Rs256)).await.unwrap();
    server.refresh().await;
    let signs = (Purpose::AccessToken, begun + 65);
    let announced = (Purpose::IdToken, begun + 65 + day);
    assert_eq!(roles().await, [access, signs, id, announced, feed], "what signs has begun to");
}

/// Claims as the issuer itself would write them.
async fn genuine_claims(server: &TestServer) -> Value {
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.sign_in(&mut server.browser(), &client, SCOPE, "alice").await;
    claims(&tokens.access)
}

#[rstest]
#[tokio::test]
async fn j31_a_key_that_does_not_sign_yet_or_any_more_signs_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut payload = genuine_claims(&server).await;
    let requested = request(&server.cli(), ACCESS).await.unwrap();
    assert!(matches!(requested, Requested::Published(_)), "{requested:?}");
    server.refresh().await;
    let next = unseal(&key(&server, |state| state == KeyState::Next).await);
    assert!(published(&server).await.contains(next.kid()));
    let token = |payload: &Value| next.sign("at+jwt", payload.to_string().as_bytes()).unwrap();
    assert_eq!(server.userinfo(&token(&payload)).await.status, 401, "next: not accepted yet");

    server.advance(DAY);
    tick(&server).await;
    let now = payload["iat"].as_i64().unwrap() + i64::try_from(DAY).unwrap();
    (payload["iat"], payload["exp"]) = (json!(now), json!(now + 600));
    assert_eq!(server.userinfo(&token(&payload)).await.status, 200, "active: the same key is good");

    request(&server.cli(), ACCESS).await.unwrap();
    server.advance(DAY);
    tick(&server).await;
    server.advance(2 * DAY);
    tick(&server).await;
    (payload["iat"], payload["exp"]) = (json!(now), json!(now + 30 * 86_400));
    assert_eq!(server.userinfo(&token(&payload)).await.status, 401, "removed: good for nothing");
}

#[rstest]
#[tokio::test]
async fn a_successor_is_asked_for_once_and_only_where_there_can_be_one(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let Ok(Requested::Published(key)) = request(&server.cli(), ACCESS).await else { panic!("a successor") };
    assert_eq!(key.stored.due_at, None, "a command plans nothing");
    let activates_at = server.cli().now.after(Duration::from_secs(DAY));
    server.advance(60);
    tick(&server).await;
    let Ok(Requested::AlreadyPublished(again)) = request(&server.cli(), ACCESS).await else {
        panic!("the same")
    };
    assert_eq!((again.stored.id, again.stored.due_at), (key.stored.id, Some(activates_at)));
    for purpose in [KeyPurpose::GrantTokens, KeyPurpose::Browser, KeyPurpose::ClientSecrets] {
        let refused = request(&server.cli(), purpose).await;
        assert!(matches!(refused, Err(ManageError::NotRotatable(it)) if it == purpose), "{refused:?}");
    }
    assert_eq!(server.count("key.rotated").await, 1, "i09");
    let listed = keys::list(&server.cli()).await.unwrap();
    let next: Vec<_> = listed.iter().filter(|info| info.next_step == Some(NextStep::Signs)).collect();
    assert_eq!((next.len(), next[0].stored.due_at, next[0].kid.is_some()), (1, Some(activates_at), true));
}

#[rstest]
#[tokio::test]
async fn i01_issuers_that_meet_make_one_key_of_each_kind_and_move_on_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    // As on an empty database: nothing is active, so that every issuer that starts wants to make all keys.
    let store = server.store().await;
    for key in stored(&server).await {
        store.write(|tx| async move { tx.keys().retire(key.id, key.created_at).await }).await.unwrap();
        store.write(|tx| async move { tx.keys().remove(key.id).await }).await.unwrap();
    }
    // Many issuers serve from one PostgreSQL, and one from a SQLite file; there two of its tasks meet.
    let (one, other) = match backend {
        Backend::Sqlite => (store.clone(), store.clone()),
        Backend::Postgres => (server.store().await, server.store().await),
    };
    let one = Parts { store: one, ..server.parts(3).await };
    let other = Parts { store: other, ..server.parts(4).await };
    let (one, other) = tokio::join!(App::start(one), App::start(other));
    let (one, other) = (one.unwrap(), other.unwrap());
    let keys = stored(&server).await;
    let purposes: BTreeSet<String> = keys.iter().map(|key| key.purpose.name()).collect();
    assert_eq!((keys.len(), purposes.len()), (6, 6));

    server.advance(89 * DAY);
    for _ in 0..2 {
        let (left, right) = (one.system(), other.system());
        let (left, right) = tokio::join!(run_schedule(&left), run_schedule(&right));
        left.and(right).unwrap();
        let keys = stored(&server).await;
        assert_eq!(keys.iter().filter(|key| key.state == KeyState::Next).count(), 3);
    }
    server.advance(DAY);
    let (left, right) = (one.system(), other.system());
    let (left, right) = tokio::join!(run_schedule(&left), run_schedule(&right));
    left.and(right).unwrap();
    let keys = stored(&server).await;
    let count = |wanted: fn(KeyState) -> bool| keys.iter().filter(|key| wanted(key.state)).count();
    assert_eq!(count(|state| state == KeyState::Active), 6);
    assert_eq!(count(|state| state == KeyState::Next), 0);
    assert_eq!(count(|state| matches!(state, KeyState::Retired { .. })), 3);
}

/// The moment of the next step of each key of access tokens, as an administrator sees it.
async fn plan(server: &TestServer) -> Vec<(NextStep, Timestamp)> {
    let keys = keys::list(&server.cli()).await.unwrap();
    let keys = keys.into_iter().filter(|key| key.stored.purpose == ACCESS);
    keys.map(|key| (key.next_step.unwrap(), key.stored.due_at.unwrap())).collect()
}

/// Two servers with different settings, and a command with the settings of the first.
#[rstest]
#[tokio::test]
async fn a_key_signs_and_is_removed_at_the_moment_that_the_server_planned(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const AHEAD: u64 = 300;
    let server = TestServer::start(backend).await;
    let other =
        server.second_process(|config| config.rotation.publish_ahead = Duration::from_secs(AHEAD)).await;
    let rotation: Vec<ClaimedJob> = table().into_iter().filter(|job| job.name == "keys.rotate").collect();
    run_due(&server.app, &rotation, "one").await.unwrap();
    server.advance(60);
    request(&server.cli(), ACCESS).await.unwrap();
    let asked = server.cli().now;
    // The job was not due for an hour. The command made it due.
    run_due(&other, &rotation, "other").await.unwrap();
    let signs = asked.after(Duration::from_secs(AHEAD));
    assert_eq!(plan(&server).await, [(NextStep::Retires, signs), (NextStep::Signs, signs)]);
    let due = async || {
        let jobs = tessera_app::jobs::list(&server.cli()).await.unwrap();
        jobs.into_iter().find(|job| job.name == "keys.rotate").unwrap().next_run_at
    };
    assert_eq!(due().await, signs, "not an hour later");
    server.refresh().await;
    let announced = server.keys().await.keys;
    let announced = announced
        .iter()
        .filter_map(tessera_jose::Jwk::role)
        .filter(|role| role.purpose == Purpose::AccessToken);
    assert_eq!(
        announced.map(|role| role.signs_from).max(),
        Some(signs.seconds()),
        "verifiers are told the same"
    );

    let active = async || key(&server, |state| state == KeyState::Active).await.id;
    let old = active().await;
    server.advance(AHEAD - 1);
    for app in [&server.app, &other] {
        run_due(app, &rotation, "test").await.unwrap();
    }
    assert_eq!(active().await, old, "a second before");
    server.advance(1);
    // The server whose own settings would wait for a day keeps what the other one has promised.
    run_due(&server.app, &rotation, "one").await.unwrap();
    assert_ne!(active().await, old);
    let removed = signs.after(server.app.config().rotation.retire_for);
    assert!(plan(&server).await.contains(&(NextStep::IsRemoved, removed)), "{:?}", plan(&server).await);

    server.advance(removed.since(signs).as_secs() - 30);
    run_due(&server.app, &rotation, "one").await.unwrap();
    assert_eq!(due().await, removed);
    server.advance(29);
    run_due(&server.app, &rotation, "one").await.unwrap();
    assert!(stored(&server).await.iter().any(|key| key.id == old), "a second before");
    server.advance(1);
    run_due(&other, &rotation, "other").await.unwrap();
    assert!(stored(&server).await.iter().all(|key| key.id != old));
}

/// The key of an ID token has left the key set. The token may still come back as a hint.
#[rstest]
#[tokio::test]
async fn a_hint_is_known_for_as_long_as_its_grant_may_last_though_its_key_is_not_published(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let hint = server.sign_in(&mut server.browser(), &client, SCOPE, "alice").await.id;
    let is_known = async || {
        let mut browser = server.browser();
        server.sign_in(&mut browser, &client, SCOPE, "alice").await;
        let more = [("id_token_hint", hint.as_str()), ("prompt", "none")];
        let answer = browser.visit(&server.authorize_path(&client, SCOPE, &more)).await;
        answer.location().is_some_and(|end| end.contains("code="))
    };
    let id_token_key = KeyPurpose::IdToken(Algorithm::Rs256);
    request(&server.cli(), id_token_key).await.unwrap();
    server.advance(DAY);
    tick(&server).await;
    assert!(published(&server).await.contains(&kid(&hint)), "retired, and published");
    server.advance(2 * DAY - 1);
    assert!(published(&server).await.contains(&kid(&hint)));
    server.advance(1);
    assert!(
        !published(&server).await.contains(&kid(&hint)),
        "it leaves the key set on time, without any job"
    );
    tick(&server).await;
    assert!(is_known().await);
    server.advance(28 * DAY + 599);
    tick(&server).await;
    assert!(is_known().await, "as long as a grant may last, and an ID token");
    server.advance(1);
    tick(&server).await;
    assert!(!is_known().await);
}

#[rstest]
#[tokio::test]
async fn never_more_keys_are_published_than_a_verifier_reads(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server =
        TestServer::start_with(backend, |config| config.rotation.publish_ahead = Duration::from_secs(300))
            .await;
    let late = if backend == Backend::Postgres { Some(server.second_instance().await) } else { None };
    // An administrator rotates as often as it goes, within the two days for which a retired key is published.
    let mut retired = Vec::new();
    while request(&server.cli(), ACCESS).await.is_ok() {
        retired.push(key(&server, |state| state == KeyState::Active).await);
        server.advance(300);
        tick(&server).await;
        assert!(published(&server).await.len() <= MAX_KEYS, "{}", retired.len());
    }
    let refused = request(&server.cli(), ACCESS).await;
    assert!(matches!(refused, Err(ManageError::TooManyPublished)), "{refused:?}");
    assert_eq!((published(&server).await.len(), retired.len()), (MAX_KEYS, MAX_KEYS - 3));
    // An instance that has not heard of it publishes another one. The key that retired first is left out.
    if let Some(late) = late {
        request(&late.cli(), KeyPurpose::IdToken(Algorithm::Rs256)).await.unwrap();
        server.refresh().await;
        let keys = published(&server).await;
        let is_next = |key: &StoredKey| key.state == KeyState::Next;
        let next = stored(&server).await.into_iter().find(is_next).unwrap();
        assert_eq!((stored(&server).await.len(), keys.len()), (MAX_KEYS + 1 + 3, MAX_KEYS));
        assert!(keys.contains(unseal(&next).kid()) && !keys.contains(unseal(&retired[0]).kid()));
        assert!(keys.contains(unseal(&retired[1]).kid()));
    }
    server.advance(2 * DAY);
    tick(&server).await;
    assert!(published(&server).await.len() <= 5, "then they leave");
    assert!(request(&server.cli(), ACCESS).await.is_ok());
}
