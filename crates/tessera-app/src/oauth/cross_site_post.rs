//! What another site's page posts, on its way to the same endpoint as a GET.
//!
//! Browsers leave cookies that are `SameSite=Lax` out of such a POST, and send them with the GET that a redirect makes of it.
//! The parameters go along sealed, because tokens do not stand in addresses. Nothing is decided by them on the way, so they
//! do not expire and are not bound to a browser: who could post them may post them again.

use tessera_oauth::params::Params;

use super::sealed_params;
use crate::Cx;

/// The parameters of a POST to `path`, for the address of the GET; `None` if they are too long for one.
pub fn seal(cx: &Cx, path: &str, params: &Params) -> Option<String> {
    sealed_params::seal(cx, path.as_bytes(), params.encode().as_bytes()).ok()
}

/// The parameters that were posted to `path`; `None` for a text that was not sealed for it.
pub fn open(cx: &Cx, path: &str, text: &str) -> Option<Params> {
    Params::parse(&sealed_params::open(cx, path.as_bytes(), text)?).ok()
}
