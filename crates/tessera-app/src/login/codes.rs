//! Codes that somebody types: of an authenticator app, or printed recovery codes.
//!
//! A wrong code counts before it is verified (invariant I5), apart from the login, for the person and the method: thirty a day, fewer with
//! more apps, and five in one login. A right code takes back only itself. A known device has a counter of its own, so nobody
//! else can keep it out.

use tessera_jose::digest::sha256;
use tessera_model::{
    Admission, AuditEvent, Authenticator, AuthenticatorKind, Digest, EventCode, Login, Proof, ProofMethod,
    Throttle, User,
};
use tessera_store::{StoreError, Tx};
use tracing::Instrument as _;
use zeroize::Zeroizing;

use super::attempt::{LogInError, Outcome};
use super::device::Device;
use super::progress::{Base, Progress, Stopped};
use super::typed_name::account_key;
use crate::audit::budget::deny;
use crate::hasher::Busy;
use crate::{Cx, recovery_codes, totp};

/// What kind of code it is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Totp,
    RecoveryCode,
}

impl Kind {
    /// The name of its counter, and of what went wrong.
    const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// How many may be wrong in a day. Each app of a person is one more chance to guess.
    fn most(self, theirs: &[Authenticator]) -> i64 {
        let apps = match self {
            Self::Totp => theirs.iter().filter(|one| matches!(one.kind, AuthenticatorKind::Totp(_))).count(),
            Self::RecoveryCode => 1,
        };
        (Throttle::MOST_CODES / i64::try_from(apps.max(1)).unwrap_or(i64::MAX)).max(1)
    }
}

/// A code, as typed.
pub(super) struct Code {
    kind: Kind,
    typed: Zeroizing<String>,
}

impl Code {
    pub(super) fn new(kind: Kind, typed: &str) -> Self {
        Self { kind, typed: Zeroizing::new(typed.to_owned()) }
    }
}

/// A code that fits. It counts once [`Fits::spend`] has succeeded.
enum Fits {
    Totp(Box<Authenticator>, Proof),
    RecoveryCode(Digest, Proof),
}

/// Verifies a code, and goes on with the login. Also to the end if the request ends before.
pub(super) async fn present(
    cx: &Cx,
    progress: Progress,
    code: Code,
    device: Option<&str>,
) -> Result<Outcome, LogInError> {
    let device = device.and_then(|cookie| Device::read(cx, cookie, &progress.user));
    let judging = judge(cx.clone(), progress, code, device).in_current_span();
    tokio::spawn(judging).await.map_err(|_| Busy)?
}

async fn judge(
    cx: Cx,
    progress: Progress,
    Code { kind, typed }: Code,
    device: Option<Device>,
) -> Result<Outcome, LogInError> {
    let (cx, progress) = (&cx, &progress);
    let user = &progress.user;
    let counter = &match &device {
        Some(device) => device.counter_key(kind.name()),
        None => Digest::new(sha256(format!("{}|{}", kind.name(), user.id).as_bytes())),
    };
    let Some((begun, theirs)) = begin(cx, user, (counter, kind)).await? else {
        return Err(throttled(cx, user, counter).await?);
    };
    let begun = &begun;
    let Some(fits) = &find(cx, user, (kind, &typed), &theirs)? else {
        return wrong(cx, progress, (counter, begun), &format!("wrong_{}", kind.name())).await;
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
            wrong(cx, progress, (counter, begun), &format!("used_{}", kind.name())).await
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
    (counter, kind): (&Digest, Kind),
) -> Result<Option<(Throttle, Vec<Authenticator>)>, StoreError> {
    let account = &account_key(cx, &user.username);
    cx.app
        .store
        .write(|tx| async move {
            let theirs = tx.authenticators().of_user(user.id).await?;
            let (throttles, most) = (tx.throttles(), kind.most(&theirs));
            let begun = if cx.app.time.is_quiet() {
                throttles.begin_in_doubt(counter, account, most, cx.now).await?
            } else {
                throttles.begin(counter, account, most, cx.now).await?
            };
            Ok(begun.map(|begun| (begun, theirs)))
        })
        .await
}

fn find(
    cx: &Cx,
    user: &User,
    (kind, typed): (Kind, &str),
    theirs: &[Authenticator],
) -> Result<Option<Fits>, StoreError> {
    Ok(match kind {
        Kind::Totp => totp::verify(cx, typed, theirs)?.map(|(used, proof)| Fits::Totp(Box::new(used), proof)),
        Kind::RecoveryCode => recovery_codes::digest(cx, user.id, typed)
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
            Self::Totp(app, _) => tx.authenticators().record_use(app.id, app.counter, cx.now).await,
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
    let until = match throttle.map(|throttle| throttle.admission(cx.now)) {
        Some(Admission::Blocked(until)) => until,
        Some(Admission::Pending | Admission::Free) | None => cx.now,
    };
    let detail = Some(user.username.to_string());
    deny(cx, AuditEvent { detail, ..cx.event(EventCode::LoginThrottled) }).await?;
    let seconds = u32::try_from(until.since(cx.now).as_secs().max(1)).unwrap_or(u32::MAX);
    Ok(LogInError::Throttled { seconds })
}
