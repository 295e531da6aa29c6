//! People who log in, each time in a browser that the server has not seen before.

use std::io::Write as _;
use std::process::Stdio;

use tessera_testkit::browser::Browser;
use tessera_testkit::demo::Demo;

/// How many people there are.
pub(crate) const PEOPLE: usize = 64;

/// The people of one demo.
#[derive(Clone)]
pub(crate) struct People {
    http: reqwest::Client,
    issuer: String,
}

impl People {
    /// Adds the accounts.
    pub(crate) fn of(demo: &Demo) -> Self {
        for number in 0..PEOPLE {
            let mut add = demo.command(&["user", "add", &name(number), "--password-stdin"]);
            let mut adding = add.stdin(Stdio::piped()).spawn().unwrap();
            adding.stdin.take().unwrap().write_all(password(number).as_bytes()).unwrap();
            assert!(adding.wait().unwrap().success(), "the account was not added");
        }
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, issuer: demo.issuer.clone() }
    }

    /// One login, from the page to the answer, and its status.
    pub(crate) async fn log_in(&self, number: usize) -> u16 {
        let mut browser = Browser::new(self.http.clone(), &self.issuer);
        let csrf = browser.visit("/login").await.hidden("csrf");
        let (username, password) = (name(number % PEOPLE), password(number % PEOPLE));
        let fields = [("csrf", &*csrf), ("username", &*username), ("password", &*password)];
        browser.submit("/login", &fields).await.status
    }
}

fn name(number: usize) -> String {
    format!("bench-{number}")
}

/// Everybody has another one. The same password on many accounts would be held as spraying.
fn password(number: usize) -> String {
    format!("correct horse battery {number}")
}
