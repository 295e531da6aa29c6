//! The markup of every page, and what no page's markup may have.

use std::fmt::Write as _;

use tessera_http::pages::{Error, ErrorKind, Language, Login, LoginProblem};

use crate::{Filling, pages, without_hashes};

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots" }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn markup_of_every_page() {
    let pages = pages();
    let filling = Filling::new("Alice");
    for (name, page) in
        filling.all(&pages, Language::English).into_iter().filter(|(name, _)| *name != "error")
    {
        snapshot(name, &without_hashes(&pages, page.html()));
    }
    let bare = Login {
        flow: None,
        to: Some("account"),
        csrf: "c",
        username: "",
        client_name: None,
        passkey: None,
        problem: None,
    };
    snapshot("login_bare", &without_hashes(&pages, bare.render(&pages, Language::English).html()));
    let german = filling.login(Some(LoginProblem::WrongCredentials)).render(&pages, Language::German);
    snapshot("login_german", &without_hashes(&pages, german.html()));
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
    snapshot("errors", &lines);
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
