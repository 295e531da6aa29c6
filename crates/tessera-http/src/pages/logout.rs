//! The question before logout (OpenID Connect RP-Initiated Logout section 2).

use minijinja::context;
use minijinja::value::Value;

use super::shown::shown;
use super::{LOGOUT_PATH, Language, Page, Pages};
use crate::headers::FormTarget;

pub(super) const TEMPLATE: &str = "logout.html";

/// Asks whether to log out: form `logout` with the button `submit`.
#[derive(Clone, Copy, Debug)]
pub struct Logout<'a> {
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// Who is logged in, when known.
    pub username: Option<&'a str>,
    /// Names and values of hidden fields that the answer brings back.
    pub carry: &'a [(String, String)],
    /// Where the application wants the person afterwards ([`FormTarget::of`] its post-logout redirect URI).
    pub form_target: Option<&'a FormTarget>,
}

impl Logout<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values()).with_policy(self.form_target, None)
    }

    pub(super) fn values(&self) -> Value {
        let field = |(name, value): &(String, String)| context! { name, value };
        context! {
            action => Value::from_safe_string(LOGOUT_PATH.to_owned()),
            csrf => self.csrf,
            username => self.username.map(shown),
            carry => self.carry.iter().map(field).collect::<Vec<_>>(),
        }
    }
}
