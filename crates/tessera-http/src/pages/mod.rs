//! The pages that people see. The server renders them, they are complete without JavaScript, and they are in the person's language.
//! An operator can change how they look with a theme.
//!
//! Each page is a struct of what it shows, with one `render`. Names that others chose become text on one line
//! ([`tessera_templates::for_page`]). Values that must return unchanged (`flow`, `csrf`, `state`) are escaped and nothing else.
//! Pages decide nothing and hold no secret but the ones handed to them.

mod account;
mod accounts;
mod ceremony_form;
mod client_question;
mod consent;
mod error;
mod form_post;
mod home;
mod language;
mod logged_out;
mod login;
mod login_step;
mod logout;
mod page;
mod password;
mod paths;
mod theme_check;

pub use account::{
    Account, AccountProblem, AuthenticatorLine, AuthenticatorLook, AuthenticatorPage, PasskeyPage,
    RecoveryCodesPage, TotpPage,
};
pub use accounts::Accounts;
pub use ceremony_form::CeremonyForm;
pub use client_question::ClientQuestion;
pub use consent::{Consent, ScopeLine};
pub use error::{Error, ErrorKind, UnknownAddress};
pub use form_post::FormPost;
pub use home::{ApplicationLine, Home};
pub(crate) use language::choose_language;
pub use logged_out::{Back, LoggedOut, SessionWas};
pub use login::{Login, LoginProblem};
pub use login_step::{LoginStep, StepMethod, StepProblem};
pub use logout::{Logout, LogoutWay};
pub use page::{Page, Pages};
pub use password::{PasswordPage, PasswordProblem};
pub use paths::{
    ACCOUNT_PATH, AUTHENTICATOR_PATH, CONSENT_PATH, HOME_PATH, LOGIN_PATH, LOGIN_STEP_PATH, PASSKEY_PATH,
    PASSWORD_PATH, RECOVERY_CODES_PATH, TOTP_PATH,
};
pub use tessera_templates::{Language, Site, ThemeError};
