//! The judgement of one password, from the moment it counts to its outcome.
//!
//! It runs in a task of its own. So the outcome is written down although the request that brought the attempt is gone
//! (invariant I5).

use tessera_model::{AuditEvent, Digest, EventCode, PlainPassword, Session, Throttle, User};
use tessera_store::StoreError;

use super::account_queue::Place;
use super::attempt::{LogInError, Outcome};
use super::counted::count_attempt;
use super::device::Device;
use super::next_step::Requirement;
use super::progress::{Base, Progress, Stopped};
use super::rate_limit::Reservation;
use super::typed_name::TypedName;
use super::verify::{Rejection, Verified, verify_password};
use crate::Cx;
use crate::audit::budget::allow;
use crate::hasher::Busy;
use crate::hashing_pool::Turn;

/// An attempt that may be judged. What it holds beside the attempt itself ends with it.
pub(super) struct Attempt {
    pub(super) typed: TypedName,
    /// Until it is verified.
    pub(super) password: Option<PlainPassword>,
    pub(super) base: Base,
    pub(super) previous: Option<(Session, User)>,
    pub(super) required: Requirement,
    pub(super) browser: Digest,
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
pub(super) type Judged = Result<Outcome, LogInError>;

/// The attempt was not counted, because another server judges one of this counter, or has just found one wrong.
pub(super) struct NotBegun(pub(super) Box<Attempt>);

/// Counts the attempt as a failure, verifies the password, and writes the outcome.
pub(super) async fn judge(cx: Cx, turn: Turn, mut attempt: Box<Attempt>) -> Result<Judged, NotBegun> {
    let (begun, user) = match begin(&cx, &attempt).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Err(NotBegun(attempt)),
        Err(fault) => return Ok(Err(fault.into())),
    };
    let Some(password) = attempt.password.take() else { return Ok(Err(LogInError::Refused)) };
    Ok(match verify_password(&cx, turn, password, user.as_ref()).await {
        Err(busy) => retract(&cx, &attempt, &begun, busy).await,
        Ok(Err(Rejection(reason))) => refuse(&cx, &mut attempt, &begun, user.as_ref(), reason).await,
        Ok(Ok(verified)) => open(&cx, &mut attempt, &begun, user, verified).await,
    })
}

/// Counts the attempt, and reads the account as it is now. `None` if it has to wait.
async fn begin(cx: &Cx, attempt: &Attempt) -> Result<Option<(Throttle, Option<User>)>, StoreError> {
    cx.app
        .store
        .write(|tx| async move {
            let counters = (&attempt.counter, &attempt.account);
            let begun = count_attempt(cx, &tx, counters, Throttle::MOST_PASSWORDS).await?;
            let Some(begun) = begun else { return Ok(None) };
            let user = match attempt.typed.name() {
                Some(name) => tx.users().find_by_username(name).await?,
                None => None,
            };
            Ok(Some((begun, user)))
        })
        .await
}

/// Takes the failure back that was counted, because nothing was verified.
async fn retract(cx: &Cx, attempt: &Attempt, begun: &Throttle, busy: Busy) -> Judged {
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
) -> Judged {
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

/// Begins the session, or goes on with the next step. A change of the password ends all sessions, and a login with the old one must not
/// begin another after that.
async fn open(
    cx: &Cx,
    attempt: &mut Attempt,
    begun: &Throttle,
    user: Option<User>,
    verified: Verified,
) -> Judged {
    let Some(user) = user else { return refuse(cx, attempt, begun, None, "unknown_user").await };
    let progress = &Progress {
        user: user.clone(),
        base: attempt.base.clone(),
        previous: attempt.previous.take(),
        browser: attempt.browser,
        required: attempt.required.clone(),
    };
    let (counter, verified) = (&attempt.counter, &verified);
    let stand = cx
        .app
        .store
        .write(|tx| async move {
            let stand = progress.proceed(cx, &tx, &verified.proof, verified.rehashed.as_ref()).await?;
            tx.throttles().clear(counter).await?;
            Ok::<_, Stopped>(stand)
        })
        .await;
    match stand {
        Ok(stand) => Ok(progress.outcome(cx, attempt.device.take(), stand)),
        Err(Stopped::Store(fault)) => Err(fault.into()),
        Err(Stopped::Refused(reason)) => refuse(cx, attempt, begun, Some(&user), reason).await,
    }
}
