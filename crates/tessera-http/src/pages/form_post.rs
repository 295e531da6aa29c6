//! The page that posts an authorization response to the application (OAuth 2.0 Form Post Response Mode).
//!
//! Its one script sends the form at once. Without scripts the person presses a button. As in every form, browsers send a lone CR or
//! LF in a value as CRLF.

use tessera_templates::{Language, Value, context};

use super::error::{Error, ErrorKind};
use super::page::{Page, Pages};
use crate::headers::Nonce;

pub(super) const TEMPLATE: &str = "form_post.html";

/// Posts `fields` to `action`.
#[derive(Clone, Copy, Debug)]
pub struct FormPost<'a> {
    /// The redirect URI, `https:` or loopback `http:`. Browsers cannot post to any other scheme.
    pub action: &'a str,
    /// The parameters of the response.
    pub fields: &'a [(&'a str, &'a str)],
    /// Lets the script run. Fresh for this response.
    pub nonce: &'a Nonce,
    /// For the error page, if `action` is no HTTP address.
    pub request_id: &'a str,
}

impl FormPost<'_> {
    /// Renders the page. If `action` is no HTTP address, renders the error page of [`ErrorKind::BadRedirect`].
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        let postable = self.action.starts_with("https://") || self.action.starts_with("http://");
        if postable {
            Page::render(pages, language, TEMPLATE, self.values()).with_script(self.nonce)
        } else {
            Error::new(ErrorKind::BadRedirect, self.request_id).render(pages, language)
        }
    }

    pub(super) fn values(&self) -> Value {
        let field = |&(name, value): &(&str, &str)| context! { name, value };
        context! {
            action => self.action,
            fields => self.fields.iter().map(field).collect::<Vec<_>>(),
            nonce => self.nonce.as_str(),
        }
    }
}
