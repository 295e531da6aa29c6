//! What the primitives cost on this machine, in this run.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustix::time::{ClockId, clock_gettime};

use crate::load::now;

/// CPU time of one ES256 signature over as many bytes as an access token has, while every core signs: under load every core
/// works too.
pub(crate) fn es256_signature() -> Duration {
    let cores = std::thread::available_parallelism().unwrap().get();
    let workers: Vec<_> = (0..cores).map(|_| std::thread::spawn(signatures)).collect();
    let each = workers.into_iter().map(|worker| worker.join().unwrap());
    each.sum::<Duration>() / u32::try_from(cores).unwrap()
}

fn signatures() -> Duration {
    const SIGNATURES: u32 = 10_000;
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let message = [0x2e; 400];
    let begun = thread_cpu_time();
    for _ in 0..SIGNATURES {
        std::hint::black_box(key.sign(&random, &message).unwrap());
    }
    thread_cpu_time().checked_sub(begun).unwrap() / SIGNATURES
}

fn thread_cpu_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
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
