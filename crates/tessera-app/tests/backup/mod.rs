//! Backups and restores: what comes back, what never does, and which files are refused before anything is changed.

mod file;

use std::io::Cursor;

use tessera_app::backup::{self, BackupError, Restored, Source, Target};
use tessera_app::keys::Kek;
use tessera_app::{Actor, Cx};
use tessera_model::PlainPassword;
use tessera_store::Location;
use tessera_testkit::clock::{SeededEntropy, TestClock};
use tessera_testkit::server::{KEK, TestServer};

/// A backup of a running server.
async fn made(server: &TestServer, passphrase: Option<&PlainPassword>) -> Vec<u8> {
    let mut file = Vec::new();
    let cx = Cx::new(&server.app, Actor::Cli);
    backup::make(&cx, &mut file, passphrase, |_| {}).await.unwrap();
    file
}

fn passphrase(text: &str) -> PlainPassword {
    PlainPassword::to_set(text.to_owned()).unwrap()
}

/// Restores a backup as somebody at the command line does.
async fn restored(
    clock: &TestClock,
    location: &Location,
    file: &[u8],
    passphrase: Option<&PlainPassword>,
) -> Result<Restored, BackupError> {
    let source = Source { file: Cursor::new(file), passphrase, old: None };
    restored_from(clock, location, source).await
}

async fn restored_from(
    clock: &TestClock,
    location: &Location,
    source: Source<'_, Cursor<&[u8]>>,
) -> Result<Restored, BackupError> {
    let (kek, entropy) = (&Kek::new(&KEK), &SeededEntropy::new(99));
    let target = Target { location, kek, clock, entropy, actor: Actor::Cli };
    backup::restore(&target, source, |_| {}).await
}
