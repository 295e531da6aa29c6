//! Mail to a real SMTP server: `tessera mail …`, and what a running server sends.

mod server;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Installation, Outcome, STEP_TIMEOUT, Server, eventually};
use server::{MailServer, Pair};

const PASSWORD: &str = "the mail password";

/// An installation with a section `[mail]`.
struct Sender {
    installation: Installation,
    file: PathBuf,
}

impl Sender {
    /// Before this line nothing else of `[mail]` is set.
    fn new(mail: &str) -> Self {
        let installation = Installation::empty();
        installation.write("mail-password", format!("{PASSWORD}\n"), 0o600);
        let file = installation.configure(&format!(
            "issuer = \"https://login.example.com\"\ndata_dir = \"data\"\n\
            [tls]\nterminated_by = \"proxy\"\n[pages]\norganization = \"Müller & Söhne\"\n\
            [mail]\nfrom = \"login@example.com\"\nreply_to = \"help@example.com\"\n{mail}\n"
        ));
        Outcome::from(installation.with_file(&["init"], &file).output().unwrap()).accepted();
        Self { installation, file }
    }

    /// The same with a mail server on this machine that needs no TLS.
    fn to(server: &MailServer) -> Self {
        Self::new(&format!("host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"", server.port))
    }

    fn run(&self, args: &[&str]) -> Outcome {
        self.installation.with_file(args, &self.file).output().unwrap().into()
    }

    fn json(&self, args: &[&str]) -> Value {
        self.installation
            .with_file(args, &self.file)
            .arg("--json")
            .output()
            .map(Outcome::from)
            .unwrap()
            .json()
    }

    fn serve(&self) -> Server {
        Server::start(self.installation.with_file(&["serve"], &self.file))
    }

    fn add_user(&self, name: &str, email: &str) {
        self.run(&["user", "add", name, "--email", email, "--no-password"]).accepted();
    }
}

/// The header of a mail, on one line.
fn header(mail: &Value, name: &str) -> String {
    let content = mail["content"].as_str().unwrap().replace("\r\n ", " ");
    let start = format!("{name}: ");
    let mut found = content.split("\r\n").filter_map(|line| line.strip_prefix(&start));
    let value = found.next().unwrap_or_else(|| panic!("no {name}: {content}")).to_owned();
    assert_eq!(found.next(), None, "{name} twice");
    value
}

#[test]
fn a_test_mail_goes_out_encrypted_and_after_a_login() {
    let pair = Pair::of("localhost");
    for security in ["starttls", "tls"] {
        let server = MailServer::start(security, Some(&pair), &["--login", &format!("tessera:{PASSWORD}")]);
        let sender = Sender::new(&format!(
            "host = \"localhost\"\nport = {}\nsecurity = \"{security}\"\nca_file = \"{}\"\n\
            username = \"tessera\"\npassword_file = \"mail-password\"",
            server.port,
            pair.certificate.display(),
        ));
        let said = sender.json(&["mail", "test", "ada@example.com"]);
        assert_eq!(said["sent_to"], "ada@example.com");
        let mail = server.received();
        assert_eq!((&mail["encrypted"], &mail["login"]), (&json!(true), &json!("tessera")), "{security}");
        assert_eq!(mail["sender"], "login@example.com");
        assert_eq!(mail["recipients"], json!(["ada@example.com"]));
        assert_eq!(header(&mail, "To"), "ada@example.com");
        assert!(header(&mail, "From").ends_with(" <login@example.com>"), "{mail}");
        assert_eq!(header(&mail, "Reply-To"), "help@example.com");
        assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
        assert_eq!(header(&mail, "Message-ID"), said["message_id"]);
        assert!(header(&mail, "Message-ID").ends_with("@login.example.com>"), "{mail}");
        let content = mail["content"].as_str().unwrap();
        assert!(content.contains("text/plain") && content.contains("text/html"), "{content}");
    }
}

#[test]
fn f35_a_test_mail_says_plainly_what_failed() {
    let (pair, other) = (Pair::of("localhost"), Pair::of("localhost"));
    let plain = MailServer::start("none", None, &[]);
    let refusing = MailServer::start("none", None, &["--answer", "550 5.1.1 nobody here\u{1b}[2J"]);
    let busy = MailServer::start("none", None, &["--answer", "450 4.2.0 later"]);
    let encrypted = MailServer::start("starttls", Some(&pair), &["--login", "tessera:another"]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let with_ca = |pair: &Pair| {
        format!(
            "host = \"localhost\"\nport = {}\nca_file = \"{}\"\nusername = \"tessera\"\npassword_file = \"mail-password\"",
            encrypted.port,
            pair.certificate.display()
        )
    };
    let on = |port: u16, more: &str| format!("host = \"127.0.0.1\"\nport = {port}\n{more}");
    for (mail, expected) in [
        (on(closed, "security = \"none\""), "cannot be reached"),
        (on(plain.port, ""), "does not offer STARTTLS"),
        (on(plain.port, "security = \"tls\""), "no TLS connection"),
        (with_ca(&other), "no TLS connection"),
        (with_ca(&pair), "does not accept the login"),
        (on(refusing.port, "security = \"none\""), "refuses the mail: permanent error (550)"),
        (on(busy.port, "security = \"none\""), "does not take the mail for now: transient error (450)"),
    ] {
        let said = Sender::new(&mail).run(&["mail", "test", "ada@example.com"]).refused(69);
        assert!(said.contains(expected) && said.contains("section [mail]"), "{mail}\n{said}");
        assert!(!said.contains(PASSWORD) && !said.contains('\u{1b}'), "{said}");
    }
    let without = Installation::init();
    assert!(without.run(&["mail", "test", "ada@example.com"]).refused(78).contains("mail.host is not set"));
    for list in ["ada@example.com,eve@evil.example", "ada@example.com\r\nBcc: eve@evil.example", "ada"] {
        without.run(&["mail", "test", list]).refused(64);
    }
    without
        .run(&["user", "add", "ada", "--no-password", "--email", "a@b.example,e@evil.example"])
        .refused(65);
}

#[test]
fn t10_what_somebody_sends_before_tls_is_no_answer() {
    let pair = Pair::of("localhost");
    for answers in 1..=6 {
        let injected = ["--inject", "250 SIZE"].repeat(answers);
        // The server refuses the mail, which somebody on the way wants to hide.
        let refused = ["--answer", "550 5.7.1 no"];
        let server = MailServer::start("starttls", Some(&pair), &[&injected[..], &refused].concat());
        let sender = Sender::new(&format!(
            "host = \"localhost\"\nport = {}\nca_file = \"{}\"",
            server.port,
            pair.certificate.display()
        ));
        let said = sender.run(&["mail", "test", "ada@example.com"]).refused(69);
        assert!(said.contains("no TLS connection") || said.contains("refuses the mail"), "{answers}: {said}");
    }
}

#[tokio::test]
async fn f35_a_running_server_tries_again_with_the_same_id() {
    let mail_server = MailServer::start("none", None, &["--answer", "450 4.2.0 later"]);
    let sender = Sender::to(&mail_server);
    sender.add_user("ada", "ada@example.com");
    sender.run(&["user", "set-password", "ada", "--generate-password"]).accepted();
    let waiting = sender.json(&["mail", "list"]);
    let id = waiting["mails"][0]["id"].as_str().unwrap();
    assert_eq!(waiting["mails"][0]["kind"], "password_changed");
    assert!(!waiting.to_string().contains("example.com"), "{waiting}");
    let server = sender.serve();
    eventually("the first attempt failed", async || {
        sender.json(&["mail", "list"])["mails"][0]["last_error"] == "deferred"
    })
    .await;
    assert!(sender.run(&["mail", "list"]).accepted().contains("deferred"));
    let mail = mail_server.received();
    assert_eq!(header(&mail, "Message-ID"), format!("<{id}@login.example.com>"));
    assert_eq!(mail["recipients"], json!(["ada@example.com"]));
    eventually("nothing waits", async || sender.json(&["mail", "list"])["mails"] == json!([])).await;
    assert!(sender.run(&["mail", "list"]).accepted().contains("No mail waits."));
    let (_, metrics) = server.ops("/metrics").await;
    for outcome in ["retried", "sent"] {
        let counted = format!("tessera_mails_total{{outcome=\"{outcome}\"}} 1");
        assert!(metrics.contains(&counted), "{counted}: {metrics}");
    }
}

#[tokio::test]
async fn f35_a_mail_server_that_says_nothing_holds_up_no_other_job() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let sender = Sender::new(&format!("host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\""));
    sender.add_user("ada", "ada@example.com");
    let _server = sender.serve();
    let job = |name: &str| {
        let jobs = sender.json(&["job", "list"])["jobs"].as_array().unwrap().clone();
        jobs.into_iter().find(|job| job["name"] == name).unwrap()
    };
    eventually("every job ran", async || job("purge.throttles")["state"] == "waiting").await;
    sender.run(&["user", "set-password", "ada", "--generate-password"]).accepted();
    silent.set_nonblocking(false).unwrap();
    let _connection = silent.accept().unwrap();
    let before = job("purge.spent")["last_succeeded_at"].clone();
    let database = rusqlite::Connection::open(sender.installation.file("tessera.db")).unwrap();
    database.busy_timeout(STEP_TIMEOUT).unwrap();
    database.execute("UPDATE jobs SET next_run_at = 0 WHERE name = 'purge.spent'", []).unwrap();
    eventually("another job ran", async || job("purge.spent")["last_succeeded_at"] != before).await;
    assert_eq!(job("outbox.send")["state"], "running");
}
