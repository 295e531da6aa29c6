//! The judgement of one attempt, from the moment it counts to its outcome.
//!
//! It runs in a task of its own. So the outcome is written down although the request that brought the attempt is gone
//! (invariant I5).

use tessera_model::{
    AuditEvent, AuthenticationContext, Digest, EventCode, PasswordHash, Session, Throttle, User,
};
use tessera_store::StoreError;

use super::account_queue::Place;
use super::attempt::{Credential, LogInError, LoggedIn};
use super::device::Device;
use super::next_step::{LoginStep, REQUIRED, enrolled, next_step};
use super::rate_limit::Reservation;
use super::typed_name::TypedName;
use super::verify::{Rejection, verify};
use crate::audit::budget::allow;
use crate::hasher::Busy;
use crate::hashing_pool::Turn;
use crate::sessions::{Current, NewSession, begin_within};
use crate::{Actor, Cx};

/// An attempt that may be judged. What it holds beside the attempt itself ends with it.
pub(super) struct Attempt {
    pub(super) typed: TypedName,
    pub(super) credentials: Vec<Credential>,
    pub(super) previous: Option<(Session, User)>,
    /// The device, if it is known. It has a counter of its own.
    pub(super) device: Option<Device>,
    pub(super) counter: Digest,
    /// Names all counters of the account.
    pub(super) account: Digest,
    pub(super) _place: Place,
    /// `None` for a known device.
    pub(super) reservation: Option<Reservation>,
}

/// The outcome of an attempt that was counted.
pub(super) type Outcome = Result<LoggedIn, LogInError>;

/// The attempt was not counted, because another server judges one of this counter, or has just found one wrong.
pub(super) struct NotBegun(pub(super) Box<Attempt>);

/// Counts the attempt as a failure, verifies every factor, and writes the outcome.
pub(super) async fn judge(cx: Cx, turn: Turn, mut attempt: Box<Attempt>) -> Result<Outcome, NotBegun> {
    let (begun, user) = match begin(&cx, &attempt).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Err(NotBegun(attempt)),
        Err(fault) => return Ok(Err(fault.into())),
    };
    let credentials = std::mem::take(&mut attempt.credentials);
    let outcome = match prove(&cx, turn, credentials, user.as_ref()).await {
        Err(busy) => retract(&cx, &attempt, &begun, busy).await,
        Ok(Err(Rejection(reason))) => refuse(&cx, &mut attempt, &begun, user.as_ref(), reason).await,
        Ok(Ok(proven)) => open(&cx, &mut attempt, &begun, user, proven).await,
    };
    Ok(outcome)
}

/// Counts the attempt, and reads the account as it is now. `None` if it has to wait.
async fn begin(cx: &Cx, attempt: &Attempt) -> Result<Option<(Throttle, Option<User>)>, StoreError> {
    cx.app
        .store
        .write(|tx| async move {
            let (counter, account) = (&attempt.counter, &attempt.account);
            let begun = if cx.app.time.is_quiet() {
                tx.throttles().begin_in_doubt(counter, account, cx.now).await?
            } else {
                tx.throttles().begin(counter, account, cx.now).await?
            };
            let Some(begun) = begun else { return Ok(None) };
            let user = match attempt.typed.name() {
                Some(name) => tx.users().find_by_username(name).await?,
                None => None,
            };
            Ok(Some((begun, user)))
        })
        .await
}

/// What somebody has proven, and a hash of the password at today's cost if the stored one has another.
struct Proven {
    factors: AuthenticationContext,
    rehashed: Option<PasswordHash>,
}

/// Verifies one factor after another.
async fn prove(
    cx: &Cx,
    mut turn: Turn,
    credentials: Vec<Credential>,
    user: Option<&User>,
) -> Result<Result<Proven, Rejection>, Busy> {
    let (mut proofs, mut rehashed) = (Vec::new(), None);
    for credential in credentials {
        let (verified, given_back) = verify(cx, turn, credential, user).await?;
        turn = given_back;
        match verified {
            Ok(verified) => {
                proofs.push(verified.proof);
                rehashed = rehashed.or(verified.rehashed);
            }
            Err(rejection) => return Ok(Err(rejection)),
        }
    }
    Ok(Ok(Proven { factors: AuthenticationContext::new(proofs), rehashed }))
}

/// Takes the failure back that was counted, because nothing was verified.
async fn retract(cx: &Cx, attempt: &Attempt, begun: &Throttle, busy: Busy) -> Outcome {
    let counter = &attempt.counter;
    cx.app.store.write(|tx| async move { tx.throttles().retract(counter, begun, cx.now).await }).await?;
    Err(busy.into())
}

/// Writes the failure down. Those that wait behind it meet its delay from here on.
async fn refuse(
    cx: &Cx,
    attempt: &mut Attempt,
    begun: &Throttle,
    user: Option<&User>,
    reason: &'static str,
) -> Outcome {
    if let Some(reservation) = attempt.reservation.take() {
        reservation.keep();
    }
    let detail = Some(format!("{reason} {}", attempt.typed.for_audit(cx, user)));
    let event = AuditEvent { user_id: user.map(|user| user.id), detail, ..cx.event(EventCode::LoginFailed) };
    // The failures of an account are as few as policy P3 allows. Of names that nobody has, a stranger makes up any number.
    let budgeted = user.is_none().then(|| allow(cx, &event));
    let event = budgeted.as_ref().is_none_or(Option::is_some).then_some(&event);
    let counter = &attempt.counter;
    cx.app
        .store
        .write(|tx| async move {
            tx.throttles().settle(counter, begun).await?;
            match event {
                Some(event) => tx.audit().append(event).await,
                None => Ok(()),
            }
        })
        .await?;
    if let Some(unwritten) = budgeted.flatten() {
        unwritten.written();
    }
    Err(LogInError::Refused)
}

/// Begins the session, if enough was proven.
async fn open(
    cx: &Cx,
    attempt: &mut Attempt,
    begun: &Throttle,
    user: Option<User>,
    proven: Proven,
) -> Outcome {
    let Some(user) = user else { return refuse(cx, attempt, begun, None, "unknown_user").await };
    match next_step(&proven.factors, &enrolled(&user), REQUIRED) {
        LoginStep::StartSession => {}
        LoginStep::Prove(_) | LoginStep::Refuse => {
            return refuse(cx, attempt, begun, Some(&user), "not_enough_proven").await;
        }
    }
    match start_session(cx, attempt, &user, proven).await? {
        Some(logged_in) => Ok(logged_in),
        None => refuse(cx, attempt, begun, Some(&user), "credentials_changed").await,
    }
}

/// Begins the session, unless the credentials were changed or the account was erased meanwhile. A change of the password ends
/// all sessions, and a login with the old one must not begin another after that.
async fn start_session(
    cx: &Cx,
    attempt: &mut Attempt,
    user: &User,
    proven: Proven,
) -> Result<Option<LoggedIn>, StoreError> {
    let cx = &cx.clone().acting_as(Actor::User(user.id));
    let (id, version, rehashed) = (user.id, user.security_version, proven.rehashed.as_ref());
    let new_session = &NewSession::new(cx, id, proven.factors);
    let (counter, previous) = (&attempt.counter, attempt.previous.as_ref());
    let session = cx
        .app
        .store
        .write(|tx| async move {
            if !tx.users().confirm(id, version, rehashed).await? {
                return Ok(None);
            }
            tx.throttles().clear(counter).await?;
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
    let device = attempt.device.take().unwrap_or_else(|| Device::fresh(cx, id)).reveal(cx, version);
    let logged_in = |session| LoggedIn {
        cookie: new_session.cookie(),
        device,
        current: Current { session, user: user.clone() },
    };
    Ok(session.map(logged_in))
}
