//! The addresses of pages that no standard names.

/// The start page.
pub const HOME_PATH: &str = "/";
/// The login page. Its form is posted to the same address.
pub const LOGIN_PATH: &str = "/login";
/// The consent page. Its form is posted to the same address.
pub const CONSENT_PATH: &str = "/consent";
