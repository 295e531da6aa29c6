//! Writes to a store without pause until it is killed, or verifies that its acknowledged writes are still there (invariant I3).
//!
//! `crash_writer DIR` prints one line after each commit: `rotated GRANT NUMBER` or `revoked GRANT`. `crash_writer DIR
//! --verify FILE` opens the same database and fails at the first line of FILE that is not true. A rotation writes the grant and
//! one audit event in one transaction, so equal numbers of both show that no transaction was torn apart. `cargo xtask crash`
//! does the killing.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuditEvent, AuditId, AuthenticationContext, Client, ClientAuthMethod, ClientId, ClientKind, ClientStatus,
    Digest, EventCode, Grant, GrantId, GrantStage, Holder, PendingCode, PkcePolicy, Proof, Refresh,
    RefreshTokens, RefreshUse, RevokeReason, SecurityVersion, Session, SessionId, Timestamp, User, UserId,
    UserStatus,
};
use tessera_oauth::claims::ProfileClaims;
use tessera_oauth::scope::ScopeSet;
use tessera_store::{AuditFilter, Location, Store, StoreError};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The number of concurrent writers, so that they share commits.
const WRITERS: usize = 8;
/// The refreshes of one grant before it is revoked.
const ROTATIONS: i64 = 20;
/// Longer than any run.
const YEAR: Duration = Duration::from_secs(365 * 86_400);

const USER: UserId = UserId::from_bytes([1; 16]);
const SESSION: SessionId = SessionId::from_bytes([2; 16]);

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder] => write(&open(folder).await?).await,
        [folder, "--verify", file] => {
            verify(&open(folder).await?, &fs::read_to_string(file)?).await?;
            integrity(&database(folder))
        }
        _ => Err("usage: crash_writer DIR [--verify FILE]".into()),
    }
}

fn database(folder: &str) -> std::path::PathBuf {
    Path::new(folder).join("tessera.db")
}

/// Each run claims the file like a server. The claim of a killed server must not keep the next one out.
async fn open(folder: &str) -> Outcome<Store> {
    let store = Store::open_or_create(&Location::Sqlite { path: database(folder) }).await?;
    let claim = store.claim_server().await?;
    // The claim is held until the process ends.
    std::mem::forget(claim);
    Ok(store)
}

/// SQLite's own check of the whole file. It comes after opening the store, which has to recover what the kill left behind.
fn integrity(path: &Path) -> Outcome<()> {
    let connection = rusqlite::Connection::open(path)?;
    let answer: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if answer == "ok" { Ok(()) } else { Err(format!("integrity_check: {answer}").into()) }
}

async fn write(store: &Store) -> Outcome<()> {
    prepare(store).await?;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            loop {
                live_one_grant(&store).await?;
            }
        });
    }
    // A writer only ends with an error.
    writers.join_next().await.ok_or("no writer")??
}

/// The life of one grant, from the code to the revocation. Each step is acknowledged.
async fn live_one_grant(store: &Store) -> Outcome<()> {
    let grant = new_grant()?;
    let id = grant.id;
    let first = Refresh::first(now(), now().after(YEAR));
    let inserted = &grant;
    store.write(|tx| async move { tx.grants().insert(inserted).await }).await.map_err(own)?;
    let redeemed = store
        .write(|tx| async move { tx.grants().redeem_code(id, (now(), None), Some(first)).await })
        .await
        .map_err(own)?;
    redeemed.ok_or("a fresh code could not be redeemed")?;
    for number in 1..=ROTATIONS {
        rotate(store, id, number).await?;
        acknowledge(&format!("rotated {id} {}\n", number + 1))?;
    }
    store
        .write(|tx| async move { tx.grants().revoke(id, RevokeReason::Client, now()).await })
        .await
        .map_err(own)?;
    acknowledge(&format!("revoked {id}\n"))
}

async fn rotate(store: &Store, grant: GrantId, number: i64) -> Outcome<()> {
    let presented = &RefreshUse {
        number,
        now: now(),
        from: None,
        ip: None,
        retry: Duration::ZERO,
        idle_expires_at: now().after(YEAR),
    };
    let event = &event_of(grant);
    let rotated = store
        .write(|tx| async move {
            let rotated = tx.grants().rotate_refresh(grant, presented).await?;
            tx.audit().append(event).await?;
            Ok::<_, StoreError>(rotated)
        })
        .await?;
    rotated.map(drop).ok_or_else(|| format!("the live refresh token {number} of {grant} was refused").into())
}

fn own(error: StoreError) -> Box<dyn Error + Send + Sync> {
    Box::new(error)
}

/// Writes a line with one `write` call, so that it is complete or missing.
fn acknowledge(line: &str) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes())?;
    Ok(out.flush()?)
}

/// What the lines acknowledge about one grant.
#[derive(Default)]
struct Acknowledged {
    leaf: i64,
    revoked: bool,
}

async fn verify(store: &Store, lines: &str) -> Outcome<()> {
    let mut grants: BTreeMap<&str, Acknowledged> = BTreeMap::new();
    for line in lines.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["rotated", id, leaf] => {
                let known = grants.entry(id).or_default();
                known.leaf = known.leaf.max(leaf.parse()?);
            }
            ["revoked", id] => grants.entry(id).or_default().revoked = true,
            _ => return Err(format!("not a line of ours: {line}").into()),
        }
    }
    for (id, acknowledged) in grants {
        check(store, id.parse()?, &acknowledged).await?;
    }
    Ok(())
}

async fn check(store: &Store, id: GrantId, acknowledged: &Acknowledged) -> Outcome<()> {
    let grant = store.read(|tx| async move { tx.grants().find(id).await }).await.map_err(own)?;
    let grant = grant.ok_or_else(|| format!("grant {id} is gone"))?;
    let filter = &AuditFilter { user: Some(owner(id)), ..AuditFilter::default() };
    let page = store.read(|tx| async move { tx.audit().page(filter, u32::MAX).await }).await.map_err(own)?;
    if page.next.is_some() {
        return Err("more events than one page holds".into());
    }
    let recorded = i64::try_from(page.events.len())? + 1;
    let holds = match grant.stage {
        GrantStage::Active(Some(refresh)) => {
            !acknowledged.revoked && refresh.leaf >= acknowledged.leaf && recorded == refresh.leaf
        }
        GrantStage::Revoked { .. } => recorded >= acknowledged.leaf,
        GrantStage::Code(_) | GrantStage::Active(None) => false,
    };
    if holds {
        return Ok(());
    }
    let (leaf, revoked, stage) = (acknowledged.leaf, acknowledged.revoked, &grant.stage);
    Err(format!(
        "grant {id}: acknowledged leaf {leaf}, revoked {revoked}; found {stage:?}, {recorded} recorded"
    )
    .into())
}

/// Adds the person, the session and the client of all grants.
async fn prepare(store: &Store) -> Outcome<()> {
    let (user, client, session) = (&user()?, &client()?, &session());
    store
        .write(|tx| async move {
            tx.users().insert(user).await?;
            tx.clients().insert(client).await?;
            if tx.sessions().find(SESSION).await?.is_none() {
                tx.sessions().insert(session).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .map_err(own)
}

fn user() -> Outcome<User> {
    Ok(User {
        id: USER,
        username: "crash".parse()?,
        name: None,
        email: None,
        email_verified: false,
        claims: ProfileClaims::default(),
        status: UserStatus::Active,
        password: None,
        security_version: SecurityVersion::FIRST,
        created_at: now(),
        updated_at: now(),
    })
}

fn client() -> Outcome<Client> {
    let settings = ClientSettings {
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        grant_types: Vec::new(),
        auth_method: ClientAuthMethod::None,
        scopes: ScopeSet::default(),
        audiences: Vec::new(),
        pkce: PkcePolicy::Auto,
        id_token_signed_response_alg: Some(Algorithm::Es256),
        require_consent: true,
        id_token_claims: false,
        confirm_logout: true,
        access_token_seconds: None,
        refresh_tokens: RefreshTokens::default(),
        not_understood: std::collections::BTreeSet::new(),
    };
    Ok(Client {
        id: client_id()?,
        kind: ClientKind::Native,
        name: "crash".to_owned(),
        status: ClientStatus::Active,
        settings,
        secrets: Vec::new(),
        pkce_proven_at: None,
        created_at: now(),
        updated_at: now(),
    })
}

fn client_id() -> Outcome<ClientId> {
    Ok("crash".parse()?)
}

fn session() -> Session {
    Session {
        id: SESSION,
        secret: Digest::new([3; 32]),
        user_id: USER,
        authentication: authentication(),
        created_at: now(),
        last_seen_at: now(),
        idle_expires_at: now().after(YEAR),
        expires_at: now().after(YEAR),
        ended_at: None,
        user_agent: None,
        ip: None,
    }
}

fn new_grant() -> Outcome<Grant> {
    Ok(Grant {
        id: GrantId::from_random(fresh()),
        client_id: client_id()?,
        holder: Holder::Offline {
            user_id: USER,
            session_id: Some(SESSION),
            authentication: authentication(),
        },
        scope: ScopeSet::default(),
        audiences: Vec::new(),
        nonce: None,
        stage: GrantStage::Code(PendingCode {
            expires_at: now().after(Duration::from_secs(60)),
            redirect_uri: "http://127.0.0.1/callback".to_owned(),
            code_challenge: None,
            failures: 0,
        }),
        last_used_ip: None,
        created_at: now(),
        expires_at: now().after(YEAR),
        security_version: Some(SecurityVersion::FIRST),
    })
}

fn authentication() -> AuthenticationContext {
    AuthenticationContext::new(vec![Proof::password(now())])
}

fn event_of(grant: GrantId) -> AuditEvent {
    AuditEvent {
        id: AuditId::from_random(fresh()),
        at: now(),
        code: EventCode::RefreshRotated,
        actor: "crash".to_owned(),
        user_id: Some(owner(grant)),
        client_id: None,
        session_id: None,
        grant_id: Some(grant),
        ip: None,
        request_id: None,
        detail: None,
    }
}

/// Events are listed by person, so the events of each grant have a person of their own.
fn owner(grant: GrantId) -> UserId {
    UserId::from_bytes(*grant.as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "nothing here depends on the time that is written")]
fn since_epoch() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn now() -> Timestamp {
    Timestamp::from_seconds(i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX))
}

/// Random bytes for ids. They need not be unpredictable.
fn fresh() -> [u8; 16] {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let moment = u64::try_from(since_epoch().as_nanos() & u128::from(u64::MAX)).unwrap_or_default();
    ((u128::from(moment) << 64) | u128::from(call)).rotate_left(32).to_be_bytes()
}
