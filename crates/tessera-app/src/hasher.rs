//! Password hashing: argon2id (RFC 9106) on a bounded pool with a queue, never on the async threads.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tessera_model::{PasswordHash, PlainPassword};
use tokio::sync::Semaphore;

use crate::ports::Entropy;

/// Cost of a hash and size of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// Memory in KiB (default 19,456: OWASP's argon2id profile).
    pub memory_kib: u32,
    /// Passes (default 2).
    pub passes: u32,
    /// Hashes at the same time (default 2); memory use is bounded by this many times `memory_kib`.
    pub workers: usize,
    /// Hashes that may wait (default 64).
    pub queue: usize,
    /// How long one may wait (default 2 s).
    pub patience: Duration,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, workers: 2, queue: 64, patience: Duration::from_secs(2) }
    }
}

/// The pool is full: try again in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many logins at the same time")]
pub struct Busy;

/// The pool.
#[derive(Clone)]
pub(crate) struct Hasher {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    patience: Duration,
    decoy: PasswordHash,
}

/// What comparing a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Match,
    /// It matches, but was hashed at another cost: hash it again.
    MatchOutdated,
    Mismatch,
}

impl Hasher {
    pub(crate) fn new(hashing: Hashing, entropy: &dyn Entropy) -> Self {
        // Costs outside the algorithm's bounds fall back to its defaults; the configuration has checked them before.
        let params = Params::new(hashing.memory_kib, hashing.passes, 1, None).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let decoy = hash(&argon2, b"nobody has this password", &salt);
        Self {
            argon2,
            running: Arc::new(Semaphore::new(hashing.workers.max(1))),
            admitted: Arc::new(Semaphore::new(hashing.workers.max(1) + hashing.queue)),
            patience: hashing.patience,
            decoy,
        }
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: PlainPassword, salt: [u8; 16]) -> Result<PasswordHash, Busy> {
        let argon2 = self.argon2.clone();
        self.run(move || hash(&argon2, password.expose(), &salt)).await
    }

    /// Compares with the stored hash, or with a decoy of the same cost where there is none (attack L02). Gives the password
    /// back so that it can be hashed again.
    pub(crate) async fn compare(
        &self,
        password: PlainPassword,
        stored: Option<&PasswordHash>,
    ) -> Result<(Comparison, PlainPassword), Busy> {
        let argon2 = self.argon2.clone();
        let exists = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).clone();
        self.run(move || {
            let comparison = compare(&argon2, password.expose(), &stored);
            (if exists { comparison } else { Comparison::Mismatch }, password)
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = self.admitted.try_acquire().map_err(|_| Busy)?;
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.running).acquire_owned());
        let Ok(Ok(permit)) = turn.await else { return Err(Busy) };
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|_| Busy)
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> PasswordHash {
    // Salt and password are within the algorithm's bounds, so this does not fail; an empty hash would match nothing.
    let phc = argon2.hash_password_with_salt(password, salt).map(|phc| phc.to_string());
    PasswordHash::new(phc.unwrap_or_default())
}

fn compare(argon2: &Argon2<'_>, password: &[u8], stored: &PasswordHash) -> Comparison {
    let Ok(phc) = Phc::new(stored.as_str()) else { return Comparison::Mismatch };
    if argon2.verify_password(password, &phc).is_err() {
        return Comparison::Mismatch;
    }
    let current = Params::try_from(&phc).is_ok_and(|params| {
        (params.m_cost(), params.t_cost()) == (argon2.params().m_cost(), argon2.params().t_cost())
    });
    if current { Comparison::Match } else { Comparison::MatchOutdated }
}
