//! What ties a form to the browser it was shown to (attacks L15, O17): a token over the browser's own random cookie.

use tessera_jose::base64url;
use tessera_jose::digest::sha256;
use tessera_model::{EventCode, Presented, PresentedKind};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use crate::Cx;
use crate::audit::budget::deny;

/// The random value in a browser's binding cookie. It proves nothing but "the same browser".
pub struct BrowserSecret(Zeroizing<String>);

impl BrowserSecret {
    /// A new browser.
    pub fn fresh(cx: &Cx) -> Self {
        Self(Presented::new(PresentedKind::Browser, &Zeroizing::new(cx.app.random::<32>())[..]).reveal())
    }

    /// The browser that sent this cookie; `None` if it is none of ours.
    pub fn read(cookie: &str) -> Option<Self> {
        Presented::parse(PresentedKind::Browser, cookie).map(|secret| Self(secret.reveal()))
    }

    /// For the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What a sealed flow is bound to.
    pub(crate) fn binding(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }
}

/// The token that a form shown to this browser carries.
pub fn form_token(cx: &Cx, browser: &BrowserSecret) -> String {
    base64url::encode(cx.app.catalog.load().keys.forms.tag(&[&browser.binding()]))
}

/// Whether a form was shown to this browser.
pub fn verify_form_token(cx: &Cx, browser: &BrowserSecret, token: &str) -> bool {
    let Ok(tag) = base64url::decode(token) else { return false };
    let Ok(tag) = <[u8; 32]>::try_from(tag) else { return false };
    cx.app.catalog.load().keys.forms.verify(&[&browser.binding()], &tag)
}

/// Writes down that a form came from another site.
///
/// # Errors
/// The database failed.
pub async fn record_csrf_rejection(cx: &Cx) -> Result<(), StoreError> {
    deny(cx, cx.event(EventCode::CsrfRejected)).await
}
