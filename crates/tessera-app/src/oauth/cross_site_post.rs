//! Turning a POST from another site into a GET of the same endpoint.
//!
//! Browsers leave `SameSite=Lax` cookies out of such a POST, but send them with the GET that a redirect makes of it. The
//! parameters travel sealed, because tokens must not stand in URLs. They do not expire and are not bound to a browser, because
//! whoever could post them can post them again.

use tessera_oauth::params::Params;

use crate::{Cx, sealed};

/// Seals the parameters of a POST to `path` for the URL of the GET. `None` if they are too long for a URL.
pub fn seal(cx: &Cx, path: &str, params: &Params) -> Option<String> {
    sealed::seal(cx, path.as_bytes(), params.encode().as_bytes()).ok()
}

/// Opens parameters that were posted to `path`. `None` for a text that was not sealed for it.
pub fn open(cx: &Cx, path: &str, text: &str) -> Option<Params> {
    Params::parse(&sealed::open(cx, path.as_bytes(), text)?).ok()
}
