//! `tessera backup` and `tessera restore`: the real binary, also when it is killed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tessera_model::{AuditEvent, AuditId, EventCode, Timestamp};
use tessera_store::{Location, Store};
use tessera_testkit::postgres::{TestDatabase, TestPostgres};

use crate::support::{Installation, Outcome, Server, mode};

const KEK: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// An installation on either engine, whose database can be put aside.
struct Place {
    installation: Installation,
    file: PathBuf,
    /// The PostgreSQL databases, the one in use last. None on SQLite.
    databases: Vec<TestDatabase>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Place {
    /// An installation in which Alice and Bob have accounts.
    fn new(engine: Engine) -> Self {
        let place = match engine {
            Engine::Sqlite => {
                let installation = Installation::init();
                Self { file: installation.file("tessera.toml"), installation, databases: Vec::new() }
            }
            Engine::Postgres => {
                let installation = Installation::empty();
                installation.write("kek", KEK, 0o600);
                let file = installation.configure(
                    "issuer = \"https://login.example.com\"\ndata_dir = \"data\"\n[keys]\nkek_file = \"kek\"\n",
                );
                let place = Self { installation, file, databases: vec![TestPostgres::shared().database()] };
                place.json(&["init", "--existing-key"]);
                place
            }
        };
        for name in ["alice", "bob"] {
            place.json(&["user", "add", name, "--no-password"]);
        }
        place
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.installation.with_file(args, &self.file);
        if let Some(database) = self.databases.last() {
            command.env("TESSERA_DATABASE_URL", database.url());
        }
        command
    }

    fn run(&self, args: &[&str]) -> Outcome {
        self.command(args).output().unwrap().into()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        self.run(&[args, &["--json"]].concat()).json()
    }

    /// A path beside the data directory.
    fn path(&self, name: &str) -> String {
        self.installation.data().with_file_name(name).to_str().unwrap().to_owned()
    }

    /// Puts the database aside, and says where it is then.
    fn put_aside(&mut self) -> String {
        if let Some(database) = self.databases.last() {
            // The command takes the password from its configuration alone.
            let mut old = url::Url::parse(&database.url()).unwrap();
            old.set_password(None).unwrap();
            self.databases.push(TestPostgres::shared().database());
            return old.into();
        }
        for ending in ["", "-wal", "-shm"] {
            let name = format!("tessera.db{ending}");
            // The log is gone if nobody has the file open.
            let _ = std::fs::rename(self.installation.file(&name), self.path(&format!("old{name}")));
        }
        self.path("oldtessera.db")
    }

    fn location(&self) -> Location {
        match self.databases.last() {
            Some(database) => Location::Postgres { url: database.url(), max_connections: 2, ca: None },
            None => Location::Sqlite { path: self.installation.file("tessera.db") },
        }
    }

    /// Names of the accounts.
    fn people(&self) -> Vec<String> {
        let list = self.json(&["user", "list"]);
        let people = list["users"].as_array().unwrap();
        people.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
    }

    fn files_beside(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.installation.data().parent().unwrap()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test]
async fn f53_a_backup_is_made_beside_a_server_and_restored_without_one(#[case] engine: Engine) {
    let mut place = tokio::task::spawn_blocking(move || Place::new(engine)).await.unwrap();
    let server = Server::start(place.command(&["serve"]));
    let file = place.path("backup");
    let made = place.json(&["backup", &file]);
    assert_eq!(
        (&made["rows"]["users"], &made["passphrase"]),
        (&Value::from(2), &Value::from(false)),
        "{made}"
    );
    assert_eq!(made["bytes"].as_u64(), Some(std::fs::metadata(&file).unwrap().len()));
    assert_eq!(mode(Path::new(&file)), 0o600);
    let said = place.run(&["backup", &place.path("another")]);
    assert!(said.stderr.contains("users: 2 rows") && said.stdout.contains("Wrote"), "{said:?}");
    let again = place.run(&["backup", &file]).refused(74);
    assert!(again.contains("already there"), "{again}");
    assert!(!place.files_beside().iter().any(|name| name.contains("partial")), "{:?}", place.files_beside());

    place.json(&["user", "lock", "bob"]);
    let refused = place.run(&["restore", &file]).refused(69);
    assert!(refused.contains("running") && !refused.contains("postgres://"), "{refused}");
    server.signal(Signal::TERM);
    assert!(server.ended().success());
    let refused = place.run(&["restore", &file]).refused(78);
    assert!(refused.contains("already there") || refused.contains("not empty"), "{refused}");

    let old = tokio::task::spawn_blocking(move || (place.put_aside(), place)).await.unwrap();
    let (old, place) = old;
    let restored = place.json(&["restore", &file, "--old", &old]);
    let changes = restored["changes"].as_array().unwrap();
    let told: Vec<_> = changes.iter().map(|change| (&change["code"], &change["username"])).collect();
    assert_eq!(told, [(&Value::from("user.locked"), &Value::from("bob"))], "{restored}");
    let bob = place.json(&["user", "show", "bob"]);
    assert_eq!(bob["status"], "active", "{bob}");
    let events = place.json(&["audit", "list"]);
    let newest = &events["events"][0];
    assert_eq!((&newest["code"], &newest["actor"]), (&Value::from("restore.done"), &Value::from("cli")));
    let server = Server::start(place.command(&["serve"]));
    assert_eq!(server.ops("/readyz").await.0, 200);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn a_promoted_standby_gets_new_keys_and_keeps_people(#[case] engine: Engine) {
    let place = Place::new(engine);
    let keys = || place.json(&["key", "list"])["keys"].as_array().unwrap().clone();
    let (before, secrets) = (keys(), "client_secrets");
    place.json(&["restore", "--promoted"]);
    let after = keys();
    let kids =
        |keys: &[Value]| keys.iter().filter_map(|key| key["kid"].as_str().map(str::to_owned)).collect();
    let (old, new): (Vec<String>, Vec<String>) = (kids(&before), kids(&after));
    assert!(old.len() == new.len() && old.iter().all(|kid| !new.contains(kid)), "{old:?} {new:?}");
    let of_secrets = |keys: &[Value]| keys.iter().find(|key| key["purpose"] == secrets).cloned();
    assert_eq!(of_secrets(&before), of_secrets(&after));
    assert_eq!(place.people(), ["alice", "bob"]);
    // `--promoted` needs no file, and a file is no promotion.
    assert_eq!(place.run(&["restore"]).code, Some(64));
    assert_eq!(place.run(&["restore", "--promoted", "backup"]).code, Some(64));
}

#[test]
fn s06_a_passphrase_comes_from_a_private_file_or_standard_input() {
    let mut place = Place::new(Engine::Sqlite);
    let (file, secret) =
        (place.path("backup"), place.installation.write("secret", "a long passphrase\n", 0o600));
    let secret = secret.to_str().unwrap();
    place.json(&["backup", &file, "--passphrase-file", secret]);
    place.put_aside();
    let refused = place.run(&["restore", &file]).refused(64);
    assert!(refused.contains("--passphrase-stdin"), "{refused}");
    let with_stdin = |text: &str| -> Outcome {
        let mut command = place.command(&["restore", &file, "--passphrase-stdin"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    };
    let refused = with_stdin("another passphrase").refused(65);
    assert!(refused.contains("passphrase is wrong") && !refused.contains("another"), "{refused}");
    let told = with_stdin("a long passphrase").accepted();
    assert!(told.contains("nobody can tell"), "{told}");
    assert_eq!(place.people(), ["alice", "bob"]);
    let short = place.installation.write("short", "short", 0o600);
    let refused =
        place.run(&["backup", &place.path("b"), "--passphrase-file", short.to_str().unwrap()]).refused(65);
    assert!(refused.contains("8 characters"), "{refused}");
    assert!(!Path::new(&place.path("b")).exists());
}

/// Runs the command on a file system of a few pages, then shows what is left there.
const ON_A_TINY_DISK: &str = r#"
directory=$1; shift
mount -t tmpfs -o size=16k,mode=0700 tessera-test "$directory" || {
    echo "this test mounts a file system of its own: run it as root, in a container that may mount" >&2
    exit 1
}
"$@"; code=$?
ls -A "$directory"
exit $code
"#;

#[test]
fn f12_a_full_disk_leaves_nothing_of_a_backup() {
    let place = Place::new(Engine::Sqlite);
    let store = tokio::runtime::Runtime::new().unwrap();
    store.block_on(fill(&place.location(), 500));
    let disk = place.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let real = place.command(&["backup", &format!("{disk}/backup")]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", ON_A_TINY_DISK, "sh", &disk]);
    command.arg(real.get_program()).args(real.get_args()).env_clear().env("PATH", std::env!("PATH"));
    let refused = Outcome::from(command.output().unwrap()).refused(74);
    assert!(refused.contains("No space left"), "{refused}");
}

#[test]
fn a_backup_that_cannot_be_written_says_why() {
    let place = Place::new(Engine::Sqlite);
    let refused = place.run(&["backup", &place.path("no/such/directory")]).refused(74);
    assert!(refused.contains("No such file"), "{refused}");
    let refused = place.run(&["restore", &place.path("nothing")]).refused(74);
    assert!(refused.contains("No such file"), "{refused}");
    let refused = place.run(&["restore", place.file.to_str().unwrap()]).refused(65);
    assert!(refused.contains("no backup of Tessera"), "{refused}");
}

#[test]
fn a_restore_without_the_key_encryption_key_changes_nothing() {
    let mut place = Place::new(Engine::Sqlite);
    let file = place.path("backup");
    place.json(&["backup", &file]);
    place.put_aside();
    std::fs::write(place.installation.file("kek"), KEK).unwrap();
    let refused = place.run(&["restore", &file]).refused(78);
    assert!(refused.contains("does not open the key of client secrets"), "{refused}");
    std::fs::remove_file(place.installation.file("kek")).unwrap();
    let refused = place.run(&["restore", &file]).refused(78);
    assert!(refused.contains("no such file"), "{refused}");
    assert!(!place.installation.file("tessera.db").exists());
}

/// Writes so many audit events, so that a restore takes a while.
async fn fill(location: &Location, events: u32) {
    let store = Store::open(location).await.unwrap();
    let event = |number: u32| AuditEvent {
        id: AuditId::from_random(u128::from(number).to_be_bytes()),
        at: Timestamp::from_seconds(i64::from(number)),
        code: EventCode::LoginFailed,
        actor: "anonymous".to_owned(),
        user_id: None,
        client_id: None,
        session_id: None,
        grant_id: None,
        ip: Some("192.0.2.1".to_owned()),
        request_id: Some(number.to_string()),
        detail: Some("x".repeat(100)),
    };
    let all: Vec<_> = (0..events).map(event).collect();
    for batch in all.chunks(1_000) {
        store.write(|tx| async move { tx.audit().append_all(batch).await }).await.unwrap();
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn f08_a_restore_that_is_killed_leaves_nothing_or_everything(#[case] engine: Engine) {
    let mut place = Place::new(engine);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(fill(&place.location(), 10_000));
    let file = place.path("backup");
    place.json(&["backup", &file]);
    place.put_aside();
    let (mut killed, mut delay) = (0, Duration::from_millis(8));
    loop {
        let mut child =
            place.command(&["restore", &file]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        // It may have ended already.
        let _ = kill_process(pid, Signal::KILL);
        let status = child.wait().unwrap();
        let there = match engine {
            Engine::Sqlite => place.installation.file("tessera.db").exists(),
            Engine::Postgres => has_tables(&place),
        };
        if there {
            break;
        }
        assert!(!status.success(), "it said that it was done");
        killed += 1;
        delay = delay.mul_f64(1.6);
        assert!(delay < Duration::from_secs(60), "it never ends");
    }
    assert!(killed > 2, "killed {killed} times");
    assert_eq!(place.people(), ["alice", "bob"]);
    let again = place.json(&["backup", &place.path("again")]);
    let events = again["rows"]["audit"].as_u64().unwrap();
    assert!(events > 10_000, "{again}");
}

#[test]
fn f08_a_backup_that_somebody_stops_leaves_nothing() {
    let place = Place::new(Engine::Sqlite);
    tokio::runtime::Runtime::new().unwrap().block_on(fill(&place.location(), 20_000));
    let mut child = place.command(&["backup", &place.path("backup")]).stderr(Stdio::piped()).spawn().unwrap();
    let begun = |place: &Place| place.files_beside().iter().any(|name| name.contains("partial"));
    while !begun(&place) && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert!(!begun(&place), "{:?}", place.files_beside());
    let there = Path::new(&place.path("backup")).exists();
    assert_eq!((outcome.code, there), (Some(64), false), "{outcome:?}");
    assert!(outcome.stderr.contains("stopped"), "{outcome:?}");
}

/// Whether the schema has tables. A transaction that is cut off is not seen.
fn has_tables(place: &Place) -> bool {
    let database = place.databases.last().unwrap();
    database.try_execute("SELECT 1 / count(*) FROM pg_tables WHERE schemaname = current_schema()").is_ok()
}
