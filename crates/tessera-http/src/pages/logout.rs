//! The question before logout (OpenID Connect RP-Initiated Logout section 2).

use http::StatusCode;
use tessera_oauth::endpoint::END_SESSION_PATH;
use tessera_templates::{Language, Value, context, for_page};

use super::page::{Page, Pages};
use super::paths::HOME_PATH;
use crate::headers::FormLeads;

pub(super) const TEMPLATE: &str = "logout.html";

/// Asks whether to log out: form `logout` with the button `submit`. The link `cancel` leads to the start page.
#[derive(Clone, Copy, Debug)]
pub struct Logout<'a> {
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// Who is logged in.
    pub username: &'a str,
    /// Names and values of hidden fields. The answer brings them back.
    pub carry: &'a [(String, String)],
    /// Where the answer leads.
    pub form: FormLeads,
    /// How the page asks.
    pub way: LogoutWay,
}

/// How the page asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutWay {
    /// The person answers.
    Ask,
    /// The person answers again, because the page before was out of date.
    AskAgain,
    /// The page sends its form by itself, because this logout needs no question. Without scripts the person presses the button.
    AtOnce,
}

impl Logout<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        let status = if self.way == LogoutWay::AskAgain { StatusCode::FORBIDDEN } else { StatusCode::OK };
        Page::render(pages, language, TEMPLATE, self.values()).with_form(self.form).with_status(status)
    }

    pub(super) fn values(&self) -> Value {
        let field = |(name, value): &(String, String)| context! { name, value };
        context! {
            action => Value::from_safe_string(END_SESSION_PATH.to_owned()),
            home => Value::from_safe_string(HOME_PATH.to_owned()),
            csrf => self.csrf,
            username => for_page(self.username),
            carry => self.carry.iter().map(field).collect::<Vec<_>>(),
            out_of_date => self.way == LogoutWay::AskAgain,
            at_once => self.way == LogoutWay::AtOnce,
        }
    }
}
