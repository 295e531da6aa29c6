//! The file: what is in it, and which files are refused.

use rstest::rstest;
use tessera_app::backup::{BackupError, FormatError};
use tessera_app::keys::Kek;
use tessera_model::ClientKind;
use tessera_store::{Location, StoreError};
use tessera_testkit::postgres::TestPostgres;
use tessera_testkit::server::{Backend, KEK, PASSWORD, TestServer};

use super::{made, passphrase, restored};

/// A place without a database, and what holds it.
struct Place {
    location: Location,
    home: tempfile::TempDir,
}

impl Place {
    fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { location: Location::Sqlite { path: home.path().join("tessera.db") }, home }
    }

    /// The files, apart from the one that holds the claim of a server.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.ends_with(".restore.lock")).collect()
    }
}

async fn refused(server: &TestServer, place: &Place, file: &[u8]) -> BackupError {
    let error = restored(&server.clock, &place.location, file, None).await.unwrap_err();
    assert_eq!(place.files(), [""; 0], "{error}");
    error
}

#[rstest]
#[tokio::test]
async fn f14_a_damaged_backup_is_refused_before_anything_is_changed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let (file, place) = (made(&server, None).await, Place::empty());
    for at in (0..file.len()).step_by(file.len() / 400 + 1) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        let error = refused(&server, &place, &changed).await;
        assert!(matches!(error, BackupError::Format(_)), "byte {at}: {error}");
        let error = refused(&server, &place, &file[..at]).await;
        assert!(matches!(error, BackupError::Format(_)), "{at} bytes: {error}");
    }
    let longer = [&file[..], b"x"].concat();
    assert!(matches!(refused(&server, &place, &longer).await, BackupError::Format(FormatError::Damaged(_))));
    restored(&server.clock, &place.location, &file, None).await.unwrap();
    assert_eq!(place.files(), ["tessera.db"]);
}

/// The parts of a file, each with its length: how it is protected, its header, rows, its end.
fn parts(file: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = file.strip_prefix(b"tessera backup 1\n").unwrap();
    let mut parts = Vec::new();
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let (part, after) = rest.split_at(4 + usize::try_from(u32::from_be_bytes(*length)).unwrap());
        parts.push(part.to_vec());
        rest = after;
    }
    parts
}

fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"tessera backup 1\n".to_vec(), parts.concat()].concat()
}

#[rstest]
#[tokio::test]
async fn f14_parts_that_are_missing_repeated_swapped_or_of_another_backup_are_refused(
    #[values(None, Some("a long passphrase"))] secret: Option<&str>,
) {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let secret = secret.map(passphrase);
    let (file, other) = (made(&server, secret.as_ref()).await, made(&server, secret.as_ref()).await);
    let (whole, others, place) = (parts(&file), parts(&other), Place::empty());
    assert!(whole.len() > 4 && joined(&whole) == file, "{} parts", whole.len());
    let mut forged = Vec::new();
    for at in 0..whole.len() {
        let mut without = whole.clone();
        without.remove(at);
        let mut twice = whole.clone();
        twice.insert(at, whole[at].clone());
        let mut foreign = whole.clone();
        foreign[at].clone_from(&others[at]);
        forged.extend([without, twice, foreign]);
    }
    let mut swapped = whole.clone();
    swapped.swap(2, 3);
    forged.push(swapped);
    for parts in forged {
        let outcome = restored(&server.clock, &place.location, &joined(&parts), secret.as_ref()).await;
        assert!(matches!(outcome, Err(BackupError::Format(_))), "{outcome:?}");
        assert_eq!(place.files(), [""; 0]);
    }
}

#[tokio::test]
async fn s06_a_passphrase_hides_everything_and_a_wrong_one_opens_nothing() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let right = passphrase("a long passphrase");
    let (open, sealed) = (made(&server, None).await, made(&server, Some(&right)).await);
    let holds = |file: &[u8], text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    for text in ["alice", "$argon2id$", &client.id, "client_secrets"] {
        let readable = [holds(&open, text), holds(&sealed, text)];
        assert_eq!(readable, [true, false], "{text}");
    }
    for secret in [PASSWORD, &client.secret] {
        assert!(!holds(&open, secret), "{secret}");
    }
    for kek in [&KEK[..], tessera_jose::base64url::encode(KEK).as_bytes()] {
        assert!(!open.windows(kek.len()).any(|window| window == kek), "a backup holds no key-encryption key");
    }
    let place = Place::empty();
    let attempt = async |file: &[u8], secret: Option<&str>| {
        let secret = secret.map(passphrase);
        let outcome = restored(&server.clock, &place.location, file, secret.as_ref()).await;
        assert_eq!(place.files(), [""; 0]);
        outcome.unwrap_err()
    };
    let refused = attempt(&sealed, None).await;
    assert!(matches!(refused, BackupError::Format(FormatError::NeedsPassphrase)), "{refused}");
    let refused = attempt(&sealed, Some("another passphrase")).await;
    assert!(matches!(refused, BackupError::Format(FormatError::WrongPassphrase)), "{refused}");
    let refused = attempt(&open, Some("a long passphrase")).await;
    assert!(matches!(refused, BackupError::Format(FormatError::NotSealed)), "{refused}");
    restored(&server.clock, &place.location, &sealed, Some(&right)).await.unwrap();
}

#[tokio::test]
async fn i08_a_file_cannot_ask_for_endless_work() {
    let server = TestServer::start(Backend::Sqlite).await;
    let place = Place::empty();
    for costs in ["4294967295,\"passes\":1", "65536,\"passes\":4294967295", "1,\"passes\":1"] {
        let protection =
            format!("{{\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"argon2id\":{{\"memory_kib\":{costs}}}}}");
        let length = u32::try_from(protection.len()).unwrap().to_be_bytes();
        let file = [b"tessera backup 1\n", &length[..], protection.as_bytes()].concat();
        let secret = passphrase("a long passphrase");
        let refused = restored(&server.clock, &place.location, &file, Some(&secret)).await.unwrap_err();
        assert!(matches!(refused, BackupError::Format(FormatError::Costs)), "{costs}: {refused}");
    }
    for (file, newer) in [(&b"tessera backup 2\n"[..], true), (b"SQLite format 3\0", false), (b"", false)] {
        let refused = refused(&server, &place, file).await;
        let BackupError::Format(error) = refused else { panic!("{refused}") };
        let expected = if newer {
            matches!(error, FormatError::Newer)
        } else {
            matches!(error, FormatError::NotABackup)
        };
        assert!(expected, "{error}");
    }
}

#[tokio::test]
async fn a_restore_needs_the_key_encryption_key_that_the_issuer_had() {
    use tessera_app::backup::{Source, Target, restore};
    let server = TestServer::start(Backend::Sqlite).await;
    let (file, place) = (made(&server, None).await, Place::empty());
    let target = Target {
        location: &place.location,
        kek: &Kek::new(&[8; 32]),
        clock: &*server.clock,
        entropy: &tessera_testkit::clock::SeededEntropy::new(1),
        actor: tessera_app::Actor::Cli,
    };
    let source = Source { file: std::io::Cursor::new(file), passphrase: None, old: None };
    let refused = restore(&target, source, |_| {}).await.unwrap_err();
    assert!(matches!(refused, BackupError::WrongKek), "{refused}");
    assert_eq!(place.files(), [""; 0]);
}

#[rstest]
#[tokio::test]
async fn a_backup_of_either_engine_is_restored_to_either(
    #[values(Backend::Sqlite, Backend::Postgres)] from: Backend,
    #[values(Backend::Sqlite, Backend::Postgres)] to: Backend,
) {
    let server = TestServer::start(from).await;
    server.add_user("alice").await;
    let file = made(&server, None).await;
    let (place, database) = match to {
        Backend::Sqlite => (Place::empty(), None),
        Backend::Postgres => {
            let database = tokio::task::spawn_blocking(|| TestPostgres::shared().database()).await.unwrap();
            let location = Location::Postgres { url: database.url(), max_connections: 1, ca: None };
            (Place { location, ..Place::empty() }, Some(database))
        }
    };
    let report = restored(&server.clock, &place.location, &file, None).await.unwrap();
    let rows = |table: &str| report.rows.iter().find(|part| part.table == table).unwrap().rows;
    assert_eq!((rows("users"), rows("apis")), (1, 1), "{report:?}");
    // What is there is not replaced.
    let refused = restored(&server.clock, &place.location, &file, None).await.unwrap_err();
    assert!(matches!(refused, BackupError::Store(StoreError::Location(_))), "{refused}");
    drop(database);
}
