//! Password hashing: argon2id (RFC 9106), computed by the pool (`hashing_pool.rs`).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::Mutex;
use tessera_model::{PasswordHash, PlainPassword, Timestamp};
use tessera_store::PasswordCost;

pub use crate::hashing_pool::Busy;
use crate::hashing_pool::{Buffer, Pool, PoolSize, Queue, Turn};
use crate::passwords::AcceptedPassword;
use crate::ports::Entropy;

/// Cost of a hash and size of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// Memory in KiB (default 19,456: OWASP's argon2id profile).
    pub memory_kib: u32,
    /// Passes (default 2).
    pub passes: u32,
    /// Hashes at the same time (default 2). Memory use is at most this many times the largest `memory_kib` in use.
    pub workers: usize,
    /// Most hashes of known devices that wait (default 64), and as many of strangers.
    pub queue: usize,
    /// The longest that one waits (default 2 s).
    pub queue_timeout: Duration,
    /// From this moment on a hash of another cost opens nothing. `None`: never.
    pub outdated_until: Option<Timestamp>,
}

impl Hashing {
    /// The bounds of `memory_kib`.
    pub const MEMORY_KIB: RangeInclusive<u32> = 64..=1_048_576;
    /// The bounds of `passes`.
    pub const PASSES: RangeInclusive<u32> = 1..=20;
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            workers: 2,
            queue: 64,
            queue_timeout: Duration::from_secs(2),
            outdated_until: None,
        }
    }
}

/// Hashes and compares passwords.
pub(crate) struct Hasher {
    today: Cost,
    /// Costs of hashes in the database, other than today's.
    others: Mutex<BTreeSet<Cost>>,
    /// The salt for a comparison without a stored hash of that cost.
    salt: [u8; 16],
    pool: Pool,
    outdated_until: Option<Timestamp>,
    /// What was last said in the log about outdated hashes.
    said: Mutex<OutdatedHashes>,
}

/// How many accounts have a hash of another cost than today's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutdatedHashes {
    pub(crate) accounts: u64,
    /// Whether they have stopped working.
    pub(crate) refused: bool,
}

/// The cost of a hash. All hashes use one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    memory_kib: u32,
    passes: u32,
}

/// Most other costs that are remembered. A further cost only slows down the logins of its own accounts.
const MAX_OTHERS: usize = 4;

/// The result of comparing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Match,
    /// It matches, but the stored hash has another cost than today's. Hash it again.
    MatchOutdated,
    Mismatch,
    /// The hash has another cost, and those open nothing any more. Nobody knows whether the password is right.
    Outdated,
}

impl Hasher {
    pub(crate) fn new(hashing: Hashing, entropy: &dyn Entropy) -> Self {
        // The configuration has checked the costs. If they were out of bounds, the defaults of the algorithm would apply.
        let today = Params::new(hashing.memory_kib, hashing.passes, 1, None).unwrap_or_default();
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        Self {
            today: Cost::of(&today),
            others: Mutex::default(),
            salt,
            pool: Pool::new(PoolSize {
                workers: hashing.workers,
                queue: hashing.queue,
                queue_timeout: hashing.queue_timeout,
            }),
            outdated_until: hashing.outdated_until,
            said: Mutex::default(),
        }
    }

    /// Waits until a hash can be computed.
    pub(crate) async fn turn(&self, queue: Queue) -> Result<Turn, Busy> {
        self.pool.turn(queue).await
    }

    /// Does other work with passwords that takes a processor as long as a hash.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        self.pool.run(turn, |_| work()).await.map(|(result, _)| result)
    }

    /// Hashes a new password.
    pub(crate) async fn hash(
        &self,
        password: AcceptedPassword,
        salt: [u8; 16],
    ) -> Result<PasswordHash, Busy> {
        let turn = self.turn(Queue::Known).await?;
        self.hash_in(turn, password.into_plain(), salt).await.map(|(hash, _)| hash)
    }

    /// Hashes a password that is set already at today's cost.
    pub(crate) async fn hash_in(
        &self,
        turn: Turn,
        password: PlainPassword,
        salt: [u8; 16],
    ) -> Result<(PasswordHash, Turn), Busy> {
        let today = self.today;
        // Salt and password are within the algorithm's bounds, so this does not fail. If it did, the empty hash would match nothing.
        let hash =
            move |buffer: &mut Buffer| today.hash(password.expose(), &salt, buffer).unwrap_or_default();
        let (phc, turn) = self.pool.run(turn, hash).await?;
        Ok((PasswordHash::new(phc), turn))
    }

    /// Compares a password with the stored hash, and gives the password back, so that it can be hashed again.
    ///
    /// Every comparison computes one hash of each cost in use, in the same order, also without a stored hash. So the time does
    /// not tell whether an account exists or how old its hash is. Once outdated hashes open nothing, every comparison computes
    /// one hash.
    pub(crate) async fn compare(
        &self,
        turn: Turn,
        password: PlainPassword,
        stored: Option<&PasswordHash>,
        now: Timestamp,
    ) -> Result<((Comparison, PlainPassword), Turn), Busy> {
        let stored = stored.and_then(|hash| Phc::new(hash.as_str()).ok());
        let own = stored.as_ref().and_then(Cost::of_hash);
        let (today, salt, refused) = (self.today, self.salt, self.refuses_outdated(now));
        let costs = if refused { BTreeSet::from([today]) } else { self.costs_with(own) };
        let compare = move |buffer: &mut Buffer| {
            let matches = compare(&costs, &salt, password.expose(), stored.as_ref(), buffer);
            let outdated = own.is_some_and(|own| own != today);
            let comparison = match (matches, outdated) {
                (_, true) if refused => Comparison::Outdated,
                (true, false) => Comparison::Match,
                (true, true) => Comparison::MatchOutdated,
                (false, _) => Comparison::Mismatch,
            };
            (comparison, password)
        };
        self.pool.run(turn, compare).await
    }

    /// Whether this hash is of this password, whatever its cost. The time tells the cost, so this is not for logins.
    pub(crate) async fn is_of(
        &self,
        turn: Turn,
        password: PlainPassword,
        stored: &PasswordHash,
    ) -> Result<((bool, PlainPassword), Turn), Busy> {
        let stored = Phc::new(stored.as_str()).ok();
        let (costs, salt) = (stored.as_ref().and_then(Cost::of_hash).into_iter().collect(), self.salt);
        let compare = move |buffer: &mut Buffer| {
            (compare(&costs, &salt, password.expose(), stored.as_ref(), buffer), password)
        };
        self.pool.run(turn, compare).await
    }

    /// Remembers the costs of the hashes in the database. Answers how many accounts are outdated, if that is news.
    pub(crate) fn in_use(&self, costs: &[PasswordCost], now: Timestamp) -> Option<OutdatedHashes> {
        let (mut others, mut accounts) = (BTreeSet::new(), 0);
        for PasswordCost { cost, accounts: with_it } in costs {
            let cost = Phc::new(cost).ok().and_then(|phc| Cost::of_hash(&phc));
            if cost == Some(self.today) {
                continue;
            }
            accounts += with_it;
            if others.len() < MAX_OTHERS {
                others.extend(cost);
            }
        }
        *self.others.lock() = others;
        let found = OutdatedHashes { accounts, refused: accounts > 0 && self.refuses_outdated(now) };
        (std::mem::replace(&mut *self.said.lock(), found) != found).then_some(found)
    }

    /// Whether a hash has another cost than today's.
    pub(crate) fn is_outdated(&self, hash: &PasswordHash) -> bool {
        Phc::new(hash.as_str()).ok().and_then(|phc| Cost::of_hash(&phc)) != Some(self.today)
    }

    /// Whether hashes of other costs have stopped working.
    fn refuses_outdated(&self, now: Timestamp) -> bool {
        self.outdated_until.is_some_and(|until| now >= until)
    }

    /// The costs in use, including the cost of this hash, which counts as in use from now on.
    fn costs_with(&self, own: Option<Cost>) -> BTreeSet<Cost> {
        let mut others = self.others.lock();
        if others.len() < MAX_OTHERS {
            others.extend(own.filter(|own| *own != self.today));
        }
        others.iter().copied().chain([self.today]).chain(own).collect()
    }
}

fn compare(
    costs: &BTreeSet<Cost>,
    salt: &[u8; 16],
    password: &[u8],
    stored: Option<&Phc>,
    buffer: &mut Buffer,
) -> bool {
    let mut matches = false;
    for cost in costs {
        let own = stored.filter(|stored| Cost::of_hash(stored) == Some(*cost));
        let salt = own.and_then(|own| own.salt.as_ref()).map_or(&salt[..], |salt| salt);
        let expected = own.and_then(|own| own.hash.as_ref());
        let mut computed = vec![0; expected.map_or(Params::DEFAULT_OUTPUT_LEN, |hash| hash.as_bytes().len())];
        if cost.fill(password, salt, &mut computed, buffer).is_some()
            && let Some(expected) = expected
        {
            // `Output` compares in constant time.
            matches = Output::new(&computed).is_ok_and(|computed| computed == *expected);
        }
    }
    matches
}

impl Cost {
    fn of(params: &Params) -> Self {
        Self { memory_kib: params.m_cost(), passes: params.t_cost() }
    }

    /// `None` for a cost that no configuration allows, so that a row in the database cannot make the server do too much work.
    fn of_hash(phc: &Phc) -> Option<Self> {
        let params = Params::try_from(phc).ok()?;
        let cost = Self::of(&params);
        let allowed =
            Hashing::MEMORY_KIB.contains(&cost.memory_kib) && Hashing::PASSES.contains(&cost.passes);
        (allowed && params.p_cost() == 1).then_some(cost)
    }

    fn params(self) -> Option<Params> {
        Params::new(self.memory_kib, self.passes, 1, None).ok()
    }

    /// Computes the hash into `output`. `None` if salt or output are out of the algorithm's bounds.
    fn fill(self, password: &[u8], salt: &[u8], output: &mut [u8], buffer: &mut Buffer) -> Option<()> {
        let params = self.params()?;
        let blocks = buffer.blocks(params.block_count());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into_with_memory(password, salt, output, blocks).ok()
    }

    /// The hash of a new password, in the format of the database.
    fn hash(self, password: &[u8], salt: &[u8], buffer: &mut Buffer) -> Option<String> {
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        self.fill(password, salt, &mut output, buffer)?;
        let phc = Phc {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params()?).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(&output).ok()?),
        };
        Some(phc.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::tests::Zeros;

    const CHEAP: Hashing = Hashing {
        memory_kib: 64,
        passes: 3,
        workers: 1,
        queue: 1,
        queue_timeout: Duration::from_secs(600),
        outdated_until: None,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn password(text: &str) -> PlainPassword {
        PlainPassword::to_check(text.to_owned()).unwrap()
    }

    async fn hashed(hasher: &Hasher, text: &str) -> PasswordHash {
        let turn = hasher.turn(Queue::Known).await.unwrap();
        hasher.hash_in(turn, password(text), [1; 16]).await.unwrap().0
    }

    async fn compared(
        hasher: &Hasher,
        text: &str,
        stored: Option<&PasswordHash>,
        now: Timestamp,
    ) -> Comparison {
        let turn = hasher.turn(Queue::Strangers).await.unwrap();
        hasher.compare(turn, password(text), stored, now).await.unwrap().0.0
    }

    #[tokio::test]
    async fn the_cost_is_what_stands_before_the_last_67_characters() {
        let hasher = Hasher::new(CHEAP, &Zeros);
        let hash = hashed(&hasher, "a password").await;
        let (cost, _) = hash.as_str().split_at(hash.as_str().len() - 67);
        assert_eq!(cost, "$argon2id$v=19$m=64,t=3,p=1", "as the statement PasswordCosts takes for granted");
    }

    #[tokio::test]
    async fn l02_the_password_of_nobody_opens_nothing() {
        let hasher = Hasher::new(CHEAP, &Zeros);
        assert_eq!(compared(&hasher, "a password", None, NOW).await, Comparison::Mismatch);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_matches_but_is_outdated() {
        let older = Hasher::new(Hashing { passes: 1, ..CHEAP }, &Zeros);
        let stored = hashed(&older, "a password").await;
        let hasher = Hasher::new(CHEAP, &Zeros);
        let compare =
            async |text: &str, stored: &PasswordHash| compared(&hasher, text, Some(stored), NOW).await;
        assert_eq!(compare("a password", &stored).await, Comparison::MatchOutdated);
        assert_eq!(compare("a passworD", &stored).await, Comparison::Mismatch);
        let is_of = async |text: &str, stored: &PasswordHash| {
            let turn = hasher.turn(Queue::Known).await.unwrap();
            hasher.is_of(turn, password(text), stored).await.unwrap().0.0
        };
        assert!(is_of("a password", &stored).await && !is_of("a passworD", &stored).await);
        let nothing = PasswordHash::new(String::new());
        assert!(!is_of("", &nothing).await);
        assert_eq!(compare("", &nothing).await, Comparison::Mismatch, "a row without a hash matches nothing");
    }

    #[tokio::test]
    async fn l02_every_comparison_does_the_work_of_every_cost_in_use() {
        let hasher = Hasher::new(CHEAP, &Zeros);
        let (today, older) = (hasher.today, Cost { memory_kib: 128, passes: 1 });
        assert_eq!(Vec::from_iter(hasher.costs_with(None)), [today]);
        let of = |cost: &str| PasswordCost { cost: cost.to_owned(), accounts: 1 };
        let prefix = |cost: Cost| of(&format!("$argon2id$v=19$m={},t={},p=1", cost.memory_kib, cost.passes));
        let found = hasher.in_use(
            &[
                prefix(today),
                prefix(older),
                of("$scrypt$ln=16,r=8,p=1"),
                prefix(Cost { passes: 21, ..older }),
            ],
            NOW,
        );
        assert_eq!(found, Some(OutdatedHashes { accounts: 3, refused: false }));
        for own in [None, Some(today), Some(older)] {
            assert_eq!(Vec::from_iter(hasher.costs_with(own)), [today, older], "{own:?}");
        }
        let unheard_of = Cost { passes: 2, ..older };
        assert_eq!(hasher.costs_with(Some(unheard_of)).len(), 3);
        assert_eq!(hasher.costs_with(None).len(), 3, "everybody pays for it from now on");
        hasher.in_use(&[prefix(today)], NOW);
        assert_eq!(Vec::from_iter(hasher.costs_with(None)), [today], "nobody has an older one any more");
        let dear = (1..20).map(|passes| Cost { passes, ..older }).map(prefix).collect::<Vec<_>>();
        hasher.in_use(&dear, NOW);
        assert_eq!(hasher.costs_with(Some(unheard_of)).len(), 1 + MAX_OTHERS);
    }

    #[tokio::test]
    async fn from_the_date_on_a_hash_of_another_cost_opens_nothing_and_the_work_is_one_hash() {
        let older = Hasher::new(Hashing { passes: 1, ..CHEAP }, &Zeros);
        let outdated = hashed(&older, "a password").await;
        let hasher = Hasher::new(Hashing { outdated_until: Some(NOW), ..CHEAP }, &Zeros);
        let good = hashed(&hasher, "a password").await;
        let before = NOW.before(Duration::from_secs(1));
        let compare =
            async |text: &str, stored: &PasswordHash, now| compared(&hasher, text, Some(stored), now).await;
        assert_eq!(compare("a password", &outdated, before).await, Comparison::MatchOutdated);
        assert_eq!(compare("a passworD", &outdated, before).await, Comparison::Mismatch);
        assert_eq!(compare("a password", &outdated, NOW).await, Comparison::Outdated);
        assert_eq!(compare("a passworD", &outdated, NOW).await, Comparison::Outdated, "as for the right one");
        assert_eq!(compare("a password", &good, NOW).await, Comparison::Match);
        assert!(hasher.is_outdated(&outdated) && !hasher.is_outdated(&good));
        let costs = [PasswordCost { cost: "$argon2id$v=19$m=64,t=1,p=1".to_owned(), accounts: 7 }];
        let found = |refused| Some(OutdatedHashes { accounts: 7, refused });
        assert_eq!(hasher.in_use(&costs, before), found(false));
        assert_eq!(hasher.in_use(&costs, before), None, "it was said");
        assert_eq!(hasher.in_use(&costs, NOW), found(true));
        assert_eq!(hasher.in_use(&[], NOW), Some(OutdatedHashes::default()));
    }

    #[tokio::test]
    async fn a_hash_of_any_cost_in_use_opens_its_account_alone() {
        let hasher = Hasher::new(CHEAP, &Zeros);
        let mut stored = Vec::new();
        for passes in 1..=4 {
            let other = Hasher::new(Hashing { passes, ..CHEAP }, &Zeros);
            stored.push(hashed(&other, &format!("password {passes}")).await);
        }
        for (of, hash) in (1..).zip(&stored) {
            for passes in 1..=4 {
                let typed = format!("password {passes}");
                let opens = compared(&hasher, &typed, Some(hash), NOW).await != Comparison::Mismatch;
                assert_eq!(opens, of == passes);
            }
        }
    }
}
