//! The database is the one that was initialised: a server makes no new one, and notices when its own is not there any more.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{
    ForTests as _, Installation, Outcome, STEP_TIMEOUT, Server, disable_a_client, eventually, get, rules,
};

/// A server process that has to refuse to start.
#[track_caller]
fn refused(mut command: Command, code: i32) -> String {
    command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
    Outcome::from(command.output().unwrap()).refused(code)
}

/// Copies a file whose server runs, as an operator should not.
fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Adds an API and a service, and returns the secret of the service.
fn add_service(installation: &Installation) -> String {
    let api = ["api", "add", "https://api.example.com", "--name", "Orders", "--scope", "orders.read"];
    installation.run(&api).accepted();
    let service = ["client", "add", "--kind", "service", "--name", "Job", "--id", "job"];
    let rest = ["--scope", "orders.read", "--audience", "https://api.example.com"];
    installation.json(&[&service[..], &rest].concat())["client_secret"].as_str().unwrap().to_owned()
}

async fn token(server: &Server, secret: &str) -> u16 {
    let http = reqwest::Client::new_for_tests();
    let request = http.post(format!("http://{}/token", server.address)).basic_auth("job", Some(secret));
    let answer = request.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
    let status = answer.status().as_u16();
    if status == 503 {
        assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
    }
    status
}

#[test]
fn f14_serve_and_commands_make_no_database() {
    let installation = Installation::empty();
    fs::create_dir(installation.data()).unwrap();
    for args in [&["serve"][..], &["user", "list"], &["key", "list"], &["job", "list"]] {
        let said = refused(installation.command(args), 78);
        assert!(said.contains("there is no database") || said.contains("issuer"), "{args:?}: {said}");
    }
    assert_eq!(fs::read_dir(installation.data()).unwrap().count(), 0);
}

#[test]
fn f14_a_database_that_is_gone_is_not_made_again_beside_its_key() {
    for args in [&["serve"][..], &["serve", "--dev"], &["user", "list"]] {
        let installation = Installation::init();
        for name in ["tessera.db", "tessera.db-wal", "tessera.db-shm"] {
            let _ = fs::remove_file(installation.file(name));
        }
        let said = refused(installation.command(args), 78);
        assert!(said.contains("no database") && said.contains("tessera restore"), "{args:?}: {said}");
        assert!(!installation.file("tessera.db").exists(), "{args:?}");
        let said = installation.run(&["init"]).refused(78);
        assert!(said.contains("already there") && said.contains("kek"), "{said}");
        assert!(!installation.file("tessera.db").exists());
    }
}

#[test]
fn f14_an_empty_file_is_no_database() {
    for args in [&["serve"][..], &["serve", "--dev"], &["user", "list"]] {
        let installation = Installation::init();
        fs::write(installation.file("tessera.db"), "").unwrap();
        for rest in ["tessera.db-wal", "tessera.db-shm"] {
            let _ = fs::remove_file(installation.file(rest));
        }
        refused(installation.command(args), 78);
        assert_eq!(fs::metadata(installation.file("tessera.db")).unwrap().len(), 0, "{args:?}");
    }
}

/// What happens to the files of a server that runs.
type Accident = (&'static str, fn(&Installation));

const ACCIDENTS: [Accident; 7] = [
    ("removed", |it| fs::remove_file(it.file("tessera.db")).unwrap()),
    ("renamed", |it| fs::rename(it.file("tessera.db"), it.file("old.db")).unwrap()),
    ("replaced by its own copy", |it| {
        copy(&it.file("tessera.db"), &it.file("copy.db"));
        fs::rename(it.file("copy.db"), it.file("tessera.db")).unwrap();
    }),
    ("written over by another", |it| {
        let other = Installation::init();
        fs::write(it.file("tessera.db"), fs::read(other.file("tessera.db")).unwrap()).unwrap();
    }),
    ("truncated", |it| {
        let file = fs::File::options().write(true).open(it.file("tessera.db")).unwrap();
        file.set_len(8_192).unwrap();
    }),
    ("emptied", |it| fs::write(it.file("tessera.db"), "").unwrap()),
    ("without its log", |it| fs::remove_file(it.file("tessera.db-wal")).unwrap()),
];

#[tokio::test]
async fn i03_nothing_is_acknowledged_into_a_file_that_is_not_the_database_any_more() {
    for (what, accident) in ACCIDENTS {
        let installation = Installation::init();
        let secret = add_service(&installation);
        disable_a_client(|args| installation.json(args));
        let server = installation.serve();
        eventually("tokens flow", async || token(&server, &secret).await == 200).await;
        let http = &reqwest::Client::new_for_tests();
        let ask = async |path: &str| get(http, &format!("http://{}{path}", server.address)).await.0;
        let revoked = rules(&server).await;
        assert_eq!(revoked.len(), 1, "{what}: {revoked:?}");
        assert_eq!(server.ops("/readyz/write").await, (200, "ready\n".to_owned()), "{what}");

        accident(&installation);
        let alarm = server.logged("ALARM: the database file is not the one");
        assert!(alarm["why"].as_str().unwrap().contains("tessera.db"), "{what}: {alarm}");
        eventually("nothing is issued", async || token(&server, &secret).await == 503).await;
        for path in ["/login", "/", "/authorize?client_id=x", "/userinfo", "/logout", "/nowhere"] {
            assert_eq!(ask(path).await, 503, "{what}: {path}");
        }
        for path in ["/.well-known/openid-configuration", "/jwks"] {
            assert_eq!(ask(path).await, 200, "{what}: {path}");
        }
        assert_eq!(rules(&server).await, revoked, "{what}: what was revoked stays revoked");
        let (status, why) = server.ops("/readyz/write").await;
        assert!(status == 503 && why.contains("tessera.db"), "{what}: {status} {why}");
        assert_eq!(server.ops("/readyz").await.0, 200, "{what}: no other instance has this file");
        assert_eq!(server.ops("/healthz").await.0, 200, "{what}");
        server.signal(Signal::TERM);
        assert_eq!(server.ended().code(), Some(0), "{what}");
    }
}

/// A login, whose session is acknowledged only after its commit.
async fn log_in(server: &Server) -> u16 {
    let mut browser = server.browser();
    let page = browser.visit("/login").await;
    if page.status != 200 {
        return page.status;
    }
    let csrf = page.hidden("csrf");
    let fields = [("csrf", &*csrf), ("username", "alice"), ("password", "correct horse battery staple")];
    browser.submit("/login", &fields).await.status
}

#[tokio::test]
async fn i03_the_first_commit_after_the_accident_is_refused_and_the_right_file_needs_a_restart() {
    let installation = Installation::init();
    installation
        .run_with(&["user", "add", "alice", "--password-stdin"], "correct horse battery staple")
        .accepted();
    let server = installation.serve();
    assert_eq!(log_in(&server).await, 303);
    for name in ["tessera.db", "tessera.db-wal", "tessera.db-shm"] {
        fs::rename(installation.file(name), installation.file(&format!("moved-{name}"))).unwrap();
    }
    assert_eq!(log_in(&server).await, 503, "at once, before any probe");
    for name in ["tessera.db", "tessera.db-wal", "tessera.db-shm"] {
        fs::rename(installation.file(&format!("moved-{name}")), installation.file(name)).unwrap();
    }
    assert_eq!(log_in(&server).await, 503, "another process may have begun another log");
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(0));
    let server = installation.serve();
    // The attempts count as failures, because nobody knows that the right password did not succeed.
    eventually("after a wait she is let in", async || log_in(&server).await == 303).await;
}

#[test]
fn a_second_server_is_refused_by_whatever_name_it_opens_the_file() {
    let installation = Installation::init();
    let server = installation.serve();
    let elsewhere = Installation::empty();
    fs::create_dir(elsewhere.data()).unwrap();
    copy(&installation.file("kek"), &elsewhere.file("kek"));
    crate::support::set_mode(&elsewhere.file("kek"), 0o600);
    let second = |code: i32| refused(elsewhere.command(&["serve", "--dev"]), code);

    symlink(installation.file("tessera.db"), elsewhere.file("tessera.db")).unwrap();
    assert!(second(69).contains("another server is already running"));
    elsewhere.run(&["user", "list"]).accepted();
    fs::remove_file(elsewhere.file("tessera.db")).unwrap();

    fs::hard_link(installation.file("tessera.db"), elsewhere.file("tessera.db")).unwrap();
    assert!(second(78).contains("second name"));
    let said = elsewhere.run(&["user", "list"]).refused(78);
    assert!(said.contains("second name"), "{said}");
    fs::remove_file(elsewhere.file("tessera.db")).unwrap();

    fs::remove_dir_all(elsewhere.data()).unwrap();
    symlink(installation.data(), elsewhere.data()).unwrap();
    assert!(second(69).contains("another server is already running"));
    elsewhere.run(&["user", "list"]).accepted();

    // No file beside the database holds the lock.
    for entry in fs::read_dir(installation.data()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("lock"), "{name}");
    }
    drop(server);
    drop(installation.serve());
}

/// A mount that only the second server sees.
const BIND_MOUNTED: &str = r#"mount --bind "$1" "$2" || exit 1; shift 2; exec "$@""#;

#[test]
fn a_second_server_is_refused_through_a_bind_mount() {
    let installation = Installation::init();
    let server = installation.serve();
    let elsewhere = Installation::empty();
    fs::create_dir(elsewhere.data()).unwrap();
    let real = elsewhere.command(&["serve", "--dev"]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", BIND_MOUNTED, "sh"]).arg(installation.data());
    command.arg(elsewhere.data()).arg(real.get_program()).args(real.get_args());
    command.env_clear().env("PATH", std::env!("PATH"));
    let said = refused(command, 69);
    assert!(said.contains("another server is already running"), "{said}");
    drop(server);
}

#[tokio::test]
async fn f53_a_copy_without_its_log_is_recognised_and_left_alone() {
    let installation = Installation::init();
    let secret = add_service(&installation);
    let server = installation.serve();
    eventually("tokens flow", async || token(&server, &secret).await == 200).await;
    installation.run(&["user", "add", "alice", "--no-password"]).accepted();

    let copied = Installation::empty();
    fs::create_dir(copied.data()).unwrap();
    for name in ["kek", "tessera.db"] {
        copy(&installation.file(name), &copied.file(name));
        crate::support::set_mode(&copied.file(name), 0o600);
    }
    let before = fs::read(copied.file("tessera.db")).unwrap();
    for args in [&["serve", "--dev"][..], &["user", "list"]] {
        let said = refused(copied.command(args), 78);
        assert!(said.contains("write-ahead log is missing") && said.contains("tessera backup"), "{said}");
    }
    assert_eq!(fs::read(copied.file("tessera.db")).unwrap(), before);

    // If there is nothing else, it becomes usable by ending everything.
    copied.run(&["restore", "--promoted"]).accepted();
    copied.run(&["user", "list"]).accepted();
    fs::write(copied.file("tessera.db"), &before).unwrap();

    // With its log it is what was acknowledged.
    copy(&installation.file("tessera.db-wal"), &copied.file("tessera.db-wal"));
    let users = copied.json(&["user", "list"]);
    assert_eq!(users["users"][0]["username"], "alice", "{users}");
    drop(server);
}

#[tokio::test]
async fn f14_the_log_of_another_time_or_database_is_not_copied_into_the_file() {
    let installation = Installation::init();
    let secret = add_service(&installation);
    let old = fs::read(installation.file("tessera.db")).unwrap();
    for _ in 0..2 {
        let server = installation.serve();
        eventually("tokens flow", async || token(&server, &secret).await == 200).await;
        // Killed, so that the log stays.
        drop(server);
    }
    assert!(fs::metadata(installation.file("tessera.db-wal")).unwrap().len() > 0);
    let log = fs::read(installation.file("tessera.db-wal")).unwrap();
    fs::write(installation.file("tessera.db"), &old).unwrap();
    let _ = fs::remove_file(installation.file("tessera.db-shm"));
    let said = refused(installation.command(&["serve", "--dev"]), 78);
    assert!(said.contains("of another time"), "{said}");

    let other = Installation::init();
    fs::write(installation.file("tessera.db"), fs::read(other.file("tessera.db")).unwrap()).unwrap();
    fs::write(installation.file("tessera.db-wal"), &log).unwrap();
    let said = installation.run(&["user", "list"]).refused(78);
    assert!(said.contains("another database"), "{said}");
    assert_eq!(fs::read(installation.file("tessera.db-wal")).unwrap(), log, "left alone");
}

#[tokio::test]
async fn f53_after_an_orderly_stop_the_file_alone_is_whole() {
    let installation = Installation::init();
    let secret = add_service(&installation);
    let server = installation.serve();
    eventually("tokens flow", async || token(&server, &secret).await == 200).await;
    installation.run(&["user", "add", "alice", "--no-password"]).accepted();
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(0));
    let log = beside(&installation.file("tessera.db"), "-wal");
    assert_eq!(fs::metadata(&log).map_or(0, |log| log.len()), 0, "nothing is left in the log");
    let _ = fs::remove_file(log);
    let users = installation.json(&["user", "list"]);
    assert_eq!(users["users"][0]["username"], "alice", "{users}");
    let issued = installation.json(&["audit", "list", "--code", "client_credentials.issued"]);
    assert!(!issued["events"].as_array().unwrap().is_empty(), "the last events are in the file: {issued}");
}

/// A reader that does not end keeps the log from being emptied.
#[test]
fn f16_a_log_that_cannot_be_emptied_raises_an_alarm() {
    let installation = Installation::init();
    let server = installation.serve();
    let reader = rusqlite::Connection::open(installation.file("tessera.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM users").unwrap();
    let writer = rusqlite::Connection::open(installation.file("tessera.db")).unwrap();
    writer.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF").unwrap();
    writer.busy_timeout(STEP_TIMEOUT).unwrap();
    // 80 MiB, which a server would have copied back eighty times.
    let filler = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000) \
                  INSERT INTO spent (kind, digest, expires_at) SELECT 'test', randomblob(4000), 9223372036854775807 FROM numbers";
    for _ in 0..20 {
        writer.execute_batch(filler).unwrap();
    }
    let alarm: Value = server.logged("ALARM: the write-ahead log of the database grows");
    assert!(alarm["mebibytes"].as_u64().unwrap() >= 64, "{alarm}");
    drop(reader);
    server.logged("the write-ahead log of the database is short again");
}
