//! Pages that only tell: logged out, signed in.

use minijinja::context;
use minijinja::value::Value;

use super::shown::shown;
use super::{LOGOUT_PATH, Language, Page, Pages};

pub(super) const LOGGED_OUT: &str = "logged_out.html";
pub(super) const SIGNED_IN: &str = "signed_in.html";

/// The session has ended and no application waits.
#[derive(Clone, Copy, Debug)]
pub struct LoggedOut;

impl LoggedOut {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, LOGGED_OUT, context! {})
    }
}

/// Logged in and no application waits.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// Who is logged in.
    pub username: &'a str,
}

impl SignedIn<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, SIGNED_IN, self.values())
    }

    pub(super) fn values(&self) -> Value {
        context! { username => shown(self.username), logout => Value::from_safe_string(LOGOUT_PATH.to_owned()) }
    }
}
