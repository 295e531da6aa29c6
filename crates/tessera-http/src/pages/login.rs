//! The login page.

use http::StatusCode;
use tessera_templates::{Language, Value, context, for_page};

use super::ceremony_form::CeremonyForm;
use super::page::{Page, Pages};
use super::paths::LOGIN_PATH;
use crate::headers::FormLeads;

pub(super) const TEMPLATE: &str = "login.html";

/// Asks for user name and password: form `login` with inputs `username`, `password` and button `submit`. Where there are passkeys, the form
/// `passkey` has only a button, which a script shows.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// The sealed authorization request that continues after login; hidden field `flow`. With a flow, the form leads to an
    /// application.
    pub flow: Option<&'a str>,
    /// The page of ours that the login leads to without a flow; hidden field `to`.
    pub to: Option<&'a str>,
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// What the person typed before, or a login hint. May be empty.
    pub username: &'a str,
    /// The application that asked, by its registered name.
    pub client_name: Option<&'a str>,
    /// The ceremony for a passkey, where there are passkeys.
    pub passkey: Option<CeremonyForm<'a>>,
    /// Why the page asks again.
    pub problem: Option<LoginProblem>,
}

/// What went wrong. It does not say whether the account exists, so nobody can find accounts by trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// User name and password do not belong together, or the account may not log in.
    WrongCredentials,
    /// The passkey is unknown here, the ceremony was too old, or the account may not log in.
    WrongPasskey,
    /// The login has ended before it was complete, and begins again.
    Ended,
    /// Too many attempts (policy P3).
    Wait {
        /// How long the account accepts no further attempt.
        seconds: u32,
    },
    /// The server has no room for another password check.
    Busy {
        /// When the person should try again.
        seconds: u32,
    },
    /// The page is older than the browser's cookie. Nothing in the form was looked at.
    OutOfDate,
}

impl LoginProblem {
    /// The code in the log. The audit event says more.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::WrongCredentials | Self::WrongPasskey => "login_failed",
            Self::Ended => "login_ended",
            Self::Wait { .. } => "login_throttled",
            Self::Busy { .. } => "busy",
            Self::OutOfDate => "out_of_date",
        }
    }

    const fn text_key(self) -> &'static str {
        match self {
            Self::WrongCredentials => "login-problem-wrong-credentials",
            Self::WrongPasskey => "login-problem-wrong-passkey",
            Self::Ended => "login-problem-ended",
            Self::Wait { .. } => "login-problem-wait",
            Self::Busy { .. } => "login-problem-busy",
            Self::OutOfDate => "login-problem-out-of-date",
        }
    }

    /// Wrong credentials are 200: a person reads them, no program. The other statuses tell programs what to do (RFC 6585 section 4).
    const fn status(self) -> StatusCode {
        match self {
            Self::WrongCredentials | Self::WrongPasskey | Self::Ended => StatusCode::OK,
            Self::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::OutOfDate => StatusCode::FORBIDDEN,
        }
    }

    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::WrongCredentials | Self::WrongPasskey | Self::Ended | Self::OutOfDate => None,
            Self::Wait { seconds } | Self::Busy { seconds } => Some(seconds),
        }
    }

    /// Whether the page marks the fields as invalid. It marks both, so that it does not say which one is wrong.
    const fn marks_fields(self) -> bool {
        match self {
            Self::WrongCredentials => true,
            Self::WrongPasskey | Self::Ended | Self::Wait { .. } | Self::Busy { .. } | Self::OutOfDate => {
                false
            }
        }
    }
}

impl Login<'_> {
    /// Renders the page, with the status of its problem.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        let form = if self.flow.is_some() { FormLeads::ToAnApplication } else { FormLeads::ToUs };
        Page::render(pages, language, TEMPLATE, self.values())
            .with_form(form)
            .with_status(self.problem.map_or(StatusCode::OK, LoginProblem::status))
            .with_retry_after(self.problem.and_then(LoginProblem::retry_after))
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(LOGIN_PATH.to_owned()),
            flow => self.flow,
            to => self.to,
            passkey => self.passkey.map(CeremonyForm::values),
            csrf => self.csrf,
            username => self.username,
            client_name => self.client_name.map(for_page),
            problem => self.problem.map(LoginProblem::text_key),
            invalid => self.problem.is_some_and(LoginProblem::marks_fields),
            seconds => self.problem.and_then(LoginProblem::retry_after).unwrap_or(0),
        }
    }
}
