//! Every page, filled with one text in all its fields.

use tessera_http::headers::{FormLeads, Nonce};
use tessera_http::pages::{
    Account, AccountProblem, Accounts, ApplicationLine, AuthenticatorLine, AuthenticatorLook,
    AuthenticatorPage, Back, CeremonyForm, ClientQuestion, Consent, Error, ErrorKind, FormPost, Home,
    Language, LoggedOut, Login, LoginProblem, LoginStep, Logout, LogoutWay, Page, Pages, PasskeyPage,
    PasswordPage, PasswordProblem, RecoveryCodesPage, ScopeLine, SessionWas, Site, StepMethod, TotpPage,
    UnknownAddress,
};

pub(crate) fn pages() -> Pages {
    Pages::load(None, Site::default()).unwrap()
}

/// Values for pages, with one text in every field.
pub(crate) struct Filling<'a> {
    text: &'a str,
    carry: Vec<(String, String)>,
    nonce: Nonce,
}

impl<'a> Filling<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let carry = vec![(text.to_owned(), text.to_owned())];
        Self { text, carry, nonce: Nonce::new([0xab; 16]) }
    }

    pub(crate) fn login(&self, problem: Option<LoginProblem>) -> Login<'_> {
        Login {
            flow: Some(self.text),
            to: None,
            passkey: Some(self.ceremony()),
            csrf: self.text,
            username: self.text,
            client_name: Some(self.text),
            problem,
        }
    }

    fn ceremony(&self) -> CeremonyForm<'_> {
        CeremonyForm { options: self.text, sealed: self.text }
    }

    fn login_step(&self, method: StepMethod) -> LoginStep<'_> {
        LoginStep {
            login: Some(self.text),
            flow: Some(self.text),
            to: None,
            csrf: self.text,
            username: self.text,
            client_name: Some(self.text),
            method,
            asks_next_code: true,
            others: StepMethod::ALL.into_iter().filter(|other| *other != method).collect(),
            passkey: Some(self.ceremony()),
            problem: None,
        }
    }

    /// The pages of a person's own account.
    fn account(&self, pages: &Pages, language: Language) -> Vec<(&'static str, Page)> {
        let text = self.text;
        let kind = AuthenticatorLook::SecurityKey;
        let (added, used) = ("2026-01-31", Some("2026-02-01"));
        let line = AuthenticatorLine { id: text, name: text, kind, added, used };
        let account = Account {
            username: text,
            has_password: true,
            authenticators: vec![line],
            recovery_codes: Some(7),
            has_passkeys: true,
        };
        let (ceremony, name) = (self.ceremony(), Some(text));
        let passkey = PasskeyPage { csrf: text, ceremony, name, problem: Some(AccountProblem::Taken) };
        let totp =
            TotpPage { csrf: text, qr: "data:,", secret: text, uri: text, sealed: text, name, problem: None };
        let problems = &[PasswordProblem::WrongCurrent, PasswordProblem::TooShort { min: 15 }];
        let password = PasswordPage { csrf: text, username: text, has_password: true, problems };
        let codes = |codes| RecoveryCodesPage { csrf: text, left: 3, codes, problem: None };
        let authenticator = AuthenticatorPage { csrf: text, line, problem: None };
        let fob = AuthenticatorLine { kind: AuthenticatorLook::Fob, ..line };
        let fob = AuthenticatorPage { csrf: text, line: fob, problem: None };
        vec![
            ("account", account.render(pages, language)),
            ("passkey", passkey.render(pages, language)),
            ("password", password.render(pages, language)),
            ("totp", totp.render(pages, language)),
            ("recovery_codes", codes(&[]).render(pages, language)),
            ("recovery_codes_made", codes(&[text]).render(pages, language)),
            ("authenticator", authenticator.render(pages, language)),
            ("authenticator_fob", fob.render(pages, language)),
        ]
    }

    /// One of each page.
    pub(crate) fn all(&self, pages: &Pages, language: Language) -> Vec<(&'static str, Page)> {
        let text = self.text;
        let scopes = [ScopeLine { name: text, description: text }];
        let question = ClientQuestion { flow: text, csrf: text, client_name: text, username: text };
        let consent = Consent { question, scopes: &scopes, redirect_host: text, out_of_date: false };
        let accounts = Accounts(question);
        let logout = |way| Logout {
            csrf: text,
            username: text,
            carry: &self.carry,
            form: FormLeads::ToAnApplication,
            way,
        };
        let back = Back { uri: "https://app.example/bye", client_name: text };
        let logged_out = |session, back| LoggedOut { session, back }.render(pages, language);
        let applications = [ApplicationLine { name: text, since: "2026-01-31" }];
        let home = Home { username: text, applications: &applications };
        let address = UnknownAddress { client_id: "photos", uri: Some(text) };
        let bad_redirect = Error { address: Some(address), ..Error::new(ErrorKind::BadRedirect, text) };
        let fields = [("code", text), ("state", text)];
        let form_post = FormPost {
            action: "https://app.example/cb",
            fields: &fields,
            nonce: &self.nonce,
            request_id: text,
        };
        let mut all = vec![
            ("login", self.login(None).render(pages, language)),
            ("login_problem", self.login(Some(LoginProblem::Wait { seconds: 3 })).render(pages, language)),
            ("accounts", accounts.render(pages, language)),
            ("consent", consent.render(pages, language)),
            ("logout", logout(LogoutWay::Ask).render(pages, language)),
            ("logout_at_once", logout(LogoutWay::AtOnce).render(pages, language)),
            ("logged_out", logged_out(SessionWas::Ended, None)),
            ("nobody", logged_out(SessionWas::NotHere, Some(back))),
            ("home", home.render(pages, language)),
            ("bad_redirect", bad_redirect.render(pages, language)),
            ("form_post", form_post.render(pages, language)),
        ];
        let steps = [
            ("login_step_passkey", StepMethod::Passkey),
            ("login_step_totp", StepMethod::Totp),
            ("login_step_recovery_code", StepMethod::RecoveryCode),
            ("login_step_password", StepMethod::Password),
        ];
        all.extend(steps.map(|(name, method)| (name, self.login_step(method).render(pages, language))));
        all.extend(self.account(pages, language));
        all.extend(ErrorKind::ALL.map(|kind| ("error", Error::new(kind, text).render(pages, language))));
        all
    }
}

/// The markup without the content hashes of assets, so that a change of style changes no snapshot.
pub(crate) fn without_hashes(pages: &Pages, html: &str) -> String {
    ["tessera.css", "pages.js", "passkeys.js", "logo.svg"].iter().fold(html.to_owned(), |html, name| {
        html.replace(&pages.assets().path(name).unwrap(), &format!("/assets/{name}"))
    })
}
