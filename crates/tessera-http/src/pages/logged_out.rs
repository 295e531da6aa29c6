//! The page after a logout, or after a request to log out when nobody was logged in.

use tessera_templates::{Language, Value, context, for_page};

use super::page::{Page, Pages};
use super::paths::LOGIN_PATH;

pub(super) const TEMPLATE: &str = "logged_out.html";

/// Says that nobody is logged in at this browser.
#[derive(Clone, Copy, Debug)]
pub struct LoggedOut<'a> {
    /// What became of the session.
    pub session: SessionWas,
    /// The application that wants the person back. The page links to it when nothing has confirmed that a redirect is wanted.
    pub back: Option<Back<'a>>,
}

/// What became of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionWas {
    /// It ended by this request, or a hint without a session cookie names it.
    Ended,
    /// This browser sent none that is live. The person may have one elsewhere.
    NotHere,
}

/// A link to an application.
#[derive(Clone, Copy, Debug)]
pub struct Back<'a> {
    /// A registered post-logout redirect URI.
    pub uri: &'a str,
    /// The application, by its registered name.
    pub client_name: &'a str,
}

impl LoggedOut<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values())
    }

    pub(super) fn values(&self) -> Value {
        let back = |back: Back<'_>| context! { uri => back.uri, client_name => for_page(back.client_name) };
        context! {
            ended => self.session == SessionWas::Ended,
            back => self.back.map(back),
            login => Value::from_safe_string(LOGIN_PATH.to_owned()),
        }
    }
}
