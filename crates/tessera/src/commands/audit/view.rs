//! An event, as people and programs read it.

use serde::Serialize;
use tessera_model::{ClientId, RecordedEvent};

use super::filter::EventName;
use crate::commands::views::time;
use crate::output::one;

/// An event, as programs read it.
#[derive(Serialize)]
pub(super) struct EventView<'a> {
    id: String,
    at: String,
    code: &'a str,
    actor: &'a str,
    user_id: Option<String>,
    client_id: Option<&'a str>,
    session_id: Option<String>,
    grant_id: Option<String>,
    ip: Option<&'a str>,
    request_id: Option<&'a str>,
    detail: Option<&'a str>,
    /// The person and the client.
    #[serde(skip)]
    about: String,
}

impl EventView<'_> {
    /// The most important parts: time, code, actor, person and client, address, detail, reference.
    pub(super) fn cells(&self) -> [&str; 7] {
        [
            &self.at,
            self.code,
            self.actor,
            &self.about,
            self.ip.unwrap_or_default(),
            self.detail.unwrap_or_default(),
            self.request_id.unwrap_or_default(),
        ]
    }

    /// Everything that the event holds.
    pub(super) fn lines(&self) -> Vec<(&'static str, Vec<String>)> {
        let all = [
            ("id", Some(&*self.id)),
            ("time", Some(&*self.at)),
            ("code", Some(self.code)),
            ("actor", Some(self.actor)),
            ("person", self.user_id.as_deref()),
            ("client", self.client_id),
            ("session", self.session_id.as_deref()),
            ("grant", self.grant_id.as_deref()),
            ("address", self.ip),
            ("reference", self.request_id),
            ("detail", self.detail),
        ];
        all.into_iter().filter_map(|(name, value)| value.map(|value| one(name, value))).collect()
    }
}

impl<'a> From<&'a RecordedEvent> for EventView<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        let (user_id, client_id) =
            (event.user_id.map(|id| id.to_string()), event.client_id.as_ref().map(ClientId::as_str));
        let about: Vec<&str> = user_id.as_deref().into_iter().chain(client_id).collect();
        Self {
            id: EventName::from((event.at, event.id)).to_string(),
            at: time(event.at),
            code: event.code.as_str(),
            actor: &event.actor,
            about: about.join(" "),
            client_id,
            user_id,
            session_id: event.session_id.map(|id| id.to_string()),
            grant_id: event.grant_id.map(|id| id.to_string()),
            ip: event.ip.as_deref(),
            request_id: event.request_id.as_deref(),
            detail: event.detail.as_deref(),
        }
    }
}
