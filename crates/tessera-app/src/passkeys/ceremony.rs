//! A ceremony between the page that asks for it and the response.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tessera_jose::base64url;
use tessera_jose::digest::sha256;
use tessera_model::{Digest, SpentKind, Timestamp, UserId};
use tessera_store::{StoreError, Tx};

use crate::Cx;
use crate::login::BrowserSecret;
use crate::sealed;

/// The context that ceremonies are sealed for.
const SEAL_CONTEXT: &[u8] = b"webauthn ceremony";
/// How long a challenge counts.
pub(super) const LIFETIME: Duration = Duration::from_secs(300);
const SPENT: SpentKind = SpentKind::new("webauthn_challenge");

/// What a ceremony is for. A response counts for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// A new credential of this person.
    Register(UserId),
    /// A login by whoever the authenticator names.
    Identify,
    /// A further proof of this person.
    Prove(UserId),
}

/// A ceremony that a page asks for.
#[derive(Serialize, Deserialize)]
pub(super) struct Ceremony {
    challenge: String,
    purpose: Purpose,
    /// Digest of the cookie of its browser.
    browser: String,
    expires_at: Timestamp,
}

impl Ceremony {
    pub(super) fn begin(cx: &Cx, purpose: Purpose, browser: &BrowserSecret) -> Self {
        Self {
            challenge: base64url::encode(cx.app.random::<32>()),
            purpose,
            browser: base64url::encode(browser.binding()),
            expires_at: cx.now.after(LIFETIME),
        }
    }

    /// The challenge, as the options name it.
    pub(super) fn challenge(&self) -> &str {
        &self.challenge
    }

    /// The challenge, as the response must hold it.
    pub(super) fn challenge_bytes(&self) -> Vec<u8> {
        base64url::decode(&self.challenge).unwrap_or_default()
    }

    pub(super) fn seal(&self, cx: &Cx) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        sealed::seal(cx, SEAL_CONTEXT, &plain).unwrap_or_default()
    }

    /// Opens a ceremony. `None` if it is for another purpose, of another browser or too old.
    pub(super) fn open(cx: &Cx, text: &str, purpose: Purpose, browser: &BrowserSecret) -> Option<Self> {
        let plain = sealed::open(cx, SEAL_CONTEXT, text)?;
        let ceremony: Self = serde_json::from_slice(&plain).ok()?;
        let counts = ceremony.purpose == purpose
            && ceremony.browser == base64url::encode(browser.binding())
            && cx.now < ceremony.expires_at;
        counts.then_some(ceremony)
    }

    /// Lets the challenge count no more. `false` if it has counted before.
    pub(super) async fn spend(&self, tx: &Tx) -> Result<bool, StoreError> {
        let digest = Digest::new(sha256(self.challenge.as_bytes()));
        tx.spent().spend(SPENT, &digest, self.expires_at).await
    }
}
