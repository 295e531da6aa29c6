//! `tessera demo` from outside, as somebody at a shell runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

fn tessera(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tessera")).args(args).output().unwrap()
}

fn demo(args: &[&str]) -> Output {
    tessera(&[&["demo"], args].concat())
}

/// The first of three ports that are free at this moment.
fn three_free_ports() -> u16 {
    let bind = |port: u16| TcpListener::bind(("127.0.0.1", port));
    std::iter::repeat_with(|| bind(0).unwrap())
        .find_map(|first| {
            let port = first.local_addr().unwrap().port();
            let next = |more: u16| port.checked_add(more).and_then(|port| bind(port).ok());
            next(1).zip(next(2)).map(|_| port)
        })
        .unwrap()
}

/// The permissions of the files with this ending.
fn modes(directory: &Path, ending: &'static str) -> impl Iterator<Item = u32> {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let named = files.filter(move |file| file.path().extension().is_some_and(|found| found == ending));
    named.map(|file| file.metadata().unwrap().permissions().mode() & 0o777)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn once_through_everything_and_again_on_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for person in ["alice", "visitor-"] {
        let output = demo(&["--once", "--no-open", "--data", data.to_str().unwrap()]);
        let transcript = text(&output.stdout);
        assert!(output.status.success(), "{transcript}\n{}", text(&output.stderr));
        let steps: Vec<&str> =
            transcript.lines().filter_map(|line| line.get(5..23)).map(str::trim_end).collect();
        let expected = [
            "start",
            "discovery",
            "login page",
            "log in",
            "consent",
            "code",
            "tokens",
            "userinfo",
            "API",
            "refresh",
            "refresh again",
            "replay",
            "family ended",
            "API refuses",
            "login page",
            "log in",
            "code",
            "tokens",
            "API",
            "revoke",
            "API refuses",
            "refresh refused",
        ];
        assert_eq!(steps[1..=expected.len()], expected, "{transcript}");
        assert!(transcript.contains(&format!("as {person}")), "{transcript}");
        assert!(transcript.contains("Alice Example, "), "{transcript}");
        assert!(!transcript.contains("eyJ"), "a token stands in the transcript");
        assert!(modes(&data, "secret").all(|mode| mode == 0o600), "a secret is open to others");
        assert!(modes(&data, "secret").count() > 0, "the sample application keeps its secret");
    }
}

#[test]
fn a_step_that_fails_is_named_and_ends_the_run_with_1() {
    // Somebody else may take a port before the demo does, which is another failure (69).
    let failed = std::iter::repeat_with(|| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let port = three_free_ports();
        let once = ["--once", "--port", &port.to_string(), "--data", data.to_str().unwrap()];
        let first = demo(&once);
        // The application of the next run is known already, but turned off.
        let disable = ["client", "disable", &format!("demo-web-{}", port + 1), "--yes", "--data"];
        let disabled = tessera(&[&disable[..], &[data.to_str().unwrap()]].concat());
        (first.status.success() && disabled.status.success()).then(|| demo(&once))
    });
    let failed = failed.take(10).flatten().find(|output| output.status.code() != Some(69)).unwrap();
    let said = text(&failed.stdout);
    assert_eq!(failed.status.code(), Some(1), "{said}\n{}", text(&failed.stderr));
    let last = said.lines().last().unwrap();
    assert_eq!(last, "FAILED at step \"login page\": status 400 instead of a redirect");
}

#[test]
fn without_a_folder_nothing_stays_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tessera"))
        .args(["demo", "--once"])
        .current_dir(temporary.path())
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let output = demo(&["--once", "--port", &port, "--data", folder.path().join("data").to_str().unwrap()]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains(&format!("port {port} (for the issuer) is in use")), "{said}");
    assert!(said.contains("--port 0"), "{said}");
}
