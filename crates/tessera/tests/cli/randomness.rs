//! An operating system that gives no randomness.

use std::process::Command;

use crate::support::{Installation, Outcome};

/// Runs a command whose call number `first` of getrandom(2), and all later ones, fail.
fn without_randomness(installation: &Installation, first: u32, args: &[&str]) -> Outcome {
    let real = installation.command(args);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=getrandom"]);
    command.arg("-e").arg(format!("inject=getrandom:error=EIO:when={first}+"));
    command.arg(real.get_program()).args(real.get_args()).env_clear().env("PATH", std::env!("PATH"));
    command.output().unwrap().into()
}

#[test]
fn without_randomness_nothing_starts_and_one_line_says_why() {
    for args in [&["init"][..], &["serve", "--dev"], &["user", "list"], &["demo", "--once"]] {
        let installation = Installation::empty();
        let said = without_randomness(&installation, 1, args).refused(71);
        assert_eq!(said, "tessera: the operating system gives no randomness; the process ends\n", "{args:?}");
        assert!(!installation.data().exists(), "{args:?}");
    }
}

/// The cryptographic provider ends the process itself: SIGABRT, which a shell shows as 134.
#[test]
fn randomness_that_fails_later_ends_the_process_with_one_line_and_no_panic() {
    let mut ends = std::collections::BTreeMap::new();
    for first in 2..40 {
        let installation = Installation::empty();
        let outcome = without_randomness(&installation, first, &["init"]);
        let said = outcome.stderr.trim_end();
        assert!(!said.contains("panicked"), "{first}: {outcome:?}");
        let code = outcome.code.unwrap_or(134);
        assert!(matches!(code, 0 | 71 | 134), "{first}: {outcome:?}");
        if code != 0 {
            assert_eq!(said.lines().count(), 1, "{first}: {outcome:?}");
        }
        *ends.entry(code).or_insert(0) += 1;
    }
    assert!(ends.contains_key(&71), "{ends:?}");
}
