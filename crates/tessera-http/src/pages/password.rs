//! The page on which a person changes their password.

use http::StatusCode;
use tessera_templates::{Language, Value, context, for_page};

use super::page::{Page, Pages};
use super::paths::{ACCOUNT_PATH, PASSWORD_PATH};

pub(super) const TEMPLATE: &str = "password.html";

/// Asks for the current and the new password: form `change` with inputs `current`, `new` and button `submit`.
#[derive(Clone, Copy, Debug)]
pub struct PasswordPage<'a> {
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// Whose password it is, for the password manager.
    pub username: &'a str,
    /// Whether the person has one.
    pub has_password: bool,
    /// Why the page asks again. Everything that is wrong with the new password.
    pub problems: &'a [PasswordProblem],
}

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The current password.
    WrongCurrent,
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
    /// The page is older than the browser's cookie.
    OutOfDate,
    /// Longer than any password.
    TooLong,
    /// Shorter than this many characters.
    TooShort {
        /// Fewest characters.
        min: u32,
    },
    /// It has a zero byte.
    Nul,
    /// It is the old one.
    SameAsOld,
    /// It is a variation of the old one.
    LikeOld,
    /// It is easy to guess.
    Guessable,
    /// It is known from a breach.
    Breached,
    /// The list of breached passwords cannot be read.
    NotLookedUp,
}

impl PasswordProblem {
    /// The code in the log.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::WrongCurrent => "wrong_password",
            Self::Wait { .. } => "login_throttled",
            Self::Busy { .. } => "busy",
            Self::OutOfDate => "out_of_date",
            Self::TooLong
            | Self::TooShort { .. }
            | Self::Nul
            | Self::SameAsOld
            | Self::LikeOld
            | Self::Guessable
            | Self::Breached
            | Self::NotLookedUp => "password_refused",
        }
    }

    const fn text_key(self) -> &'static str {
        match self {
            Self::WrongCurrent => "password-problem-wrong-current",
            Self::Wait { .. } => "login-problem-wait",
            Self::Busy { .. } => "login-problem-busy",
            Self::OutOfDate => "account-problem-out-of-date",
            Self::TooLong => "password-problem-too-long",
            Self::TooShort { .. } => "password-problem-too-short",
            Self::Nul => "password-problem-nul",
            Self::SameAsOld => "password-problem-same-as-old",
            Self::LikeOld => "password-problem-like-old",
            Self::Guessable => "password-problem-guessable",
            Self::Breached => "password-problem-breached",
            Self::NotLookedUp => "password-problem-not-looked-up",
        }
    }

    /// The number in the text.
    const fn number(self) -> u32 {
        match self {
            Self::Wait { seconds } | Self::Busy { seconds } => seconds,
            Self::TooShort { min } => min,
            Self::WrongCurrent
            | Self::OutOfDate
            | Self::TooLong
            | Self::Nul
            | Self::SameAsOld
            | Self::LikeOld
            | Self::Guessable
            | Self::Breached
            | Self::NotLookedUp => 0,
        }
    }

    /// A person reads the page, no program, unless it is told to come back.
    const fn status(self) -> StatusCode {
        match self {
            Self::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::WrongCurrent
            | Self::OutOfDate
            | Self::TooLong
            | Self::TooShort { .. }
            | Self::Nul
            | Self::SameAsOld
            | Self::LikeOld
            | Self::Guessable
            | Self::Breached
            | Self::NotLookedUp => StatusCode::OK,
        }
    }

    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Wait { seconds } | Self::Busy { seconds } => Some(seconds),
            Self::WrongCurrent
            | Self::OutOfDate
            | Self::TooLong
            | Self::TooShort { .. }
            | Self::Nul
            | Self::SameAsOld
            | Self::LikeOld
            | Self::Guessable
            | Self::Breached
            | Self::NotLookedUp => None,
        }
    }
}

impl PasswordPage<'_> {
    /// Renders the page, with the status of its first problem.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        let first = self.problems.first();
        Page::render(pages, language, TEMPLATE, self.values())
            .with_status(first.map_or(StatusCode::OK, |problem| problem.status()))
            .with_retry_after(first.and_then(|problem| problem.retry_after()))
    }

    pub(super) fn values(&self) -> Value {
        let problem =
            |problem: &PasswordProblem| context! { text => problem.text_key(), number => problem.number() };
        context! {
            action => Value::from_safe_string(PASSWORD_PATH.to_owned()),
            account => Value::from_safe_string(ACCOUNT_PATH.to_owned()),
            csrf => self.csrf,
            username => for_page(self.username),
            has_password => self.has_password,
            problems => self.problems.iter().map(problem).collect::<Vec<_>>(),
        }
    }
}
