//! The check of a theme: every page with sample values, in every language.

use std::path::Path;

use tessera_oauth::scope::STANDARD_SCOPES;
use tessera_templates::{Site, Theme, ThemeError, Value};

use super::accounts::{self, Accounts};
use super::client_question::ClientQuestion;
use super::consent::{self, Consent, ScopeLine};
use super::error::{self, Error, ErrorKind, UnknownAddress};
use super::form_post::{self, FormPost};
use super::home::{self, ApplicationLine, Home};
use super::logged_out::{self, Back, LoggedOut, SessionWas};
use super::login::{self, Login, LoginProblem};
use super::logout::{self, Logout, LogoutWay};
use super::page::Pages;
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
    let plain = Login { flow: None, csrf: "x", username: "", client_name: None, problem: None };
    let full = Login { flow: Some("x"), username: "alice", client_name: Some("Photo Book"), ..plain };
    let problems = [
        LoginProblem::WrongCredentials,
        LoginProblem::Wait { seconds: 3 },
        LoginProblem::Busy { seconds: 3 },
        LoginProblem::OutOfDate,
    ];
    let failed = problems.map(|problem| Login { problem: Some(problem), ..full });
    [plain, full].into_iter().chain(failed).map(|page| page.values()).collect()
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
