//! Every page, filled with one text in all its fields.

use tessera_http::headers::{FormLeads, Nonce};
use tessera_http::pages::{
    Accounts, ApplicationLine, Back, ClientQuestion, Consent, Error, ErrorKind, FormPost, Home, Language,
    LoggedOut, Login, LoginProblem, Logout, LogoutWay, Page, Pages, ScopeLine, SessionWas, Site,
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
            csrf: self.text,
            username: self.text,
            client_name: Some(self.text),
            problem,
        }
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
        all.extend(ErrorKind::ALL.map(|kind| ("error", Error::new(kind, text).render(pages, language))));
        all
    }
}

/// The markup without the content hashes of assets, so that a change of style changes no snapshot.
pub(crate) fn without_hashes(pages: &Pages, html: &str) -> String {
    ["tessera.css", "pages.js", "logo.svg"].iter().fold(html.to_owned(), |html, name| {
        html.replace(&pages.assets().path(name).unwrap(), &format!("/assets/{name}"))
    })
}
