//! Where a login leads that no application asked for. Only pages of our own are in the list, so nobody is led elsewhere.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tessera_model::LoginId;

use crate::page_request::PageRequest;
use crate::pages::{
    ACCOUNT_PATH, HOME_PATH, LOGIN_PATH, LOGIN_STEP_PATH, PASSKEY_PATH, PASSWORD_PATH, RECOVERY_CODES_PATH,
    TOTP_PATH,
};

/// The page after a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterLogin {
    Home,
    Account,
    Passkey,
    Password,
    Totp,
    RecoveryCodes,
}

impl AfterLogin {
    const ALL: [Self; 6] =
        [Self::Home, Self::Account, Self::Passkey, Self::Password, Self::Totp, Self::RecoveryCodes];

    /// The page that the request names in `to`.
    pub(crate) fn of(request: &PageRequest) -> Self {
        let to = request.param("to");
        Self::ALL.into_iter().find(|page| page.as_param() == Some(to)).unwrap_or(Self::Home)
    }

    /// The value of `to`.
    pub(crate) const fn as_param(self) -> Option<&'static str> {
        match self {
            Self::Home => None,
            Self::Account => Some("account"),
            Self::Passkey => Some("passkey"),
            Self::Password => Some("password"),
            Self::Totp => Some("totp"),
            Self::RecoveryCodes => Some("recovery-codes"),
        }
    }

    /// The address of the page.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Home => HOME_PATH,
            Self::Account => ACCOUNT_PATH,
            Self::Passkey => PASSKEY_PATH,
            Self::Password => PASSWORD_PATH,
            Self::Totp => TOTP_PATH,
            Self::RecoveryCodes => RECOVERY_CODES_PATH,
        }
    }

    /// The address of the login page that leads here.
    pub(crate) fn login_path(self) -> String {
        match self.as_param() {
            Some(to) => format!("{LOGIN_PATH}?to={to}"),
            None => LOGIN_PATH.to_owned(),
        }
    }

    /// The address of the next step of a login, for the same request.
    pub(crate) fn step_path(request: &PageRequest, login: LoginId) -> String {
        let mut path = format!("{LOGIN_STEP_PATH}?login={login}");
        if let Some(flow) = request.params.get("flow") {
            let _ = write!(path, "&flow={}", utf8_percent_encode(flow, NON_ALPHANUMERIC));
        } else if let Some(to) = Self::of(request).as_param() {
            let _ = write!(path, "&to={to}");
        }
        path
    }
}
