//! A wrong configuration is refused with all its problems at once, and nothing starts.

use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Installation, Outcome, mode, set_mode};

const RIGHT: &str = "issuer = \"https://login.example.com\"\ndata_dir = \"data\"\nlisten = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"\n";

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// `serve` and `config check` print the same problems.
#[track_caller]
fn both_refuse(installation: &Installation, text: &str, code: i32) -> String {
    let file = installation.configure(text);
    let run = |args: &[&str]| Outcome::from(installation.with_file(args, &file).output().unwrap());
    let checked = run(&["config", "check"]).refused(code);
    // A server that does not start has nothing to advise against.
    let checked: String =
        checked.split_inclusive('\n').filter(|line| !line.starts_with("warning: ")).collect();
    let served = run(&["serve"]).refused(code);
    assert_eq!(checked, served);
    checked
}

#[test]
fn f40_everything_wrong_is_listed_with_its_line() {
    let installation = Installation::empty();
    let text = "issuer = \"http://login.example.com?x\"\nlisten = 80\nlissten = \"x\"\n[tls]\nkey_file = \"nowhere\"\n[lifetimes]\ncode = \"5m\"\n[log]\nlevel = \"loud\"\n";
    let said = both_refuse(&installation, text, 78);
    for expected in [
        "t.toml:1: issuer: ",
        "t.toml:2: listen: ",
        "t.toml:3: lissten: ",
        "t.toml:5: tls.certificate_file: is missing",
        "t.toml:5: tls.key_file: ",
        "t.toml:7: lifetimes.code: ",
        "t.toml:9: log.level: ",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(!installation.data().exists(), "nothing is half-started");
}

#[test]
fn f40_a_file_that_is_not_there_or_not_toml() {
    let installation = Installation::empty();
    let run = |args: &[&str]| {
        Outcome::from(installation.with_file(args, "nowhere.toml".as_ref()).output().unwrap())
    };
    assert!(run(&["config", "check"]).refused(78).contains("tessera init"));
    assert!(both_refuse(&installation, "issuer = https://a.example\n", 78).contains("t.toml:1: "));
}

#[test]
fn f40_secrets_that_others_can_read_are_refused() {
    let installation = Installation::empty();
    for (permissions, name) in [(0o644, "kek-644"), (0o640, "kek-640"), (0o602, "kek-602")] {
        installation.write(name, HEX, permissions);
        let said = both_refuse(&installation, &format!("{RIGHT}[keys]\nkek_file = \"{name}\"\n"), 78);
        assert!(said.contains(":6: keys.kek_file: ") && said.contains("chmod 600"), "{said}");
    }
    installation.write("kek", HEX, 0o600);
    std::os::unix::fs::symlink("kek", installation.configure("").with_file_name("link")).unwrap();
    let said = both_refuse(&installation, &format!("{RIGHT}[keys]\nkek_file = \"link\"\n"), 78);
    assert!(said.contains("symbolic link"), "{said}");
    installation.write("short", "secret", 0o600);
    let said = both_refuse(&installation, &format!("{RIGHT}[keys]\nkek_file = \"short\"\n"), 78);
    assert!(said.contains("is not a key"), "{said}");
    installation.write("zeros", "00".repeat(32), 0o600);
    let said = both_refuse(&installation, &format!("{RIGHT}[keys]\nkek_file = \"zeros\"\n"), 78);
    assert!(said.contains("not a random key"), "{said}");
    let said = both_refuse(&installation, &format!("{RIGHT}[keys]\nkek_file = \"gone\"\n"), 78);
    assert!(said.contains("no such file"), "{said}");
}

#[test]
fn f40_what_is_wrong_with_a_way_to_postgres_is_said_before_anybody_connects() {
    let installation = Installation::empty();
    installation.write("kek", HEX, 0o600);
    installation.write("empty.pem", "nothing here\n", 0o644);
    installation.write("empty", "\n", 0o600);
    for (database, expected) in [
        ("url = \"postgres://t@db.example.com/t\"", "t.toml:6: database.ca_file: is missing: "),
        ("url = \"postgres://t@localhost/t?sslmode=require\"", "t.toml:6: database.ca_file: is missing: "),
        ("url = \"postgres://t@localhost/t?sslmode=foo\"", "t.toml:6: database.url: is not a PostgreSQL URL"),
        ("url = \"postgres://t@localhost/t\"\nca_file = \"empty.pem\"", "t.toml:7: database.ca_file: "),
        ("url = \"postgres://t@localhost/t\"\nca_file = \"gone.pem\"", "t.toml:7: database.ca_file: "),
        (
            "url = \"postgres://t@localhost/t\"\npassword_file = \"empty\"",
            "t.toml:7: database.password_file: ",
        ),
    ] {
        let said = both_refuse(
            &installation,
            &format!("{RIGHT}[database]\n{database}\n[keys]\nkek_file = \"kek\"\n"),
            78,
        );
        assert!(said.contains(expected), "{database}\n{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn f40_every_file_is_looked_at_whatever_else_is_wrong() {
    let installation = Installation::empty();
    installation.write("open", "secret", 0o644);
    for (text, expected) in [
        (
            "[tls]\ncertificate_file = \"gone\"\nkey_file = \"gone\"\n",
            vec!["t.toml:6: tls.certificate_file: ", "t.toml:7: tls.key_file: "],
        ),
        (
            "[tls]\ncertificate_file = \"gone\"\n",
            vec!["t.toml:6: tls.certificate_file: ", "t.toml:6: tls.key_file: is missing"],
        ),
        (
            "[database]\nurl = \"mysql://db/t\"\npassword_file = \"open\"\nca_file = \"gone\"\n[keys]\nkek_file = \"open\"\n",
            vec![
                "t.toml:6: database.url: ",
                "t.toml:7: database.password_file: ",
                "t.toml:8: database.ca_file: ",
                "t.toml:10: keys.kek_file: ",
            ],
        ),
    ] {
        let said = both_refuse(&installation, &format!("{RIGHT}{text}"), 78);
        for expected in &expected {
            assert!(said.contains(expected), "{expected}\n{said}");
        }
        assert_eq!(said.lines().count(), expected.len(), "{said}");
    }
}

#[test]
fn f40_programs_read_every_problem_too() {
    let installation = Installation::empty();
    let checked = |file: &Path, variables: &[(&str, &str)]| -> Value {
        let mut command = installation.with_file(&["config", "check", "--json"], file);
        let outcome = Outcome::from(command.envs(variables.iter().copied()).output().unwrap());
        assert_eq!(outcome.code, Some(78), "{outcome:?}");
        assert_ne!(outcome.stderr, "");
        let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(answer["valid"], false);
        answer["problems"].clone()
    };
    let file = installation.configure("listen = \"127.0.0.1:0\"\n[log]\nlevel = \"loud\"\n");
    let problems = checked(&file, &[("TESSERA_LOG_FORMAT", "xml")]);
    let problems = problems.as_array().unwrap();
    let places: Vec<_> = problems.iter().map(|p| (&p["key"], &p["line"], &p["variable"])).collect();
    assert_eq!(
        places,
        [
            (&json!("log.level"), &json!(3), &Value::Null),
            (&json!("log.format"), &Value::Null, &json!("TESSERA_LOG_FORMAT")),
            (&json!("issuer"), &Value::Null, &Value::Null),
        ]
    );
    assert_eq!(problems[1]["text"], "use one of \"text\", \"json\"");
    let broken = checked(&installation.configure("issuer = \n"), &[]);
    assert_eq!((&broken[0]["key"], &broken[0]["line"]), (&Value::Null, &json!(1)));
    let gone = checked("nowhere.toml".as_ref(), &[]);
    assert!(gone[0]["text"].as_str().unwrap().starts_with("nowhere.toml: "), "{gone}");
}

#[test]
fn metrics_that_others_can_reach_are_told_but_refuse_nothing() {
    let installation = Installation::empty();
    let file = installation.configure(&RIGHT.replace("ops_listen = \"127.0.0.1", "ops_listen = \"0.0.0.0"));
    let mut command = installation.with_file(&["config", "check", "--json"], &file);
    let outcome = Outcome::from(command.output().unwrap());
    assert!(outcome.stderr.contains("t.toml:4: ops_listen: "), "{outcome:?}");
    let said = outcome.json();
    let warned = |text: &str| {
        said["warnings"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains(text))
    };
    assert!(warned("t.toml:4: ops_listen: ") && warned("t.toml:1: issuer: is an example"), "{said}");
}

#[test]
fn f40_a_theme_that_cannot_be_rendered_is_refused() {
    let installation = Installation::empty();
    let said = both_refuse(&installation, &format!("{RIGHT}[theme]\ndir = \"nowhere\"\n"), 78);
    assert!(said.contains("t.toml:6: theme.dir: "), "{said}");
    std::fs::create_dir(installation.configure("").with_file_name("theme")).unwrap();
    for name in ["theme/signin.html", "theme/signout.html"] {
        installation.write(name, "", 0o644);
    }
    let said = both_refuse(&installation, &format!("{RIGHT}[theme]\ndir = \"theme\"\n"), 78);
    assert_eq!(said.matches("t.toml:6: theme.dir: ").count(), 2, "{said}");
    std::fs::create_dir(installation.configure("").with_file_name("misspelled")).unwrap();
    installation.write("misspelled/login.html", "\n{{ usrname }}", 0o644);
    let said = both_refuse(&installation, &format!("{RIGHT}[theme]\ndir = \"misspelled\"\n"), 78);
    assert!(said.ends_with("login.html, line 2: undefined value\n"), "only rendering shows it: {said}");
}

#[test]
fn f40_a_port_in_use_is_unavailable() {
    let installation = Installation::init();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for variable in ["TESSERA_LISTEN", "TESSERA_OPS_LISTEN"] {
        let mut command = installation.command(&["serve"]);
        command
            .env("TESSERA_LISTEN", "127.0.0.1:0")
            .env("TESSERA_OPS_LISTEN", "127.0.0.1:0")
            .env(variable, &address);
        let said = Outcome::from(command.output().unwrap()).refused(69);
        assert!(said.contains("listen") && said.contains(&address), "{said}");
    }
}

#[test]
fn f40_a_database_that_cannot_be_reached_is_unavailable() {
    let installation = Installation::empty();
    installation.write("kek", HEX, 0o600);
    installation.write("password", "hunter2\n", 0o600);
    // Port 1 of this machine: nobody listens there.
    let text = format!(
        "{RIGHT}[database]\nurl = \"postgres://tessera@127.0.0.1:1/tessera\"\npassword_file = \"password\"\n[keys]\nkek_file = \"kek\"\n"
    );
    let file = installation.configure(&text);
    installation.with_file(&["config", "check"], &file).output().map(Outcome::from).unwrap().accepted();
    let said = installation.with_file(&["serve"], &file).output().map(Outcome::from).unwrap().refused(69);
    assert!(said.contains("unavailable") && !said.contains("hunter2"), "{said}");
}

#[test]
fn f14_a_database_that_cannot_be_read_is_left_alone() {
    let installation = Installation::init();
    let database = installation.file("tessera.db");
    let whole = std::fs::read(&database).unwrap();
    for broken in [b"not a database, but long enough to look at".to_vec(), whole[..whole.len() / 2].to_vec()]
    {
        std::fs::write(&database, &broken).unwrap();
        // What the database had not yet written back would repair it.
        for rest in ["tessera.db-wal", "tessera.db-shm"] {
            let _ = std::fs::remove_file(installation.file(rest));
        }
        let mut command = installation.command(&["serve"]);
        command.env("TESSERA_LISTEN", "127.0.0.1:0").env("TESSERA_OPS_LISTEN", "127.0.0.1:0");
        let said = Outcome::from(command.output().unwrap()).refused(78);
        assert!(said.contains("Nothing was changed"), "{said}");
        assert!(database.exists());
    }
}

#[test]
fn s01_the_key_of_another_installation_opens_nothing() {
    let (mine, other) = (Installation::init(), Installation::init());
    std::fs::copy(other.file("kek"), mine.file("kek")).unwrap();
    assert!(mine.run(&["key", "list"]).refused(78).contains("does not open"));
    std::fs::remove_file(mine.file("kek")).unwrap();
    let said = mine.run(&["key", "list"]).refused(78);
    assert!(said.contains("put back the key"), "{said}");
    assert!(!mine.file("kek").exists(), "no new key is made for an old database");
}

#[test]
fn s06_init_makes_private_files_and_overwrites_nothing() {
    let installation = Installation::init();
    assert_eq!(mode(&installation.data()), 0o700);
    for name in ["kek", "tessera.db", "tessera.toml"] {
        assert_eq!(mode(&installation.file(name)), 0o600, "{name}");
    }
    let before = std::fs::read(installation.file("kek")).unwrap();
    assert!(installation.run(&["init"]).refused(78).contains("already there"));
    assert_eq!(std::fs::read(installation.file("kek")).unwrap(), before);
    installation.run(&["config", "check"]).accepted();
    set_mode(&installation.file("kek"), 0o644);
    assert!(installation.run(&["user", "list"]).refused(78).contains("chmod 600"));
}

#[test]
fn an_issuer_that_cannot_be_leaves_nothing_behind() {
    let installation = Installation::empty();
    let said = installation.run(&["init", "--issuer", "http://login.example.com"]).refused(78);
    assert!(said.contains("must be https"), "{said}");
    assert!(!installation.file("tessera.toml").exists());
    let made = installation.json(&["init", "--issuer", "https://id.example.org"]);
    assert_eq!(made["issuer"], "https://id.example.org");
}

#[test]
fn unknown_variables_are_told_but_refuse_nothing() {
    let installation = Installation::init();
    let mut command = installation.command(&["config", "check"]);
    let outcome: Outcome = command.env("TESSERA_LISTN", "127.0.0.1:1").output().unwrap().into();
    assert!(outcome.stderr.contains("TESSERA_LISTN"), "{outcome:?}");
    outcome.accepted();
}

#[test]
fn commands_make_no_database_where_there_is_none() {
    let installation = Installation::empty();
    std::fs::create_dir(installation.data()).unwrap();
    assert!(installation.run(&["user", "list"]).refused(78).contains("tessera init"));
    assert_eq!(std::fs::read_dir(installation.data()).unwrap().count(), 0);
}
