//! CSRF protection: each form carries a MAC over the random cookie of the browser that it was shown to.

use tessera_jose::base64url;
use tessera_jose::digest::sha256;
use tessera_model::{EventCode, Presented, PresentedKind};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use crate::Cx;
use crate::audit::budget::deny;

/// The random value in the browser cookie. It proves that two requests came from the same browser, and nothing else.
pub struct BrowserSecret(Zeroizing<String>);

impl BrowserSecret {
    /// A new secret, for a browser without our cookie.
    pub fn fresh(cx: &Cx) -> Self {
        Self(Presented::new(PresentedKind::Browser, &Zeroizing::new(cx.app.random::<32>())[..]).reveal())
    }

    /// Reads the cookie. `None` if it is not one of ours.
    pub fn read(cookie: &str) -> Option<Self> {
        Presented::parse(PresentedKind::Browser, cookie).map(|secret| Self(secret.reveal()))
    }

    /// The value of the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digest that flows and form tokens are bound to.
    pub(crate) fn binding(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }
}

/// The CSRF token of a form that this browser gets.
pub fn form_token(cx: &Cx, browser: &BrowserSecret) -> String {
    base64url::encode(cx.app.catalog.load().keys.forms.tag(&[&browser.binding()]))
}

/// Whether the CSRF token of a form was made for this browser.
pub fn verify_form_token(cx: &Cx, browser: &BrowserSecret, token: &str) -> bool {
    let Ok(tag) = base64url::decode(token) else { return false };
    let Ok(tag) = <[u8; 32]>::try_from(tag) else { return false };
    cx.app.catalog.load().keys.forms.verify(&[&browser.binding()], &tag)
}

/// Writes the audit event of a form that failed its CSRF check.
///
/// # Errors
/// The database failed.
pub async fn record_csrf_rejection(cx: &Cx) -> Result<(), StoreError> {
    deny(cx, cx.event(EventCode::CsrfRejected)).await
}
