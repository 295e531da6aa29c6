//! Cases for SQLite alone: permissions, the server claim, other processes, crashes.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tessera_model::{Digest, Throttle, Timestamp};
use tessera_store::{Location, Store, StoreError};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn location(path: &Path) -> Location {
    Location::Sqlite { path: path.to_owned() }
}

async fn bed() -> (Store, PathBuf, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("state").join("tessera.db");
    (Store::create(&location(&path)).await.unwrap(), path, home)
}

async fn attempt(store: &Store, number: u8) -> Result<bool, StoreError> {
    let begun = store
        .write(|tx| async move {
            tx.throttles()
                .begin(&Digest::new([number; 32]), &Digest::new([number; 32]), Throttle::MOST_PASSWORDS, NOW)
                .await
        })
        .await?;
    Ok(begun.is_some())
}

#[tokio::test]
async fn s01_only_the_owner_can_read_what_the_store_makes() {
    let (store, path, _home) = bed().await;
    attempt(&store, 1).await.unwrap();
    let _claim = store.claim_server().await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut seen = 0;
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = entry.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        seen += 1;
    }
    assert_eq!(seen, 3, "database, write-ahead log, shared memory");
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused_and_the_command_line_is_not() {
    let (store, path, _home) = bed().await;
    let claim = store.claim_server().await.unwrap();
    let other = Store::open(&location(&path)).await.unwrap();
    assert!(matches!(other.claim_server().await.map(drop), Err(StoreError::AlreadyServed(_))));
    assert_eq!(attempt(&other, 1).await, Ok(true));
    assert_eq!(attempt(&store, 1).await, Ok(false), "both see one state");
    drop(claim);
    assert!(other.claim_server().await.is_ok());
}

/// Copies the files while the store is open, as a crash would leave them.
#[tokio::test]
async fn i03_what_was_acknowledged_survives_a_crash_and_what_was_not_is_gone() {
    let (store, path, home) = bed().await;
    assert_eq!(attempt(&store, 1).await, Ok(true));
    let crash_site = home.path().join("after");
    let (from, to) = (path.parent().unwrap(), crash_site.as_path());
    let midway = store.write(|tx| async move {
        tx.throttles()
            .begin(&Digest::new([2; 32]), &Digest::new([2; 32]), Throttle::MOST_PASSWORDS, NOW)
            .await?;
        fs::create_dir(to).unwrap();
        for name in ["tessera.db", "tessera.db-wal"] {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
        Ok::<_, StoreError>(())
    });
    midway.await.unwrap();
    let after = Store::open(&location(&crash_site.join("tessera.db"))).await.unwrap();
    assert_eq!(attempt(&after, 1).await, Ok(false), "acknowledged before");
    assert_eq!(attempt(&after, 2).await, Ok(true), "under way at that moment");
}

#[tokio::test]
async fn f14_a_damaged_or_foreign_file_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let garbage = home.path().join("garbage.db");
    fs::write(&garbage, vec![0x5a; 8_192]).unwrap();
    let refused = Store::open(&location(&garbage)).await.map(drop);
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert_eq!(fs::read(&garbage).unwrap(), vec![0x5a; 8_192]);

    let foreign = home.path().join("notes.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    let before = fs::read(&foreign).unwrap();
    let refused = Store::open(&location(&foreign)).await.map(drop);
    assert!(matches!(refused, Err(StoreError::Foreign(_))), "{refused:?}");
    assert_eq!(fs::read(&foreign).unwrap(), before, "not even its journal mode is touched");

    let directory = Store::open(&location(home.path())).await.map(drop);
    assert!(matches!(directory, Err(StoreError::File { .. })), "{directory:?}");
    let nowhere = Store::open(&location(Path::new("/proc/nowhere/tessera.db"))).await.map(drop);
    assert!(matches!(nowhere, Err(StoreError::NotInitialised(_))), "{nowhere:?}");
    let nowhere = Store::create(&location(Path::new("/proc/nowhere/tessera.db"))).await.map(drop);
    assert!(matches!(nowhere, Err(StoreError::File { .. })), "{nowhere:?}");
}

#[tokio::test]
async fn a_corrupt_page_is_an_error_and_never_an_empty_answer() {
    let (store, path, _home) = bed().await;
    for number in 0..200 {
        attempt(&store, number).await.unwrap();
    }
    drop(store);
    let length = fs::metadata(&path).unwrap().len();
    let mut bytes = fs::read(&path).unwrap();
    assert!(length > 8_192);
    bytes[4_096..].fill(0xee);
    fs::write(&path, bytes).unwrap();
    let outcome = match Store::open(&location(&path)).await {
        Ok(store) => attempt(&store, 1).await.map(drop),
        Err(error) => Err(error),
    };
    assert!(matches!(outcome, Err(StoreError::Corrupt(_))), "{outcome:?}");
}

/// A file system that is really full. Mounting it needs root.
#[tokio::test]
async fn f12_a_full_file_system_refuses_writes_until_there_is_room() {
    let home = tempfile::tempdir().unwrap();
    let mounted = match Mounted::tmpfs(home.path(), "2m") {
        Ok(mounted) => mounted,
        // Without root, src/sqlite/tests.rs still covers the fault, with PRAGMA max_page_count.
        Err(refusal) => return assert!(refusal.contains("mount"), "{refusal}"),
    };
    let store = Store::create(&location(&mounted.0.join("tessera.db"))).await.unwrap();
    attempt(&store, 0).await.unwrap();
    let ballast = mounted.0.join("ballast");
    fill(&ballast);
    let mut refused = 0;
    for number in 1..=100 {
        refused += u32::from(attempt(&store, number).await.is_err_and(|error| error.is_unavailable()));
    }
    assert!(refused > 0);
    let read = store.read(|tx| async move { tx.catalog().version().await }).await;
    assert!(read.is_ok(), "{read:?}");
    fs::remove_file(ballast).unwrap();
    assert_eq!(attempt(&store, 200).await, Ok(true));
    assert_eq!(attempt(&store, 0).await, Ok(false));
}

/// Writes until nothing fits any more.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = fs::File::create(path).unwrap();
    for size in [65_536, 512, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

/// A mounted file system, unmounted on drop.
struct Mounted(PathBuf);

impl Mounted {
    fn tmpfs(at: &Path, size: &str) -> Result<Self, String> {
        let options = format!("size={size},mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tessera-test"]).arg(at);
        let output = mount.output().map_err(|error| format!("mount: {error}"))?;
        let refusal = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(Self(at.to_owned())) } else { Err(refusal()) }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}
