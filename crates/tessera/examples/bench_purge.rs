//! How much longer a refresh takes while a million rows are purged. One JSON line per number.
//!
//! Eight clients use refresh tokens against the store, with a pause after each, and write the audit event that belongs to it. They do
//! so before the purge begins, and while it runs as a claimed job.
//!
//! `cargo xtask bench purge`
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for the terminal that may stop at any error"
)]
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tessera_app::clients::NewClient;
use tessera_app::jobs::{self, ClaimedJob};
use tessera_app::keys::Kek;
use tessera_app::ports::Clock;
use tessera_app::users::NewUser;
use tessera_app::{Actor, App, Config, Cx, Parts, clients, users};
use tessera_model::{
    AuditEvent, AuditId, AuthenticationContext, ClientId, ClientKind, EventCode, Grant, GrantId, GrantStage,
    Holder, Proof, Refresh, RefreshUse, SecurityVersion, Timestamp, UserId,
};
use tessera_store::{Location, Store, StoreError};
use tessera_testkit::clock::SeededEntropy;
use tessera_testkit::postgres::{TestDatabase, TestPostgres};
use tokio::task::JoinSet;

const CLIENTS: u32 = 8;
const THINKING: Duration = Duration::from_millis(10);
const WINDOW: Duration = Duration::from_secs(15);
/// Expired sessions, and as many expired grants.
const EXPIRED: u32 = 500_000;

/// The clocks of this machine.
struct Clocks(Instant);

impl Clock for Clocks {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap())
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A database, and how statements of the bench get into it.
enum Database {
    Sqlite(tempfile::TempDir),
    Postgres(TestDatabase),
}

impl Database {
    fn location(&self) -> Location {
        match self {
            Self::Sqlite(dir) => Location::Sqlite { path: dir.path().join("tessera.db") },
            Self::Postgres(database) => {
                Location::Postgres { url: database.url(), max_connections: 16, ca: None }
            }
        }
    }

    /// Sessions and grants that expired long ago. Their ids are in no order, as real ones.
    fn fill(&self, user: UserId, client: &ClientId) {
        let user = user.as_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let (series, id, blob) = match self {
            Self::Sqlite(_) => (
                format!(
                    "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {EXPIRED})"
                ),
                "randomblob(16)",
                format!("x'{user}'"),
            ),
            Self::Postgres(_) => (
                format!("WITH s AS (SELECT generate_series(1, {EXPIRED}) AS n)"),
                "decode(md5(random()::text || n), 'hex')",
                format!("'\\x{user}'::bytea"),
            ),
        };
        let secret = if matches!(self, Self::Sqlite(_)) {
            "randomblob(32)"
        } else {
            "decode(md5(random()::text || n) || md5(n::text), 'hex')"
        };
        let session = if matches!(self, Self::Sqlite(_)) {
            "randomblob(16)"
        } else {
            "decode(md5(random()::text || id::text), 'hex')"
        };
        self.execute(&format!(
            "INSERT INTO sessions (id, secret, user_id, created_at, last_seen_at, idle_expires_at, expires_at, keep_until) \
             {series} SELECT {id}, {secret}, {blob}, 1000, 1000, 2000, 2000 + n, 2000 + n FROM s"
        ));
        self.execute(&format!(
            "INSERT INTO grants (id, client_id, holder, user_id, session_id, proofs, scope, audiences, stage, \
             code_failures, refresh_elsewhere, refresh_shadow_run, created_at, expires_at) \
             SELECT {session}, '{client}', 'session', {blob}, id, '[]', 'openid', '[]', 'active', 0, 0, 0, 1000, expires_at \
             FROM sessions WHERE expires_at < 1000000"
        ));
    }

    fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(dir) => {
                let database = rusqlite::Connection::open(dir.path().join("tessera.db")).unwrap();
                database.busy_timeout(Duration::from_secs(60)).unwrap();
                database.execute_batch(sql).unwrap();
            }
            Self::Postgres(database) => database.execute(sql),
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let sqlite = Database::Sqlite(tempfile::tempdir().unwrap());
    runtime.block_on(measure("sqlite", &sqlite));
    let postgres = Database::Postgres(TestPostgres::shared().database());
    runtime.block_on(measure("postgres", &postgres));
}

fn parts(store: &Store, clock: &Arc<Clocks>) -> Parts {
    Parts {
        store: store.clone(),
        config: Config::new("https://login.example.com".to_owned()),
        kek: Kek::new(&[7; 32]),
        clock: Arc::clone(clock) as _,
        entropy: Arc::new(SeededEntropy::new(1)),
        fetch: tessera_testkit::network::fetch(),
        mailer: None,
    }
}

async fn measure(name: &str, database: &Database) {
    let store = Store::create(&database.location()).await.unwrap();
    let clock = Arc::new(Clocks(Instant::now()));
    let app = App::start(parts(&store, &clock)).await.unwrap();
    // As a server, it makes the checkpoints of its SQLite file.
    let _claim = app.claim_server().await.unwrap();
    let cli = &Cx::new(&app, Actor::Cli);
    let user = users::add(cli, NewUser::new("ada".parse().unwrap())).await.unwrap().id;
    let redirect_uris = vec!["https://rp.example/callback".parse().unwrap()];
    let new = NewClient { redirect_uris, ..NewClient::new(ClientKind::Web, "Shop") };
    let client = clients::add(cli, new).await.unwrap().client.id;
    plant(&store, user, &client, cli.now).await.unwrap();
    database.fill(user, &client);
    if let Database::Postgres(database) = database {
        database.execute("ANALYZE; CHECKPOINT");
    }

    refreshes(&store, &clock, 0, Duration::from_secs(3)).await;
    let before = refreshes(&store, &clock, 10_000, WINDOW).await;
    let purging = tokio::spawn({
        let app = Arc::clone(&app);
        async move {
            let purge: Vec<ClaimedJob> =
                jobs::table().into_iter().filter(|job| job.name == "purge.sessions").collect();
            jobs::run_due(&app, &purge, "bench").await
        }
    });
    let during = refreshes(&store, &clock, 1_000_000, WINDOW).await;
    let left = !purging.is_finished();
    purging.abort();
    let job = store.read(|tx| async move { tx.jobs().find("purge.sessions").await }).await.unwrap().unwrap();
    assert!(left, "the purge was over too soon to tell anything");
    let report = |what: &str, value: f64, unit: &str, most: Option<f64>| {
        let target = most.map(|most| format!("<= {most}"));
        let (value, holds) = ((value * 100.0).round() / 100.0, most.map(|most| value <= most));
        let name = format!("purge.{name}.{what}");
        println!(
            "{}",
            serde_json::json!({"name": name, "value": value, "unit": unit, "target": target, "holds": holds})
        );
    };
    report("refresh_p50_before", percentile(&before, 50), "ms", None);
    report("refresh_p50_during", percentile(&during, 50), "ms", None);
    report("refresh_p99_before", percentile(&before, 99), "ms", None);
    report("refresh_p99_during", percentile(&during, 99), "ms", None);
    report("refresh_p99_ratio", percentile(&during, 99) / percentile(&before, 99), "x before", Some(2.0));
    let seconds = u32::try_from(WINDOW.as_secs()).unwrap();
    report(
        "rows_per_second",
        f64::from(u32::try_from(job.progress).unwrap()) / f64::from(seconds),
        "1/s",
        None,
    );
}

fn grant_id(number: u32) -> GrantId {
    let mut bytes = [0x3c; 16];
    bytes[..4].copy_from_slice(&number.wrapping_mul(2_654_435_769).to_be_bytes());
    GrantId::from_bytes(bytes)
}

/// A grant that lives for each client.
async fn plant(store: &Store, user_id: UserId, client: &ClientId, now: Timestamp) -> Result<(), StoreError> {
    let end = now.after(Duration::from_secs(86_400));
    store
        .write(|tx| async move {
            for number in 0..CLIENTS {
                let authentication = AuthenticationContext::new(vec![Proof::password(now)]);
                let grant = Grant {
                    id: grant_id(number),
                    client_id: client.clone(),
                    holder: Holder::Offline { user_id, session_id: None, authentication },
                    scope: "openid".parse().unwrap(),
                    audiences: Vec::new(),
                    nonce: None,
                    stage: GrantStage::Active(Some(Refresh::first(now, end))),
                    last_used_ip: None,
                    created_at: now,
                    expires_at: end,
                    security_version: Some(SecurityVersion::FIRST),
                };
                tx.grants().insert(&grant).await?;
            }
            Ok(())
        })
        .await
}

/// Refreshes for so long, and returns how long each took, in milliseconds, sorted.
async fn refreshes(store: &Store, clock: &Arc<Clocks>, first_event: u64, span: Duration) -> Vec<f64> {
    let (mut tasks, end) = (JoinSet::new(), Instant::now() + span);
    for number in 0..CLIENTS {
        let (store, clock) = (store.clone(), Arc::clone(clock));
        tasks.spawn(async move {
            let (mut times, id) = (Vec::new(), grant_id(number));
            let mut event = first_event * u64::from(CLIENTS) + u64::from(number) * 1_000_000_000;
            while Instant::now() < end {
                let begun = Instant::now();
                refresh(&store, id, clock.now(), event).await;
                times.push(begun.elapsed().as_secs_f64() * 1e3);
                event += 1;
                tokio::time::sleep(THINKING).await;
            }
            times
        });
    }
    let mut times: Vec<f64> = tasks.join_all().await.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    times
}

/// What the token endpoint does in the database for one refresh.
async fn refresh(store: &Store, id: GrantId, now: Timestamp, event: u64) {
    let grant = store.read(|tx| async move { tx.grants().find(id).await }).await;
    let grant: Option<Grant> = grant.map_err(|error: StoreError| error).unwrap();
    let GrantStage::Active(Some(refresh)) = grant.unwrap().stage else { unreachable!("it lives") };
    let presented = &RefreshUse {
        number: refresh.leaf,
        now,
        from: None,
        ip: None,
        retry: Duration::from_secs(60),
        idle_expires_at: now.after(Duration::from_secs(3_600)),
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&event.to_be_bytes());
    let event = &AuditEvent {
        id: AuditId::from_bytes(bytes),
        at: now,
        code: EventCode::RefreshRotated,
        actor: "client:shop".to_owned(),
        user_id: None,
        client_id: None,
        session_id: None,
        grant_id: Some(id),
        ip: None,
        request_id: None,
        detail: None,
    };
    let write = store.write(|tx| async move {
        let rotated = tx.grants().rotate_refresh(id, presented).await?;
        tx.audit().append(event).await?;
        Ok::<_, StoreError>(rotated)
    });
    assert!(write.await.unwrap().is_some());
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}
