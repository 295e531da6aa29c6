//! Every page rendered once at start, with sample values, so that a theme's mistake is found by its author.

use minijinja::context;
use minijinja::value::Value;

use super::engine::{Engine, problem};
use super::theme::{Theme, ThemeProblem};
use super::{
    Consent, Error, ErrorKind, FormPost, Language, Login, LoginProblem, Logout, ScopeLine, SignedIn, consent,
    error, form_post, login, logout, notice,
};
use crate::headers::Nonce;

/// What goes wrong when each page is rendered in each of its forms; each place once.
pub(super) fn problems(engine: &Engine, theme: &Theme) -> Vec<ThemeProblem> {
    let mut problems: Vec<ThemeProblem> = Vec::new();
    for (template, values) in samples() {
        let Err(error) = engine.render(template, Language::default(), values) else { continue };
        let found = problem(theme, &error, template);
        if !problems.iter().any(|known| known.to_string() == found.to_string()) {
            problems.push(found);
        }
    }
    problems
}

fn samples() -> Vec<(&'static str, Value)> {
    let mut samples =
        vec![(notice::LOGGED_OUT, context! {}), (notice::SIGNED_IN, SignedIn { username: "alice" }.values())];
    samples.extend(logins().map(|values| (login::TEMPLATE, values)));
    samples.extend(consents().map(|values| (consent::TEMPLATE, values)));
    samples.extend(logouts().map(|values| (logout::TEMPLATE, values)));
    samples.extend(ErrorKind::ALL.map(|kind| (error::TEMPLATE, Error::new(kind, "0123").values())));
    let nonce = Nonce::new([0; 16]);
    let form_post = FormPost {
        action: "https://app.example/cb",
        fields: &[("code", "x")],
        nonce: &nonce,
        request_id: "0123",
    };
    samples.push((form_post::TEMPLATE, form_post.values()));
    samples
}

fn logins() -> impl Iterator<Item = Value> {
    let plain =
        Login { flow: None, csrf: "x", username: "", client_name: None, form_target: None, problem: None };
    let full = Login { flow: Some("x"), username: "alice", client_name: Some("Photo Book"), ..plain };
    let problems = [
        LoginProblem::WrongCredentials,
        LoginProblem::Wait { seconds: 3 },
        LoginProblem::Busy { seconds: 3 },
    ];
    let failed = problems.map(|problem| Login { problem: Some(problem), ..full });
    [plain, full].into_iter().chain(failed).map(|page| page.values())
}

fn consents() -> impl Iterator<Item = Value> {
    let undescribed = |name| ScopeLine { name, description: "" };
    let scopes = [
        undescribed("openid"),
        undescribed("profile"),
        undescribed("email"),
        undescribed("offline_access"),
        undescribed("photos"),
        ScopeLine { name: "photos", description: "See photos." },
    ];
    let of = |scopes| {
        let page = Consent {
            flow: "x",
            csrf: "x",
            client_name: "Photo Book",
            username: "alice",
            scopes,
            redirect_host: "app.example",
            form_target: None,
        };
        page.values()
    };
    [of(&[]), of(&scopes)].into_iter()
}

fn logouts() -> impl Iterator<Item = Value> {
    let carry = [("state".to_owned(), "x".to_owned())];
    let plain = Logout { csrf: "x", username: None, carry: &[], form_target: None }.values();
    let full = Logout { csrf: "x", username: Some("alice"), carry: &carry, form_target: None }.values();
    [plain, full].into_iter()
}
