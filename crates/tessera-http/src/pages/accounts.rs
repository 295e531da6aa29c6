//! The page that asks somebody who is logged in which account to use (OpenID Connect Core section 3.1.2.1, `prompt=select_account`).

use tessera_templates::{Language, Value, context};

use super::client_question::ClientQuestion;
use super::page::{Page, Pages};
use super::paths::LOGIN_PATH;
use crate::headers::FormLeads;

pub(super) const TEMPLATE: &str = "accounts.html";

/// Asks which account to use: form `accounts` with the button `continue`, which sends `account=current`. The link `other` leads
/// to a login as somebody else.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a>(pub ClientQuestion<'a>);

impl Accounts<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values()).with_form(FormLeads::ToAnApplication)
    }

    pub(super) fn values(&self) -> Value {
        let action = Value::from_safe_string(LOGIN_PATH.to_owned());
        context! { ..self.0.values(), ..context! { action } }
    }
}
