//! New passwords: refused with every reason, looked up in a list, and generated as long as the rules want them.

use crate::support::{Installation, Outcome};

const PASSWORD: &str = "correct horse battery staple";
/// The SHA-1 of [`PASSWORD`].
const HASH: &str = "ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42";

const BEGIN: &str = "issuer = \"https://login.example.com\"\ndata_dir = \"data\"\n[passwords]\n";

fn set(installation: &Installation, password: &str) -> Outcome {
    installation.run_with(&["user", "set-password", "alice", "--password-stdin"], password)
}

fn command(installation: &Installation, passwords: &str, args: &[&str]) -> Outcome {
    let file = installation.configure(&format!("{BEGIN}{passwords}"));
    installation.with_file(args, &file).output().unwrap().into()
}

/// Adds an account with [`PASSWORD`] under these settings.
fn add(installation: &Installation, passwords: &str, username: &str) -> Outcome {
    let file = installation.write("password", PASSWORD, 0o600);
    let args = ["user", "add", username, "--password-file", file.to_str().unwrap()];
    command(installation, passwords, &args)
}

#[test]
fn r22_a_bad_password_is_refused_with_every_reason_and_what_to_do() {
    let installation = Installation::init();
    let said = installation.run_with(&["user", "add", "alice", "--password-stdin"], "alice2024").refused(65);
    let expected = "password: use at least 15 characters\npassword: it is easy to guess; use several words that have \
                    nothing to do with each other, or --generate-password\n";
    assert_eq!(said, expected);
    assert!(installation.run(&["user", "show", "alice"]).refused(65).contains("no such user"));
    // What is wrong with the other fields stands beside it.
    let args = ["user", "add", "alice", "--email", "nowhere", "--password-stdin"];
    let said = installation.run_with(&args, "alicealicealice2024").refused(65);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("e-mail address") && said.contains("easy to guess"), "{said}");
    let too_long = "p".repeat(1025);
    let said = installation.run_with(&["user", "add", "alice", "--password-stdin"], &too_long).refused(65);
    assert_eq!(said, "the password is too long: use at most 1024 bytes\n");
}

#[test]
fn l11_the_password_that_an_account_has_is_not_set_again() {
    let installation = Installation::init();
    installation.run_with(&["user", "add", "alice", "--password-stdin"], PASSWORD).accepted();
    assert_eq!(
        set(&installation, PASSWORD).refused(65),
        "password: it is the old password; choose a new one\n"
    );
    assert!(set(&installation, "loginloginlogin").refused(65).contains("easy to guess"));
    set(&installation, "nine purple teapots sing").accepted();
}

#[test]
fn r22_a_generated_password_is_as_long_as_the_rules_want() {
    let installation = Installation::init();
    for (number, (min, len)) in [(8, 20), (20, 20), (21, 24), (64, 64)].into_iter().enumerate() {
        let rules = format!("min_length_only_factor = {min}\nmin_score = 4\n");
        let name = format!("user{number}");
        let added = command(&installation, &rules, &["user", "add", &name, "--generate-password", "--json"]);
        assert_eq!(added.json()["password"].as_str().unwrap().len(), len, "{min}");
    }
}

#[test]
fn r22_a_password_in_the_list_is_refused() {
    let installation = Installation::init();
    let breached = "breached = \"list\"\n";
    installation.write("list", format!("{HASH}:110\r\n{}:1\r\n", "F".repeat(40)), 0o644);
    let said = add(&installation, breached, "alice").refused(65);
    assert_eq!(
        said,
        "password: it is known from a breach of another service; choose one that was never used\n"
    );
    installation.write("list", format!("{}:1\r\n", "F".repeat(40)), 0o644);
    add(&installation, breached, "alice").accepted();
}

#[test]
fn r22_a_list_that_cannot_be_read_stops_the_start_and_no_command() {
    let installation = Installation::init();
    installation.write("damaged", format!("{}:1\n{HASH}\n", "0".repeat(40)), 0o644);
    installation.write("by-count", format!("{}:9\n{}:1\n", "F".repeat(40), "0".repeat(40)), 0o644);
    let lists = [
        ("gone", "No such file"),
        ("damaged", "has no line HASH:COUNT at byte 43"),
        ("by-count", "is not sorted at byte 43"),
        (".", "is not a file"),
    ];
    for (number, (list, expected)) in lists.into_iter().enumerate() {
        let username = &format!("user{number}");
        let breached = format!("breached = \"{list}\"\n");
        for args in [&["config", "check"][..], &["serve"]] {
            let said = command(&installation, &breached, args).refused(78);
            assert!(said.contains("t.toml:4: passwords.breached: ") && said.contains(expected), "{said}");
        }
        if list == "by-count" {
            // Only the start looks at the order.
            continue;
        }
        let refused = add(&installation, &format!("{breached}when_unreachable = \"refuse\"\n"), username);
        assert!(refused.refused(65).contains("the list cannot be read (passwords.breached)"));
        let accepted = add(&installation, &breached, username);
        assert!(accepted.stderr.contains("a password was not looked up"), "{accepted:?}");
        assert!(!accepted.stderr.contains(HASH) && !accepted.stderr.contains(PASSWORD), "{accepted:?}");
        accepted.accepted();
    }
}

/// An address that nothing may be sent to is not asked, so this needs no network.
#[test]
fn r22_a_service_that_cannot_be_reached_is_warned_about() {
    let installation = Installation::init();
    let breached = "breached = \"https://127.0.0.1:9/\"\n";
    let refused = add(&installation, &format!("{breached}when_unreachable = \"refuse\"\n"), "alice");
    assert!(refused.refused(65).contains("try again later"));
    let accepted = add(&installation, breached, "alice");
    assert!(accepted.stderr.contains("127.0.0.1: the address is not allowed"), "{accepted:?}");
    accepted.accepted();
}
