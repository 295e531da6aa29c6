//! The texts of pages: scopes, problems, and the operator's texts about the site.

use axum::response::IntoResponse as _;
use tessera_http::pages::{ClientQuestion, Consent, Language, LoginProblem, Pages, ScopeLine, Site};

use crate::{Filling, pages};

#[test]
fn every_scope_is_described_in_words_if_there_are_any() {
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
        question: ClientQuestion { flow: "f", csrf: "c", client_name: "Photo Book", username: "alice" },
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
fn a_login_problem_is_said_at_the_focused_field_and_names_no_reason() {
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
        assert_eq!(page.html().matches("autofocus").count(), 1, "{}", page.html());
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

#[test]
fn the_organization_and_its_help_stand_on_the_pages_as_text() {
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
        let helps_not = ["consent", "logout", "logout_at_once", "logged_out", "nobody", "form_post"];
        let helps = !helps_not.contains(&name);
        assert_eq!(html.contains("<p>Call &lt;123&gt;.</p>"), helps, "{name}: {html}");
        assert_eq!(html.contains("target=\"_blank\" rel=\"noopener\">Get help</a>"), helps, "{name}: {html}");
        assert!(!html.contains("b=\"2"), "{name}: {html}");
    }
    for (name, page) in Filling::new("x").all(&crate::pages(), Language::English) {
        assert!(!page.html().contains("class=\"help\""), "{name}: {}", page.html());
    }
}
