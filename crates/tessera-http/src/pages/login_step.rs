//! The page that asks for one more proof.

use http::StatusCode;
use tessera_templates::{Language, Value, context, for_page};

use super::ceremony_form::CeremonyForm;
use super::page::{Page, Pages};
use super::paths::{LOGIN_PATH, LOGIN_STEP_PATH};
use crate::headers::FormLeads;

pub(super) const TEMPLATE: &str = "login_step.html";

/// Asks for one more proof: form `step` with the field of the method and button `submit`. Links with the class `method` lead to the other
/// methods.
#[derive(Clone, Debug)]
pub struct LoginStep<'a> {
    /// The login that goes on; hidden field `login`. `None` if a session is raised.
    pub login: Option<&'a str>,
    /// The sealed authorization request; hidden field `flow`. With a flow, the form leads to an application.
    pub flow: Option<&'a str>,
    /// The page of ours that the login leads to without a flow; hidden field `to`.
    pub to: Option<&'a str>,
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// Who it is.
    pub username: &'a str,
    /// The application that asked, by its registered name.
    pub client_name: Option<&'a str>,
    /// What is asked for.
    pub method: StepMethod,
    /// Whether the page also asks for the code after it; field `next_code`, which may stay empty. It helps a key fob that was not used for
    /// long, so the page asks once a code was wrong.
    pub asks_next_code: bool,
    /// What could be asked for instead.
    pub others: Vec<StepMethod>,
    /// The ceremony for a passkey or a security key, if that is among the methods.
    pub passkey: Option<CeremonyForm<'a>>,
    /// Why the page asks again.
    pub problem: Option<StepProblem>,
}

/// How a further proof is asked for; the hidden field `method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepMethod {
    /// With a passkey or a security key.
    Passkey,
    /// With a code of an authenticator app or a key fob; field `code`.
    Totp,
    /// With a recovery code; field `code`.
    RecoveryCode,
    /// With the password; field `password`.
    Password,
}

impl StepMethod {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Passkey, Self::Totp, Self::RecoveryCode, Self::Password];

    /// The value of the field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery-code",
            Self::Password => "password",
        }
    }

    /// Reads [`StepMethod::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    const fn lead_key(self) -> &'static str {
        match self {
            Self::Passkey => "step-passkey",
            Self::Totp => "step-totp",
            Self::RecoveryCode => "step-recovery-code",
            Self::Password => "step-password",
        }
    }

    const fn link_key(self) -> &'static str {
        match self {
            Self::Passkey => "step-use-passkey",
            Self::Totp => "step-use-totp",
            Self::RecoveryCode => "step-use-recovery-code",
            Self::Password => "step-use-password",
        }
    }
}

/// What went wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepProblem {
    /// It was not right, or has been used before.
    Wrong,
    /// Too many attempts (policy P3).
    Wait {
        /// How long no further attempt is accepted.
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

impl StepProblem {
    /// The code in the log. The audit event says more.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Wrong => "login_failed",
            Self::Wait { .. } => "login_throttled",
            Self::Busy { .. } => "busy",
            Self::OutOfDate => "out_of_date",
        }
    }

    const fn text_key(self, method: StepMethod) -> &'static str {
        match (self, method) {
            (Self::Wrong, StepMethod::Passkey) => "step-problem-wrong-passkey",
            (Self::Wrong, StepMethod::Totp) => "step-problem-wrong-code",
            (Self::Wrong, StepMethod::RecoveryCode) => "step-problem-wrong-recovery-code",
            (Self::Wrong, StepMethod::Password) => "step-problem-wrong-password",
            (Self::Wait { .. }, _) => "login-problem-wait",
            (Self::Busy { .. }, _) => "login-problem-busy",
            (Self::OutOfDate, _) => "login-problem-out-of-date",
        }
    }

    /// As on the login page.
    const fn status(self) -> StatusCode {
        match self {
            Self::Wrong => StatusCode::OK,
            Self::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::OutOfDate => StatusCode::FORBIDDEN,
        }
    }

    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Wrong | Self::OutOfDate => None,
            Self::Wait { seconds } | Self::Busy { seconds } => Some(seconds),
        }
    }
}

impl LoginStep<'_> {
    /// Renders the page, with the status of its problem.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        let form = if self.flow.is_some() { FormLeads::ToAnApplication } else { FormLeads::ToUs };
        Page::render(pages, language, TEMPLATE, self.values())
            .with_form(form)
            .with_status(self.problem.map_or(StatusCode::OK, StepProblem::status))
            .with_retry_after(self.problem.and_then(StepProblem::retry_after))
    }

    pub(super) fn values(&self) -> Value {
        let other = |method: &StepMethod| context! { value => method.as_str(), text => method.link_key() };
        context! {
            action => Value::from_safe_string(LOGIN_STEP_PATH.to_owned()),
            begin => Value::from_safe_string(LOGIN_PATH.to_owned()),
            login => self.login,
            flow => self.flow,
            to => self.to,
            csrf => self.csrf,
            username => for_page(self.username),
            client_name => self.client_name.map(for_page),
            method => self.method.as_str(),
            lead => self.method.lead_key(),
            next_code => self.asks_next_code && self.method == StepMethod::Totp,
            others => self.others.iter().map(other).collect::<Vec<_>>(),
            passkey => self.passkey.map(CeremonyForm::values),
            problem => self.problem.map(|problem| problem.text_key(self.method)),
            invalid => self.problem == Some(StepProblem::Wrong),
            seconds => self.problem.and_then(StepProblem::retry_after).unwrap_or(0),
        }
    }
}
