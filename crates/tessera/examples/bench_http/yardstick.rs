//! What the primitives cost on this machine, in this run.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

use crate::load::now;

/// One ES256 signature over as many bytes as an access token has: the best of several rounds.
pub(crate) fn es256_signature() -> Duration {
    const ROUNDS: u32 = 20;
    const SIGNATURES: u32 = 500;
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let message = [0x2e; 400];
    let round = |_| {
        let begun = now();
        for _ in 0..SIGNATURES {
            std::hint::black_box(key.sign(&random, &message).unwrap());
        }
        begun.elapsed() / SIGNATURES
    };
    (0..ROUNDS).map(round).min().unwrap()
}

/// Commits a second of a bare loop: one UPDATE of one of 64 rows, one durable commit, on the disk that the server uses.
pub(crate) fn durable_commits(folder: &Path) -> f64 {
    const COMMITS: u32 = 2_000;
    let database = rusqlite::Connection::open(folder.join("yardstick.db")).unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    database.pragma_update(None, "synchronous", "full").unwrap();
    database.execute_batch("CREATE TABLE grants (id INTEGER PRIMARY KEY, leaf INTEGER NOT NULL)").unwrap();
    for id in 0..64 {
        database.execute("INSERT INTO grants VALUES (?1, 1)", [id]).unwrap();
    }
    let mut rotate =
        database.prepare("UPDATE grants SET leaf = leaf + 1 WHERE id = ?1 RETURNING leaf").unwrap();
    let begun = now();
    for n in 0..COMMITS {
        rotate.query_row([n % 64], |row| row.get::<_, i64>(0)).unwrap();
    }
    f64::from(COMMITS) / begun.elapsed().as_secs_f64()
}
