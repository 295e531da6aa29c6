//! How fast the store is, as ratios to the engine it stands on, in one run on one disk. One JSON line per number.
//!
//! `cargo run --release -p tessera-store --example bench_store`. With the URL of an empty PostgreSQL database it measures that one.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for the terminal that may stop at any error"
)]
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuthenticationContext, Client, ClientAuthMethod, ClientKind, ClientStatus, Digest, Grant, GrantId,
    GrantStage, Holder, PkcePolicy, Proof, Refresh, RefreshTokens, RefreshUse, SecurityVersion, Session,
    SessionId, Timestamp, User, UserId, UserStatus,
};
use tessera_oauth::claims::ProfileClaims;
use tessera_oauth::scope::ScopeSet;
use tessera_store::{Location, Store, StoreError};
use tokio::task::JoinSet;

const WRITERS: u32 = 64;
const ROTATIONS_EACH: i64 = 250;
/// A run takes some seconds, because what else runs on the machine shows in less.
const ROTATIONS_ALONE: i64 = 20_000;
const ENGINE_COMMITS: i64 = 3_000;
const READS: u32 = 100_000;
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const FAR: Timestamp = Timestamp::from_seconds(2_000_000_000);

fn main() {
    if let Some(url) = std::env::args().nth(1) {
        return postgres(&url);
    }
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tessera.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let store = runtime.block_on(async {
        let store = Store::create(&Location::Sqlite { path: path.clone() }).await.unwrap();
        plant(&store).await.unwrap();
        store
    });
    // The first commits make the log grow, which costs the disk more than writing in place: they do not count. The engine
    // runs before and after us, and the better run is the one to beat.
    engine_commits_per_second(&path);
    let before = engine_commits_per_second(&path);
    let single = runtime.block_on(rotations_per_second(&store, 1, ROTATIONS_ALONE, WRITERS));
    let grouped = runtime.block_on(rotations_per_second(&store, WRITERS, ROTATIONS_EACH, 0));
    let engine = before.max(engine_commits_per_second(&path));
    let read = runtime.block_on(read_nanoseconds(&store));
    report("store.sqlite.engine_commits_per_second", engine, "1/s", None);
    report("store.sqlite.rotations_per_second_1_writer", single, "1/s", None);
    report("store.sqlite.rotations_per_second_64_writers", grouped, "1/s", None);
    report("store.sqlite.group_commit_ratio", grouped / engine, "x engine", Some((1.0, Ordering::Above)));
    report("store.sqlite.point_read", read, "ns", Some((20_000.0, Ordering::Below)));
}

/// Rotations on an empty PostgreSQL database.
fn postgres(url: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let location = Location::Postgres { url: url.to_owned(), max_connections: 16, ca: None };
        let store = Store::open(&location).await.unwrap();
        plant(&store).await.unwrap();
        rotations_per_second(&store, 1, 200, WRITERS + 1).await;
        let single = rotations_per_second(&store, 1, ROTATIONS_ALONE, WRITERS).await;
        let many = rotations_per_second(&store, WRITERS, ROTATIONS_EACH, 0).await;
        report("store.postgres.rotations_per_second_1_writer", single, "1/s", None);
        report("store.postgres.rotations_per_second_64_writers", many, "1/s", None);
    });
}

#[derive(Clone, Copy)]
enum Ordering {
    Above,
    Below,
}

fn report(name: &str, value: f64, unit: &str, target: Option<(f64, Ordering)>) {
    let (target, holds) = match target {
        Some((target, Ordering::Above)) => (Some(format!("> {target}")), Some(value > target)),
        Some((target, Ordering::Below)) => (Some(format!("< {target}")), Some(value < target)),
        None => (None, None),
    };
    let value = (value * 100.0).round() / 100.0;
    println!(
        "{}",
        serde_json::json!({"name": name, "value": value, "unit": unit, "target": target, "holds": holds})
    );
}

/// The engine's own loop: the same UPDATE and a durable commit for each, without the store.
fn engine_commits_per_second(path: &Path) -> f64 {
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 1000").unwrap();
    let id = grant_id(2 * WRITERS);
    let started = Instant::now();
    for _ in 0..ENGINE_COMMITS {
        conn.prepare_cached(
            "UPDATE grants SET refresh_leaf = refresh_leaf + 1, refresh_parent = refresh_leaf, refresh_rotated_at = ?2, \
             refresh_idle_expires_at = ?3 WHERE id = ?1 AND stage = 'active'",
        )
        .unwrap()
        .execute((id.as_bytes(), NOW.seconds(), FAR.seconds()))
        .unwrap();
    }
    per_second(ENGINE_COMMITS, started.elapsed())
}

async fn rotations_per_second(store: &Store, writers: u32, rotations: i64, first_grant: u32) -> f64 {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let store = store.clone();
        tasks.spawn(async move {
            for number in 1..=rotations {
                let grant = grant_id(first_grant + writer);
                let presented = &RefreshUse {
                    number,
                    now: NOW,
                    from: Some(Ipv4Addr::LOCALHOST.into()),
                    ip: None,
                    retry: Duration::from_secs(60),
                    idle_expires_at: FAR,
                };
                let rotated =
                    store.write(|tx| async move { tx.grants().rotate_refresh(grant, presented).await });
                let rotated: Result<Option<Grant>, StoreError> = rotated.await;
                assert!(rotated.unwrap().is_some());
            }
        });
    }
    tasks.join_all().await;
    per_second(i64::from(writers) * rotations, started.elapsed())
}

async fn read_nanoseconds(store: &Store) -> f64 {
    let store = store.clone();
    let reading = tokio::spawn(async move {
        let started = Instant::now();
        for n in 0..READS {
            let id = grant_id(n % WRITERS);
            let found: Result<Option<Grant>, StoreError> =
                store.read(|tx| async move { tx.grants().find(id).await }).await;
            assert!(found.unwrap().is_some());
        }
        started.elapsed()
    });
    reading.await.unwrap().as_secs_f64() * 1e9 / f64::from(READS)
}

#[expect(clippy::cast_precision_loss, reason = "a count of a few thousand")]
fn per_second(count: i64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn bytes<const N: usize>(number: u32) -> [u8; N] {
    let mut bytes = [0x3c; N];
    bytes[..4].copy_from_slice(&number.wrapping_mul(2_654_435_769).to_be_bytes());
    bytes
}

fn grant_id(number: u32) -> GrantId {
    GrantId::from_random(bytes(number))
}

/// A person, a client, a session, and an active grant for every writer, one for the lone one and one for the engine.
async fn plant(store: &Store) -> Result<(), StoreError> {
    let authentication = AuthenticationContext::new(vec![Proof::password(NOW)]);
    let session = Session {
        id: SessionId::from_random(bytes(1)),
        secret: Digest::new(bytes(1)),
        user_id: UserId::from_random(bytes(1)),
        authentication: authentication.clone(),
        created_at: NOW,
        last_seen_at: NOW,
        idle_expires_at: FAR,
        expires_at: FAR,
        ended_at: None,
        user_agent: None,
        ip: None,
    };
    let (user, client) = (user(), client());
    let (authentication, session, user, client) = (&authentication, &session, &user, &client);
    store
        .write(|tx| async move {
            tx.users().insert(user).await?;
            tx.clients().insert(client).await?;
            tx.sessions().insert(session).await?;
            for number in 0..=2 * WRITERS {
                let grant = Grant {
                    id: grant_id(number),
                    client_id: client.id.clone(),
                    holder: Holder::Offline {
                        user_id: user.id,
                        session_id: Some(session.id),
                        authentication: authentication.clone(),
                    },
                    scope: client.settings.scopes.clone(),
                    audiences: client.settings.audiences.clone(),
                    nonce: None,
                    stage: GrantStage::Active(Some(Refresh::first(NOW, FAR))),
                    last_used_ip: None,
                    created_at: NOW,
                    expires_at: FAR,
                    security_version: Some(SecurityVersion::FIRST),
                };
                tx.grants().insert(&grant).await?;
            }
            Ok(())
        })
        .await
}

fn user() -> User {
    User {
        id: UserId::from_random(bytes(1)),
        username: "ada".parse().unwrap(),
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

fn client() -> Client {
    let scopes: ScopeSet = "openid profile notes:read".parse().unwrap();
    Client {
        id: "web".parse().unwrap(),
        kind: ClientKind::Web,
        name: "Web".to_owned(),
        status: ClientStatus::Active,
        settings: ClientSettings {
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: Vec::new(),
            auth_method: ClientAuthMethod::ClientSecretBasic,
            scopes,
            audiences: vec!["https://notes.example/api".to_owned()],
            pkce: PkcePolicy::Auto,
            id_token_signed_response_alg: Some(Algorithm::Es256),
            require_consent: false,
            id_token_claims: false,
            confirm_logout: true,
            access_token_seconds: None,
            refresh_tokens: RefreshTokens::default(),
            not_understood: std::collections::BTreeSet::new(),
        },
        secrets: Vec::new(),
        pkce_proven_at: None,
        created_at: NOW,
        updated_at: NOW,
    }
}
