//! Themes: files that replace the embedded ones, and the report of their mistakes.

use std::path::Path;

use tessera_http::pages::{Language, LoggedOut, Pages, SessionWas, Site};

fn theme(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Pages, String>) {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    let checked = Pages::check(Some(directory.path()));
    let pages = checked.and_then(|()| Pages::load(Some(directory.path()), Site::default()));
    (directory, pages.map_err(|error| error.to_string()))
}

#[test]
fn a_theme_replaces_templates_stylesheet_and_images_by_name() {
    let (_directory, pages) = theme(&[
        ("tessera.css", "body { color: red }"),
        ("crest.png", "png"),
        ("README.md", "ours"),
        (
            "logged_out.html",
            "{% extends 'layout.html' %}{% block main %}<h1>Bye</h1><img src=\"{{ asset('crest.png') }}\">{% endblock %}",
        ),
    ]);
    let pages = pages.unwrap();
    let page = LoggedOut { session: SessionWas::Ended, back: None }.render(&pages, Language::English);
    assert!(page.html().contains("<h1>Bye</h1><img src=\"/assets/crest."), "{}", page.html());
    assert_ne!(
        pages.assets().path("tessera.css"),
        Pages::load(None, Site::default()).unwrap().assets().path("tessera.css")
    );
}

#[test]
fn a_broken_theme_is_reported_with_file_and_line() {
    for (name, content, expected) in [
        ("login.html", "<p>\n{% if %}\n", "login.html, line 2: syntax error"),
        ("login.html", "a\nb\n{{ usrname }}", "login.html, line 3: undefined value"),
        (
            "error.html",
            "\n{{ t('no-such-text') }}",
            "error.html, line 2: invalid operation: no text named no-such-text",
        ),
        (
            "consent.html",
            "{{ t('consent-title') }}",
            "consent.html, line 1: invalid operation: no text named consent-title, or it lacks an argument",
        ),
        (
            "layout.html",
            "{{ language }}\n{{ asset('none.png') }}",
            "layout.html, line 2: invalid operation: no asset named none.png",
        ),
        ("login.html", "{{ username|safe }}", "login.html, line 1: unknown filter"),
        ("logn.html", "", "logn.html: no page and no mail uses a file of this name"),
        ("run.js", "", "run.js: no page and no mail uses a file of this name"),
        ("pages.js", "", "pages.js: no page and no mail uses a file of this name"),
    ] {
        let (directory, pages) = theme(&[(name, content)]);
        let report = pages.unwrap_err();
        assert!(report.contains(expected), "{report}");
        assert!(report.contains(directory.path().to_str().unwrap()), "{report}");
    }
}

#[test]
fn a_theme_that_is_broken_in_one_language_is_reported() {
    for tag in Language::ALL.map(Language::tag) {
        let broken = format!("{{% if language == '{tag}' %}}{{{{ nothing }}}}{{% endif %}}");
        let (_directory, pages) = theme(&[("login.html", &broken)]);
        let report = pages.unwrap_err();
        assert!(report.contains("login.html, line 1: undefined value"), "{tag} {report}");
    }
}

#[test]
fn every_problem_of_a_theme_is_reported_at_once() {
    let (_directory, pages) = theme(&[("login.html", "{% if %}"), ("error.html", "{% for %}")]);
    let report = pages.unwrap_err();
    assert!(report.contains("login.html, line 1") && report.contains("error.html, line 1"), "{report}");
    let missing = Some(Path::new("/nonexistent/theme"));
    for refused in [Pages::check(missing), Pages::load(missing, Site::default()).map(drop)] {
        let report = refused.unwrap_err().to_string();
        assert!(report.contains("/nonexistent/theme: No such file"), "{report}");
    }
}
