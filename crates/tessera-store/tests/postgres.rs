//! Cases for PostgreSQL alone: the server is down, goes away, hangs, or breaks a deadlock.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use tessera_model::{Digest, SecurityVersion, Throttle, Timestamp, User, UserId, UserStatus};
use tessera_oauth::claims::ProfileClaims;
use tessera_store::{Location, Restore, Store, StoreError, newest_schema_version};
use tessera_testkit::postgres::{TestDatabase, TestPostgres};
use tessera_testkit::proxy::{CommitLoss, Proxy};
use tokio::sync::Barrier;
use tokio::time::Instant;
use tokio_postgres::NoTls;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

async fn bed() -> (Store, TestDatabase) {
    let database = TestPostgres::shared().database();
    (open(&database.url()).await.unwrap(), database)
}

async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open_or_create(&Location::Postgres { url: url.to_owned(), max_connections: 4, ca: None }).await
}

fn user(number: u8) -> User {
    User {
        id: UserId::from_random([number; 16]),
        username: format!("user-{number}").parse().unwrap(),
        name: None,
        email: None,
        email_verified: false,
        claims: ProfileClaims::default(),
        status: UserStatus::Active,
        password: None,
        security_version: SecurityVersion::FIRST,
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn attempt(store: &Store, number: u8) -> Result<bool, StoreError> {
    let begun = store
        .write(|tx| async move {
            tx.throttles()
                .begin(&Digest::new([number; 32]), &Digest::new([number; 32]), Throttle::MOST_PASSWORDS, NOW)
                .await
        })
        .await?;
    Ok(begun.is_some())
}

#[tokio::test]
async fn f40_a_location_that_cannot_be_used_says_so_without_the_password() {
    let start = Instant::now();
    let away = open("postgres://tessera:hunter2@127.0.0.1:1/tessera").await.map(drop);
    assert!(matches!(away, Err(StoreError::Unavailable(_))), "{away:?}");
    let garbage = open("postgres://tessera:hunter2@127.0.0.1:99999/tessera").await.map(drop);
    assert!(matches!(garbage, Err(StoreError::Location(_))), "{garbage:?}");
    let tls = open("postgres://tessera:hunter2@127.0.0.1:1/tessera?sslmode=require").await.map(drop);
    assert!(matches!(tls, Err(StoreError::Location(_))), "plain text is not TLS: {tls:?}");
    for error in [away, garbage, tls].map(Result::unwrap_err) {
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn with_a_ca_file_nothing_is_said_in_the_clear() {
    let database = TestPostgres::shared().database();
    let ca = tempfile::NamedTempFile::new().unwrap();
    let with_ca =
        || Location::Postgres { url: database.url(), max_connections: 1, ca: Some(ca.path().to_owned()) };
    let empty = Store::open(&with_ca()).await.map(drop);
    assert!(matches!(empty, Err(StoreError::Location(_))), "{empty:?}");
    std::fs::write(ca.path(), CERTIFICATE).unwrap();
    let refused = Store::open(&with_ca()).await.map(drop);
    let Err(StoreError::Unavailable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("TLS"), "the server speaks no TLS: {why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f23_killed_connections_are_replaced() {
    let (store, database) = bed().await;
    assert_eq!(attempt(&store, 1).await, Ok(true));
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let mut failures = 0;
    while let Err(error) = attempt(&store, 2).await {
        assert!(error.is_unavailable(), "{error}");
        failures += 1;
        assert!(failures < 10, "{error}");
    }
    assert_eq!(attempt(&store, 1).await, Ok(false), "nothing is lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f18_a_statement_that_waits_too_long_is_given_up() {
    let (store, _database) = bed().await;
    assert!(store.write(|tx| async move { tx.users().insert(&user(1)).await }).await.unwrap());
    let (holding, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let holder = tokio::spawn({
        let (store, holding, release) = (store.clone(), Arc::clone(&holding), Arc::clone(&release));
        async move {
            let (holding, release) = (&holding, &release);
            let hold = |tx: tessera_store::Tx| async move {
                tx.users().lock(user(1).id, NOW).await?;
                holding.wait().await;
                release.wait().await;
                Ok::<_, StoreError>(())
            };
            store.write(hold).await
        }
    });
    holding.wait().await;
    let start = Instant::now();
    let blocked = store.write(|tx| async move { tx.users().disable(user(1).id, NOW).await }).await;
    assert!(matches!(&blocked, Err(error) if error.is_unavailable()), "{blocked:?}");
    assert!(start.elapsed() < Duration::from_secs(4));
    assert_eq!(attempt(&store, 1).await, Ok(true), "others go on meanwhile");
    release.wait().await;
    assert_eq!(holder.await.unwrap(), Ok(()));
    assert_eq!(store.write(|tx| async move { tx.users().disable(user(1).id, NOW).await }).await, Ok(true));
}

/// A store whose COMMITs can be lost.
async fn bed_behind_a_proxy() -> (Store, Proxy, TestDatabase) {
    let database = TestPostgres::shared().database();
    let (proxy, url) = Proxy::start(&database.url()).await;
    (open(&url).await.unwrap(), proxy, database)
}

/// Counts how often the closure runs, and inserts a user.
async fn insert(store: &Store, number: u8, runs: &AtomicU32) -> Result<bool, StoreError> {
    let insert = |tx: tessera_store::Tx| async move {
        runs.fetch_add(1, Ordering::SeqCst);
        tx.users().insert(&user(number)).await
    };
    store.write(insert).await
}

async fn users(store: &Store) -> usize {
    store.read(|tx| async move { tx.users().list_after(None, 1_000).await }).await.unwrap().len()
}

#[tokio::test]
async fn i03_f23_a_commit_whose_answer_is_lost_is_told_as_it_was() {
    let (store, proxy, _database) = bed_behind_a_proxy().await;
    proxy.lose_commits(CommitLoss::Answer, 100, 1);
    let (start, runs) = (Instant::now(), AtomicU32::new(0));
    for number in 1..=20 {
        assert_eq!(insert(&store, number, &runs).await, Ok(true), "user {number}");
    }
    assert_eq!(proxy.keep_commits(), 20);
    assert_eq!(runs.load(Ordering::SeqCst), 20, "what was committed does not run again");
    assert_eq!(users(&store).await, 20);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test]
async fn i03_f23_a_commit_that_never_arrived_runs_again() {
    let (store, proxy, _database) = bed_behind_a_proxy().await;
    proxy.lose_commits(CommitLoss::Request, 50, 2);
    let runs = AtomicU32::new(0);
    for number in 1..=20 {
        assert_eq!(insert(&store, number, &runs).await, Ok(true), "user {number}");
    }
    let lost = proxy.keep_commits();
    assert!(lost >= 5, "{lost} were lost");
    assert_eq!(u64::from(runs.load(Ordering::SeqCst)), 20 + lost);
    assert_eq!(users(&store).await, 20, "nothing is there twice");
}

#[tokio::test]
async fn i03_f23_an_outcome_that_nobody_can_tell_is_said_to_be_unknown() {
    let (store, proxy, _database) = bed_behind_a_proxy().await;
    proxy.lose_commits(CommitLoss::AnswerAndServer, 100, 3);
    let (start, runs) = (Instant::now(), AtomicU32::new(0));
    let unknown = insert(&store, 1, &runs).await;
    assert!(matches!(&unknown, Err(StoreError::OutcomeUnknown(_))), "{unknown:?}");
    assert!(unknown.unwrap_err().is_unavailable());
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(runs.load(Ordering::SeqCst), 1, "it may have been committed, so it does not run again");
    assert_eq!(proxy.keep_commits(), 1);
    assert_eq!(users(&store).await, 1);
}

/// Two transactions lock two rows in opposite order. The server aborts one of them, and the store runs it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadlock_is_run_again() {
    let (store, _database) = bed().await;
    store
        .write(|tx| async move {
            Ok::<_, StoreError>(tx.users().insert(&user(1)).await? && tx.users().insert(&user(2)).await?)
        })
        .await
        .unwrap();
    let (both_hold_one, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let side = |first: u8, second: u8| {
        let (store, barrier, runs) = (store.clone(), Arc::clone(&both_hold_one), Arc::clone(&runs));
        tokio::spawn(async move {
            let (barrier, runs) = (&barrier, &runs);
            let take_both = |tx: tessera_store::Tx| async move {
                tx.users().lock(user(first).id, NOW).await?;
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    barrier.wait().await;
                }
                tx.users().lock(user(second).id, NOW).await?;
                Ok::<_, StoreError>(())
            };
            store.write(take_both).await
        })
    };
    let (left, right) = (side(1, 2), side(2, 1));
    assert_eq!((left.await.unwrap(), right.await.unwrap()), (Ok(()), Ok(())));
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two ran twice");
}

/// Makes the next changes of a user fail with a serialization failure. At the isolation level of the store, PostgreSQL itself only
/// has deadlocks. Databases that speak its protocol report such failures more often, also at the commit.
fn lose(database: &TestDatabase, times: u32, when: &str) {
    database.execute(&format!(
        "CREATE SEQUENCE losses;
         CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF nextval('losses') <= {times} THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END IF;
           RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER lose AFTER UPDATE ON users {when} FOR EACH ROW EXECUTE FUNCTION lose();"
    ));
}

#[rstest]
#[case::at_the_statement("NOT DEFERRABLE")]
#[case::at_the_commit("DEFERRABLE INITIALLY DEFERRED")]
#[tokio::test]
async fn a_serialization_failure_is_run_again_up_to_five_times(#[case] when: &str) {
    let (store, database) = bed().await;
    assert!(store.write(|tx| async move { tx.users().insert(&user(1)).await }).await.unwrap());
    lose(&database, 11, when);
    let (store, runs) = (&store, &AtomicU32::new(0));
    let lock = async || {
        let lock = |tx: tessera_store::Tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            tx.throttles()
                .begin(&Digest::new([1; 32]), &Digest::new([1; 32]), Throttle::MOST_PASSWORDS, NOW)
                .await?;
            tx.users().lock(user(1).id, NOW).await
        };
        store.write(lock).await
    };
    let given_up = lock().await;
    assert!(matches!(&given_up, Err(error) if error.is_unavailable()), "{given_up:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    assert_eq!(lock().await, Ok(true), "five losses are too few to give up");
    assert_eq!(runs.load(Ordering::SeqCst), 12);
    let attempts = store
        .read(|tx| async move { tx.throttles().find(&Digest::new([1; 32])).await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(attempts.failures, 1, "what lost was taken back each time");
}

#[tokio::test]
async fn any_number_of_servers_may_claim_it() {
    let (store, database) = bed().await;
    let other = open(&database.url()).await.unwrap();
    let claims = (store.claim_server().await, other.claim_server().await);
    assert!(claims.0.is_ok() && claims.1.is_ok());
}

/// Somebody makes the tables after the restore has found that it is alone. The key is that of `postgres/migrate.rs`.
#[tokio::test]
async fn f14_a_restore_waits_for_a_server_that_makes_the_tables_and_then_finds_them() {
    let database = TestPostgres::shared().database();
    let (server, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let makes = "BEGIN; SELECT pg_advisory_xact_lock(32762643830108769); \
        CREATE TABLE tessera_schema (version BIGINT NOT NULL PRIMARY KEY); CREATE TABLE users (id BYTEA)";
    server.batch_execute(makes).await.unwrap();
    let location = Location::Postgres { url: database.url(), max_connections: 1, ca: None };
    let restore =
        tokio::spawn(async move { Restore::into_new(&location, newest_schema_version()).await.err() });
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waits = async || {
        // The view does not change by itself within a transaction.
        server.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
        server.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0
    };
    while !restore.is_finished() && !waits().await {}
    server.batch_execute("COMMIT").await.unwrap();
    let refused = restore.await.unwrap();
    assert!(matches!(&refused, Some(StoreError::Location(why)) if why.contains("not empty")), "{refused:?}");
}

/// A self-signed P-256 certificate that signed no other.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBeDCCAR+gAwIBAgIUSrC8kUDM/SQFtFmeXpEJWBRYjGcwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyNDE4MDMwMloYDzIxMjYxMDMxMTgw
MzAyWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATktjEMWsYrVKm39uJixtQLBD3ESe1D6JhaLPMTsOD0QFxJrjF9OqeLBfQwKuHl
M8FC75NSxcE4wKs7aaNCvoado1MwUTAdBgNVHQ4EFgQUGM31+MdmlaHYN7KjKYHW
Pf6VxiwwHwYDVR0jBBgwFoAUGM31+MdmlaHYN7KjKYHWPf6VxiwwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAtYYPifcXdJ409l3hLkSanIP9wufdr
rdb82xXDxt9YTAIgJMmmHHF0m8bCaFVWieekOE4hpNwoHAA7reP5uoJGdc0=
-----END CERTIFICATE-----
";
