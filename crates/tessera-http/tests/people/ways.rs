//! Pages and authenticators that the tests of logins share.

use tessera_model::Timestamp;
use tessera_otp::{Algorithm, Digits, Period, Secret, Totp};
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::server::{PASSWORD, TestServer};
use tessera_testkit::soft_authenticator::SoftAuthenticator;

use crate::{location, submit_login};

/// The authenticator app of a person.
pub(crate) struct App(Totp);

impl App {
    /// What the app shows at this moment.
    pub(crate) fn code(&self, at: Timestamp) -> String {
        let step = self.0.step_at(u64::try_from(at.seconds()).unwrap());
        self.0.code(step).reveal().to_string()
    }

    /// The secret that the app has.
    pub(crate) fn secret(&self) -> &[u8] {
        self.0.secret().expose()
    }
}

/// What stands between two texts of a page.
pub(crate) fn between<'a>(body: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = body.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {body}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after:?} in {rest}")).0
}

/// The options for the authenticator, as the script of the page reads them.
pub(crate) fn options(page: &Answer) -> String {
    between(&page.body, "data-options=\"", "\"").replace("&quot;", "\"").replace("&#x2f;", "/")
}

/// Logs alice in with her password alone.
pub(crate) async fn log_in(server: &TestServer, browser: &mut Browser) {
    let answer = submit_login(browser, "/login", "alice", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/")), "{}: {}", server.issuer, answer.body);
}

/// An app that has scanned the page.
pub(crate) fn app_of(page: &Answer) -> App {
    let secret = between(&page.body, "<code id=\"secret\">", "</code>").replace(' ', "");
    App(Totp::new(Secret::from_base32(&secret).unwrap(), Algorithm::Sha1, Digits::Six, Period::Seconds30))
}

/// Adds an app. The browser must have logged in just now.
pub(crate) async fn enrol_app(server: &TestServer, browser: &mut Browser) -> App {
    let page = browser.visit("/account/totp").await;
    let app = app_of(&page);
    let (csrf, enrolment) = (page.hidden("csrf"), page.hidden("enrolment"));
    let code = app.code(server.app.now());
    let fields = [("csrf", &*csrf), ("enrolment", &*enrolment), ("code", &*code), ("name", "Phone")];
    let answer = browser.submit("/account/totp", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/account")), "{}", answer.body);
    // The code of the enrolment is used.
    server.advance(30);
    app
}

/// Registers a passkey. The browser must have logged in just now.
pub(crate) async fn register(browser: &mut Browser, key: &mut SoftAuthenticator) -> Answer {
    let page = browser.visit("/account/passkey").await;
    let response = key.create(&options(&page));
    let (csrf, ceremony) = (page.hidden("csrf"), page.hidden("ceremony"));
    let fields = [("csrf", &*csrf), ("ceremony", &*ceremony), ("credential", &*response), ("name", "Key")];
    browser.submit("/account/passkey", &fields).await
}

/// Makes recovery codes. The browser must have logged in just now.
pub(crate) async fn make_codes(browser: &mut Browser) -> Vec<String> {
    let page = browser.visit("/account/recovery-codes").await;
    let answer = browser.submit("/account/recovery-codes", &[("csrf", &page.hidden("csrf"))]).await;
    let list = between(&answer.body, "<ul id=\"codes\"", "</ul>");
    list.split("<code>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
}

/// Alice's password is right, and she is asked for more: the address of that page.
pub(crate) async fn first_step(browser: &mut Browser, login: &str) -> String {
    let answer = submit_login(browser, login, "alice", PASSWORD).await;
    let next = location(&answer);
    assert!(next.starts_with("/login/step?login="), "{next}");
    next
}

/// Sends a code to the page at `step`.
pub(crate) async fn send_code(browser: &mut Browser, step: &str, method: &str, code: &str) -> Answer {
    let page = browser.visit(&format!("{step}&method={method}")).await;
    assert_eq!(page.status, 200, "{} {:?}", page.body, page.location());
    submit_step(browser, &page, &[("method", method), ("code", code)]).await
}

/// Sends the form of a page of a further step, with these fields.
pub(crate) async fn submit_step(browser: &mut Browser, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let names = ["csrf", "login", "flow", "to", "ceremony"];
    let is_there = |name: &&str| page.body.contains(&format!("type=\"hidden\" name=\"{name}\""));
    let hidden: Vec<_> = names.into_iter().filter(is_there).map(|name| (name, page.hidden(name))).collect();
    let mut fields: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend(more);
    browser.submit("/login/step", &fields).await
}

/// Logs in with a passkey at the page at `login`.
pub(crate) async fn passkey_login(browser: &mut Browser, login: &str, key: &mut SoftAuthenticator) -> Answer {
    let page = browser.visit(login).await;
    let (csrf, ceremony, response) = (page.hidden("csrf"), page.hidden("ceremony"), key.get(&options(&page)));
    let mut fields = vec![("csrf", &*csrf), ("ceremony", &*ceremony), ("credential", &*response)];
    let flow = page.body.contains("name=\"flow\"").then(|| page.hidden("flow"));
    fields.extend(flow.as_deref().map(|flow| ("flow", flow)));
    browser.submit("/login", &fields).await
}

/// Logs in again with the app, and adds another one.
pub(crate) async fn second_app(server: &TestServer, browser: &mut Browser, app: &App) -> App {
    let step = first_step(browser, "/login").await;
    let answer = send_code(browser, &step, "totp", &app.code(server.app.now())).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    enrol_app(server, browser).await
}

/// Removes the oldest authenticator. The browser must have logged in just now.
pub(crate) async fn remove_first(browser: &mut Browser) {
    let page = browser.visit("/account").await;
    let id = between(&page.body, "/account/authenticator?id=", "\"").to_owned();
    let csrf = browser.visit(&format!("/account/authenticator?id={id}")).await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("id", &*id), ("act", "remove")];
    let removed = browser.submit("/account/authenticator", &fields).await;
    assert_eq!(removed.location(), Some("/account"), "{}", removed.body);
}

/// The kinds of the mails that wait, sorted.
pub(crate) async fn mails(server: &TestServer) -> Vec<String> {
    let waiting = tessera_app::outbox::list(&server.cli(), 100).await.unwrap();
    let mut kinds: Vec<_> = waiting.into_iter().map(|mail| mail.kind).collect();
    kinds.sort();
    kinds
}
