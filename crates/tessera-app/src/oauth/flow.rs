//! An authorization request on its way through login and consent, sealed, so that strangers cost the database nothing.
//!
//! Bound to the browser's cookie: it cannot be read, changed, or carried to another browser.

use serde::{Deserialize, Serialize};
use tessera_model::{SessionId, Timestamp};
use tessera_oauth::authorize::AuthorizationRequest;

use super::sealed::{TooLong, open, seal};
use crate::Cx;
use crate::login::BrowserSecret;

/// A checked authorization request and how far it has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) request: AuthorizationRequest,
    pub(super) started_at: Timestamp,
    /// The session in which the person logged in for this very request (`prompt=login`, `max_age`).
    pub(super) fresh_login: Option<SessionId>,
    /// The session that was asked for consent: nobody answers a question that another person was asked.
    pub(super) asked: Option<SessionId>,
}

/// The page is too old, or not of this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this page has expired")]
pub struct FlowExpired;

impl Flow {
    pub(super) fn seal(&self, cx: &Cx, browser: &BrowserSecret) -> Result<String, TooLong> {
        let plain = serde_json::to_vec(self).map_err(|_| TooLong)?;
        seal(cx, &browser.binding(), &plain)
    }

    pub(super) fn open(cx: &Cx, browser: &BrowserSecret, text: &str) -> Result<Self, FlowExpired> {
        let plain = open(cx, &browser.binding(), text).ok_or(FlowExpired)?;
        let flow: Self = serde_json::from_slice(&plain).map_err(|_| FlowExpired)?;
        let alive = cx.now < flow.started_at.after(cx.app.config.lifetimes.login_page);
        if alive { Ok(flow) } else { Err(FlowExpired) }
    }
}
