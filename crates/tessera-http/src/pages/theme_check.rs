//! The check of a theme: every page with sample values, in every language.

use std::path::Path;

use tessera_oauth::scope::STANDARD_SCOPES;
use tessera_templates::{Site, Theme, ThemeError, Value};

use super::account::{
    self, Account, AccountProblem, AuthenticatorLine, AuthenticatorLook, AuthenticatorPage, PasskeyPage,
    RecoveryCodesPage, TotpPage,
};
use super::accounts::{self, Accounts};
use super::ceremony_form::CeremonyForm;
use super::client_question::ClientQuestion;
use super::consent::{self, Consent, ScopeLine};
use super::error::{self, Error, ErrorKind, UnknownAddress};
use super::form_post::{self, FormPost};
use super::home::{self, ApplicationLine, Home};
use super::logged_out::{self, Back, LoggedOut, SessionWas};
use super::login::{self, Login, LoginProblem};
use super::login_step::{self, LoginStep, StepMethod, StepProblem};
use super::logout::{self, Logout, LogoutWay};
use super::page::Pages;
use super::password::{self, PasswordPage, PasswordProblem};
use crate::headers::{FormLeads, Nonce};

impl Pages {
    /// Compiles the pages with the files of `theme_dir` and renders each one in every language with sample values. So the author
    /// of a theme finds a mistake before a visitor does.
    ///
    /// # Errors
    /// Everything that is wrong with the theme, with file and line.
    pub fn check(theme_dir: Option<&Path>) -> Result<(), ThemeError> {
        let theme = Theme::read(theme_dir)?;
        Self::compile(&theme, Site::default())?.engine.check(&theme, samples())
    }
}

/// Templates with values for each thing that a page can say.
fn samples() -> Vec<(&'static str, Value)> {
    let of = |template, page: Vec<Value>| page.into_iter().map(move |values| (template, values));
    let mut samples: Vec<(&'static str, Value)> = Vec::new();
    samples.extend(of(login::TEMPLATE, logins()));
    samples.extend(of(login_step::TEMPLATE, login_steps()));
    samples.extend(of(account::ACCOUNT, accounts()));
    samples.extend(of(account::PASSKEY, passkeys()));
    samples.extend(of(account::TOTP, totps()));
    samples.extend(of(password::TEMPLATE, passwords()));
    samples.extend(of(account::RECOVERY_CODES, recovery_codes()));
    samples.extend(of(account::AUTHENTICATOR, authenticators()));
    samples.extend(of(accounts::TEMPLATE, vec![Accounts(QUESTION).values()]));
    samples.extend(of(consent::TEMPLATE, consents()));
    samples.extend(of(logout::TEMPLATE, logouts()));
    samples.extend(of(logged_out::TEMPLATE, logged_outs()));
    samples.extend(of(home::TEMPLATE, homes()));
    samples.extend(of(error::TEMPLATE, errors()));
    samples.extend(of(form_post::TEMPLATE, vec![form_post()]));
    samples
}

fn logins() -> Vec<Value> {
    let plain = Login {
        flow: None,
        to: Some("account"),
        csrf: "x",
        username: "",
        client_name: None,
        passkey: None,
        problem: None,
    };
    let (client_name, passkey) = (Some("Photo Book"), Some(CEREMONY));
    let full = Login { flow: Some("x"), to: None, username: "alice", client_name, passkey, ..plain };
    let problems = [
        LoginProblem::WrongCredentials,
        LoginProblem::WrongPasskey,
        LoginProblem::Ended,
        LoginProblem::Wait { seconds: 3 },
        LoginProblem::Busy { seconds: 3 },
        LoginProblem::OutOfDate,
    ];
    let failed = problems.map(|problem| Login { problem: Some(problem), ..full });
    [plain, full].into_iter().chain(failed).map(|page| page.values()).collect()
}

const CEREMONY: CeremonyForm<'static> = CeremonyForm { options: "{}", sealed: "x" };

fn login_steps() -> Vec<Value> {
    let problems = [
        None,
        Some(StepProblem::Wrong),
        Some(StepProblem::Wait { seconds: 3 }),
        Some(StepProblem::Busy { seconds: 3 }),
        Some(StepProblem::OutOfDate),
    ];
    let page = |method, problem| LoginStep {
        login: Some("x"),
        flow: Some("x"),
        to: None,
        csrf: "x",
        username: "alice",
        client_name: Some("Photo Book"),
        method,
        others: StepMethod::ALL.into_iter().filter(|other| *other != method).collect(),
        passkey: Some(CEREMONY),
        problem,
        asks_next_code: problem == Some(StepProblem::Wrong),
    };
    let of_method = |method| problems.map(move |problem| page(method, problem).values());
    StepMethod::ALL.into_iter().flat_map(of_method).collect()
}

const LINE: AuthenticatorLine<'static> = AuthenticatorLine {
    id: "x",
    name: "My key",
    kind: AuthenticatorLook::Passkey,
    added: "2026-01-31",
    used: Some("2026-02-01"),
};

const ACCOUNT_PROBLEMS: [Option<AccountProblem>; 9] = [
    None,
    Some(AccountProblem::Name),
    Some(AccountProblem::Code),
    Some(AccountProblem::Taken),
    Some(AccountProblem::TooMany),
    Some(AccountProblem::Ceremony),
    Some(AccountProblem::LastFactor),
    Some(AccountProblem::OfOrganisation),
    Some(AccountProblem::OutOfDate),
];

fn accounts() -> Vec<Value> {
    let looks = [
        AuthenticatorLook::Passkey,
        AuthenticatorLook::SecurityKey,
        AuthenticatorLook::Totp,
        AuthenticatorLook::Fob,
        AuthenticatorLook::Unknown,
    ];
    let lines: Vec<_> = looks.map(|kind| AuthenticatorLine { kind, ..LINE }).to_vec();
    let none = Account {
        username: "alice",
        has_password: true,
        authenticators: Vec::new(),
        recovery_codes: None,
        has_passkeys: false,
    };
    let some = |left| Account {
        authenticators: lines.clone(),
        recovery_codes: Some(left),
        has_password: false,
        has_passkeys: true,
        ..none
    };
    vec![none.values(), some(0).values(), some(9).values()]
}

fn passkeys() -> Vec<Value> {
    let page = |problem| PasskeyPage { csrf: "x", ceremony: CEREMONY, name: None, problem }.values();
    ACCOUNT_PROBLEMS.map(page).to_vec()
}

fn passwords() -> Vec<Value> {
    let problems = [
        PasswordProblem::WrongCurrent,
        PasswordProblem::Wait { seconds: 3 },
        PasswordProblem::Busy { seconds: 3 },
        PasswordProblem::OutOfDate,
        PasswordProblem::TooLong,
        PasswordProblem::TooShort { min: 15 },
        PasswordProblem::Nul,
        PasswordProblem::SameAsOld,
        PasswordProblem::LikeOld,
        PasswordProblem::Guessable,
        PasswordProblem::Breached,
        PasswordProblem::NotLookedUp,
    ];
    let page = |has_password, problems| {
        PasswordPage { csrf: "x", username: "alice", has_password, problems }.values()
    };
    vec![page(false, &[]), page(true, &problems)]
}

fn totps() -> Vec<Value> {
    let page = |problem| {
        let name = Some("My phone");
        TotpPage { csrf: "x", qr: "data:,", secret: "ABCD", uri: "otpauth:x", sealed: "x", name, problem }
            .values()
    };
    ACCOUNT_PROBLEMS.map(page).to_vec()
}

fn recovery_codes() -> Vec<Value> {
    let page = |left, codes, problem| RecoveryCodesPage { csrf: "x", left, codes, problem }.values();
    vec![page(0, &[], None), page(3, &[], Some(AccountProblem::OutOfDate)), page(0, &["0000-0000"], None)]
}

fn authenticators() -> Vec<Value> {
    let page = |problem| AuthenticatorPage { csrf: "x", line: LINE, problem }.values();
    let line = AuthenticatorLine { kind: AuthenticatorLook::Fob, ..LINE };
    let fob = AuthenticatorPage { csrf: "x", line, problem: None }.values();
    ACCOUNT_PROBLEMS.map(page).into_iter().chain([fob]).collect()
}

const QUESTION: ClientQuestion<'static> =
    ClientQuestion { flow: "x", csrf: "x", client_name: "Photo Book", username: "alice" };

fn consents() -> Vec<Value> {
    let undescribed = |name| ScopeLine { name, description: "" };
    let standard = STANDARD_SCOPES.map(undescribed);
    let own = [undescribed("photos"), ScopeLine { name: "photos", description: "See photos." }];
    let scopes = &[&standard[..], &own].concat();
    let of = |scopes, out_of_date| {
        Consent { question: QUESTION, scopes, redirect_host: "app.example", out_of_date }.values()
    };
    vec![of(&[], false), of(scopes, true)]
}

fn logouts() -> Vec<Value> {
    let carry = [("state".to_owned(), "x".to_owned())];
    let ways = [LogoutWay::Ask, LogoutWay::AskAgain, LogoutWay::AtOnce];
    let page =
        |way| Logout { csrf: "x", username: "alice", carry: &carry, form: FormLeads::ToUs, way }.values();
    ways.map(page).to_vec()
}

fn logged_outs() -> Vec<Value> {
    let back = Some(Back { uri: "https://app.example/bye", client_name: "Photo Book" });
    let pages = [(SessionWas::Ended, None), (SessionWas::NotHere, None), (SessionWas::NotHere, back)];
    pages.map(|(session, back)| LoggedOut { session, back }.values()).to_vec()
}

fn homes() -> Vec<Value> {
    let applications = [ApplicationLine { name: "Photo Book", since: "2026-01-31" }];
    let page = |applications| Home { username: "alice", applications }.values();
    vec![page(&[]), page(&applications)]
}

fn errors() -> Vec<Value> {
    let plain = ErrorKind::ALL.map(|kind| Error::new(kind, "0123"));
    let address = |uri| Some(UnknownAddress { client_id: "photos", uri });
    let with_address = |uri| Error { address: address(uri), ..Error::new(ErrorKind::BadRedirect, "0123") };
    let told = [with_address(None), with_address(Some("https://app.example/"))];
    plain.into_iter().chain(told).map(|error| error.values()).collect()
}

fn form_post() -> Value {
    let nonce = Nonce::new([0; 16]);
    let fields = &[("code", "x")];
    FormPost { action: "https://app.example/cb", fields, nonce: &nonce, request_id: "0123" }.values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_page_renders_in_every_language() {
        Pages::check(None).unwrap();
    }
}
