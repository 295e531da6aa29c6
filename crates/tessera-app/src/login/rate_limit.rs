//! The rate limit on password guessing over many accounts. Guessing at one account is limited by policy P3.
//!
//! Three leaky buckets count failures: one for each address (a /64 of IPv6), one for each password, and one for the whole
//! server. While a bucket is full, attempts that belong to it wait, and no hash is computed for them. While the bucket of the
//! server is full, only addresses that have failed themselves wait, so that a flood does not keep everybody else out.
//!
//! An attempt is counted before it is verified, so that parallel guesses count. It is refunded if it was no wrong guess. Known
//! devices of an account are not limited here.
//!
//! The buckets are in memory and per server, because a wave of guesses is over in minutes. The failure counters of accounts are
//! in the database.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_jose::digest::sha256;
use tessera_model::{AuditEvent, EventCode, PlainPassword, Timestamp};

use super::attempt::{LogIn, LogInError, for_audit};
use crate::Cx;
use crate::audit::budget::deny;

/// How many failures a bucket takes at once, and how many drain in a minute.
#[derive(Clone, Copy)]
struct Limit {
    burst: i64,
    per_minute: i64,
}

/// Enough for an office behind one address, where a hundred people mistype on new devices in one minute, and then ten in every
/// minute.
const PER_ADDRESS: Limit = Limit { burst: 100, per_minute: 10 };
/// People who mistype hardly ever type the same wrong password.
const PER_PASSWORD: Limit = Limit { burst: 50, per_minute: 5 };
/// Half of what two hashing workers can compute.
const OVERALL: Limit = Limit { burst: 3_000, per_minute: 600 };

/// The shortest time between two alarms about the same password.
const ALARM_EVERY: Duration = Duration::from_secs(600);
/// How often empty buckets are removed. It is longer than the clock readings of two concurrent requests can differ.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// An attempt that has been counted.
#[derive(Debug)]
pub(super) struct Reservation {
    attempt: Attempt,
    /// The account that the same password was tried on before.
    account_before: Option<u64>,
}

impl Reservation {
    fn is_another_account(&self) -> bool {
        self.account_before != Some(self.attempt.account)
    }
}

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
pub(super) async fn reserve(cx: &Cx, log_in: &LogIn<'_>) -> Result<Reservation, LogInError> {
    let attempt = Attempt {
        address: cx.origin(),
        password: password_prefix(cx, log_in.password().map(PlainPassword::expose).unwrap_or_default()),
        account: u64::from_be_bytes(first(&sha256(log_in.username.to_lowercase().as_bytes()))),
    };
    let reservation = cx.app.rate_limit.0.lock().count(attempt, cx.now);
    let Limited { by, seconds, alarm } = match reservation {
        Ok(reservation) => return Ok(reservation),
        Err(limited) => limited,
    };
    if alarm && cx.app.batch.push_alarm(cx.event(EventCode::LoginSpraySuspected)).is_err() {
        cx.app.rate_limit.0.lock().rearm_alarm(attempt.password);
    }
    let detail = Some(format!("{by} {}", for_audit(log_in.username)));
    deny(cx, AuditEvent { detail, ..cx.event(EventCode::LoginThrottled) }).await?;
    Err(LogInError::Throttled { seconds })
}

/// Removes an attempt from the buckets again, because the password was right or was never verified.
pub(super) fn refund(cx: &Cx, reservation: &Reservation) {
    cx.app.rate_limit.0.lock().refund(reservation);
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

/// A leaky bucket: the moment at which it will be empty, in milliseconds since 1970.
#[derive(Clone, Copy, Default)]
struct Bucket(i64);

impl Limit {
    const fn each(self) -> i64 {
        60_000 / self.per_minute
    }

    /// How long a full bucket takes to drain, in milliseconds.
    const fn full(self) -> i64 {
        self.burst * self.each()
    }
}

impl Bucket {
    /// How long the bucket still takes to drain, in milliseconds.
    fn left(self, now: Timestamp) -> i64 {
        (self.0 - millis(now)).max(0)
    }

    /// Seconds until there is room for one more.
    fn wait(self, limit: Limit, now: Timestamp) -> i64 {
        (self.left(now) + limit.each() - limit.full() + 999).div_euclid(1_000).max(0)
    }

    fn add(&mut self, limit: Limit, now: Timestamp) {
        self.0 = millis(now) + self.left(now) + limit.each();
    }

    fn refund(&mut self, limit: Limit) {
        self.0 -= limit.each();
    }

    fn is_empty(self, now: Timestamp) -> bool {
        self.left(now) == 0
    }
}

const fn millis(now: Timestamp) -> i64 {
    now.seconds().saturating_mul(1_000)
}

impl Counts {
    /// Counts the attempt, or returns the limit that applies.
    fn count(&mut self, attempt: Attempt, now: Timestamp) -> Result<Reservation, Limited> {
        if self.last_sweep.since(now) > SWEEP_EVERY {
            // The clock went back. The buckets would stay full until it has caught up.
            *self = Self::default();
        }
        if now.since(self.last_sweep) >= SWEEP_EVERY {
            self.sweep(now);
        }
        let address = attempt.address.and_then(|ip| self.addresses.get(&ip));
        let has_failed = address.is_some_and(|bucket| !bucket.is_empty(now));
        let failures = self.passwords.entry(attempt.password).or_default();
        let waits = [
            ("altogether", if has_failed { self.altogether.wait(OVERALL, now) } else { 0 }),
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
        let reservation = Reservation { attempt, account_before };
        if reservation.is_another_account() {
            failures.bucket.add(PER_PASSWORD, now);
        }
        Ok(reservation)
    }

    fn refund(&mut self, reservation: &Reservation) {
        let Reservation { attempt, account_before } = *reservation;
        self.altogether.refund(OVERALL);
        if let Some(bucket) = attempt.address.and_then(|ip| self.addresses.get_mut(&ip)) {
            bucket.refund(PER_ADDRESS);
        }
        let Some(failures) = self.passwords.get_mut(&attempt.password) else { return };
        if reservation.is_another_account() {
            failures.bucket.refund(PER_PASSWORD);
        }
        if failures.last_account == Some(attempt.account) {
            failures.last_account = account_before;
        }
    }

    /// The audit batch had no room for the alarm, so the next limited attempt raises it again.
    fn rearm_alarm(&mut self, password: u16) {
        if let Some(failures) = self.passwords.get_mut(&password) {
            failures.alarmed_at = None;
        }
    }

    /// Removes empty buckets. The others are bounded by what the hashing pool verifies in the time that a bucket takes to drain.
    fn sweep(&mut self, now: Timestamp) {
        self.last_sweep = now;
        self.addresses.retain(|_, bucket| !bucket.is_empty(now));
        self.passwords.retain(|_, failures| !failures.bucket.is_empty(now));
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
            |from: u64| (from..from + 100_000).map(|n| (pair(u32::try_from(n % 1_000).unwrap(), n), at(0)));
        assert_eq!(admitted(&mut counts, wave(0)), 3_000);
        let Limited { by, seconds, .. } = counts.count(pair(7, 1), at(0)).unwrap_err();
        assert_eq!((by, seconds), ("altogether", 1));
        assert!(counts.count(pair(7_777, 1), at(0)).is_ok(), "a first attempt");
        assert!(counts.count(pair(7_777, 2), at(0)).is_err(), "and it was a guess");
        assert!(
            counts.count(Attempt { address: None, ..pair(0, 3) }, at(0)).is_ok(),
            "nobody can be told apart"
        );
        assert!(counts.count(pair(7, 1), at(2)).is_ok());
        assert!(counts.addresses.len() <= 3_001 && counts.passwords.len() <= 65_536);
        counts.sweep(at(100_000));
        assert_eq!((counts.addresses.len(), counts.passwords.len()), (0, 0));
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
            let reservation = counts.count(attempt(1, 7, account), at(0)).unwrap();
            counts.refund(&reservation);
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
            thrown_away.as_ref().map(|reservation| counts.refund(reservation)).is_ok()
                && counts.count(Attempt { address: None, ..attempt(0, 7, *account) }, at(0)).is_ok()
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
