//! The rate limit on password guessing over many accounts. Guessing at one account is limited by policy P3.
//!
//! Three leaky buckets count failures of strangers: one for each address (a /64 of IPv6), one for each password, and one for the
//! whole server. While a bucket is full, attempts that belong to it wait, and no hash is computed for them. The bucket of the
//! server has two marks. Above the first, addresses that have failed themselves wait, and everybody where all share the address
//! of a proxy. Above the second every stranger waits, wherever they come from.
//!
//! An attempt is counted before it is verified, so that parallel guesses count. It is refunded unless it was a wrong guess.
//!
//! Known devices are not limited here. A fourth bucket counts their logins for each account, the right ones too. While it is
//! full, they wait for the hashing pool among the strangers, so that the devices of one account do not fill the share of all.
//!
//! The buckets are in memory and per server, because a wave of guesses is over in minutes. The failure counters of accounts are
//! in the database. How many of those a stranger can make there in a day follows from the limits below.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{AuditEvent, EventCode, PlainPassword, Timestamp, User, UserId};

use super::attempt::LogInError;
use super::typed_name::TypedName;
use crate::audit::budget::deny;
use crate::hashing_pool::Queue;
use crate::leaky_bucket::{Bucket, Limit};
use crate::{App, Cx};

/// Enough for an office behind one address, where a hundred people mistype on new devices in one minute, and then ten in every
/// minute.
const PER_ADDRESS: Limit = Limit { burst: 100, per_minute: 10 };
/// People who mistype hardly ever type the same wrong password.
const PER_PASSWORD: Limit = Limit { burst: 50, per_minute: 5 };
/// An eighth of what two hashing workers can compute. It is the first mark of the bucket of the server.
const OVERALL: Limit = Limit { burst: 600, per_minute: 600 };
/// The second mark of the same bucket.
const OVERALL_FIRST_FAILURES: Limit = Limit { burst: 6_000, ..OVERALL };
/// Logins of one account at known devices. More than a family and their programs need.
const PER_KNOWN_ACCOUNT: Limit = Limit { burst: 30, per_minute: 30 };

/// The shortest time between two alarms about the same password.
const ALARM_EVERY: Duration = Duration::from_secs(600);
/// How often empty buckets are removed. It is longer than the clock readings of two concurrent requests can differ.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Which limit applies to an attempt, and for how long.
#[derive(Debug, PartialEq, Eq)]
struct Limited {
    by: &'static str,
    seconds: u32,
    /// Whether to raise the alarm that one password is tried on many accounts.
    alarm: bool,
}

/// Counts an attempt from an unknown device, or refuses it with an audit event. The alarm goes into the audit batch, where
/// neither a failed write nor the end of the request loses it.
///
/// # Errors
/// [`LogInError::Throttled`] if a limit applies, or the database failed.
pub(super) async fn reserve(
    cx: &Cx,
    typed: &TypedName,
    user: Option<&User>,
    password: Option<&PlainPassword>,
) -> Result<Reservation, LogInError> {
    let attempt = Attempt {
        address: cx.origin(),
        password: password_prefix(cx, password.map(PlainPassword::expose).unwrap_or_default()),
        account: u64::from_be_bytes(first(typed.counter_key(cx).as_bytes())),
    };
    let counted = cx.app.rate_limit.0.lock().count(attempt, cx.now);
    let Limited { by, seconds, alarm } = match counted {
        Ok(counted) => return Ok(Reservation { app: Arc::clone(&cx.app), counted: Some(counted) }),
        Err(limited) => limited,
    };
    if alarm && cx.app.batch.push_alarm(cx.event(EventCode::LoginSpraySuspected)).is_err() {
        cx.app.rate_limit.0.lock().rearm_alarm(attempt.password);
    }
    let detail = Some(format!("{by} {}", typed.for_audit(cx, user)));
    deny(cx, AuditEvent { detail, ..cx.event(EventCode::LoginThrottled) }).await?;
    Err(LogInError::Throttled { seconds })
}

/// An attempt of a stranger in the buckets. It is refunded when this is dropped: the password was right, or nobody looked at it.
pub(super) struct Reservation {
    app: Arc<App>,
    counted: Option<Counted>,
}

impl Reservation {
    /// It was a wrong guess.
    pub(super) fn keep(mut self) {
        self.counted = None;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(counted) = &self.counted {
            self.app.rate_limit.0.lock().refund(counted);
        }
    }
}

/// Counts a login at a known device, and says in which queue of the hashing pool it waits.
pub(super) fn queue_of_known(cx: &Cx, user_id: UserId) -> Queue {
    cx.app.rate_limit.0.lock().count_known(user_id, cx.now)
}

/// Takes back what [`queue_of_known`] counted, because nothing was verified.
pub(super) fn refund_known(cx: &Cx, user_id: UserId) {
    if let Some(bucket) = cx.app.rate_limit.0.lock().known_accounts.get_mut(&user_id) {
        bucket.refund(PER_KNOWN_ACCOUNT);
    }
}

/// 16 bits of a keyed hash. They are enough to see a flood of one password, and too few to tell which password it was.
fn password_prefix(cx: &Cx, password: &[u8]) -> u16 {
    let tag = cx.app.catalog.load().keys.forms.tag(&[b"spray", password]);
    u16::from_be_bytes(first(&tag))
}

fn first<const N: usize>(bytes: &[u8; 32]) -> [u8; N] {
    std::array::from_fn(|n| bytes[n])
}

/// The buckets of this server.
#[derive(Default)]
pub(crate) struct RateLimit(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    addresses: HashMap<IpAddr, Bucket>,
    passwords: HashMap<u16, PasswordFailures>,
    known_accounts: HashMap<UserId, Bucket>,
    altogether: Bucket,
    last_sweep: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Attempt {
    address: Option<IpAddr>,
    password: u16,
    account: u64,
}

/// Failures with one password.
#[derive(Default)]
struct PasswordFailures {
    bucket: Bucket,
    /// A program that keeps trying one account with an outdated password is not password spraying.
    last_account: Option<u64>,
    alarmed_at: Option<Timestamp>,
}

/// An attempt that has been counted.
#[derive(Debug)]
struct Counted {
    attempt: Attempt,
    at: Timestamp,
    /// The account that the same password was tried on before.
    account_before: Option<u64>,
}

impl Counted {
    fn is_another_account(&self) -> bool {
        self.account_before != Some(self.attempt.account)
    }
}

impl Counts {
    /// Counts the attempt, or returns the limit that applies.
    fn count(&mut self, attempt: Attempt, now: Timestamp) -> Result<Counted, Limited> {
        self.sweep_if_due(now);
        let address = attempt.address.and_then(|ip| self.addresses.get(&ip));
        let is_first_failure = attempt.address.is_some() && address.is_none_or(|bucket| bucket.is_empty(now));
        let overall = if is_first_failure { OVERALL_FIRST_FAILURES } else { OVERALL };
        let failures = self.passwords.entry(attempt.password).or_default();
        let waits = [
            ("altogether", self.altogether.wait(overall, now)),
            ("address", address.map_or(0, |bucket| bucket.wait(PER_ADDRESS, now))),
            ("password", failures.bucket.wait(PER_PASSWORD, now)),
        ];
        if let Some((by, seconds)) = waits.into_iter().max_by_key(|(_, seconds)| *seconds).filter(|w| w.1 > 0)
        {
            let alarm = by == "password"
                && failures.alarmed_at.is_none_or(|at| now < at || now.since(at) >= ALARM_EVERY);
            if alarm {
                failures.alarmed_at = Some(now);
            }
            return Err(Limited { by, seconds: u32::try_from(seconds).unwrap_or(u32::MAX), alarm });
        }
        self.altogether.add(OVERALL, now);
        if let Some(ip) = attempt.address {
            self.addresses.entry(ip).or_default().add(PER_ADDRESS, now);
        }
        let account_before = failures.last_account.replace(attempt.account);
        let counted = Counted { attempt, at: now, account_before };
        if counted.is_another_account() {
            failures.bucket.add(PER_PASSWORD, now);
        }
        Ok(counted)
    }

    fn refund(&mut self, counted: &Counted) {
        let Counted { attempt, at, account_before } = *counted;
        self.altogether.refund(OVERALL);
        if let Some(ip) = attempt.address
            && let Some(bucket) = self.addresses.get_mut(&ip)
        {
            bucket.refund(PER_ADDRESS);
            if bucket.is_empty(at) {
                self.addresses.remove(&ip);
            }
        }
        let Some(failures) = self.passwords.get_mut(&attempt.password) else { return };
        if counted.is_another_account() {
            failures.bucket.refund(PER_PASSWORD);
        }
        if failures.last_account == Some(attempt.account) {
            failures.last_account = account_before;
        }
    }

    /// Counts a login at a known device, whatever comes of it.
    fn count_known(&mut self, user_id: UserId, now: Timestamp) -> Queue {
        self.sweep_if_due(now);
        let bucket = self.known_accounts.entry(user_id).or_default();
        if bucket.take(PER_KNOWN_ACCOUNT, now) { Queue::Known } else { Queue::Strangers }
    }

    /// The audit batch had no room for the alarm, so the next limited attempt raises it again.
    fn rearm_alarm(&mut self, password: u16) {
        if let Some(failures) = self.passwords.get_mut(&password) {
            failures.alarmed_at = None;
        }
    }

    fn sweep_if_due(&mut self, now: Timestamp) {
        if self.last_sweep.since(now) > SWEEP_EVERY {
            // The clock went back. The buckets would stay full until it has caught up.
            *self = Self::default();
        }
        if now.since(self.last_sweep) >= SWEEP_EVERY {
            self.sweep(now);
        }
    }

    /// Removes empty buckets. The others are bounded by what the hashing pool verifies in the time that a bucket takes to drain.
    fn sweep(&mut self, now: Timestamp) {
        self.last_sweep = now;
        self.addresses.retain(|_, bucket| !bucket.is_empty(now));
        self.passwords.retain(|_, failures| !failures.bucket.is_empty(now));
        self.known_accounts.retain(|_, bucket| !bucket.is_empty(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    fn attempt(address: u32, password: u16, account: u64) -> Attempt {
        Attempt { address: Some(IpAddr::from(address.to_be_bytes())), password, account }
    }

    /// A pair of name and password nobody has tried yet.
    fn pair(address: u32, number: u64) -> Attempt {
        attempt(address, u16::try_from(number % 65_536).unwrap(), number)
    }

    fn admitted(counts: &mut Counts, attempts: impl IntoIterator<Item = (Attempt, Timestamp)>) -> usize {
        attempts.into_iter().filter(|(attempt, now)| counts.count(*attempt, *now).is_ok()).count()
    }

    #[test]
    fn l03_of_a_hundred_thousand_pairs_from_one_address_a_hundred_are_looked_at() {
        let mut counts = Counts::default();
        assert_eq!(admitted(&mut counts, (0..100_000).map(|n| (pair(1, n), at(0)))), 100);
        assert_eq!(
            counts.count(pair(1, 1), at(5)).unwrap_err(),
            Limited { by: "address", seconds: 1, alarm: false }
        );
        assert!(counts.count(pair(1, 1), at(6)).is_ok() && counts.count(pair(1, 2), at(6)).is_err());
        assert!(counts.count(pair(2, 3), at(6)).is_ok(), "another address is not limited");
        // One a second for a day.
        let day = (0..86_400_u64).map(|n| (pair(3, n), at(i64::try_from(n).unwrap())));
        let admitted = admitted(&mut counts, day);
        assert!((14_400..=14_500).contains(&admitted), "{admitted}");
    }

    #[test]
    fn l03_when_all_together_are_full_who_has_failed_waits_and_nobody_else() {
        let mut counts = Counts::default();
        let wave =
            |from: u64| (from..from + 100_000).map(|n| (pair(u32::try_from(n % 100).unwrap(), n), at(0)));
        assert_eq!(admitted(&mut counts, wave(0)), 600);
        let Limited { by, seconds, .. } = counts.count(pair(7, 1), at(0)).unwrap_err();
        assert_eq!((by, seconds), ("altogether", 1));
        assert!(counts.count(pair(7_777, 1), at(0)).is_ok(), "a first attempt");
        assert!(counts.count(pair(7_777, 2), at(0)).is_err(), "and it was a guess");
        assert!(counts.count(pair(7, 1), at(2)).is_ok());
        assert!(counts.addresses.len() <= 101 && counts.passwords.len() <= 65_536);
        counts.sweep(at(100_000));
        assert_eq!((counts.addresses.len(), counts.passwords.len()), (0, 0));
    }

    #[test]
    fn l03_where_nobody_can_be_told_apart_all_wait_for_the_brake() {
        let mut counts = Counts::default();
        let guess = |n: u64, now| (Attempt { address: None, ..pair(0, n) }, now);
        assert_eq!(admitted(&mut counts, (0..10_000).map(|n| guess(n, at(0)))), 600);
        // 4,500 within 64 seconds.
        let rest = (0..4_500).map(|n| guess(n, at(1 + i64::try_from(n * 64 / 4_500).unwrap())));
        let rest = admitted(&mut counts, rest);
        assert!((600..=650).contains(&rest), "ten a second: {rest}");
    }

    #[test]
    fn l03_endless_new_addresses_meet_a_brake_too_and_their_day_is_bounded() {
        let mut counts = Counts::default();
        let first = |n: u64| pair(u32::try_from(n).unwrap(), n);
        assert_eq!(admitted(&mut counts, (0..100_000).map(|n| (first(n), at(0)))), 6_000);
        // Twenty a second for a day, each from an address of its own.
        let day = (0..20 * 86_400_u64).map(|n| (first(100_000 + n), at(i64::try_from(n / 20).unwrap())));
        let of_the_day = admitted(&mut counts, day);
        assert!(of_the_day <= 864_000, "rows of made-up names within a day: {of_the_day}");
    }

    #[test]
    fn l10_who_is_turned_away_by_the_pool_leaves_no_address_behind() {
        let mut counts = Counts::default();
        for n in 0..10_000 {
            let counted = counts.count(attempt(n, 7, 1), at(0)).unwrap();
            counts.refund(&counted);
        }
        assert_eq!(counts.addresses.len(), 0);
    }

    #[test]
    fn l10_logins_of_one_account_leave_the_share_of_known_devices_to_others() {
        let mut counts = Counts::default();
        let user = |n| UserId::from_random([n; 16]);
        let queues: Vec<_> = (0..40).map(|_| counts.count_known(user(1), at(0))).collect();
        let (known, rest) = queues.split_at(30);
        assert!(known.iter().all(|queue| *queue == Queue::Known), "{known:?}");
        assert!(rest.iter().all(|queue| *queue == Queue::Strangers), "{rest:?}");
        assert_eq!(counts.count_known(user(2), at(0)), Queue::Known, "another account");
        assert_eq!(counts.count_known(user(1), at(2)), Queue::Known, "one every two seconds");
        assert_eq!(counts.count_known(user(1), at(2)), Queue::Strangers);
        counts.sweep(at(100));
        assert_eq!(counts.known_accounts.len(), 0);
    }

    #[test]
    fn l04_one_password_on_a_hundred_thousand_accounts_is_held_and_alarms_once() {
        let mut counts = Counts::default();
        let (mut free, mut alarms) = (0, 0);
        for account in 0..100_000_u64 {
            match counts.count(attempt(u32::try_from(account).unwrap(), 7, account), at(0)) {
                Ok(_) => free += 1,
                Err(limited) => {
                    assert_eq!((limited.by, limited.seconds), ("password", 12));
                    alarms += usize::from(limited.alarm);
                }
            }
        }
        assert_eq!((free, alarms), (50, 1));
        assert!(counts.count(attempt(1, 8, 1), at(0)).is_ok(), "other passwords are free");
        // It goes on slowly, and the alarm is not forgotten.
        for second in 1..=1_250_i64 {
            let account = u64::try_from(second).unwrap();
            alarms += usize::from(
                counts.count(attempt(9, 7, account), at(second)).is_err_and(|limited| limited.alarm),
            );
        }
        assert_eq!(alarms, 3, "every ten minutes");
        counts.rearm_alarm(7);
        for expected in [true, false] {
            let limited = counts.count(attempt(9, 7, 1), at(1_250)).unwrap_err();
            assert_eq!(limited.alarm, expected, "one that found no room comes again");
        }
    }

    #[test]
    fn l04_an_old_password_in_one_program_is_no_spraying() {
        let mut counts = Counts::default();
        for second in (0..36_000).step_by(10) {
            assert!(counts.count(attempt(1, 7, 1), at(second)).is_ok());
        }
    }

    #[test]
    fn who_knows_the_password_is_not_counted() {
        let mut counts = Counts::default();
        for account in 0..10_000 {
            let counted = counts.count(attempt(1, 7, account), at(0)).unwrap();
            counts.refund(&counted);
        }
        assert_eq!(
            admitted(&mut counts, (0..200).map(|n| (pair(1, n), at(0)))),
            100,
            "and gains nothing by it"
        );
    }

    #[test]
    fn l04_what_is_given_back_does_not_make_the_next_guess_free() {
        let mut counts = Counts::default();
        let tried = (0..10_000_u64).filter(|account| {
            let thrown_away = counts.count(attempt(1, 7, *account), at(0));
            thrown_away.as_ref().map(|counted| counts.refund(counted)).is_ok()
                && counts.count(attempt(u32::try_from(*account).unwrap(), 7, *account), at(0)).is_ok()
        });
        assert_eq!(tried.count(), 50);
    }

    #[test]
    fn a_request_that_took_its_time_takes_nothing_back() {
        let mut counts = Counts::default();
        assert_eq!(admitted(&mut counts, (0..200).map(|n| (pair(1, n), at(100)))), 100);
        for stale in (40..100).rev() {
            assert!(counts.count(pair(1, 1), at(stale)).is_err(), "{stale}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_holds_nobody_longer() {
        let mut counts = Counts::default();
        assert_eq!(admitted(&mut counts, (0..200).map(|n| (pair(1, n), at(86_400)))), 100);
        assert_eq!(admitted(&mut counts, (0..200).map(|n| (pair(1, n), at(0)))), 100, "it is counted anew");
    }
}
