//! Password hashing: argon2id (RFC 9106) on a bounded pool with a queue, never on the async threads.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::password_hash::phc::{Output, PasswordHash as Phc};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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
    decoy: Arc<Decoy>,
}

/// What the password of nobody is compared with: made beside the start, which must not wait for a hash.
struct Decoy {
    salt: [u8; 16],
    hash: OnceLock<PasswordHash>,
}

impl Decoy {
    fn hash(&self, argon2: &Argon2<'_>) -> &PasswordHash {
        self.hash.get_or_init(|| hash(argon2, b"nobody has this password", &self.salt))
    }
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
        let argon2 = argon2id(params);
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let decoy = Arc::new(Decoy { salt, hash: OnceLock::new() });
        tokio::task::spawn_blocking({
            let (argon2, decoy) = (argon2.clone(), Arc::clone(&decoy));
            move || decoy.hash(&argon2).as_str().len()
        });
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
        let (stored, decoy) = (stored.cloned(), Arc::clone(&self.decoy));
        self.run(move || {
            let comparison =
                compare(&argon2, password.expose(), stored.as_ref().unwrap_or_else(|| decoy.hash(&argon2)));
            (if stored.is_some() { comparison } else { Comparison::Mismatch }, password)
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
    let today = argon2.params();
    match Params::try_from(&phc) {
        Ok(spent) if (spent.m_cost(), spent.t_cost()) != (today.m_cost(), today.t_cost()) => {
            if matches_outdated(today, password, (&phc, spent)) {
                Comparison::MatchOutdated
            } else {
                Comparison::Mismatch
            }
        }
        _ if argon2.verify_password(password, &phc).is_ok() => Comparison::Match,
        _ => Comparison::Mismatch,
    }
}

/// Compares with a hash of another cost, and pays what a cheaper one left unpaid, so that it takes as long as the password of
/// nobody does (attack L02). A dearer one stays so until its next login.
fn matches_outdated(today: &Params, password: &[u8], (phc, spent): (&Phc, Params)) -> bool {
    let (Some(salt), Some(expected)) = (&phc.salt, &phc.hash) else { return false };
    // One memory for both, because the first touch of memory costs too.
    let mut memory = vec![Block::new(); today.block_count().max(spent.block_count())];
    let rest = rest(today, &spent);
    let mut computed = vec![0; expected.as_bytes().len()];
    let computed = argon2id(spent)
        .hash_password_into_with_memory(password, salt, &mut computed, &mut memory[..])
        .is_ok()
        .then(|| Output::new(&computed));
    if let Some(rest) = rest {
        let _ = argon2id(rest).fill_memory(password, salt, &mut memory[..]);
    }
    // Output compares in constant time.
    matches!(computed, Some(Ok(computed)) if computed == *expected)
}

fn argon2id(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The work that is left, which is memory times passes. Little memory is faster than that says, because it stays in caches.
fn rest(today: &Params, spent: &Params) -> Option<Params> {
    let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
    let left = work(today).checked_sub(work(spent))?;
    let passes = left.div_ceil(u64::from(today.m_cost())).max(1);
    Params::new(u32::try_from(left / passes).ok()?, u32::try_from(passes).ok()?, 1, None).ok()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const CHEAP: Hashing =
        Hashing { memory_kib: 64, passes: 3, workers: 1, queue: 1, patience: Duration::from_secs(600) };

    fn password(text: &str) -> PlainPassword {
        PlainPassword::to_check(text.to_owned()).unwrap()
    }

    /// Algorithm, version and cost of a hash, without salt and digest.
    fn cost(hash: &PasswordHash) -> String {
        hash.as_str().split('$').take(4).collect::<Vec<_>>().join("$")
    }

    #[tokio::test]
    async fn l02_who_does_not_exist_costs_a_hash_of_today() {
        let hasher = Hasher::new(CHEAP, &Zeros);
        let live = hasher.hash(password("a password"), [1; 16]).await.unwrap();
        assert_eq!(cost(&live), "$argon2id$v=19$m=64,t=3,p=1");
        assert_eq!(cost(hasher.decoy.hash(&hasher.argon2)), cost(&live));
        for text in ["a password", "nobody has this password"] {
            let (comparison, _) = hasher.compare(password(text), None).await.unwrap();
            assert_eq!(comparison, Comparison::Mismatch, "nor does the decoy's own password open anything");
        }
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_matches_but_is_outdated() {
        let older = Hasher::new(Hashing { passes: 1, ..CHEAP }, &Zeros);
        let stored = older.hash(password("a password"), [1; 16]).await.unwrap();
        let hasher = Hasher::new(CHEAP, &Zeros);
        let compare = async |text: &str, stored: &PasswordHash| {
            hasher.compare(password(text), Some(stored)).await.unwrap().0
        };
        assert_eq!(compare("a password", &stored).await, Comparison::MatchOutdated);
        assert_eq!(compare("a passworD", &stored).await, Comparison::Mismatch);
        let nothing = PasswordHash::new(String::new());
        assert_eq!(compare("", &nothing).await, Comparison::Mismatch, "a row without a hash matches nothing");
    }

    #[test]
    fn l02_what_an_older_hash_left_unpaid_is_paid() {
        let params = |memory, passes| Params::new(memory, passes, 1, None).unwrap();
        let today = params(19_456, 2);
        for (older, left) in [
            (params(19_456, 1), (19_456, 1)),
            (params(7_168, 5), (3_072, 1)),
            (params(64, 1), (19_424, 2)),
            (params(9_728, 2), (19_456, 1)),
        ] {
            let rest = rest(&today, &older).unwrap();
            assert_eq!((rest.m_cost(), rest.t_cost()), left, "{older:?}");
        }
        assert!(rest(&today, &today).is_none() && rest(&today, &params(65_536, 3)).is_none());
    }

    #[tokio::test]
    async fn l10_the_pool_holds_so_many_and_turns_the_rest_away_at_once() {
        let hasher = Hasher::new(CHEAP, &Zeros);
        let busy = Arc::clone(&hasher.running).acquire_owned().await.unwrap();
        let mut first = pin!(hasher.compare(password("first"), None));
        let mut second = pin!(hasher.compare(password("second"), None));
        tokio::select! {
            biased;
            _ = &mut first => panic!("there was no worker for it"),
            _ = &mut second => panic!("there was no worker for it"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(hasher.compare(password("third"), None).await.err(), Some(Busy));
        drop(busy);
        assert!(first.await.is_ok() && second.await.is_ok(), "who waited is served");
        assert!(hasher.compare(password("fourth"), None).await.is_ok());
    }

    #[tokio::test]
    async fn l10_nobody_waits_for_ever() {
        let hasher = Hasher::new(Hashing { patience: Duration::ZERO, ..CHEAP }, &Zeros);
        let busy = Arc::clone(&hasher.running).acquire_owned().await.unwrap();
        assert_eq!(hasher.compare(password("first"), None).await.err(), Some(Busy));
        drop(busy);
        assert!(hasher.compare(password("second"), None).await.is_ok());
    }
}
