//! An authorization request between `/authorize` and its answer. It travels sealed through the login and consent pages, so that
//! strangers cannot fill the database with requests.
//!
//! Nobody can read or change a flow. Its progress counts for half an hour, and only in the browser where it was made. After that,
//! and in any other browser, the request begins again, as if the person had followed a link to `/authorize`. So a login page
//! that was bookmarked, restored or opened twice still works.
//!
//! A server ignores members that it does not know. During a rolling upgrade it may get the flow of a newer version.

use serde::{Deserialize, Serialize};
use tessera_jose::base64url;
use tessera_model::{AuthenticationLevel, SessionId, Timestamp};
use tessera_oauth::authorize::AuthorizationRequest;

use crate::Cx;
use crate::login::{BrowserSecret, Requirement};
use crate::sealed::{TooLong, open, seal};

/// The context that flows are sealed for.
const SEAL_CONTEXT: &[u8] = b"flow";

/// A checked authorization request and its progress.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) request: AuthorizationRequest,
    started_at: Timestamp,
    /// Digest of the cookie of its browser.
    browser: String,
    /// The session in which the person logged in for this very request (`prompt=login`, `max_age`).
    pub(super) fresh_login: Option<SessionId>,
    /// The session that the account page offered (`prompt=select_account`).
    pub(super) offered: Option<SessionId>,
    /// The session that the person chose there.
    pub(super) chosen: Option<SessionId>,
    /// The session that saw the consent page. An answer from another session does not count.
    pub(super) asked: Option<SessionId>,
}

/// Whether the progress of an opened flow counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// It is in its browser and within its time. What it has passed stays passed.
    Resumed,
    /// It is treated as a new request, with every check.
    Restarted,
}

/// The text was not sealed by this issuer, or not as a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this address carries no request that can be read")]
pub struct FlowUnreadable;

impl Flow {
    /// A new request in this browser.
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

    /// What a login for this request needs.
    pub(super) fn requirement(&self) -> Requirement {
        let wanted = self.request.acr_values.iter().filter_map(|value| AuthenticationLevel::parse(value));
        Requirement { levels: Vec::new(), wanted: wanted.collect() }
    }

    pub(super) fn seal(&self, cx: &Cx) -> Result<String, TooLong> {
        let plain = serde_json::to_vec(self).map_err(|_| TooLong)?;
        seal(cx, SEAL_CONTEXT, &plain)
    }

    /// Opens a flow. Outside its browser or its time, the request begins again.
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
