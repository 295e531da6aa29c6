//! `tessera init`: what it prints works, and what fails leaves nothing behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Installation, Outcome, Server, tessera};

/// The commands that `init` prints, in order.
fn printed(said: &str) -> Vec<String> {
    let steps = said.lines().filter_map(|line| line.trim_start().split_once(". "));
    steps.map(|(_, step)| step.to_owned()).filter(|step| step.starts_with("tessera ")).collect()
}

/// Runs a printed command in a shell, as somebody would who copies it.
fn in_a_shell(installation: &Installation, command: &str) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_tessera"));
    let mut shell = Command::new("sh");
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env!("PATH"));
    shell.args(["-c", &format!("exec {command}")]).env_clear().env("PATH", path).stdin(Stdio::null());
    shell.current_dir(installation.data().parent().unwrap());
    shell
}

#[test]
fn every_printed_command_works_for_the_issuer_and_the_directory_given() {
    for (directory, issuer, dev) in [
        ("tessera-data", None, false),
        ("my data's place", Some("https://id.example.org"), false),
        ("plain", Some("http://localhost:4711"), true),
        ("loopback", Some("http://127.0.0.1:4712"), true),
        ("six", Some("http://[::1]:4713"), true),
    ] {
        let installation = Installation::empty();
        let mut init = tessera();
        init.arg("init").current_dir(installation.data().parent().unwrap());
        if directory != "tessera-data" {
            init.args(["--data", directory]);
        }
        if let Some(issuer) = issuer {
            init.args(["--issuer", issuer]);
        }
        let said = Outcome::from(init.output().unwrap()).accepted();
        assert_eq!(said.contains("set issuer to"), issuer.is_none(), "{said}");
        assert_eq!(said.contains("tls.terminated_by"), !dev, "{said}");
        let commands = printed(&said);
        assert_eq!(commands.len(), 3, "{said}");
        let (serve, others) = commands.split_last().unwrap();
        for command in others {
            Outcome::from(in_a_shell(&installation, command).output().unwrap()).accepted();
        }
        if let Some(issuer) = issuer.filter(|_| dev) {
            let file = installation.data().with_file_name(directory).join("tessera.toml");
            let listen = issuer.replace("http://", "listen = \"").replace("localhost", "127.0.0.1");
            let text = fs::read_to_string(file).unwrap();
            assert!(text.contains(&listen), "it listens where the issuer says: {listen}\n{text}");
        }
        let server = Server::start(in_a_shell(&installation, serve));
        assert_eq!(server.issuer, issuer.unwrap_or("https://login.example.com"));
    }
}

#[test]
fn an_example_issuer_and_https_without_tls_are_warned_about() {
    let installation = Installation::init();
    let check = |installation: &Installation| {
        let outcome = installation.run(&["config", "check"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stderr
    };
    let said = check(&installation);
    assert!(said.contains("issuer: is an example"), "{said}");
    assert!(said.contains("listen: is reached by nobody with https"), "{said}");
    let server = Server::start(installation.command(&["serve"]));
    drop(server);

    let file = installation.file("tessera.toml");
    let text = fs::read_to_string(&file).unwrap().replace("login.example.com", "id.example.org");
    fs::write(&file, text.replace("\n[tls]\n", "\n[tls]\nterminated_by = \"proxy\"\n")).unwrap();
    assert_eq!(check(&installation), "", "nothing to warn about");
}

/// Runs `init` on a file system of `$2` bytes at `$1`, and lists what it left there.
const ON_A_SMALL_DISK: &str = r#"
directory=$1 size=$2; shift 2
mount -t tmpfs -o size=$size,mode=0700 tessera-test "$directory" || {
    echo "this test mounts a file system of its own: run it as root, in a container that may mount" >&2
    exit 99
}
"$@"
code=$?
cd "$directory" && find . -mindepth 1 >&2
exit $code
"#;

#[test]
fn f12_init_on_a_full_disk_leaves_nothing_behind() {
    let (mut failed, mut worked) = (0, 0);
    // From a disk without room for the configuration to one with room for everything.
    for kibibytes in [4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 384, 448, 512, 1_024, 8_192] {
        let installation = Installation::empty();
        let place = installation.data();
        fs::create_dir(&place).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "--", "sh", "-c", ON_A_SMALL_DISK, "sh"]).arg(&place);
        command.arg(format!("{kibibytes}k")).arg(env!("CARGO_BIN_EXE_tessera"));
        command.arg("init").arg("--data").arg(place.join("a/b"));
        command.env_clear().env("PATH", std::env!("PATH"));
        let outcome = Outcome::from(command.output().unwrap());
        let left: Vec<_> = outcome.stderr.lines().filter(|line| line.starts_with("./")).collect();
        if outcome.code == Some(0) {
            worked += 1;
            assert!(left.contains(&"./a/b/tessera.db"), "{kibibytes} KiB: {outcome:?}");
        } else {
            failed += 1;
            assert!(matches!(outcome.code, Some(69 | 74)), "{kibibytes} KiB: {outcome:?}");
            assert!(left.is_empty(), "{kibibytes} KiB: {outcome:?}");
            let said = &outcome.stderr;
            let words = ["full", "No space left", "free space"];
            assert!(words.iter().any(|words| said.contains(words)), "{kibibytes} KiB: {said}");
        }
    }
    assert!(failed > 3 && worked > 0, "{failed} {worked}");
}

#[test]
fn the_database_of_a_configuration_is_made_once_and_its_key_with_it() {
    let installation = Installation::empty();
    let file = installation.configure("issuer = \"https://id.example.org\"\ndata_dir = \"data\"\n");
    let init = |rest: &[&str]| {
        Outcome::from(installation.with_file(&[&["init"], rest].concat(), &file).output().unwrap())
    };
    assert!(init(&["--existing-key"]).refused(78).contains("no such file"));
    init(&[]).accepted();
    let (kek, database) = (fs::read(installation.file("kek")).unwrap(), installation.file("tessera.db"));
    assert!(init(&[]).refused(78).contains("key-encryption key already"));
    assert!(init(&["--existing-key"]).refused(78).contains("there is a database already"));
    fs::remove_file(&database).unwrap();
    let log = installation.file("tessera.db-wal");
    fs::write(&log, "the log of a database that is gone").unwrap();
    assert!(init(&["--existing-key"]).refused(78).contains("move it away"));
    fs::remove_file(log).unwrap();
    assert!(init(&[]).refused(78).contains("key-encryption key already"), "not beside a key, unless told so");
    assert!(!database.exists());
    init(&["--existing-key"]).accepted();
    assert_eq!(fs::read(installation.file("kek")).unwrap(), kek);
    let list = installation.with_file(&["user", "list"], &file).output().unwrap();
    Outcome::from(list).accepted();
}
