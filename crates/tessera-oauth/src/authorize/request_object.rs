//! How the refusal of a request object travels (OIDC core section 6).
//!
//! A client that puts everything into the object expects its `state` back, in the response mode that the object names. Both only
//! decide how the refusal reaches the registered redirect URI. So they need no signature. A `request_uri` is never fetched.

use serde::Deserialize;
use tessera_jose::{base64url, json};

/// Longest request object that is read, in bytes (policy P12).
const MAX_LEN: usize = 8 * 1024;

/// What the payload of a request object says about the answer, unverified.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AnswerParams {
    pub(super) state: Option<String>,
    pub(super) response_mode: Option<String>,
}

/// Reads the two parameters. Finds nothing in a text that is no request object.
pub(super) fn answer_params(object: &str) -> AnswerParams {
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
