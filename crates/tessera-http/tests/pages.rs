//! Every page through its public door: markup pinned by snapshots, hostile text, headers, themes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use proptest::prelude::*;
use tessera_http::assets;
use tessera_http::headers::{self, FormLeads, Nonce, Transport};
use tessera_http::pages::{
    Accounts, ApplicationLine, Back, Consent, Error, ErrorKind, FormPost, Home, Language, LoggedOut, Login,
    LoginProblem, Logout, LogoutWay, Page, Pages, ScopeLine, SessionWas, Site, UnknownAddress,
};
use tower::ServiceExt as _;

fn pages() -> Pages {
    Pages::load(None, Site::default()).unwrap()
}

/// The values that pages are filled with; one text in all of them for the hostile cases.
struct Filling<'a> {
    text: &'a str,
    carry: Vec<(String, String)>,
    nonce: Nonce,
}

impl<'a> Filling<'a> {
    fn new(text: &'a str) -> Self {
        let carry = vec![(text.to_owned(), text.to_owned())];
        Self { text, carry, nonce: Nonce::new([0xab; 16]) }
    }

    fn login(&self, problem: Option<LoginProblem>) -> Login<'_> {
        Login {
            flow: Some(self.text),
            csrf: self.text,
            username: self.text,
            client_name: Some(self.text),
            problem,
        }
    }

    /// One of each page.
    fn all(&self, pages: &Pages, language: Language) -> Vec<(&'static str, Page)> {
        let text = self.text;
        let scopes = [ScopeLine { name: text, description: text }];
        let consent = Consent {
            flow: text,
            csrf: text,
            client_name: text,
            username: text,
            scopes: &scopes,
            redirect_host: text,
            out_of_date: false,
        };
        let accounts = Accounts { flow: text, csrf: text, username: text, client_name: text };
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

/// Markup with the content hash of assets taken out, so that a change of style changes no snapshot.
fn settled(pages: &Pages, html: &str) -> String {
    ["tessera.css", "pages.js", "logo.svg"].iter().fold(html.to_owned(), |html, name| {
        html.replace(&pages.assets().path(name).unwrap(), &format!("/assets/{name}"))
    })
}

#[test]
fn markup_of_every_page() {
    let pages = pages();
    let filling = Filling::new("Alice");
    for (name, page) in
        filling.all(&pages, Language::English).into_iter().filter(|(name, _)| *name != "error")
    {
        insta::assert_snapshot!(name, settled(&pages, page.html()));
    }
    let bare = Login { flow: None, csrf: "c", username: "", client_name: None, problem: None };
    insta::assert_snapshot!("login_bare", settled(&pages, bare.render(&pages, Language::English).html()));
    let german = filling.login(Some(LoginProblem::WrongCredentials)).render(&pages, Language::German);
    insta::assert_snapshot!("login_german", settled(&pages, german.html()));
}

#[test]
fn markup_of_every_error() {
    let pages = pages();
    let mut lines = String::new();
    for kind in ErrorKind::ALL {
        let page = Error::new(kind, "0123456789abcdef").render(&pages, Language::English);
        let (_, main) = page.html().split_once("<main>").unwrap();
        let (main, _) = main.split_once("</main>").unwrap();
        writeln!(lines, "{kind:?} {}{main}", page.status()).unwrap();
    }
    insta::assert_snapshot!("errors", lines);
}

#[test]
fn every_scope_is_said_in_words_where_there_are_any() {
    let pages = pages();
    let line = |(name, description)| ScopeLine { name, description };
    let scopes = [
        ("openid", ""),
        ("profile", " "),
        ("email", ""),
        ("phone", ""),
        ("address", ""),
        ("offline_access", ""),
        ("photos", "See photos"),
        ("drafts", ""),
        ("email", "Write e-mail"),
    ];
    let consent = Consent {
        flow: "f",
        csrf: "c",
        client_name: "Photo Book",
        username: "alice",
        scopes: &scopes.map(line),
        redirect_host: "app.example",
        out_of_date: false,
    };
    let said = |language| -> Vec<String> {
        let page = consent.render(&pages, language);
        let lines = page.html().split("<li>").skip(1);
        lines.map(|line| line.split_once("</li>").unwrap().0.to_owned()).collect()
    };
    let english = [
        "Know that it is you",
        "See your name, user name and other details of your profile",
        "See your e-mail address",
        "See your phone number",
        "See your postal address",
        "Keep this access while you are away",
        "See photos <code>photos</code>",
        "<code>drafts</code>",
        "Write e-mail <code>email</code>",
    ];
    assert_eq!(said(Language::English), english);
    assert_eq!(
        said(Language::German)[1],
        "Ihren Namen, Benutzernamen und weitere Angaben Ihres Profils sehen"
    );
}

#[test]
fn problems_of_login_are_said_where_typing_goes_on_and_name_no_reason() {
    let pages = pages();
    for (problem, said, status, retry_after) in [
        (LoginProblem::WrongCredentials, "That user name and password do not match.", 200, ""),
        (LoginProblem::Wait { seconds: 1 }, "Wait one second", 429, "1"),
        (LoginProblem::Wait { seconds: 5 }, "Wait \u{2068}5\u{2069} seconds", 429, "5"),
        (LoginProblem::Busy { seconds: 2 }, "Many people", 503, "2"),
        (LoginProblem::OutOfDate, "out of date", 403, ""),
    ] {
        let page = Filling::new("alice").login(Some(problem)).render(&pages, Language::English);
        let (_, alert) = page.html().split_once(r#"role="alert">"#).unwrap();
        assert!(alert.split_once("</p>").unwrap().0.contains(said), "{problem:?}: {alert}");
        let field = |name: &str| -> String {
            let (_, field) = page.html().split_once(&format!("<input id=\"{name}\"")).unwrap();
            field.split_once('>').unwrap().0.to_owned()
        };
        assert!(field("password").contains("autofocus"), "the name is there already: {}", page.html());
        assert_eq!(page.html().matches("autofocus").count(), 1);
        for field in [field("username"), field("password")] {
            assert!(field.contains(r#"aria-describedby="problem""#), "{problem:?}: {field}");
            let invalid = problem == LoginProblem::WrongCredentials;
            assert_eq!(field.contains(r#"aria-invalid="true""#), invalid, "{problem:?}: {field}");
        }
        let response = page.into_response();
        let sent = response.headers().get("retry-after").map_or("", |value| value.to_str().unwrap());
        assert_eq!((response.status().as_u16(), sent), (status, retry_after), "{problem:?}");
    }
}

const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "</title></textarea></style><svg/onload=alert(1)>",
    "{{ 7*7 }}{% include 'login.html' %}",
    "&lt;script&gt;&#x3c;b&#x3e;",
    "-->]]><!--",
];

/// How many characters that structure a page it holds. Text that stays text changes none of them.
fn structure(html: &str) -> [usize; 4] {
    ['<', '>', '"', '\''].map(|c| html.matches(c).count())
}

#[test]
fn a10_o57_s18_hostile_names_are_rendered_as_text() {
    let pages = pages();
    let plain = Filling::new("x").all(&pages, Language::English);
    for hostile in HOSTILE {
        for ((name, page), (_, plain)) in
            Filling::new(hostile).all(&pages, Language::English).iter().zip(&plain)
        {
            assert_eq!(structure(page.html()), structure(plain.html()), "{name}: {hostile}");
            let html = settled(&pages, page.html());
            assert!(!html.contains("<img src=x") && !html.contains("49"), "{name}: {hostile}");
        }
    }
}

#[test]
fn o57_names_are_cut_and_lose_direction_marks_and_fields_stay_exact() {
    let pages = pages();
    let long = format!("\u{202e}{}", "n".repeat(10_000));
    let page = Filling::new(&long).login(None).render(&pages, Language::English);
    let (_, lead) = page.html().split_once("class=\"lead\">").unwrap();
    let (lead, _) = lead.split_once("</p>").unwrap();
    assert!(lead.chars().count() < 140 && !lead.contains('\u{202e}'), "{lead}");
    assert!(page.html().contains(&format!("name=\"flow\" value=\"{long}\"")));
}

#[test]
fn o19_o61_form_post_brings_any_state_back_as_an_escaped_value() {
    let pages = pages();
    let nonce = Nonce::new([7; 16]);
    for state in HOSTILE.into_iter().chain(["é\u{1f600}", "a&b=c"]) {
        let fields = [("state", state)];
        let page = FormPost {
            action: "https://app.example/cb?a=1&b=2",
            fields: &fields,
            nonce: &nonce,
            request_id: "r",
        };
        let page = page.render(&pages, Language::English);
        let (_, value) = page.html().split_once("name=\"state\" value=\"").unwrap();
        let (value, _) = value.split_once('"').unwrap();
        assert_eq!(unescape(value), state);
        assert_eq!(page.html().matches("<script").count(), 1);
    }
}

/// What a browser reads from an attribute written by the escaper.
fn unescape(value: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")]
        .iter()
        .fold(value.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[test]
fn o61_form_post_has_a_nonce_a_button_and_only_http_targets() {
    let pages = pages();
    let nonce = Nonce::new([7; 16]);
    let post = |action| {
        FormPost { action, fields: &[("code", "c")], nonce: &nonce, request_id: "r" }
            .render(&pages, Language::English)
    };
    let page = post("https://app.example/cb");
    assert!(page.html().contains(&format!("<script nonce=\"{}\">", nonce.as_str())));
    assert!(page.html().contains("<button id=\"continue\" type=\"submit\""));
    let response = page.into_response();
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("; script-src 'nonce-0707") && !policy.contains("form-action"), "{policy}");
    for action in ["javascript:alert(1)", "data:text/html,x", "com.example.app:/cb", "//evil.example", ""] {
        let page = post(action);
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{action}");
        assert!(!page.html().contains("<form") && !page.html().contains("<script"), "{action}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_in_any_field_changes_the_structure_of_a_page(text in "[<>\"'&/a{}%\\PC]{0,60}") {
        thread_local!(static PAGES: Pages = pages());
        PAGES.with(|pages| {
            let plain = Filling::new("x").all(pages, Language::English);
            for ((name, page), (_, plain)) in Filling::new(&text).all(pages, Language::English).iter().zip(&plain) {
                // An empty user name moves the focus, an empty flow drops its field: other pages, not broken ones.
                if !text.trim().is_empty() {
                    prop_assert_eq!(structure(page.html()), structure(plain.html()), "{}", name);
                }
            }
            Ok(())
        })?;
    }
}

async fn served(path: &str) -> (StatusCode, HeaderMap) {
    let pages: &'static Pages = Box::leak(Box::new(pages()));
    let mut router =
        Router::new().route(assets::PATH, assets::methods(pages.assets())).route("/json", get(async || "{}"));
    for n in 0..Filling::new("x").all(pages, Language::English).len() {
        let page = async move || Filling::new("x").all(pages, Language::English).swap_remove(n).1;
        router = router.route(&format!("/page/{n}"), get(page));
    }
    let path = if path == "/css" { pages.assets().path("tessera.css").unwrap() } else { path.to_owned() };
    let mut response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    headers::harden(response.headers_mut(), Transport::Https);
    (response.status(), response.headers().clone())
}

#[tokio::test]
async fn o58_o59_t12_every_response_has_every_header() {
    let count = Filling::new("x").all(&pages(), Language::English).len();
    let paths = (0..count)
        .map(|n| format!("/page/{n}"))
        .chain(["/json", "/css", "/nowhere", "/assets/nothing"].map(str::to_owned));
    for path in paths {
        let (status, headers) = served(&path).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path} {status}: {policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ] {
            assert_eq!(headers[name], value, "{path} {name}");
        }
        assert!(headers.contains_key("permissions-policy") && !headers.contains_key("server"), "{path}");
        let cache = if path == "/css" { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(headers["cache-control"], cache, "{path}");
        assert!(!headers.contains_key("content-encoding"), "{path}");
    }
    let referrer = r#"<meta name="referrer" content="same-origin">"#;
    for (name, page) in Filling::new("x").all(&pages(), Language::English) {
        let forms = ["login", "login_problem", "accounts", "consent", "logout", "logout_at_once"];
        let sends_to_us = forms.contains(&name);
        assert_eq!(page.html().contains(referrer), sends_to_us, "{name}: its form has an origin to name");
        let action = page.html().split_once("action=\"").map(|(_, rest)| rest.starts_with('/'));
        assert_eq!(action == Some(true), sends_to_us, "{name}");
        assert_eq!(page.html().matches("name=\"referrer\"").count(), usize::from(sends_to_us), "{name}");
    }
}

#[test]
fn o59_pages_load_nothing_from_elsewhere_and_hold_no_inline_style_or_handler() {
    let pages = pages();
    for language in Language::ALL {
        for (name, page) in Filling::new("x").all(&pages, language) {
            let html = page.html();
            assert!(html.contains(&format!("<html lang=\"{}\"", language.tag())), "{name}");
            assert_eq!((html.matches("<main>").count(), html.matches("<h1>").count()), (1, 1), "{name}");
            for forbidden in [" style=", "<style", " onclick", " onload", "javascript:", "src=\"http"] {
                assert!(!html.contains(forbidden), "{name}: {forbidden}");
            }
            for label in html.split("<label for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(html.contains(&format!("id=\"{label}\"")), "{name}: {label}");
            }
        }
    }
}

#[test]
fn whose_the_pages_are_and_who_helps_stands_on_them_as_text() {
    let said = |text: &str| Some(text.to_owned());
    let site = Site {
        organization: said("Müller & <b>Söhne</b>"),
        help_text: said("Call <123>."),
        help_url: said("https://help.example/?a=1&b=\"2"),
    };
    let pages = Pages::load(None, site).unwrap();
    for (name, page) in Filling::new("x").all(&pages, Language::English) {
        let html = page.html();
        let organization = "Müller &amp; &lt;b&gt;Söhne&lt;&#x2f;b&gt;";
        assert!(html.contains(&format!(" – {organization}</title>")), "{name}: {html}");
        assert!(
            html.contains(&format!("{organization}</header>")) && !html.contains("Tessera"),
            "{name}: {html}"
        );
        let helps = ["login", "login_problem", "accounts", "home", "error", "bad_redirect"].contains(&name);
        assert_eq!(html.contains("<p>Call &lt;123&gt;.</p>"), helps, "{name}: {html}");
        assert_eq!(html.contains("target=\"_blank\" rel=\"noopener\">Get help</a>"), helps, "{name}: {html}");
        assert!(!html.contains("b=\"2"), "{name}: {html}");
    }
    for (name, page) in Filling::new("x").all(&self::pages(), Language::English) {
        assert!(!page.html().contains("class=\"help\""), "{name}: nothing is said where nothing is known");
    }
}

#[test]
fn a_form_is_held_to_us_unless_it_leads_to_an_application() {
    let pages = pages();
    let held = |page: Page| {
        let response = page.into_response();
        response.headers()["content-security-policy"].to_str().unwrap().contains("form-action 'self'")
    };
    let filling = Filling::new("x");
    let alone = Login { flow: None, ..filling.login(None) };
    let staying = Logout { csrf: "x", username: "x", carry: &[], form: FormLeads::ToUs, way: LogoutWay::Ask };
    assert!(held(alone.render(&pages, Language::English)));
    assert!(held(staying.render(&pages, Language::English)));
    for (name, page) in filling.all(&pages, Language::English) {
        let leads_away =
            ["login", "login_problem", "accounts", "consent", "logout", "logout_at_once", "form_post"];
        assert_eq!(held(page), !leads_away.contains(&name), "{name}");
    }
}

#[test]
fn an_unavailable_server_says_when_to_come_back() {
    let kind = ErrorKind::Unavailable { retry_after: 7 };
    let response = Error::new(kind, "r").render(&pages(), Language::English).into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "7");
}
