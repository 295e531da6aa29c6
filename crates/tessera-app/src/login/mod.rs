//! Logging in with a password.
//!
//! Wrong name, wrong password, locked, closed and password-less accounts look and cost the same (attacks L01, L02). The
//! attempt is counted as a failure before the password is looked at (invariant I5), so that parallel guesses count too.
//! Guessing over many accounts is limited by `rate_limit` before a hash is computed.
//! Tables: `users`, `sessions`, `throttles`. HTTP: `login`. Tests: `login`, `throttle`, `rate_limit` and `forms` in
//! `crates/tessera-http/tests/people`.

mod device;
mod forms;
pub(crate) mod rate_limit;

pub use forms::{BrowserSecret, form_token, form_token_is_genuine, form_was_foreign};

use tessera_jose::digest::sha256;
use tessera_model::{
    AuditEvent, AuthenticationContext, Digest, EventCode, PasswordHash, PlainPassword, Presented,
    PresentedKind, Session, SessionId, User, UserId, UserStatus, Username,
};
use tessera_store::{StoreError, Tx};
use zeroize::Zeroizing;

use device::Device;
use rate_limit::{refund, reserve};

use crate::audit::budget::deny;
use crate::hasher::{Busy, Comparison};
use crate::sessions::Current;
use crate::{Cx, sessions};

/// A login attempt.
pub struct LogIn<'a> {
    /// As typed.
    pub username: &'a str,
    /// As typed.
    pub password: PlainPassword,
    /// The session of this browser that has not been ended, and its person: live, idle or past its end. The same person goes on in it
    /// under a new secret while it may; otherwise it ends, and with it what was granted from it.
    pub previous: Option<&'a (Session, User)>,
    /// The device cookie that this browser sent.
    pub device: Option<&'a str>,
}

/// A finished login.
pub struct LoggedIn {
    /// For the session cookie.
    pub cookie: Zeroizing<String>,
    /// For the device cookie.
    pub device: Zeroizing<String>,
    /// The new session and its person.
    pub current: Current,
}

/// Why a login failed. The page shows [`LogInError::Refused`] alone for everything that is about the account.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Name and password do not open an account.
    #[error("wrong username or password")]
    Refused,
    /// Too soon after the last failure, or after those of many others.
    #[error("too many attempts: wait {seconds} s")]
    Throttled {
        /// Until the next attempt is looked at.
        seconds: u32,
    },
    /// The hashing pool is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks name and password and begins a session under a new secret (attack L12).
///
/// # Errors
/// See [`LogInError`]. The failure has been counted then.
pub async fn log_in(cx: &Cx, attempt: LogIn<'_>) -> Result<LoggedIn, LogInError> {
    // Blanks around a name are a slip of the hand, and no other name to be counted by.
    let attempt = LogIn { username: attempt.username.trim(), ..attempt };
    let user = find_user(cx, attempt.username).await?;
    let device = user.as_ref().zip(attempt.device).and_then(|(user, cookie)| Device::read(cx, cookie, user));
    if device.is_some() {
        return verify_password(cx, attempt, user, device).await;
    }
    let counted = reserve(cx, &attempt).await?;
    let outcome = verify_password(cx, attempt, user, None).await;
    if !matches!(outcome, Err(LogInError::Refused)) {
        refund(cx, &counted);
    }
    outcome
}

/// Compares the password, unless the account itself has to wait.
async fn verify_password(
    cx: &Cx,
    attempt: LogIn<'_>,
    user: Option<User>,
    device: Option<Device>,
) -> Result<LoggedIn, LogInError> {
    let throttle = &device.as_ref().map_or_else(|| strangers_key(attempt.username), Device::throttle_key);
    count(cx, attempt.username, throttle).await?;
    let stored = user.as_ref().and_then(|user| user.password.as_ref());
    let (comparison, password) = cx.app.hasher.compare(attempt.password, stored).await?;
    let user = match check_account(user, comparison) {
        Ok(user) => user,
        Err(rejection) => return refuse(cx, attempt.username, rejection).await,
    };
    // The hash was made at another cost than today's; where the pool has no room for it, it waits for the next login.
    let rehashed = match comparison {
        Comparison::MatchOutdated => cx.app.hasher.hash(password, cx.app.random()).await.ok(),
        Comparison::Match | Comparison::Mismatch => None,
    };
    let id = user.id;
    let device = device.unwrap_or_else(|| Device::fresh(cx, id));
    match begin(cx, Opening { user, rehashed, previous: attempt.previous, throttle, device }).await? {
        Some(logged_in) => Ok(logged_in),
        None => refuse(cx, attempt.username, Rejection(Some(id), "password_changed")).await,
    }
}

/// The account that the typed name belongs to.
async fn find_user(cx: &Cx, username: &str) -> Result<Option<User>, StoreError> {
    let Ok(name) = &username.parse::<Username>() else { return Ok(None) };
    cx.app.store.read(|tx| async move { tx.users().find_by_username(name).await }).await
}

/// Strangers are counted per name as typed, known or not, so that they learn nothing about which names exist.
fn strangers_key(username: &str) -> Digest {
    Digest::new(sha256(format!("password {}", username.to_lowercase()).as_bytes()))
}

async fn count(cx: &Cx, username: &str, key: &Digest) -> Result<(), LogInError> {
    if cx.app.store.write(|tx| async move { tx.throttles().begin(key, cx.now).await }).await?.is_some() {
        return Ok(());
    }
    deny(cx, AuditEvent { detail: Some(for_audit(username)), ..cx.event(EventCode::LoginThrottled) }).await?;
    let throttle = cx.app.store.read(|tx| async move { tx.throttles().find(key).await }).await?;
    let wait = throttle.map_or(1, |throttle| throttle.blocked_until.since(cx.now).as_secs().max(1));
    Err(LogInError::Throttled { seconds: u32::try_from(wait).unwrap_or(u32::MAX) })
}

/// Whose account did not open, if there is one, and why: for the audit event, never for the page.
struct Rejection(Option<UserId>, &'static str);

fn check_account(user: Option<User>, comparison: Comparison) -> Result<User, Rejection> {
    let Some(user) = user else { return Err(Rejection(None, "unknown_user")) };
    let reason = match (comparison, user.status) {
        (_, UserStatus::Disabled { .. }) => "user_disabled",
        (Comparison::Match | Comparison::MatchOutdated, UserStatus::Active) => return Ok(user),
        (Comparison::Match | Comparison::MatchOutdated, UserStatus::Locked { .. }) => "user_locked",
        (Comparison::Mismatch, _) if user.password.is_none() => "no_password",
        (Comparison::Mismatch, _) => "wrong_password",
    };
    Err(Rejection(Some(user.id), reason))
}

async fn refuse(cx: &Cx, username: &str, rejection: Rejection) -> Result<LoggedIn, LogInError> {
    let Rejection(user_id, reason) = rejection;
    let detail = format!("{reason} {}", for_audit(username));
    cx.record(AuditEvent { user_id, detail: Some(detail), ..cx.event(EventCode::LoginFailed) }).await?;
    Err(LogInError::Refused)
}

/// What was typed as a name, fit for an audit event (attack A07).
fn for_audit(username: &str) -> String {
    username.escape_default().take(64).collect()
}

/// An account whose password was right.
struct Opening<'a> {
    user: User,
    rehashed: Option<PasswordHash>,
    previous: Option<&'a (Session, User)>,
    throttle: &'a Digest,
    device: Device,
}

/// Begins the session, unless the password was changed or the account erased while it was compared: whoever sets a password
/// ends the sessions of the old one, and none may slip in behind.
async fn begin(cx: &Cx, opening: Opening<'_>) -> Result<Option<LoggedIn>, StoreError> {
    let Opening { user, rehashed, previous, throttle, device } = opening;
    let Some(compared) = &user.password else { return Ok(None) };
    let secret = Presented::new(PresentedKind::Session, &Zeroizing::new(cx.app.random::<32>())[..]);
    let cx = &cx.clone().acting_as(crate::Actor::User(user.id));
    let (fresh, kept) = (&new_session(cx, user.id, &secret), rehashed.as_ref().unwrap_or(compared));
    let begun = cx
        .app
        .store
        .write(|tx| async move {
            if !tx.users().replace_password_hash(fresh.user_id, compared, kept).await? {
                return Ok(None);
            }
            tx.throttles().clear(throttle).await?;
            let session = start_or_renew(cx, &tx, fresh, previous).await?;
            let event = AuditEvent {
                user_id: Some(session.user_id),
                session_id: Some(session.id),
                ..cx.event(EventCode::LoginSucceeded)
            };
            tx.audit().append(&event).await?;
            Ok::<_, StoreError>(Some(session))
        })
        .await?;
    let device = device.reveal(cx, kept);
    Ok(begun.map(|session| LoggedIn { cookie: secret.reveal(), device, current: Current { session, user } }))
}

fn new_session(cx: &Cx, user_id: UserId, secret: &Presented) -> Session {
    let lifetimes = &cx.app.config.lifetimes;
    Session {
        id: SessionId::from_random(cx.app.random()),
        secret: Digest::new(sha256(secret.body())),
        user_id,
        authentication: AuthenticationContext {
            auth_time: cx.now,
            acr: "aal1".to_owned(),
            amr: vec!["pwd".to_owned()],
        },
        created_at: cx.now,
        last_seen_at: cx.now,
        idle_expires_at: cx.now.after(lifetimes.session_idle),
        expires_at: cx.now.after(lifetimes.session),
        ended_at: None,
        user_agent: cx.user_agent.clone(),
        ip: cx.ip.map(|ip| ip.to_string()),
    }
}

/// The same person goes on in the session this browser has, if it has not ended meanwhile; another person ends it. One past its end is
/// not taken up again: what ended with it would come back.
async fn start_or_renew(
    cx: &Cx,
    tx: &Tx,
    fresh: &Session,
    previous: Option<&(Session, User)>,
) -> Result<Session, StoreError> {
    if let Some((session, user)) = previous {
        if user.id == fresh.user_id && cx.now < session.expires_at {
            let renewed = Session { id: session.id, created_at: session.created_at, ..fresh.clone() };
            if tx.sessions().renew(&renewed).await? {
                return Ok(renewed);
            }
        } else {
            sessions::end_within(cx, tx, session).await?;
        }
    }
    tx.sessions().insert(fresh).await?;
    Ok(fresh.clone())
}
