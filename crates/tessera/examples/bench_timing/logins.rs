//! Every kind of login that fails, at the cost of a hash that is the default.
//!
//! No rate limit may answer instead. An account may be tried again after at most ten seconds, and 99 times; so there are many of each
//! kind, and they take turns. Every attempt comes from an address of its own, and every password is used at one account only.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use tessera_testkit::browser::Browser;
use tokio::time::Instant;

use crate::{Samples, Strangers, compare, report, timed};

/// Accounts of each kind.
const ACCOUNTS: usize = 100;
/// From one attempt at an account to the next, in whatever order the kinds come.
const PAUSE: Duration = Duration::from_secs(12);

/// An account that does not open. Its letter begins its name, so that all names are of one length.
struct Kind {
    letter: char,
    name: &'static str,
    has_password: bool,
    /// What becomes of it.
    verb: Option<(&'static str, &'static [&'static str])>,
    /// Environment of the command that makes it.
    hashing: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 5] = [
    Kind { letter: 'w', name: "wrong password", has_password: true, verb: None, hashing: &[] },
    Kind { letter: 'l', name: "locked", has_password: true, verb: Some(("lock", &[])), hashing: &[] },
    Kind {
        letter: 'd',
        name: "disabled",
        has_password: true,
        verb: Some(("disable", &["--yes"])),
        hashing: &[],
    },
    Kind { letter: 'n', name: "no password", has_password: false, verb: None, hashing: &[] },
    // The cheapest that the configuration allows.
    Kind {
        letter: 'o',
        name: "older hash",
        has_password: true,
        verb: None,
        hashing: &[("TESSERA_HASHING_MEMORY_KIB", "7168"), ("TESSERA_HASHING_PASSES", "5")],
    },
];
const UNKNOWN: (char, &str) = ('u', "unknown user");

pub(crate) async fn measure(strangers: &mut Strangers<'_>, samples: usize) {
    let accounts = samples.min(ACCOUNTS);
    for number in 0..accounts {
        for kind in &KINDS {
            kind.make(strangers, number);
        }
    }
    let form = Form::of(strangers).await;
    let mut kinds = vec![(UNKNOWN.0, Samples::of(UNKNOWN.1))];
    kinds.extend(KINDS.iter().map(|kind| (kind.letter, Samples::of(kind.name))));
    for round in 0..samples.div_ceil(accounts) {
        let begun = Instant::now();
        for number in 0..accounts {
            strangers.shuffle(&mut kinds);
            for (letter, samples) in &mut kinds {
                let request = form.filled(strangers, *letter, number, round);
                let mut connection = strangers.connection().await;
                let (took, reply) = timed(&mut connection, &request).await;
                let page = String::from_utf8(reply.body).unwrap();
                assert!(page.contains("do not match"), "{letter}: {page}");
                samples.took.push(took);
            }
        }
        tokio::time::sleep(PAUSE.saturating_sub(begun.elapsed())).await;
    }
    kinds.sort_by_key(|(letter, _)| KINDS.iter().position(|kind| kind.letter == *letter));
    let mut furthest = Duration::ZERO;
    for (n, (_, one)) in kinds.iter().enumerate() {
        for (_, other) in &kinds[n + 1..] {
            furthest = furthest.max(compare(one, other));
        }
    }
    let millis = furthest.as_secs_f64() * 1_000.0;
    report("failed logins, medians furthest apart", millis, "ms", "< 1", millis < 1.0);
}

fn username(letter: char, number: usize) -> String {
    format!("{letter}{number:07}")
}

/// As long as [`mistake`], and different for every account.
fn password(username: &str) -> String {
    format!("right-pw-{username}")
}

fn mistake(username: &str, round: usize) -> String {
    format!("{round:08}-{username}")
}

impl Kind {
    fn make(&self, strangers: &Strangers<'_>, number: usize) {
        let name = username(self.letter, number);
        let source = if self.has_password { "--password-stdin" } else { "--no-password" };
        let mut add = strangers.demo.command(&["user", "add", &name, source]);
        run(add.envs(self.hashing.iter().copied()), &password(&name));
        if let Some(verb) = self.verb {
            run(strangers.demo.command(&["user", verb.0, &name]).args(verb.1), "");
        }
    }
}

fn run(command: &mut Command, input: &str) {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // One that asks for nothing may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    assert!(child.wait().unwrap().success(), "{command:?}");
}

/// The login form that one browser got.
struct Form {
    csrf: String,
    headers: String,
}

impl Form {
    async fn of(strangers: &Strangers<'_>) -> Self {
        let issuer = &strangers.demo.issuer;
        let mut browser = Browser::new(reqwest::Client::builder().build().unwrap(), issuer);
        let csrf = browser.visit("/login").await.hidden("csrf");
        let cookies: Vec<_> =
            browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers =
            format!("cookie: {}\r\norigin: {issuer}\r\nsec-fetch-site: same-origin\r\n", cookies.join("; "));
        Self { csrf, headers }
    }

    /// The right password where even that does not open the account, a wrong one elsewhere.
    fn filled(&self, strangers: &Strangers<'_>, letter: char, number: usize, round: usize) -> Vec<u8> {
        let name = username(letter, number);
        let is_closed = KINDS.iter().any(|kind| kind.letter == letter && kind.verb.is_some());
        let password = if is_closed { password(&name) } else { mistake(&name, round) };
        let form = format!("csrf={}&username={name}&password={password}", self.csrf);
        strangers.demo.post("/login", &self.headers, &form)
    }
}
