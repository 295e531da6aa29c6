//! A login between two proofs: what it builds on, and where a right proof leads.

use tessera_model::{
    AuditEvent, AuthenticationContext, Digest, EventCode, Login, LoginId, PasswordHash, Proof, ProofMethod,
    SecurityVersion, Session, User, UserId,
};
use tessera_store::{StoreError, Tx};

use super::attempt::{LoggedIn, Outcome, Visit};
use super::device::Device;
use super::means::Means;
use super::next_step::{LoginStep, Requirement, next_step};
use crate::passkeys::UserVerification;
use crate::sessions::{Current, NewSession, begin_within, renew_live_within};
use crate::{Actor, Cx};

/// What a proof is added to.
#[derive(Clone)]
pub(super) enum Base {
    /// Nothing was proven yet.
    Nothing,
    /// A login that is under way.
    Login(Login),
    /// A session that has to be raised.
    Session(Session),
}

impl Base {
    /// Who has proven something.
    pub(super) const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Nothing => None,
            Self::Login(login) => Some(login.user_id),
            Self::Session(session) => Some(session.user_id),
        }
    }
}

/// A login of one person in one browser.
pub(super) struct Progress {
    pub(super) user: User,
    pub(super) base: Base,
    pub(super) previous: Option<(Session, User)>,
    pub(super) browser: Digest,
    pub(super) required: Requirement,
}

/// Where a right proof led.
pub(super) enum Stand {
    LoggedIn(Box<(Session, NewSession)>),
    NextStep(LoginId),
}

/// Why a right proof led nowhere. Whatever was written in its transaction is rolled back.
pub(super) enum Stopped {
    /// For this reason, which only the audit event names.
    Refused(&'static str),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

impl Progress {
    pub(super) fn new(user: User, base: Base, visit: Visit<'_>) -> Self {
        Self {
            user,
            base,
            previous: visit.previous.cloned(),
            browser: Digest::new(visit.browser.binding()),
            required: visit.required.clone(),
        }
    }

    /// What was proven so far.
    pub(super) fn proven(&self) -> AuthenticationContext {
        match &self.base {
            Base::Nothing => AuthenticationContext::new(Vec::new()),
            Base::Login(login) => login.proven.clone(),
            Base::Session(session) => session.authentication.clone(),
        }
    }

    /// Whether a passkey or a security key has to verify its person. One that has only been touched is asked for more.
    pub(super) fn user_verification(&self) -> UserVerification {
        let is_key = |proof: &Proof| proof.method == ProofMethod::WebAuthn;
        if self.proven().proofs().iter().any(is_key) {
            UserVerification::Required
        } else {
            UserVerification::Preferred
        }
    }

    /// The generation of the credentials that the proofs are of.
    fn security_version(&self) -> SecurityVersion {
        match &self.base {
            Base::Login(login) => login.security_version,
            Base::Nothing | Base::Session(_) => self.user.security_version,
        }
    }

    /// Adds a proof, and takes the step that follows from it. The person's row is locked until the commit, so the credentials cannot change
    /// meanwhile.
    pub(super) async fn proceed(
        &self,
        cx: &Cx,
        tx: &Tx,
        proof: &Proof,
        rehashed: Option<&PasswordHash>,
    ) -> Result<Stand, Stopped> {
        if !self.user.status.is_active() {
            return Err(Stopped::Refused("user_inactive"));
        }
        if !tx.users().confirm(self.user.id, self.security_version(), rehashed).await? {
            return Err(Stopped::Refused("credentials_changed"));
        }
        let means = Means::read(tx, &self.user, cx.now).await?;
        let proven = self.proven().with(proof.clone());
        match (next_step(&means, &proven, &self.required, cx.now), &self.base) {
            (LoginStep::Refuse, _) => Err(Stopped::Refused("not_enough_proven")),
            (LoginStep::StartSession, Base::Nothing | Base::Login(_)) => {
                self.start_session(cx, tx, proven).await
            }
            // Each further proof raises the session that is there.
            (LoginStep::StartSession | LoginStep::Prove(_), Base::Session(session)) => {
                raise_session(cx, tx, session, proof).await
            }
            (LoginStep::Prove(_), Base::Nothing | Base::Login(_)) => self.go_on(cx, tx, proven).await,
        }
    }

    async fn start_session(&self, cx: &Cx, tx: &Tx, proven: AuthenticationContext) -> Result<Stand, Stopped> {
        if let Base::Login(login) = &self.base
            && !tx.logins().finish(login.id, login.steps).await?
        {
            return Err(Stopped::Refused("step_taken"));
        }
        let cx = &cx.clone().acting_as(Actor::User(self.user.id));
        let new_session = NewSession::new(cx, self.user.id, proven);
        let session = begin_within(cx, tx, &new_session, self.previous.as_ref()).await?;
        record_session(cx, tx, &session).await?;
        Ok(Stand::LoggedIn(Box::new((session, new_session))))
    }

    async fn go_on(&self, cx: &Cx, tx: &Tx, proven: AuthenticationContext) -> Result<Stand, Stopped> {
        let id = match &self.base {
            Base::Login(login) => {
                if !tx.logins().advance(login.id, login.steps, &proven).await? {
                    return Err(Stopped::Refused("step_taken"));
                }
                login.id
            }
            Base::Nothing | Base::Session(_) => {
                let id = LoginId::from_random(cx.app.random());
                let login = Login {
                    id,
                    user_id: self.user.id,
                    browser: self.browser,
                    proven,
                    steps: 1,
                    wrong: 0,
                    security_version: self.user.security_version,
                    expires_at: cx.now.after(Login::LIFETIME),
                };
                tx.logins().insert(&login).await?;
                id
            }
        };
        let event = AuditEvent { user_id: Some(self.user.id), ..cx.event(EventCode::LoginStepPassed) };
        tx.audit().append(&event).await?;
        Ok(Stand::NextStep(id))
    }

    /// The outcome for the browser.
    pub(super) fn outcome(&self, cx: &Cx, device: Option<Device>, stand: Stand) -> Outcome {
        let (session, new_session) = match stand {
            Stand::NextStep(id) => return Outcome::NextStep(id),
            Stand::LoggedIn(begun) => *begun,
        };
        let device = device.unwrap_or_else(|| Device::fresh(cx, self.user.id));
        let logged_in = Box::new(LoggedIn {
            cookie: new_session.cookie(),
            device: device.reveal(cx, self.user.security_version),
            current: Current { session, user: self.user.clone() },
        });
        match self.base {
            Base::Nothing | Base::Login(_) => Outcome::LoggedIn(logged_in),
            Base::Session(_) => Outcome::Raised(logged_in),
        }
    }
}

/// Adds a proof to a session. A session that has ended meanwhile is not begun again: what is proven now is not enough for one.
async fn raise_session(cx: &Cx, tx: &Tx, session: &Session, proof: &Proof) -> Result<Stand, Stopped> {
    let cx = &cx.clone().acting_as(Actor::User(session.user_id));
    let proven = AuthenticationContext::new(vec![proof.clone()]);
    let new_session = NewSession::new(cx, session.user_id, proven);
    match renew_live_within(cx, tx, session.id, &new_session).await? {
        None => Err(Stopped::Refused("session_ended")),
        Some(raised) => {
            record_session(cx, tx, &raised).await?;
            Ok(Stand::LoggedIn(Box::new((raised, new_session))))
        }
    }
}

async fn record_session(cx: &Cx, tx: &Tx, session: &Session) -> Result<(), StoreError> {
    let event = AuditEvent {
        user_id: Some(session.user_id),
        session_id: Some(session.id),
        ..cx.event(EventCode::LoginSucceeded)
    };
    tx.audit().append(&event).await
}
