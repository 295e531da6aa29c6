//! An authorization request on its way through login and consent, sealed, so that strangers cost the database nothing.
//!
//! It cannot be read or changed. What has happened on the way counts in the browser where it happened, for half an hour. After
//! that, and in any other browser, a flow is worth what its request is worth: it begins again there, as if somebody had been
//! sent a link to `/authorize`. So a login page that was bookmarked, restored or opened twice leads on (attack rows O17, L12).

use serde::{Deserialize, Serialize};
use tessera_jose::base64url;
use tessera_model::{SessionId, Timestamp};
use tessera_oauth::authorize::AuthorizationRequest;

use super::sealed_params::{TooLong, open, seal};
use crate::Cx;
use crate::login::BrowserSecret;

/// What a flow is sealed for.
const SEAL_CONTEXT: &[u8] = b"flow";

/// A checked authorization request and how far it has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) request: AuthorizationRequest,
    started_at: Timestamp,
    /// The browser that it is in.
    browser: String,
    /// The session in which the person logged in for this very request (`prompt=login`, `max_age`).
    pub(super) fresh_login: Option<SessionId>,
    /// The session that was offered to go on with (`prompt=select_account`), and the one that the person went on with.
    pub(super) offered: Option<SessionId>,
    pub(super) chosen: Option<SessionId>,
    /// The session that was asked for consent: nobody answers a question that another person was asked.
    pub(super) asked: Option<SessionId>,
}

/// Whether a flow that was opened went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// In its browser and within its time: what was let through stays so.
    Resumed,
    /// Anywhere else: it is a new request, and is held to everything that holds for one.
    Restarted,
}

/// The text was not sealed here, or not as a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this address carries no request that can be read")]
pub struct FlowUnreadable;

impl Flow {
    /// A request at its beginning, in this browser.
    pub(super) fn begin(cx: &Cx, request: AuthorizationRequest, browser: &BrowserSecret) -> Self {
        Self {
            request,
            started_at: cx.now,
            browser: base64url::encode(browser.binding()),
            fresh_login: None,
            offered: None,
            chosen: None,
            asked: None,
        }
    }

    pub(super) fn seal(&self, cx: &Cx) -> Result<String, TooLong> {
        let plain = serde_json::to_vec(self).map_err(|_| TooLong)?;
        seal(cx, SEAL_CONTEXT, &plain)
    }

    /// Goes on in the browser that it is in and within its time, and begins again otherwise.
    pub(super) fn open(
        cx: &Cx,
        browser: &BrowserSecret,
        text: &str,
    ) -> Result<(Self, Opened), FlowUnreadable> {
        let plain = open(cx, SEAL_CONTEXT, text).ok_or(FlowUnreadable)?;
        let flow: Self = serde_json::from_slice(&plain).map_err(|_| FlowUnreadable)?;
        let alive = cx.now < flow.started_at.after(cx.app.config.lifetimes.login_page);
        let here = flow.browser == base64url::encode(browser.binding());
        if alive && here {
            Ok((flow, Opened::Resumed))
        } else {
            Ok((Self::begin(cx, flow.request, browser), Opened::Restarted))
        }
    }
}

#[cfg(test)]
mod tests {
    use tessera_oauth::authorize::ClientPart;
    use tessera_oauth::params::Params;

    use super::*;

    #[test]
    fn a_flow_that_a_newer_version_sealed_can_be_read() {
        let query = b"client_id=web&response_type=code&scope=openid&prompt=login&ui_locales=de";
        let params = Params::parse(query).unwrap();
        let request = AuthorizationRequest::parse(ClientPart::parse(&params).unwrap(), &params).unwrap();
        let flow = Flow {
            request,
            started_at: Timestamp::from_seconds(1),
            browser: "browser".to_owned(),
            fresh_login: None,
            offered: None,
            chosen: None,
            asked: None,
        };
        let ours = serde_json::to_value(&flow).unwrap();
        let mut newer = ours.clone();
        newer["new"] = serde_json::json!({ "member": [1] });
        newer["request"]["new"] = serde_json::json!("member");
        let read: Flow = serde_json::from_value(newer).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), ours);
    }
}
