//! A further step of a login that is under way, or of a session that has to be raised.

use tessera_model::{AuditEvent, EventCode, LoginId, ProofMethod, Session, User};
use tessera_store::StoreError;

use super::attempt::{Answer, CODES, LogInError, Outcome, Visit};
use super::codes::{self, Typed};
use super::device::Device;
use super::log_in::log_in_again;
use super::means::Means;
use super::next_step::{LoginStep, next_step};
use super::progress::{Base, Progress, Stopped};
use crate::Cx;
use crate::audit::budget::deny;
use crate::passkeys::{self, PageCeremony, Purpose, Rejected};
use crate::sessions::Current;

/// What a further step belongs to.
#[derive(Clone, Copy)]
pub enum Underway<'a> {
    /// A login whose session has not begun.
    Login(LoginId),
    /// A live session.
    Session(&'a Current),
}

/// What the page of a further step shows.
pub struct StepPage {
    /// Who it is.
    pub user: User,
    /// What the person can prove next, the strongest first. Empty if nothing more is needed.
    pub methods: Vec<ProofMethod>,
    /// Whether two codes in a row may help: the person has a key fob, and codes are among the methods.
    pub takes_two_codes: bool,
    /// The ceremony for their passkeys and security keys, if these are among the methods.
    pub ceremony: Option<PageCeremony>,
}

/// What the person can prove next.
///
/// # Errors
/// [`LogInError::Ended`], or the database failed.
pub async fn show_step(cx: &Cx, underway: Underway<'_>, visit: Visit<'_>) -> Result<StepPage, LogInError> {
    let progress = resume(cx, underway, visit).await?;
    let methods = open_methods(cx, &progress).await?;
    let id = progress.user.id;
    let theirs = cx.app.store.read(|tx| async move { tx.authenticators().of_user(id).await }).await?;
    let ceremony = if methods.contains(&ProofMethod::WebAuthn) {
        let asked = (&theirs[..], progress.user_verification());
        passkeys::request_options(cx, Purpose::Prove(id), visit.browser, asked)
    } else {
        None
    };
    let takes_two_codes = methods.iter().any(|method| CODES.contains(method))
        && theirs.iter().any(|one| one.kind.fob().is_some());
    Ok(StepPage { user: progress.user, methods, takes_two_codes, ceremony })
}

/// Verifies what was presented for a further step, and goes on.
///
/// # Errors
/// See [`LogInError`].
pub async fn take_step(
    cx: &Cx,
    underway: Underway<'_>,
    answer: Answer<'_>,
    visit: Visit<'_>,
) -> Result<Outcome, LogInError> {
    let progress = resume(cx, underway, visit).await?;
    let open = open_methods(cx, &progress).await?;
    if !answer.methods().iter().any(|method| open.contains(method)) {
        return Err(LogInError::Ended);
    }
    match answer {
        Answer::Password(password) => log_in_again(cx, progress, password, visit).await,
        Answer::Code(codes) => codes::present(cx, progress, Typed::code(codes), visit.device).await,
        Answer::RecoveryCode(typed) => {
            codes::present(cx, progress, Typed::recovery_code(typed), visit.device).await
        }
        Answer::Passkey(assertion) => {
            let purpose = Purpose::Prove(progress.user.id);
            match passkeys::verify(cx, assertion, purpose, visit.browser).await? {
                Ok(verified) => finish_passkey(cx, &progress, &verified, visit).await,
                Err(rejected) => refuse_passkey(cx, rejected).await,
            }
        }
    }
}

/// Writes down that a passkey or a security key was right, and goes on.
pub(super) async fn finish_passkey(
    cx: &Cx,
    progress: &Progress,
    verified: &passkeys::Verified,
    visit: Visit<'_>,
) -> Result<Outcome, LogInError> {
    let stand = cx
        .app
        .store
        .write(|tx| async move {
            if !verified.count(cx, &tx).await? {
                return Err(Stopped::Refused("webauthn_replayed"));
            }
            progress.proceed(cx, &tx, &verified.proof, None).await
        })
        .await;
    match stand {
        Ok(stand) => {
            let device = visit.device.and_then(|cookie| Device::read(cx, cookie, &progress.user));
            Ok(progress.outcome(cx, device, stand))
        }
        Err(Stopped::Store(fault)) => Err(fault.into()),
        Err(Stopped::Refused(reason)) => {
            let user = Some(progress.user.clone());
            refuse_passkey(cx, Rejected { reason: reason.to_owned(), user }).await
        }
    }
}

/// Writes down that a passkey or a security key was refused.
pub(super) async fn refuse_passkey(cx: &Cx, rejected: Rejected) -> Result<Outcome, LogInError> {
    let name = rejected.user.as_ref().map(|user| user.username.as_str()).unwrap_or_default();
    let detail = Some(format!("{} {name}", rejected.reason).trim_end().chars().take(256).collect());
    let user_id = rejected.user.as_ref().map(|user| user.id);
    deny(cx, AuditEvent { user_id, detail, ..cx.event(EventCode::LoginFailed) }).await?;
    Err(LogInError::Refused)
}

/// The login or session as it is now, if it goes on in this browser.
async fn resume(cx: &Cx, underway: Underway<'_>, visit: Visit<'_>) -> Result<Progress, LogInError> {
    let (base, user) = match underway {
        Underway::Session(current) => (Base::Session(Session::clone(&current.session)), current.user.clone()),
        Underway::Login(id) => {
            let found = cx
                .app
                .store
                .read(|tx| async move {
                    let Some(login) = tx.logins().find(id).await? else { return Ok(None) };
                    Ok::<_, StoreError>(tx.users().find(login.user_id).await?.map(|user| (login, user)))
                })
                .await?;
            let (login, user) = found.ok_or(LogInError::Ended)?;
            let goes_on = cx.now < login.expires_at
                && login.browser.as_bytes() == &visit.browser.binding()
                && login.security_version == user.security_version
                && user.status.is_active();
            if !goes_on {
                return Err(LogInError::Ended);
            }
            (Base::Login(login), user)
        }
    };
    Ok(Progress::new(user, base, visit))
}

async fn open_methods(cx: &Cx, progress: &Progress) -> Result<Vec<ProofMethod>, StoreError> {
    let user = &progress.user;
    let means = cx.app.store.read(|tx| async move { Means::read(&tx, user, cx.now).await }).await?;
    Ok(match next_step(&means, &progress.proven(), &progress.required, cx.now) {
        LoginStep::Prove(methods) => methods,
        LoginStep::StartSession | LoginStep::Refuse => Vec::new(),
    })
}
