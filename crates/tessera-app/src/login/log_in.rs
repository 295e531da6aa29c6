//! Logging in: what an attempt passes before it is judged.
//!
//! In this order: the limits on guessing over many accounts, the queue of its account, the delay after failures, a turn of the
//! hashing pool. Until then it has cost no hash and no write, and whoever is told to come back later was not counted.

use std::time::Duration;

use tessera_jose::digest::sha256;
use tessera_model::{Admission, AuditEvent, Digest, EventCode, PlainPassword, Timestamp, User};
use tessera_store::StoreError;
use tracing::Instrument as _;

use super::account_queue::LONGEST_WAIT;
use super::attempt::{LogInError, Outcome, Visit};
use super::device::Device;
use super::judge::{Attempt, Judged, NotBegun, judge};
use super::progress::{Base, Progress};
use super::rate_limit::{queue_of_known, refund_known, reserve};
use super::typed_name::TypedName;
use crate::Cx;
use crate::audit::budget::deny;
use crate::hasher::Busy;
use crate::hashing_pool::{Queue, Turn};

/// How often an attempt looks whether another server has judged the one before it.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Verifies name and password, and begins a session under a new secret or goes on with another step.
///
/// # Errors
/// See [`LogInError`]. The failure has been counted, if it is [`LogInError::Refused`].
pub async fn log_in(
    cx: &Cx,
    username: &str,
    password: PlainPassword,
    visit: Visit<'_>,
) -> Result<Outcome, LogInError> {
    let typed = TypedName::new(username);
    let user = find_user(cx, &typed).await?;
    attempt(cx, (typed, password), (user, Base::Nothing), visit).await
}

/// Verifies the password of somebody who has proven something else before.
pub(super) async fn log_in_again(
    cx: &Cx,
    progress: Progress,
    password: PlainPassword,
    visit: Visit<'_>,
) -> Result<Outcome, LogInError> {
    let typed = TypedName::new(progress.user.username.as_str());
    attempt(cx, (typed, password), (Some(progress.user), progress.base), visit).await
}

async fn attempt(
    cx: &Cx,
    (typed, password): (TypedName, PlainPassword),
    (user, base): (Option<User>, Base),
    visit: Visit<'_>,
) -> Result<Outcome, LogInError> {
    let device = user.as_ref().zip(visit.device).and_then(|(user, cookie)| Device::read(cx, cookie, user));
    // Who has proven something before is no stranger either, and strangers do not delay them.
    let known = device.as_ref().map(|device| device.user_id).or_else(|| base.user_id());
    let (queue, reservation) = match known {
        Some(user_id) => (queue_of_known(cx, user_id), None),
        None => (Queue::Strangers, Some(reserve(cx, &typed, user.as_ref(), Some(&password)).await?)),
    };
    let of_known = known.filter(|_| queue == Queue::Known);
    let account = typed.counter_key(cx);
    let counter = match (&device, base.user_id()) {
        (Some(device), _) => device.counter_key("password"),
        (None, Some(user_id)) => Digest::new(sha256(format!("password|{user_id}").as_bytes())),
        (None, None) => account,
    };
    let attempt = async {
        let attempt = Attempt {
            typed,
            password: Some(password),
            base,
            previous: visit.previous.cloned(),
            required: visit.required.clone(),
            browser: Digest::new(visit.browser.binding()),
            device,
            counter,
            account,
            _place: cx.app.account_queues.enter(&counter).await?,
            reservation,
        };
        take_turns(cx, queue, user.as_ref(), Box::new(attempt)).await
    };
    let outcome = attempt.await;
    if let (Some(user_id), Err(LogInError::Busy(_))) = (of_known, &outcome) {
        refund_known(cx, user_id);
    }
    outcome
}

/// The account of the typed name.
async fn find_user(cx: &Cx, typed: &TypedName) -> Result<Option<User>, StoreError> {
    let Some(name) = typed.name() else { return Ok(None) };
    cx.app.store.read(|tx| async move { tx.users().find_by_username(name).await }).await
}

/// Has the attempt judged when the counter and the pool allow it.
async fn take_turns(
    cx: &Cx,
    queue: Queue,
    user: Option<&User>,
    mut attempt: Box<Attempt>,
) -> Result<Outcome, LogInError> {
    let mut waited = Duration::ZERO;
    while waited < LONGEST_WAIT {
        match admission(cx, &attempt.counter).await? {
            Admission::Blocked(until) => return Err(throttled(cx, &attempt.typed, user, until).await?),
            Admission::Pending => {}
            Admission::Free => {
                let turn = cx.app.hasher.turn(queue).await?;
                match finish(cx, turn, attempt).await? {
                    Ok(outcome) => return outcome,
                    Err(NotBegun(given_back)) => attempt = given_back,
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
    }
    Err(Busy.into())
}

/// What the counter says, read without a write.
async fn admission(cx: &Cx, counter: &Digest) -> Result<Admission, StoreError> {
    let throttle = cx.app.store.read(|tx| async move { tx.throttles().find(counter).await }).await?;
    Ok(throttle.map_or(Admission::Free, |throttle| throttle.admission(cx.now)))
}

/// Has the attempt judged to the end, also if this request ends before. The turns of the pool bound how many there are.
async fn finish(cx: &Cx, turn: Turn, attempt: Box<Attempt>) -> Result<Result<Judged, NotBegun>, Busy> {
    let judging = judge(cx.clone(), turn, attempt).in_current_span();
    tokio::spawn(judging).await.map_err(|_| Busy)
}

/// Writes down that the attempt came too early.
async fn throttled(
    cx: &Cx,
    typed: &TypedName,
    user: Option<&User>,
    until: Timestamp,
) -> Result<LogInError, StoreError> {
    let detail = Some(typed.for_audit(cx, user));
    deny(cx, AuditEvent { detail, ..cx.event(EventCode::LoginThrottled) }).await?;
    let seconds = u32::try_from(until.since(cx.now).as_secs().max(1)).unwrap_or(u32::MAX);
    Ok(LogInError::Throttled { seconds })
}
