//! Logging in: verifies the factors, then begins a session.

use tessera_jose::digest::sha256;
use tessera_model::{
    AuditEvent, AuthenticationContext, Digest, EventCode, PasswordHash, Session, User, Username,
};
use tessera_store::StoreError;

use super::attempt::{LogIn, LogInError, LoggedIn, Rejection, for_audit};
use super::device::Device;
use super::next_step::{LoginStep, REQUIRED, enrolled, next_step};
use super::rate_limit::{refund, reserve};
use super::verify::verify;
use crate::audit::budget::deny;
use crate::sessions::{Current, NewSession, begin_within};
use crate::{Actor, Cx};

/// Verifies the credentials and begins a session under a new secret.
///
/// # Errors
/// See [`LogInError`]. The failure has been counted.
pub async fn log_in(cx: &Cx, attempt: LogIn<'_>) -> Result<LoggedIn, LogInError> {
    // Spaces around a name are typing errors. Trimmed here, they cannot give an attacker a fresh failure counter.
    let attempt = LogIn { username: attempt.username.trim(), ..attempt };
    let user = find_user(cx, attempt.username).await?;
    let device = user.as_ref().zip(attempt.device).and_then(|(user, cookie)| Device::read(cx, cookie, user));
    if device.is_some() {
        return prove(cx, attempt, user, device).await;
    }
    let reservation = reserve(cx, &attempt).await?;
    let outcome = prove(cx, attempt, user, None).await;
    if !matches!(outcome, Err(LogInError::Refused)) {
        refund(cx, &reservation);
    }
    outcome
}

/// Verifies every factor, unless the failure counter of the account or device blocks the attempt.
async fn prove(
    cx: &Cx,
    attempt: LogIn<'_>,
    user: Option<User>,
    device: Option<Device>,
) -> Result<LoggedIn, LogInError> {
    let throttle = &device.as_ref().map_or_else(|| username_key(attempt.username), Device::throttle_key);
    count(cx, attempt.username, throttle).await?;
    let (mut proofs, mut rehashed) = (Vec::new(), None);
    for credential in attempt.credentials {
        match verify(cx, credential, user.as_ref()).await? {
            Ok(verified) => {
                proofs.push(verified.proof);
                rehashed = rehashed.or(verified.rehashed);
            }
            Err(rejection) => return refuse(cx, attempt.username, rejection).await,
        }
    }
    let Some(user) = user else { return refuse(cx, attempt.username, Rejection(None, "unknown_user")).await };
    let (id, proven) = (user.id, AuthenticationContext::new(proofs));
    match next_step(&proven, &enrolled(&user), REQUIRED) {
        LoginStep::StartSession => {}
        LoginStep::Prove(_) | LoginStep::Refuse => {
            return refuse(cx, attempt.username, Rejection(Some(id), "not_enough_proven")).await;
        }
    }
    let device = device.unwrap_or_else(|| Device::fresh(cx, id));
    let completed = Completed { user, proven, rehashed, previous: attempt.previous, throttle, device };
    match start_session(cx, completed).await? {
        Some(logged_in) => Ok(logged_in),
        None => refuse(cx, attempt.username, Rejection(Some(id), "credentials_changed")).await,
    }
}

/// The account of the typed name.
async fn find_user(cx: &Cx, username: &str) -> Result<Option<User>, StoreError> {
    let Ok(name) = &username.parse::<Username>() else { return Ok(None) };
    cx.app.store.read(|tx| async move { tx.users().find_by_username(name).await }).await
}

/// The key of the failure counter for a name, whether the account exists or not. So the delay does not tell which names exist.
fn username_key(username: &str) -> Digest {
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

async fn refuse(cx: &Cx, username: &str, rejection: Rejection) -> Result<LoggedIn, LogInError> {
    let Rejection(user_id, reason) = rejection;
    let detail = format!("{reason} {}", for_audit(username));
    cx.record(AuditEvent { user_id, detail: Some(detail), ..cx.event(EventCode::LoginFailed) }).await?;
    Err(LogInError::Refused)
}

/// An account whose person has proven enough.
struct Completed<'a> {
    user: User,
    proven: AuthenticationContext,
    rehashed: Option<PasswordHash>,
    previous: Option<&'a (Session, User)>,
    throttle: &'a Digest,
    device: Device,
}

/// Begins the session, unless the credentials were changed or the account was erased meanwhile. A change of the password ends
/// all sessions, and a login with the old one must not begin another after that.
async fn start_session(cx: &Cx, completed: Completed<'_>) -> Result<Option<LoggedIn>, StoreError> {
    let Completed { user, proven, rehashed, previous, throttle, device } = completed;
    let cx = &cx.clone().acting_as(Actor::User(user.id));
    let (new_session, id, version) = (&NewSession::new(cx, user.id, proven), user.id, user.security_version);
    let rehashed = rehashed.as_ref();
    let session = cx
        .app
        .store
        .write(|tx| async move {
            if !tx.users().confirm(id, version, rehashed).await? {
                return Ok(None);
            }
            tx.throttles().clear(throttle).await?;
            let session = begin_within(cx, &tx, new_session, previous).await?;
            let event = AuditEvent {
                user_id: Some(session.user_id),
                session_id: Some(session.id),
                ..cx.event(EventCode::LoginSucceeded)
            };
            tx.audit().append(&event).await?;
            Ok::<_, StoreError>(Some(session))
        })
        .await?;
    let device = device.reveal(cx, version);
    let logged_in =
        |session| LoggedIn { cookie: new_session.cookie(), device, current: Current { session, user } };
    Ok(session.map(logged_in))
}
