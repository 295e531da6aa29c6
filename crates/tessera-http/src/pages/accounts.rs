//! The page that asks somebody who is logged in which account to use (OpenID Connect Core section 3.1.2.1, `prompt=select_account`).

use tessera_templates::{Language, Value, context, for_page};

use super::page::{Page, Pages};
use super::paths::LOGIN_PATH;
use crate::headers::FormLeads;

pub(super) const TEMPLATE: &str = "accounts.html";

/// Asks which account to use: form `accounts` with the button `continue`, which sends `account=current`. The link `other` leads
/// to a login as somebody else.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a> {
    /// The sealed authorization request; hidden field `flow`.
    pub flow: &'a str,
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// Who is logged in.
    pub username: &'a str,
    /// The application that asked, by its registered name.
    pub client_name: &'a str,
}

impl Accounts<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values()).with_form(FormLeads::ToAnApplication)
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(LOGIN_PATH.to_owned()),
            flow => self.flow,
            csrf => self.csrf,
            username => for_page(self.username),
            client_name => for_page(self.client_name),
        }
    }
}
