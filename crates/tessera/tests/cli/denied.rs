//! A file that this account may not use: the command says so, with the path, and ends with 77.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Installation, Outcome, set_mode};

/// An account without rights. The tests run as root, whom no permission stops.
const NOBODY: u32 = 65_534;
const KEK: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const CONFIG: &str = "issuer = \"https://login.example.com\"\ndata_dir = \"data\"\nlisten = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"\n";

/// An installation of the account without rights, and the binary where that account can run it.
struct OfNobody {
    installation: Installation,
    binary: PathBuf,
    root: PathBuf,
}

impl OfNobody {
    fn new() -> Self {
        let installation = Installation::init();
        let root = installation.data().parent().unwrap().to_owned();
        let binary = root.join("tessera");
        fs::copy(env!("CARGO_BIN_EXE_tessera"), &binary).unwrap();
        set_mode(&binary, 0o755);
        set_mode(&root, 0o755);
        let this = Self { installation, binary, root };
        give(&this.installation.data());
        for entry in fs::read_dir(this.installation.data()).unwrap() {
            give(&entry.unwrap().path());
        }
        this
    }

    fn run(&self, args: &[&str]) -> Outcome {
        let mut command = Command::new(&self.binary);
        command.args(args).env_clear().current_dir(&self.root).uid(NOBODY).gid(NOBODY);
        command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
        command.output().unwrap().into()
    }

    fn data(&self) -> String {
        self.installation.data().display().to_string()
    }
}

/// Makes the account without rights the owner.
fn give(path: &Path) {
    std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
}

#[track_caller]
fn denied(outcome: Outcome, path: &str) {
    let said = outcome.refused(77);
    assert!(
        said.contains(path) && said.contains("Permission denied") && said.contains("account"),
        "{path}: {said}"
    );
}

#[test]
fn f40_eacces_is_said_for_the_files_of_an_installation() {
    let place = OfNobody::new();
    let data = place.data();
    place.run(&["user", "list", "--data", &data]).accepted();
    for name in ["tessera.toml", "kek", "tessera.db"] {
        let file = place.installation.file(name);
        std::os::unix::fs::chown(&file, Some(0), Some(0)).unwrap();
        denied(place.run(&["user", "list", "--data", &data]), name);
        denied(place.run(&["serve", "--data", &data]), name);
        give(&file);
    }
    place.run(&["user", "list", "--data", &data]).accepted();
    // The write-ahead log could not be made in the directory.
    let directory = place.installation.data();
    std::os::unix::fs::chown(&directory, Some(0), Some(0)).unwrap();
    set_mode(&directory, 0o755);
    denied(place.run(&["user", "list", "--data", &data]), "data");
    set_mode(&directory, 0o700);
    denied(place.run(&["user", "list", "--data", &data]), "tessera.toml");
    denied(place.run(&["config", "check", "--data", &data]), "tessera.toml");
    denied(place.run(&["init", "--data", &format!("{data}/new")]), "new");
}

#[test]
fn f40_eacces_is_said_for_every_file_that_the_configuration_names() {
    let place = OfNobody::new();
    place.installation.write("secret", KEK, 0o600);
    fs::create_dir(place.root.join("theme")).unwrap();
    fs::write(place.root.join("theme/login.css"), "").unwrap();
    set_mode(&place.root.join("theme/login.css"), 0o600);
    for (key, text) in [
        ("keys.kek_file", "[keys]\nkek_file = \"secret\"\n"),
        ("tls.key_file", "[tls]\nkey_file = \"secret\"\ncertificate_file = \"secret\"\n"),
        (
            "database.password_file",
            "[keys]\nkek_file = \"own\"\n[database]\nurl = \"postgres://t@localhost/t\"\npassword_file = \"secret\"\n",
        ),
        (
            "database.ca_file",
            "[keys]\nkek_file = \"own\"\n[database]\nurl = \"postgres://t@localhost/t\"\nca_file = \"secret\"\n",
        ),
        ("theme.dir", "[theme]\ndir = \"theme\"\n"),
    ] {
        let own = place.installation.write("own", KEK, 0o600);
        give(&own);
        let file = place.installation.configure(&format!("{CONFIG}{text}"));
        let file = file.to_str().unwrap();
        for args in [["config", "check", "--config", file].as_slice(), &["serve", "--config", file]] {
            let outcome = place.run(args);
            assert!(outcome.stderr.contains(key), "{key}: {outcome:?}");
            denied(outcome, if key == "theme.dir" { "login.css" } else { "secret" });
        }
    }
    let file =
        place.installation.configure(&format!("{CONFIG}nonsense = 1\n[keys]\nkek_file = \"secret\"\n"));
    let said = place.run(&["config", "check", "--config", file.to_str().unwrap()]).refused(78);
    assert!(said.contains("nonsense") && said.contains("Permission denied"), "both are listed: {said}");
}

/// `$1` is mounted read-only before the command runs.
const READ_ONLY: &str =
    r#"mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99; shift; exec "$@""#;

#[test]
fn f12_a_read_only_file_system_is_said() {
    let installation = Installation::init();
    let real = installation.command(&["user", "list"]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", READ_ONLY, "sh"]).arg(installation.data());
    command.arg(real.get_program()).args(real.get_args()).env_clear().env("PATH", std::env!("PATH"));
    let said = Outcome::from(command.output().unwrap()).refused(74);
    assert!(said.contains("tessera.db") && said.contains("Read-only file system"), "{said}");
    assert!(said.contains("mounted read-only"), "{said}");
}
