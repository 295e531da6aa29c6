//! A person who logs in once and lets an application in many times.

use std::process::Stdio;

use serde_json::Value;
use tessera_testkit::browser::{Answer, Browser, query};
use tessera_testkit::demo::{Client, Demo};
use tessera_testkit::wire::Connection;

use crate::load::good;

const REDIRECT_URI: &str = "http://127.0.0.1/callback";
/// The API of the demo.
const AUDIENCE: &str = "https://orders.example";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// One refresh token for each of `count` grants of a client. Without `openid` a refresh signs one access token and no more.
pub(crate) async fn refresh_tokens(demo: &Demo, client: &Client, scope: &str, count: usize) -> Vec<String> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (mut browser, client_id) = (Browser::new(http, &demo.issuer), &client.id);
    let path = format!(
        "/authorize?response_type=code&client_id={client_id}&redirect_uri={REDIRECT_URI}&scope={scope}\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let mut connection = Connection::open(demo.address).await;
    let mut tokens = Vec::new();
    for _ in 0..count {
        let code = code(demo, &mut browser, &path).await;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={REDIRECT_URI}&code_verifier={VERIFIER}"
        );
        let body = good(connection.ask(&demo.form("/token", client, &form)).await);
        let answer: Value = serde_json::from_slice(&body).unwrap();
        tokens.push(answer["refresh_token"].as_str().unwrap().to_owned());
    }
    tokens
}

/// Another client of the demo, whose ID tokens have this signature.
pub(crate) fn client(demo: &Demo, id_token_alg: &str) -> Client {
    let kind = ["client", "add", "--json", "--kind", "web", "--name", "Bench", "--no-consent"];
    let access = ["--scope", "openid orders.read", "--audience", AUDIENCE];
    let rest = ["--redirect-uri", REDIRECT_URI, "--id-token-alg", id_token_alg];
    let added = demo.command(&[&kind[..], &access, &rest].concat()).stdout(Stdio::piped()).output().unwrap();
    let answer: Value = serde_json::from_slice(&added.stdout).unwrap();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Client { id: text("id"), secret: text("client_secret") }
}

async fn code(demo: &Demo, browser: &mut Browser, path: &str) -> String {
    let mut answer = browser.visit(path).await;
    loop {
        let location = answer.location().unwrap().to_owned();
        if let Some(code) = location.starts_with(REDIRECT_URI).then(|| query(&location, "code").unwrap()) {
            return code;
        }
        let page = browser.visit(&location).await;
        answer = if location.starts_with("/login") {
            let fields = [("username", demo.username.as_str()), ("password", demo.password.as_str())];
            submit(browser, "/login", &page, &fields).await
        } else {
            submit(browser, "/consent", &page, &[("decision", "allow")]).await
        };
    }
}

async fn submit(browser: &mut Browser, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    let mut form = vec![("csrf", csrf.as_str()), ("flow", flow.as_str())];
    form.extend_from_slice(fields);
    browser.submit(path, &form).await
}
