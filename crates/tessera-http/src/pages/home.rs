//! The start page of a person who is logged in.

use tessera_oauth::endpoint::END_SESSION_PATH;
use tessera_templates::{Language, Value, context, for_page};

use super::page::{Page, Pages};
use super::paths::ACCOUNT_PATH;

pub(super) const TEMPLATE: &str = "home.html";

/// Says who is logged in and which applications have access. The link `account` leads to what the person can log in
/// with, the link `logout` to the question before logout.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    /// Who is logged in.
    pub username: &'a str,
    /// The applications, in the order in which the page shows them.
    pub applications: &'a [ApplicationLine<'a>],
}

/// One application with access to the account.
#[derive(Clone, Copy, Debug)]
pub struct ApplicationLine<'a> {
    /// Its registered name.
    pub name: &'a str,
    /// The first day of the access, as `2026-01-31`.
    pub since: &'a str,
}

impl Home<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values())
    }

    pub(super) fn values(&self) -> Value {
        let line = |line: &ApplicationLine<'_>| context! { name => for_page(line.name), since => line.since };
        context! {
            username => for_page(self.username),
            applications => self.applications.iter().map(line).collect::<Vec<_>>(),
            account => Value::from_safe_string(ACCOUNT_PATH.to_owned()),
            logout => Value::from_safe_string(END_SESSION_PATH.to_owned()),
        }
    }
}
