//! The login page.

use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;

use super::shown::shown;
use super::{LOGIN_PATH, Language, Page, Pages};
use crate::headers::FormTarget;

pub(super) const TEMPLATE: &str = "login.html";

/// Asks for user name and password: form `login` with inputs `username`, `password` and button `submit`.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// The sealed authorization request that continues after login; hidden field `flow`.
    pub flow: Option<&'a str>,
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// What was typed before, or a login hint; may be empty.
    pub username: &'a str,
    /// The application that asked, by its registered name.
    pub client_name: Option<&'a str>,
    /// Where the application wants the person back ([`FormTarget::of`] its redirect URI).
    pub form_target: Option<&'a FormTarget>,
    /// Why the form is shown again.
    pub problem: Option<LoginProblem>,
}

/// What went wrong, told without saying which part of it (no account enumeration).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// User name and password do not belong together, or the account may not log in.
    WrongCredentials,
    /// Too many attempts (policy P3).
    Wait {
        /// Until the next one is looked at.
        seconds: u32,
    },
    /// The server has no room for another password check.
    Busy {
        /// After which trying again makes sense.
        seconds: u32,
    },
}

impl LoginProblem {
    const fn text_key(self) -> &'static str {
        match self {
            Self::WrongCredentials => "login-problem-wrong-credentials",
            Self::Wait { .. } => "login-problem-wait",
            Self::Busy { .. } => "login-problem-busy",
        }
    }

    /// 200 tells no more than the text does; the others are for programs too (RFC 6585 section 4).
    const fn status(self) -> StatusCode {
        match self {
            Self::WrongCredentials => StatusCode::OK,
            Self::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::WrongCredentials => None,
            Self::Wait { seconds } | Self::Busy { seconds } => Some(seconds),
        }
    }
}

impl Login<'_> {
    /// Renders the page, with the status of its problem.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values())
            .with_policy(self.form_target, None)
            .with_status(self.problem.map_or(StatusCode::OK, LoginProblem::status))
            .with_retry_after(self.problem.and_then(LoginProblem::retry_after))
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(LOGIN_PATH.to_owned()),
            flow => self.flow,
            csrf => self.csrf,
            username => self.username,
            client_name => self.client_name.map(shown),
            problem => self.problem.map(LoginProblem::text_key),
            seconds => self.problem.and_then(LoginProblem::retry_after).unwrap_or(0),
        }
    }
}
