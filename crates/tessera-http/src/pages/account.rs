//! The pages on which people see and change what they log in with.

use tessera_templates::{Language, Value, context, for_page};

use super::ceremony_form::CeremonyForm;
use super::page::{Page, Pages};
use super::paths::{
    ACCOUNT_PATH, AUTHENTICATOR_PATH, HOME_PATH, PASSKEY_PATH, PASSWORD_PATH, RECOVERY_CODES_PATH, TOTP_PATH,
};

pub(super) const ACCOUNT: &str = "account.html";
pub(super) const PASSKEY: &str = "passkey.html";
pub(super) const TOTP: &str = "totp.html";
pub(super) const RECOVERY_CODES: &str = "recovery_codes.html";
pub(super) const AUTHENTICATOR: &str = "authenticator.html";

/// Shows what a person can log in with. Each authenticator is a link with the class `authenticator` to its own page; the links
/// `password`, `add-passkey`, `add-totp` and `recovery-codes` lead to the pages that change or add something.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// Who is logged in.
    pub username: &'a str,
    /// Whether the person has a password.
    pub has_password: bool,
    /// Their authenticators, oldest first.
    pub authenticators: Vec<AuthenticatorLine<'a>>,
    /// How many recovery codes are left; `None` where they would stand in for nothing.
    pub recovery_codes: Option<u64>,
    /// Whether passkeys can be added.
    pub has_passkeys: bool,
}

/// One authenticator.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatorLine<'a> {
    /// Its id.
    pub id: &'a str,
    /// What its person calls it.
    pub name: &'a str,
    /// What it is.
    pub kind: AuthenticatorLook,
    /// The day on which it was added, as `2026-01-31`.
    pub added: &'a str,
    /// The day on which it was last used.
    pub used: Option<&'a str>,
}

/// What an authenticator is to its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticatorLook {
    /// A key that may be copied to other devices of the person.
    Passkey,
    /// A key that stays where it was made.
    SecurityKey,
    /// An app that shows codes.
    Totp,
    /// A key fob of the organisation, which its person cannot remove.
    Fob,
    /// Something that this version does not know.
    Unknown,
}

impl AuthenticatorLook {
    const fn text_key(self) -> &'static str {
        match self {
            Self::Passkey => "authenticator-passkey",
            Self::SecurityKey => "authenticator-security-key",
            Self::Totp => "authenticator-totp",
            Self::Fob => "authenticator-fob",
            Self::Unknown => "authenticator-unknown",
        }
    }
}

impl AuthenticatorLine<'_> {
    fn values(self) -> Value {
        context! {
            id => self.id,
            name => for_page(self.name),
            kind => self.kind.text_key(),
            added => self.added,
            used => self.used,
        }
    }
}

impl Account<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, ACCOUNT, self.values())
    }

    pub(super) fn values(&self) -> Value {
        context! {
            username => for_page(self.username),
            has_password => self.has_password,
            authenticators => self.authenticators.iter().map(|line| line.values()).collect::<Vec<_>>(),
            recovery_codes => self.recovery_codes,
            has_passkeys => self.has_passkeys,
            password => Value::from_safe_string(PASSWORD_PATH.to_owned()),
            home => Value::from_safe_string(HOME_PATH.to_owned()),
            passkey => Value::from_safe_string(PASSKEY_PATH.to_owned()),
            totp => Value::from_safe_string(TOTP_PATH.to_owned()),
            codes => Value::from_safe_string(RECOVERY_CODES_PATH.to_owned()),
            authenticator => Value::from_safe_string(AUTHENTICATOR_PATH.to_owned()),
        }
    }
}

/// Why a form of these pages is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// The name is empty or too long.
    Name,
    /// The code is not that of the secret on the page.
    Code,
    /// The authenticator is registered already.
    Taken,
    /// The person has as many authenticators as anybody may have.
    TooMany,
    /// The authenticator has answered in a way that does not count.
    Ceremony,
    /// It is the last thing that the person can log in with.
    LastFactor,
    /// It is a key fob, which belongs to the organisation.
    OfOrganisation,
    /// The page was out of date.
    OutOfDate,
}

impl AccountProblem {
    /// The code in the log.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Name => "bad_name",
            Self::Code => "wrong_code",
            Self::Taken => "taken",
            Self::TooMany => "too_many",
            Self::Ceremony => "webauthn",
            Self::LastFactor => "last_factor",
            Self::OfOrganisation => "of_organisation",
            Self::OutOfDate => "out_of_date",
        }
    }

    const fn text_key(self) -> &'static str {
        match self {
            Self::Name => "account-problem-name",
            Self::Code => "account-problem-code",
            Self::Taken => "account-problem-taken",
            Self::TooMany => "account-problem-too-many",
            Self::Ceremony => "account-problem-ceremony",
            Self::LastFactor => "account-problem-last-factor",
            Self::OfOrganisation => "authenticator-of-organization",
            Self::OutOfDate => "account-problem-out-of-date",
        }
    }
}

/// The page that adds a passkey or a security key: form `register` with input `name` and button `submit`. A script carries the ceremony
/// out.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyPage<'a> {
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// The ceremony.
    pub ceremony: CeremonyForm<'a>,
    /// The name that was typed before.
    pub name: Option<&'a str>,
    /// Why the page asks again.
    pub problem: Option<AccountProblem>,
}

impl PasskeyPage<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, PASSKEY, self.values())
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(PASSKEY_PATH.to_owned()),
            account => Value::from_safe_string(ACCOUNT_PATH.to_owned()),
            csrf => self.csrf,
            ceremony => self.ceremony.values(),
            name => self.name,
            problem => self.problem.map(AccountProblem::text_key),
        }
    }
}

/// The page that adds an authenticator app: form `enrol` with inputs `code`, `name` and button `submit`.
#[derive(Clone, Copy)]
pub struct TotpPage<'a> {
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// The QR code, as a `data:` address of an image.
    pub qr: &'a str,
    /// The secret, in groups of four.
    pub secret: &'a str,
    /// The `otpauth` address of the secret.
    pub uri: &'a str,
    /// The sealed secret; hidden field `enrolment`.
    pub sealed: &'a str,
    /// The name that was typed before.
    pub name: Option<&'a str>,
    /// Why the page asks again.
    pub problem: Option<AccountProblem>,
}

impl TotpPage<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TOTP, self.values())
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(TOTP_PATH.to_owned()),
            account => Value::from_safe_string(ACCOUNT_PATH.to_owned()),
            csrf => self.csrf,
            qr => self.qr,
            secret => self.secret,
            uri => self.uri,
            enrolment => self.sealed,
            name => self.name,
            problem => self.problem.map(AccountProblem::text_key),
        }
    }
}

/// The page that makes recovery codes: form `make` with button `submit`, or the codes, once.
#[derive(Clone, Copy)]
pub struct RecoveryCodesPage<'a> {
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// How many codes are left, which new ones replace.
    pub left: u64,
    /// The new codes, right after they were made.
    pub codes: &'a [&'a str],
    /// Why the page asks again.
    pub problem: Option<AccountProblem>,
}

impl RecoveryCodesPage<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, RECOVERY_CODES, self.values())
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(RECOVERY_CODES_PATH.to_owned()),
            account => Value::from_safe_string(ACCOUNT_PATH.to_owned()),
            csrf => self.csrf,
            left => self.left,
            codes => self.codes.iter().map(|code| Value::from(*code)).collect::<Vec<_>>(),
            problem => self.problem.map(AccountProblem::text_key),
        }
    }
}

/// The page of one authenticator: form `rename` with input `name`, form `remove`, each with a button of its name. A key fob has no form
/// `remove` (`is_own` is false), and the page says why.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatorPage<'a> {
    /// Proof that the forms are ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// The authenticator; hidden field `id`.
    pub line: AuthenticatorLine<'a>,
    /// Why the page asks again.
    pub problem: Option<AccountProblem>,
}

impl AuthenticatorPage<'_> {
    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, AUTHENTICATOR, self.values())
    }

    pub(super) fn values(&self) -> Value {
        context! {
            action => Value::from_safe_string(AUTHENTICATOR_PATH.to_owned()),
            account => Value::from_safe_string(ACCOUNT_PATH.to_owned()),
            csrf => self.csrf,
            problem => self.problem.map(AccountProblem::text_key),
            is_own => self.line.kind != AuthenticatorLook::Fob,
            ..self.line.values()
        }
    }
}
