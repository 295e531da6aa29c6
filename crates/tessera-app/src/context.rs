//! The context of one request: who makes it, when, and from where.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use tessera_model::{AuditEvent, ClientId, EventCode, Grant, Timestamp, UserId};
use tessera_store::StoreError;

use crate::App;
use crate::network::ClientAddress;

/// Context of one request or job.
#[derive(Clone)]
pub struct Cx {
    /// The running system.
    pub app: Arc<App>,
    /// The time of the request. The clock is read once.
    pub now: Timestamp,
    /// Who makes the request.
    pub actor: Actor,
    /// Network address of the client, or of the last proxy that is known.
    pub ip: Option<IpAddr>,
    /// See [`Cx::origin`].
    origin: Option<IpAddr>,
    /// User agent, at most 256 bytes.
    pub user_agent: Option<String>,
    /// Stands in audit events, log lines and error pages of this request.
    pub request_id: RequestId,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody who is authenticated.
    Anonymous,
    /// A person with a session.
    User(UserId),
    /// An authenticated client.
    Client(ClientId),
    /// Somebody at the command line of this machine.
    Cli,
    /// A scheduled job, or the start of the server.
    System,
}

/// The id of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Cli => f.write_str("cli"),
            Self::System => f.write_str("system"),
        }
    }
}

impl Cx {
    /// A context at this moment, without an address or a user agent.
    pub fn new(app: &Arc<App>, actor: Actor) -> Self {
        let (now, request_id) = (app.now(), app.ids.request());
        Self { app: Arc::clone(app), now, actor, ip: None, origin: None, user_agent: None, request_id }
    }

    /// The network that the request comes from; `None` where clients share the address of a proxy.
    pub(crate) const fn origin(&self) -> Option<IpAddr> {
        self.origin
    }

    /// The same request, once its address is known.
    #[must_use]
    pub fn coming_from(self, address: ClientAddress) -> Self {
        Self { ip: Some(address.ip), origin: address.origin(), ..self }
    }

    /// The same at the present moment, after somebody was asked a question.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { now: self.app.now(), ..self.clone() }
    }

    /// The same request, once it is known to come from `actor`.
    #[must_use]
    pub fn acting_as(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// An audit event of this request. The caller adds the entities that it is about.
    pub(crate) fn event(&self, code: EventCode) -> AuditEvent {
        AuditEvent {
            id: self.app.ids.event(),
            at: self.now,
            code,
            actor: self.actor.to_string(),
            user_id: None,
            client_id: None,
            session_id: None,
            grant_id: None,
            ip: self.ip.map(|ip| ip.to_string()),
            request_id: Some(self.request_id.to_string()),
            detail: None,
        }
    }

    /// An audit event about a grant.
    pub(crate) fn grant_event(&self, grant: &Grant, code: EventCode) -> AuditEvent {
        AuditEvent {
            user_id: grant.holder.user_id(),
            client_id: Some(grant.client_id.clone()),
            session_id: grant.holder.session_id(),
            grant_id: Some(grant.id),
            ..self.event(code)
        }
    }

    /// Writes an audit event in a transaction of its own.
    pub(crate) async fn record(&self, event: AuditEvent) -> Result<(), StoreError> {
        let event = &event;
        self.app.store.write(|tx| async move { tx.audit().append(event).await }).await
    }
}
