//! `tessera audit`: what administrators did at the command line stands there, and why a request was refused.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{ForTests as _, Installation, Server};

#[test]
fn the_audit_trail_is_listed() {
    let installation = Installation::init();
    let alice = installation.json(&["user", "add", "alice", "--no-password"]);
    installation.json(&["user", "lock", "alice"]);
    installation.json(&["user", "delete", "alice", "--yes"]);
    let codes = |args: &[&str]| -> Vec<String> {
        let listed = installation.json(&[&["audit", "list"], args].concat());
        let events = listed["events"].as_array().unwrap();
        let mut codes: Vec<_> =
            events.iter().map(|event| event["code"].as_str().unwrap().to_owned()).collect();
        codes.sort_unstable();
        codes
    };
    let id = alice["id"].as_str().unwrap();
    assert_eq!(codes(&["--user", id]), ["user.created", "user.deleted", "user.locked"]);
    assert_eq!(codes(&["--code", "user.locked"]), ["user.locked"]);
    assert_eq!(codes(&["--limit", "1"]).len(), 1);
    let shown = installation.run(&["audit", "list", "--user", id]).accepted();
    assert!(shown.contains("user.locked") && shown.contains(id) && shown.contains("cli"), "{shown}");
    installation.run(&["audit", "list", "--code", "user.flown"]).refused(64);
    installation.run(&["audit", "list", "--user", "nobody"]).refused(65);
}

#[test]
fn pages_of_the_trail_follow_each_other_without_gap_or_repetition() {
    let installation = Installation::init();
    for number in 0..7 {
        installation.json(&["user", "add", &format!("user{number}"), "--no-password"]);
    }
    let ids = |listed: &Value| -> Vec<String> {
        let events = listed["events"].as_array().unwrap().iter();
        events.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = ids(&installation.json(&["audit", "list", "--code", "user.created"]));
    assert_eq!(all.len(), 7);
    let (mut paged, mut before) = (Vec::new(), None::<String>);
    loop {
        let mut args = vec!["audit", "list", "--code", "user.created", "--limit", "3"];
        args.extend(before.iter().flat_map(|id| ["--before", id]));
        let page = installation.json(&args);
        paged.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        before = Some(next.to_owned());
    }
    assert_eq!(paged, all);
    let shown = installation.json(&["audit", "show", &all[2]]);
    assert_eq!(ids(&shown), [all[2].clone()], "{shown}");
    let text = installation.run(&["audit", "show", &all[2]]).accepted();
    assert!(text.contains("user.created") && text.contains(&all[2]) && text.contains("cli"), "{text}");
    let text = installation.run(&["audit", "list", "--limit", "3"]).accepted();
    assert!(text.contains("More: --before "), "{text}");
}

#[test]
fn the_trail_is_filtered_by_time() {
    let installation = Installation::init();
    installation.json(&["user", "add", "alice", "--no-password"]);
    let count = |args: &[&str]| {
        let args = [&["audit", "list", "--code", "user.created"], args].concat();
        installation.json(&args)["events"].as_array().unwrap().len()
    };
    for (args, expected) in [
        (&["--since", "1h"][..], 1),
        (&["--until", "1h"], 0),
        (&["--since", "2020-01-01T00:00:00Z"], 1),
        (&["--since", "2020-01-01T00:00:00+02:00", "--until", "2020-01-02T00:00:00Z"], 0),
        (&["--since", "2999-01-01T00:00:00Z"], 0),
        (&["--reference", "0123456789abcdef"], 0),
    ] {
        assert_eq!(count(args), expected, "{args:?}");
    }
    for wrong in [
        &["list", "--since", "yesterday"][..],
        &["list", "--until", "2020-01-01"],
        &["list", "--reference", "x"],
        &["list", "--before", "x"],
        &["show", "x"],
        &["show"],
        &["list", "--follow", "--until", "1h"],
    ] {
        installation.run(&[&["audit"], wrong].concat()).refused(64);
    }
    installation.run(&["audit", "show", "0123456789abcdef"]).refused(65);
}

/// A command that follows the trail.
fn follow(installation: &Installation) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = installation.command(&["audit", "list", "--follow", "--limit", "1", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

fn next(lines: &mut BufReader<std::process::ChildStdout>) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
}

#[test]
fn who_follows_the_trail_sees_each_new_event_once_and_stops_without_an_error() {
    let installation = Installation::init();
    installation.json(&["user", "add", "alice", "--no-password"]);
    let (child, mut lines) = follow(&installation);
    assert_eq!(next(&mut lines)["code"], "user.created", "the last one before");
    for verb in ["lock", "unlock", "lock"] {
        installation.json(&["user", verb, "alice"]);
        assert_eq!(next(&mut lines)["code"], format!("user.{verb}ed"));
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn who_follows_the_trail_for_nobody_stops_without_an_error() {
    let installation = Installation::init();
    let (child, lines) = follow(&installation);
    drop(lines);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
}

/// As with `| head -1`: nothing new comes that could show that the reader has gone.
#[test]
fn who_has_read_enough_of_the_trail_ends_the_command_while_it_waits() {
    let installation = Installation::init();
    installation.json(&["user", "add", "alice", "--no-password"]);
    let (child, mut lines) = follow(&installation);
    assert_eq!(next(&mut lines)["code"], "user.created");
    drop(lines);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
}

/// Sends a request. Returns its status and its reference.
async fn refused(server: &Server, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
    let client = reqwest::Client::new_for_tests();
    let url = format!("http://{}{path}", server.address);
    let request = match form {
        Some(form) => client.post(url).form(form),
        None => client.get(url),
    };
    let answer = request.send().await.unwrap();
    let reference = answer.headers().get("x-request-id").map(|value| value.to_str().unwrap().to_owned());
    let is_page = answer.headers().get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8");
    let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
    let reference = reference.unwrap_or_else(|| panic!("no reference: {status} {body}"));
    assert!(!is_page || body.contains(&reference), "the page does not show {reference}: {body}");
    (status, reference)
}

/// Every kind of refusal: one line in the log, with the reference of the answer, and the audit event by the same reference.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table")]
async fn i09_a_refused_request_is_found_by_its_reference() {
    let installation = Installation::init();
    let redirect_uri = "https://rp.example/callback";
    let shop = ["client", "add", "--kind", "web", "--name", "Shop", "--id", "shop"];
    let added = installation.json(&[&shop[..], &["--redirect-uri", redirect_uri]].concat());
    let (id, secret) = ("shop", added["client_secret"].as_str().unwrap_or_else(|| panic!("{added}")));
    let server = installation.serve();
    let authorize = |more: &str| format!("/authorize?response_type=code&client_id={id}{more}");
    let registered = "&redirect_uri=https%3A%2F%2Frp.example%2Fcallback";
    let credentials = [("client_id", id), ("client_secret", secret)];
    let with = |more: &[(&'static str, &'static str)]| [&credentials[..], more].concat();
    let bad_code = with(&[("grant_type", "authorization_code"), ("code", "typed-code")]);
    let wrong = [("client_id", id), ("client_secret", "typed-secret"), ("grant_type", "refresh_token")];
    let unknown = [("client_id", "typed-client"), ("client_secret", "x"), ("grant_type", "refresh_token")];
    let (shop, nobody) = (Some(id), None);
    for (path, form, status, code, client, audited) in [
        (
            authorize("&redirect_uri=https%3A%2F%2Ftyped.example"),
            None,
            400,
            "bad_redirect",
            shop,
            Some("authz.bad_redirect"),
        ),
        ("/authorize?client_id=typed-client".to_owned(), None, 400, "unknown_client", nobody, None),
        (authorize(&format!("{registered}&scope=typed")), None, 303, "invalid_scope", shop, None),
        ("/authorize?a=typed&a=typed".to_owned(), None, 400, "bad_request", nobody, None),
        ("/typed".to_owned(), None, 404, "not_found", nobody, None),
        ("/token".to_owned(), Some(&wrong[..]), 401, "invalid_client", shop, Some("client.auth_failed")),
        ("/token".to_owned(), Some(&unknown[..]), 401, "invalid_client", nobody, Some("client.auth_failed")),
        ("/token".to_owned(), Some(&bad_code[..]), 400, "invalid_grant", shop, None),
        ("/token".to_owned(), Some(&credentials[..]), 400, "invalid_request", shop, None),
        ("/token?client_secret=typed".to_owned(), Some(&wrong[..]), 400, "invalid_request", nobody, None),
        ("/revoke".to_owned(), Some(&wrong[..]), 401, "invalid_client", shop, Some("client.auth_failed")),
        ("/revoke".to_owned(), Some(&credentials[..]), 400, "invalid_request", shop, None),
        ("/userinfo".to_owned(), None, 401, "no_credentials", nobody, None),
        ("/userinfo".to_owned(), Some(&[("access_token", "typed")][..]), 401, "invalid_token", nobody, None),
        ("/revocation/rules?after=typed".to_owned(), None, 400, "invalid_request", nobody, None),
    ] {
        let (told, reference) = refused(&server, &path, form).await;
        assert_eq!(told, status, "{path} {form:?}");
        let line = server.logged("request refused");
        let (endpoint, _) = path.split_once('?').unwrap_or((&path, ""));
        assert_eq!(line["request_id"], *reference, "{line}");
        assert_eq!(
            (line["level"].as_str(), line["status"].as_u64()),
            (Some("INFO"), Some(status.into())),
            "{line}"
        );
        assert_eq!((line["code"].as_str(), line["client"].as_str()), (Some(code), client), "{line}");
        assert!(line["endpoint"] == *endpoint || line["endpoint"] == "other", "{line}");
        assert!(!line["reason"].as_str().unwrap().is_empty(), "{line}");
        let logged = line.to_string();
        assert!(!logged.contains("typed") && !logged.contains(secret), "{logged}");
        match audited {
            Some(code) => {
                let shown = installation.json(&["audit", "show", &reference]);
                let events = shown["events"].as_array().unwrap();
                assert!(events.len() == 1 && events[0]["code"] == code, "{path}: {shown}");
                assert_eq!(events[0]["request_id"], *reference, "{shown}");
                let listed = installation.json(&["audit", "list", "--reference", &reference]);
                assert_eq!(listed["events"], shown["events"]);
            }
            None => drop(installation.run(&["audit", "show", &reference]).refused(65)),
        }
    }
}

#[tokio::test]
async fn i09_a_refused_login_is_found_by_its_reference() {
    let installation = Installation::init();
    let server = installation.serve();
    let mut browser = server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("username", "typed-name"), ("password", "typed-password")];
    let answer = browser.submit("/login", &fields).await;
    let reference = answer.header("x-request-id").to_owned();
    let line = server.logged("request refused");
    assert_eq!(line["request_id"], *reference, "{line}");
    assert_eq!((line["code"].as_str(), line["status"].as_u64()), (Some("login_failed"), Some(200)), "{line}");
    assert!(!line.to_string().contains("typed"), "{line}");
    let shown = installation.json(&["audit", "show", &reference]);
    assert_eq!(shown["events"][0]["code"], "login.failed", "{shown}");
}
