//! Logging in with a password.
//!
//! Wrong name, wrong password, locked, closed and password-less accounts look and cost the same (attacks L01, L02). The
//! attempt is counted as a failure before the password is looked at (invariant I5), so that parallel guesses count too.
//! Tables: `users`, `sessions`, `throttles`. HTTP: `login`. Tests: `tests/login.rs`.

mod forms;

pub use forms::{BrowserSecret, form_token, form_token_is_genuine, form_was_foreign};

use tessera_jose::digest::sha256;
use tessera_model::{
    AuditEvent, AuthenticationContext, Digest, EventCode, PlainPassword, Presented, PresentedKind, Session,
    SessionId, Throttle, User, Username,
};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use crate::hasher::{Busy, Comparison};
use crate::sessions::Current;
use crate::{Cx, sessions};

/// A login attempt.
pub struct LogIn<'a> {
    /// As typed.
    pub username: &'a str,
    /// As typed.
    pub password: PlainPassword,
    /// The session this browser already has. The same person goes on in it under a new secret; another person ends it.
    pub previous: Option<&'a Current>,
}

/// A finished login.
pub struct LoggedIn {
    /// For the session cookie.
    pub cookie: Zeroizing<String>,
    /// The new session and its person.
    pub current: Current,
}

/// Why a login failed. The page shows [`LogInError::Refused`] alone for everything that is about the account.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Name and password do not open an account.
    #[error("wrong username or password")]
    Refused,
    /// Too soon after the last failure.
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
    let username = attempt.username.parse::<Username>().ok();
    let throttle = &throttle_key(attempt.username);
    count(cx, throttle).await?;
    let name = &username;
    let user = cx
        .app
        .store
        .read(|tx| async move {
            match name {
                Some(name) => tx.user_by_username(name).await,
                None => Ok(None),
            }
        })
        .await?;
    let stored = user.as_ref().and_then(|user| user.password.as_ref());
    let (comparison, password) = cx.app.hasher.compare(attempt.password, stored).await?;
    let Some(user) = user.filter(|user| user.status.is_active() && comparison != Comparison::Mismatch) else {
        return refuse(cx, attempt.username).await;
    };
    if comparison == Comparison::MatchOutdated {
        hash_again(cx, &user, password).await?;
    }
    begin(cx, user, attempt.previous, throttle).await
}

/// Counters are kept per name as typed, known or not, so that they tell nothing about which names exist.
fn throttle_key(username: &str) -> Digest {
    Digest::new(sha256(format!("password {}", username.to_lowercase()).as_bytes()))
}

async fn count(cx: &Cx, key: &Digest) -> Result<Throttle, LogInError> {
    if let Some(throttle) =
        cx.app.store.write(|tx| async move { tx.begin_attempt(key, cx.now).await }).await?
    {
        return Ok(throttle);
    }
    let event = &cx.event(EventCode::LoginThrottled);
    let throttle = cx
        .app
        .store
        .write(|tx| async move {
            tx.append_events(std::slice::from_ref(event)).await?;
            tx.throttle(key).await
        })
        .await?;
    let wait = throttle.map_or(1, |throttle| throttle.blocked_until.since(cx.now).as_secs().max(1));
    Err(LogInError::Throttled { seconds: u32::try_from(wait).unwrap_or(u32::MAX) })
}

async fn refuse(cx: &Cx, username: &str) -> Result<LoggedIn, LogInError> {
    let detail: String = username.escape_default().take(64).collect();
    let event = &AuditEvent { detail: Some(detail), ..cx.event(EventCode::LoginFailed) };
    cx.app.store.write(|tx| async move { tx.append_events(std::slice::from_ref(event)).await }).await?;
    Err(LogInError::Refused)
}

/// The hash was made at another cost than today's.
async fn hash_again(cx: &Cx, user: &User, password: PlainPassword) -> Result<(), LogInError> {
    let Some(old) = &user.password else { return Ok(()) };
    let new = &cx.app.hasher.hash(password, cx.app.random()).await?;
    cx.app.store.write(|tx| async move { tx.replace_password_hash(user.id, old, new).await }).await?;
    Ok(())
}

async fn begin(
    cx: &Cx,
    user: User,
    previous: Option<&Current>,
    throttle: &Digest,
) -> Result<LoggedIn, LogInError> {
    let secret = Presented::new(PresentedKind::Session, &Zeroizing::new(cx.app.random::<32>())[..]);
    let lifetimes = &cx.app.config.lifetimes;
    let same_person = previous.filter(|previous| previous.user.id == user.id);
    let session = Session {
        id: same_person
            .map_or_else(|| SessionId::from_random(cx.app.random()), |previous| previous.session.id),
        secret: Digest::new(sha256(secret.body())),
        user_id: user.id,
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
    };
    let cx = &cx.clone().acting_as(crate::Actor::User(user.id));
    let event = &AuditEvent {
        user_id: Some(user.id),
        session_id: Some(session.id),
        ..cx.event(EventCode::LoginSucceeded)
    };
    let row = &session;
    cx.app
        .store
        .write(|tx| async move {
            tx.clear_attempts(throttle).await?;
            match (same_person, previous) {
                (Some(_), _) if tx.renew_session(row).await? => {}
                (_, Some(previous)) => {
                    sessions::end_within(cx, &tx, &previous.session).await?;
                    tx.insert_session(row).await?;
                }
                (_, None) => tx.insert_session(row).await?,
            }
            tx.append_events(std::slice::from_ref(event)).await
        })
        .await?;
    Ok(LoggedIn { cookie: secret.reveal(), current: Current { session, user } })
}
