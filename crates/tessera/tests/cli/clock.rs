//! A clock that does not fit what servers have seen, as an administrator meets it; and when keys sign.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::{Installation, Outcome, Server, eventually};

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn database(installation: &Installation) -> rusqlite::Connection {
    let database = rusqlite::Connection::open(installation.file("tessera.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database
}

fn highest(installation: &Installation) -> i64 {
    let row = "SELECT value FROM counters WHERE name = 'clock'";
    database(installation).query_row(row, [], |row| row.get(0)).unwrap()
}

/// As if a server had run at that time.
fn see(installation: &Installation, time: i64) {
    database(installation).execute("UPDATE counters SET value = ?1 WHERE name = 'clock'", [time]).unwrap();
}

/// A server that should not start.
fn refused_to_serve(mut serve: Command) -> String {
    serve.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
    Outcome::from(serve.output().unwrap()).refused(78)
}

#[tokio::test]
async fn a_server_starts_only_at_a_time_that_fits_and_an_administrator_can_accept_another() {
    let installation = Installation::init();
    assert_eq!(highest(&installation), 0);
    let server = installation.serve();
    eventually("the server remembers the time", async || highest(&installation) >= now() - 10).await;
    server.signal(Signal::TERM);
    assert!(server.ended().success());

    for (seen, text) in [(now() + 400, "behind"), (now() - 31 * 86_400, "ahead of")] {
        see(&installation, seen);
        let said = refused_to_serve(installation.command(&["serve", "--dev"]));
        assert!(said.contains(text) && said.contains("tessera clock accept"), "{said}");
        let said = installation.run(&["user", "add", "bob", "--no-password"]).refused(78);
        assert!(said.contains("Nothing was changed"), "{said}");
        assert!(installation.json(&["user", "list"])["users"].as_array().unwrap().is_empty());
        let shown = installation.json(&["clock", "show"]);
        assert_eq!(shown["accepted"], false, "{shown}");
        assert!(shown["problem"].as_str().is_some_and(|problem| problem.contains(text)), "{shown}");
        assert_eq!(highest(&installation), seen, "nothing of it is remembered");
    }

    see(&installation, now() + 7_200);
    let warned = installation.run(&["user", "list"]);
    assert!(warned.stderr.contains("went back by more than an hour"), "{warned:?}");
    let accepted = installation.json(&["clock", "accept"]);
    assert!(
        accepted["highest_seen"].is_string() && accepted["highest_seen_before"].is_string(),
        "{accepted}"
    );
    assert!((now() - highest(&installation)).abs() < 60);
    assert_eq!(installation.json(&["clock", "show"])["accepted"], true);
    installation.run(&["user", "add", "bob", "--no-password"]).accepted();
    let events = installation.json(&["audit", "list", "--code", "clock.accepted"]);
    assert_eq!(events["events"].as_array().unwrap().len(), 1, "{events}");
    drop(installation.serve());

    see(&installation, now() + 400);
    let mut serve = installation.command(&["serve", "--dev"]);
    serve.env("TESSERA_CLOCK_MAX_BEHIND", "10m");
    drop(Server::start(serve));
}

/// The library that lets a process read its clock from a file. The monotonic clocks stay as they are.
fn faked_clock() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let mut libraries = folders.map(|entry| entry.unwrap().path().join("faketime/libfaketimeMT.so.1"));
    let Some(library) = libraries.find(|library| library.exists()) else {
        panic!("this test needs the Debian package libfaketime")
    };
    library
}

/// The command, with a clock that is as far from the right one as the file says.
pub(crate) fn with_clock(mut command: Command, file: &Path) -> Command {
    command.env("LD_PRELOAD", faked_clock()).env("FAKETIME_TIMESTAMP_FILE", file);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

fn serve_with_clock(installation: &Installation, file: &Path) -> Command {
    with_clock(installation.command(&["serve", "--dev"]), file)
}

#[tokio::test]
async fn f25_a_clock_that_is_set_while_the_server_runs_or_is_down_takes_nothing_away() {
    let installation = Installation::init();
    installation.run(&["user", "add", "alice", "--no-password"]).accepted();
    let set = |ahead: &str| installation.write("clock", ahead, 0o600);
    let server = Server::start(serve_with_clock(&installation, &set("+0")));
    eventually("the server remembers the time", async || highest(&installation) > 0).await;

    set("+2h");
    let alarm = server.logged("the clock jumped ahead");
    let ahead = alarm["seconds"].as_i64().unwrap();
    assert!((7_190..7_210).contains(&ahead), "{alarm}");
    let told = installation.json(&["audit", "list", "--code", "clock.jumped"]);
    assert_eq!(told["events"].as_array().unwrap().len(), 1, "{told}");
    set("+0");
    server.logged("the clock was put back");
    assert_eq!(server.ops("/readyz").await, (200, "ready\n".to_owned()));
    server.signal(Signal::TERM);
    assert!(server.ended().success());
    let seen = highest(&installation);
    assert!(seen < now() + 60, "what was put right within ten minutes is not remembered: {seen}");

    let said = refused_to_serve(serve_with_clock(&installation, &set("+365d")));
    assert!(said.contains("ahead of"), "{said}");
    assert_eq!(highest(&installation), seen, "nothing of that year is remembered");
    drop(installation.serve());
    let users = installation.json(&["user", "list"]);
    assert_eq!(users["users"].as_array().unwrap().len(), 1, "{users}");
}

#[tokio::test]
async fn when_a_key_signs_is_what_the_server_has_planned() {
    let installation = Installation::init();
    let rotated = installation.json(&["key", "rotate", "feed:ES256"]);
    assert!(rotated["activates_at"].is_null(), "no server runs: {rotated}");

    let mut serve = installation.command(&["serve", "--dev"]);
    serve.env("TESSERA_KEYS_PUBLISH_AHEAD", "5m");
    let server = Server::start(serve);
    eventually("every job ran", async || {
        let jobs = installation.json(&["job", "list"]);
        jobs["jobs"].as_array().unwrap().iter().all(|job| job["state"] == "waiting")
    })
    .await;
    let rotated = installation.json(&["key", "rotate", "access:ES256"]);
    let at = rotated["activates_at"].as_str().unwrap_or_else(|| panic!("{rotated}")).to_owned();
    let signs: jiff::Timestamp = at.parse().unwrap();
    assert!((signs.as_second() - now() - 300).abs() < 60, "by the settings of the server: {rotated}");
    let keys = installation.json(&["key", "list"]);
    let of = |purpose: &str, state: &str| {
        let keys = keys["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["purpose"] == purpose && key["state"] == state);
        let key = key.unwrap_or_else(|| panic!("{purpose} {state}: {keys:?}"));
        (key["next_step"].as_str().unwrap().to_owned(), key["next_step_at"].as_str().map(str::to_owned))
    };
    assert_eq!(of("access:ES256", "next"), ("signs".to_owned(), Some(at.clone())));
    assert_eq!(of("access:ES256", "active"), ("retires".to_owned(), Some(at.clone())));
    assert!(of("feed:ES256", "next").1.is_some() && of("id_token:RS256", "active").0 == "gets_successor");
    let jobs = installation.json(&["job", "list"]);
    let rotate = jobs["jobs"].as_array().unwrap().iter().find(|job| job["name"] == "keys.rotate").unwrap();
    assert!(rotate["next_run_at"].as_str().unwrap() <= &*at, "{rotate}");
    let table = installation.run(&["key", "list"]).accepted();
    assert!(table.contains(&format!("signs at {at}")), "{table}");
    drop(server);
}
