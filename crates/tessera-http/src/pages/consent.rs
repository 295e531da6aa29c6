//! The consent page (OpenID Connect Core section 3.1.2.4).

use http::StatusCode;
use tessera_oauth::scope::{ADDRESS, EMAIL, GROUPS, OFFLINE_ACCESS, OPENID, PHONE, PROFILE};
use tessera_templates::{Language, Value, context, for_page};

use super::client_question::ClientQuestion;
use super::page::{Page, Pages};
use super::paths::{CONSENT_PATH, LOGIN_PATH};
use crate::headers::FormLeads;

pub(super) const TEMPLATE: &str = "consent.html";

/// Asks whether an application may have what it wants: form `consent` with the buttons `allow` and `deny`, which send
/// `decision=allow` or `decision=deny`. The link `other` leads to a login as somebody else.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// Who asks whom.
    pub question: ClientQuestion<'a>,
    /// What the application wants.
    pub scopes: &'a [ScopeLine<'a>],
    /// The host that the person is sent to afterwards.
    pub redirect_host: &'a str,
    /// Whether the person answered on a page that was out of date and is asked again.
    pub out_of_date: bool,
}

/// One scope as the person reads it.
#[derive(Clone, Copy, Debug)]
pub struct ScopeLine<'a> {
    /// The scope word.
    pub name: &'a str,
    /// What it allows, in the words of its API. May be empty.
    pub description: &'a str,
}

impl Consent<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        let status = if self.out_of_date { StatusCode::FORBIDDEN } else { StatusCode::OK };
        Page::render(pages, language, TEMPLATE, self.values())
            .with_form(FormLeads::ToAnApplication)
            .with_status(status)
    }

    pub(super) fn values(&self) -> Value {
        let line = |scope: &ScopeLine<'_>| {
            let described = !scope.description.trim().is_empty();
            context! {
                name => for_page(scope.name),
                description => described.then(|| for_page(scope.description)),
                standard => standard(scope.name).filter(|_| !described),
            }
        };
        let consent = context! {
            action => Value::from_safe_string(CONSENT_PATH.to_owned()),
            login => Value::from_safe_string(LOGIN_PATH.to_owned()),
            scopes => self.scopes.iter().map(line).collect::<Vec<_>>(),
            redirect_host => for_page(self.redirect_host),
            out_of_date => self.out_of_date,
        };
        context! { ..self.question.values(), ..consent }
    }
}

/// The key of the text for a scope that belongs to no API (OpenID Connect Core sections 5.4 and 11).
fn standard(scope: &str) -> Option<&'static str> {
    match scope {
        OPENID => Some("scope-openid"),
        PROFILE => Some("scope-profile"),
        EMAIL => Some("scope-email"),
        PHONE => Some("scope-phone"),
        ADDRESS => Some("scope-address"),
        GROUPS => Some("scope-groups"),
        OFFLINE_ACCESS => Some("scope-offline-access"),
        _ => None,
    }
}
