//! The gate: decides, and writes down whom it refused.

use std::time::Duration;

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode};
use tessera_store::{Snapshot, StoreError, Tx};

use super::action::{Action, Object};
use crate::audit::budget::deny;
use crate::clock::ClockRefused;
use crate::context::{Actor, Cx};
use crate::login::Means;
use crate::pace::Pace;
use crate::sessions::Current;

/// Why an action was not allowed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The actor may not do this. The audit trail has it.
    #[error("only an administrator may do this")]
    Denied,
    /// The person has to prove again who they are.
    #[error("the login is too old for this")]
    NotRecent,
    /// The clock is probably wrong, so nothing is changed at its time.
    #[error(transparent)]
    Clock(#[from] ClockRefused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Leave to do one action to one object. Only [`authorize`] and [`authorize_recent`] make one.
pub(crate) struct Allowed<'a> {
    cx: &'a Cx,
    action: Action,
    object: Object<'a>,
}

/// Whether the actor of this context may do this.
///
/// # Errors
/// It may not, or it would change something while the clock is probably wrong.
pub(crate) async fn authorize<'a>(
    cx: &'a Cx,
    action: Action,
    object: Object<'a>,
) -> Result<Allowed<'a>, AccessError> {
    if is_allowed(&cx.actor, action, object) {
        if !action.only_reads() && action != Action::AcceptClock {
            cx.app.require_right_clock()?;
        }
        return Ok(Allowed { cx, action, object });
    }
    let detail = Some(Detail::Action(action.as_str()).text());
    deny(cx, AuditEvent { detail, ..event(cx, object, EventCode::AccessDenied) }).await?;
    Err(AccessError::Denied)
}

/// How long a person may change what they log in with after they have proven who they are.
const RECENT: Duration = Duration::from_secs(15 * 60);

/// Whether the person of this session may change what they log in with now: what they have proven in the last fifteen minutes, with what
/// they still have, reaches the level that their logins need. A session that somebody left open, or stole, is not enough.
///
/// # Errors
/// They may not, or [`AccessError::NotRecent`].
pub(crate) async fn authorize_recent<'a>(
    cx: &'a Cx,
    action: Action,
    current: &Current,
) -> Result<Allowed<'a>, AccessError> {
    let object = Object::User(current.user.id);
    if cx.actor != Actor::User(current.user.id) || !needs_recent_login(action) {
        return authorize(cx, action, object).await;
    }
    cx.app.require_right_clock()?;
    let means = cx.app.store.read(|tx| async move { Means::read(&tx, &current.user, cx.now).await }).await?;
    let recently = current.session.authentication.since(cx.now.before(RECENT));
    if means.counted(&recently).reaches(means.own_level()) {
        Ok(Allowed { cx, action, object })
    } else {
        Err(AccessError::NotRecent)
    }
}

/// Requires that the person of this session has proven recently enough who they are to change what they log in with.
///
/// # Errors
/// [`AccessError::NotRecent`], or the database failed.
pub async fn require_recent(cx: &Cx, current: &Current) -> Result<(), AccessError> {
    authorize_recent(cx, Action::ChangePassword, current).await.map(drop)
}

/// Whether this actor may do this where no server runs. There is no database yet that could hold the refusal.
///
/// # Errors
/// It may not.
pub(crate) fn authorize_offline(
    actor: &Actor,
    action: Action,
    object: Object<'_>,
) -> Result<(), AccessError> {
    if is_allowed(actor, action, object) { Ok(()) } else { Err(AccessError::Denied) }
}

/// Roles of administrators will be looked up here.
fn is_allowed(actor: &Actor, action: Action, object: Object<'_>) -> bool {
    match actor {
        // Whoever has a shell on this machine can read the database and its key file anyway.
        Actor::Cli => true,
        Actor::System => is_scheduled(action),
        Actor::User(id) => object == Object::User(*id) && is_self_service(action),
        Actor::Anonymous | Actor::Client(_) => false,
    }
}

/// What schedules do.
fn is_scheduled(action: Action) -> bool {
    action == Action::RotateKey
}

/// What people do to their own account in any session.
fn is_self_service(action: Action) -> bool {
    matches!(action, Action::ListApplications | Action::ListAuthenticators | Action::RenameAuthenticator)
}

/// What people do to their own account only soon after they have proven who they are. Only [`authorize_recent`] allows it.
fn needs_recent_login(action: Action) -> bool {
    matches!(
        action,
        Action::ChangePassword
            | Action::AddAuthenticator
            | Action::RemoveAuthenticator
            | Action::MakeRecoveryCodes
    )
}

impl<'a> Allowed<'a> {
    /// The context of the verb.
    pub(crate) const fn cx(&self) -> &'a Cx {
        self.cx
    }

    /// An audit event about the object.
    pub(crate) fn event(&self, code: EventCode) -> AuditEvent {
        event(self.cx, self.object, code)
    }

    /// Reads; see [`tessera_store::Store::read`].
    pub(crate) async fn read<T, E, F, Fut>(&self, f: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        self.cx.app.store.read(f).await
    }

    /// Reads one state of the whole database; see [`tessera_store::Store::snapshot`].
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.cx.app.store.snapshot().await
    }

    /// Does the verb in one transaction; see [`tessera_store::Store::write`].
    pub(crate) async fn write<T, E, F, Fut>(&self, f: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        if self.action.only_reads() {
            return Err(StoreError::Misuse("leave to read opened a write").into());
        }
        self.cx.app.store.write(f).await
    }

    /// Does the verb in steps until one is the last. A step is a transaction of its own, and touches at most as many rows as it is told.
    /// Between steps requests have their turn.
    pub(crate) async fn write_in_steps<E, F, Fut>(&self, step: F) -> Result<(), E>
    where
        F: Fn(Tx, u32) -> Fut,
        Fut: Future<Output = Result<bool, E>>,
        E: From<StoreError>,
    {
        let (time, mut pace) = (&self.cx.app.time, Pace::prompt());
        loop {
            let (begun, most) = (time.monotonic(), pace.most());
            if self.write(|tx| step(tx, most)).await? {
                return Ok(());
            }
            pace.rest_after(time.monotonic().saturating_sub(begun)).await;
        }
    }
}

fn event(cx: &Cx, object: Object<'_>, code: EventCode) -> AuditEvent {
    let (user_id, client_id) = match object {
        Object::User(id) => (Some(id), None),
        Object::Client(id) => (None, Some(id.clone())),
        Object::Users
        | Object::Clients
        | Object::Apis
        | Object::Api(_)
        | Object::Groups
        | Object::Group(_)
        | Object::Fobs
        | Object::Fob(_)
        | Object::Keys
        | Object::Key(_)
        | Object::Events
        | Object::Clock
        | Object::Outbox
        | Object::Jobs
        | Object::Database => (None, None),
    };
    AuditEvent { user_id, client_id, ..cx.event(code) }
}
