//! Which events a command shows, from its arguments.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tessera_app::Cx;
use tessera_app::audit::{AuditFilter, AuditPlace};
use tessera_model::{AuditId, ClientId, EventCode, RecordedEvent, Timestamp, UserId};

use crate::config::duration;
use crate::failure::Failure;

/// Which events to show.
#[derive(Debug, clap::Args)]
pub(crate) struct Filter {
    /// Only events with this code, such as login.failed
    #[arg(long, value_parser = code)]
    code: Option<EventCode>,
    /// Only events about this person: username, or id, also of an erased account
    #[arg(long)]
    user: Option<String>,
    /// Only events about this client
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<ClientId>,
    /// Only events of this time or later: RFC 3339 (2026-01-31T08:00:00Z), or how long ago (90s, 10m, 12h, 30d)
    #[arg(long, value_name = "TIME", value_parser = when)]
    since: Option<When>,
    /// Only events before this time
    #[arg(long, value_name = "TIME", value_parser = when)]
    until: Option<When>,
    /// Only events of the request with this reference
    #[arg(long)]
    reference: Option<Reference>,
}

impl Filter {
    /// Looks up the person, and turns spans into times.
    pub(super) async fn read(self, cx: &Cx) -> Result<AuditFilter, Failure> {
        let Self { code, user, client, since, until, reference } = self;
        let user = match user {
            Some(user) => Some(user_id(cx, &user).await?),
            None => None,
        };
        let at = |when: When| match when {
            When::At(at) => at,
            When::Ago(span) => cx.now.before(span),
        };
        let (since, until) = (since.map(at), until.map(at));
        let request = reference.map(|Reference(reference)| reference);
        Ok(AuditFilter { code, user, client, request, since, until, after: None })
    }
}

async fn user_id(cx: &Cx, user: &str) -> Result<UserId, Failure> {
    match user.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(crate::commands::user::find(cx, user).await?.id),
    }
}

fn code(text: &str) -> Result<EventCode, String> {
    EventCode::parse(text).ok_or_else(|| "no such code; docs/audit.md lists them".to_owned())
}

/// A time, or how long ago it is.
#[derive(Clone, Copy, Debug)]
enum When {
    At(Timestamp),
    Ago(Duration),
}

fn when(text: &str) -> Result<When, String> {
    if let Some(span) = duration::parse(text) {
        return Ok(When::Ago(span));
    }
    let at = text.parse::<jiff::Timestamp>();
    let at = at.map(|at| When::At(Timestamp::from_seconds(at.as_second())));
    at.map_err(|_| "use RFC 3339, such as 2026-01-31T08:00:00Z, or how long ago, such as 10m".to_owned())
}

/// The reference of a request: 16 hexadecimal digits.
#[derive(Clone, Debug)]
struct Reference(String);

impl FromStr for Reference {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("a reference has 16 hexadecimal digits")
        }
    }
}

/// The name of an event: its place in the trail, so that it is found at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventName(Timestamp, AuditId);

impl EventName {
    pub(super) const fn place(self) -> AuditPlace {
        (self.0, self.1)
    }
}

impl From<AuditPlace> for EventName {
    fn from((at, id): AuditPlace) -> Self {
        Self(at, id)
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.0.seconds(), self.1)
    }
}

impl FromStr for EventName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let problem = "no id of an event; `tessera audit list --json` shows them";
        let (at, id) = text.split_once('-').ok_or(problem)?;
        let at = i64::from_str_radix(at, 16).map_err(|_| problem)?;
        Ok(Self(Timestamp::from_seconds(at), id.parse().map_err(|_| problem)?))
    }
}

/// What to show.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// One event.
    Event(EventName),
    /// Every event of one request.
    Request(String),
}

impl Subject {
    pub(super) fn filter(&self) -> AuditFilter {
        match self {
            // The list begins at the event, however many others its second has.
            Self::Event(EventName(at, id)) => {
                let next = u128::from_be_bytes(*id.as_bytes()).saturating_add(1);
                let after = Some((*at, AuditId::from_bytes(next.to_be_bytes())));
                AuditFilter { since: Some(*at), after, ..AuditFilter::default() }
            }
            Self::Request(reference) => {
                AuditFilter { request: Some(reference.clone()), ..AuditFilter::default() }
            }
        }
    }

    /// Whether it is this event, or one of this request.
    pub(super) fn means(&self, event: &RecordedEvent) -> bool {
        match self {
            Self::Event(name) => *name == EventName(event.at, event.id),
            Self::Request(reference) => event.request_id.as_ref() == Some(reference),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(name) => name.fmt(f),
            Self::Request(reference) => f.write_str(reference),
        }
    }
}

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(Reference(reference)) => Ok(Self::Request(reference)),
            Err(_) => text.parse().map(Self::Event),
        }
    }
}
