//! A request object that is refused unread (OIDC core section 6): how the refusal travels.
//!
//! A client that puts everything into the object expects its `state` back, in the response mode that the object names. Both
//! only decide how the refusal reaches the registered redirect URI, so nobody has to believe the object for it. A
//! `request_uri` is never fetched.

use serde::Deserialize;
use tessera_jose::{base64url, json};

/// Longest request object that is looked at, in bytes (policy P12).
const MAX_LEN: usize = 8 * 1024;

/// What the payload of a request object says about the answer; unverified.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Unread {
    pub(super) state: Option<String>,
    pub(super) response_mode: Option<String>,
}

/// Looks into the object; finds nothing in a text that is none.
pub(super) fn peek(object: &str) -> Unread {
    payload(object).and_then(|payload| json::strict(&payload).ok()).unwrap_or_default()
}

fn payload(object: &str) -> Option<Vec<u8>> {
    let mut segments = object.split('.');
    let (_, payload, _) = (segments.next()?, segments.next()?, segments.next()?);
    if object.len() > MAX_LEN || segments.next().is_some() {
        return None;
    }
    base64url::decode(payload).ok()
}
