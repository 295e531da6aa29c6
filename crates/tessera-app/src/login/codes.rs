//! Codes that somebody types: of an authenticator app, or printed recovery codes.
//!
//! A wrong code counts before it is verified (invariant I5), apart from the login, for the person and the method: 30 a day, and five in one
//! login (attack L17). A known device has a counter of its own, so nobody else can keep it out.

use tessera_jose::digest::sha256;
use tessera_model::{
    Admission, AuditEvent, Authenticator, Digest, EventCode, Login, Proof, ProofMethod, Throttle, User,
};
use tessera_store::{StoreError, Tx};

use super::attempt::{LogInError, Outcome};
use super::device::Device;
use super::progress::{Base, Progress, Stand};
use super::typed_name::account_key;
use crate::audit::budget::deny;
use crate::{Cx, recovery_codes, totp};

/// A code, as typed.
#[derive(Clone, Copy)]
pub(super) enum Typed<'a> {
    Totp(&'a str),
    RecoveryCode(&'a str),
}

impl Typed<'_> {
    /// The name of its counter, and of what went wrong.
    const fn name(self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::RecoveryCode(_) => "recovery_code",
        }
    }
}

/// A code that fits. It counts once [`Fits::spend`] has succeeded.
enum Fits {
    Totp(Box<Authenticator>, Proof),
    RecoveryCode(Digest, Proof),
}

/// Verifies a code, and goes on with the login.
pub(super) async fn present(
    cx: &Cx,
    progress: Progress,
    typed: Typed<'_>,
    device: Option<&str>,
) -> Result<Outcome, LogInError> {
    let user = &progress.user;
    let device = device.and_then(|cookie| Device::read(cx, cookie, user));
    let counter = match &device {
        Some(device) => device.counter_key(typed.name()),
        None => Digest::new(sha256(format!("{}|{}", typed.name(), user.id).as_bytes())),
    };
    let Some((begun, theirs)) = begin(cx, user, &counter).await? else {
        return Err(throttled(cx, user, &counter).await?);
    };
    let Some(fits) = find(cx, user, typed, &theirs)? else {
        return wrong(cx, &progress, (&counter, &begun), typed.name()).await;
    };
    let (progress, counter, fits) = (&progress, &counter, &fits);
    let stand = cx
        .app
        .store
        .write(|tx| async move {
            if !fits.spend(cx, &tx, user).await? {
                return Ok(Stand::Refused("used"));
            }
            let stand = progress.proceed(cx, &tx, fits.proof(), None).await?;
            tx.throttles().clear(counter).await?;
            Ok::<_, StoreError>(stand)
        })
        .await?;
    match progress.outcome(cx, device, stand) {
        Ok(outcome) => Ok(outcome),
        Err("used") => wrong(cx, progress, (counter, &begun), typed.name()).await,
        Err(_) => Err(LogInError::Ended),
    }
}

/// Counts the code as wrong, and reads what it may be of. `None` if it has to wait.
async fn begin(
    cx: &Cx,
    user: &User,
    counter: &Digest,
) -> Result<Option<(Throttle, Vec<Authenticator>)>, StoreError> {
    let account = &account_key(cx, &user.username);
    cx.app
        .store
        .write(|tx| async move {
            let throttles = tx.throttles();
            let begun = if cx.app.time.is_quiet() {
                throttles.begin_in_doubt(counter, account, Throttle::MOST_CODES, cx.now).await?
            } else {
                throttles.begin(counter, account, Throttle::MOST_CODES, cx.now).await?
            };
            let Some(begun) = begun else { return Ok(None) };
            Ok(Some((begun, tx.authenticators().of_user(user.id).await?)))
        })
        .await
}

fn find(
    cx: &Cx,
    user: &User,
    typed: Typed<'_>,
    theirs: &[Authenticator],
) -> Result<Option<Fits>, StoreError> {
    Ok(match typed {
        Typed::Totp(code) => {
            totp::verify(cx, code, theirs)?.map(|(used, proof)| Fits::Totp(Box::new(used), proof))
        }
        Typed::RecoveryCode(code) => recovery_codes::digest(cx, user.id, code)
            .map(|digest| Fits::RecoveryCode(digest, Proof::new(ProofMethod::RecoveryCode, cx.now))),
    })
}

impl Fits {
    const fn proof(&self) -> &Proof {
        match self {
            Self::Totp(_, proof) | Self::RecoveryCode(_, proof) => proof,
        }
    }

    /// Lets the code count no more. `false` if it has counted before, or never was a code.
    async fn spend(&self, cx: &Cx, tx: &Tx, user: &User) -> Result<bool, StoreError> {
        match self {
            Self::Totp(authenticator, _) => tx.authenticators().record_use(authenticator, cx.now).await,
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
    method: &'static str,
) -> Result<Outcome, LogInError> {
    let user = &progress.user;
    let detail = Some(format!("wrong_{method} {}", user.username));
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
    let until = match throttle.map(|throttle| throttle.admission(cx.now)) {
        Some(Admission::Blocked(until)) => until,
        Some(Admission::Pending | Admission::Free) | None => cx.now,
    };
    let detail = Some(user.username.to_string());
    deny(cx, AuditEvent { detail, ..cx.event(EventCode::LoginThrottled) }).await?;
    let seconds = u32::try_from(until.since(cx.now).as_secs().max(1)).unwrap_or(u32::MAX);
    Ok(LogInError::Throttled { seconds })
}
