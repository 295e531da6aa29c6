//! Codes that somebody types: of an authenticator app, of a key fob, or printed recovery codes.
//!
//! A wrong code counts before it is verified (invariant I5), apart from the login, for the person and the method: thirty a day, fewer with
//! more devices, and five in one login. A right code takes back only itself. A known device has a counter of its own, so nobody
//! else can keep it out.

use tessera_jose::digest::sha256;
use tessera_model::{
    AuditEvent, Authenticator, Digest, EventCode, Login, Proof, ProofMethod, Throttle, User,
};
use tessera_store::{StoreError, Tx};
use tracing::Instrument as _;
use zeroize::Zeroizing;

use super::attempt::{LogInError, Outcome};
use super::counted::count_attempt;
use super::device::Device;
use super::progress::{Base, Progress, Stopped};
use super::typed_name::account_key;
use crate::audit::budget::deny;
use crate::hasher::Busy;
use crate::one_time_codes::{TypedCodes, codes_that_match, verify};
use crate::{Cx, recovery_codes};

/// A code, as typed.
pub(super) enum Typed {
    /// Of an app or a fob, and perhaps the one that it shows after it.
    Code(Zeroizing<String>, Option<Zeroizing<String>>),
    RecoveryCode(Zeroizing<String>),
}

impl Typed {
    pub(super) fn code(typed: TypedCodes<'_>) -> Self {
        let owned = |text: &str| Zeroizing::new(text.to_owned());
        Self::Code(owned(typed.code), typed.next.map(owned))
    }

    pub(super) fn recovery_code(typed: &str) -> Self {
        Self::RecoveryCode(Zeroizing::new(typed.to_owned()))
    }

    /// The name of its counter, and of what went wrong.
    const fn name(&self) -> &'static str {
        match self {
            // As it was called when there were only apps: the counters of a day go on.
            Self::Code(..) => "totp",
            Self::RecoveryCode(_) => "recovery_code",
        }
    }

    /// How many may be wrong in a day. Each code that a guess may hit is one more chance.
    fn most(&self, theirs: &[Authenticator]) -> i64 {
        match self {
            Self::Code(..) => Throttle::most_codes(codes_that_match(theirs)),
            Self::RecoveryCode(_) => Throttle::MOST_CODES,
        }
    }
}

/// A code that fits. It counts once [`Fits::spend`] has succeeded.
enum Fits {
    Code(Box<Authenticator>, Proof),
    RecoveryCode(Digest, Proof),
}

/// Verifies a code, and goes on with the login. Also to the end if the request ends before.
pub(super) async fn present(
    cx: &Cx,
    progress: Progress,
    typed: Typed,
    device: Option<&str>,
) -> Result<Outcome, LogInError> {
    let device = device.and_then(|cookie| Device::read(cx, cookie, &progress.user));
    let judging = judge(cx.clone(), progress, typed, device).in_current_span();
    tokio::spawn(judging).await.map_err(|_| Busy)?
}

async fn judge(
    cx: Cx,
    progress: Progress,
    typed: Typed,
    device: Option<Device>,
) -> Result<Outcome, LogInError> {
    let (cx, progress) = (&cx, &progress);
    let user = &progress.user;
    let counter = &match &device {
        Some(device) => device.counter_key(typed.name()),
        None => Digest::new(sha256(format!("{}|{}", typed.name(), user.id).as_bytes())),
    };
    let Some((begun, theirs)) = begin(cx, user, (counter, &typed)).await? else {
        return Err(throttled(cx, user, counter).await?);
    };
    let begun = &begun;
    let Some(fits) = &find(cx, user, &typed, &theirs)? else {
        return wrong(cx, progress, (counter, begun), &format!("wrong_{}", typed.name())).await;
    };
    let stand = cx
        .app
        .store
        .write(|tx| async move {
            if !fits.spend(cx, &tx, user).await? {
                return Err(Stopped::Refused("used"));
            }
            let stand = progress.proceed(cx, &tx, fits.proof(), None).await?;
            tx.throttles().retract(counter, begun, cx.now).await?;
            Ok(stand)
        })
        .await;
    match stand {
        Ok(stand) => Ok(progress.outcome(cx, device, stand)),
        Err(Stopped::Store(fault)) => Err(fault.into()),
        Err(Stopped::Refused("used")) => {
            wrong(cx, progress, (counter, begun), &format!("used_{}", typed.name())).await
        }
        Err(Stopped::Refused(reason)) => {
            wrong(cx, progress, (counter, begun), reason).await.and(Err(LogInError::Ended))
        }
    }
}

/// Counts the code as wrong, and reads what it may be of. `None` if it has to wait.
async fn begin(
    cx: &Cx,
    user: &User,
    (counter, typed): (&Digest, &Typed),
) -> Result<Option<(Throttle, Vec<Authenticator>)>, StoreError> {
    let account = &account_key(cx, &user.username);
    cx.app
        .store
        .write(|tx| async move {
            let theirs = tx.authenticators().of_user(user.id).await?;
            let begun = count_attempt(cx, &tx, (counter, account), typed.most(&theirs)).await?;
            Ok(begun.map(|begun| (begun, theirs)))
        })
        .await
}

fn find(cx: &Cx, user: &User, typed: &Typed, theirs: &[Authenticator]) -> Result<Option<Fits>, StoreError> {
    Ok(match typed {
        Typed::Code(code, next) => {
            let codes = TypedCodes { code, next: next.as_ref().map(|next| next.as_str()) };
            verify(cx, codes, theirs)?.map(|(used, proof)| Fits::Code(Box::new(used), proof))
        }
        Typed::RecoveryCode(typed) => recovery_codes::digest(cx, user.id, typed)
            .map(|digest| Fits::RecoveryCode(digest, Proof::new(ProofMethod::RecoveryCode, cx.now))),
    })
}

impl Fits {
    const fn proof(&self) -> &Proof {
        match self {
            Self::Code(_, proof) | Self::RecoveryCode(_, proof) => proof,
        }
    }

    /// Lets the code count no more. `false` if it has counted before, or never was a code.
    async fn spend(&self, cx: &Cx, tx: &Tx, user: &User) -> Result<bool, StoreError> {
        match self {
            Self::Code(device, _) => tx.authenticators().record_code(device, cx.now).await,
            Self::RecoveryCode(digest, _) => {
                if !tx.recovery_codes().spend(user.id, digest).await? {
                    return Ok(false);
                }
                let event = AuditEvent { user_id: Some(user.id), ..cx.event(EventCode::RecoveryCodeUsed) };
                tx.audit().append(&event).await?;
                Ok(true)
            }
        }
    }
}

/// Writes down that a code was wrong. The fifth of a login ends it.
async fn wrong(
    cx: &Cx,
    progress: &Progress,
    (counter, begun): (&Digest, &Throttle),
    reason: &str,
) -> Result<Outcome, LogInError> {
    let user = &progress.user;
    let detail = Some(format!("{reason} {}", user.username));
    let event = &AuditEvent { user_id: Some(user.id), detail, ..cx.event(EventCode::LoginFailed) };
    let login = match &progress.base {
        Base::Login(login) => Some(login.id),
        Base::Nothing | Base::Session(_) => None,
    };
    let has_ended = cx
        .app
        .store
        .write(|tx| async move {
            tx.throttles().settle(counter, begun).await?;
            tx.audit().append(event).await?;
            let Some(login) = login else { return Ok(false) };
            let wrong = tx.logins().count_wrong(login).await?;
            let has_ended = wrong.is_none_or(|wrong| wrong >= Login::MAX_WRONG);
            if has_ended {
                tx.logins().delete(login).await?;
            }
            Ok::<_, StoreError>(has_ended)
        })
        .await?;
    Err(if has_ended { LogInError::Ended } else { LogInError::Refused })
}

/// Writes down that a code came too early.
async fn throttled(cx: &Cx, user: &User, counter: &Digest) -> Result<LogInError, StoreError> {
    let throttle = cx.app.store.read(|tx| async move { tx.throttles().find(counter).await }).await?;
    let detail = Some(user.username.to_string());
    deny(cx, AuditEvent { detail, ..cx.event(EventCode::LoginThrottled) }).await?;
    Ok(LogInError::Throttled { seconds: throttle.map_or(1, |throttle| throttle.seconds_to_wait(cx.now)) })
}
