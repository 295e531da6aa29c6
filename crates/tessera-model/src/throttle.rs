//! Delays after failed logins (policy P3). They slow down guessing, and lock nobody out for good.

use std::time::Duration;

use crate::Timestamp;

const SECONDS_PER_DAY: i64 = 86_400;

/// Failed attempts at one factor of one account, by strangers or by one known device, within one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// The UTC day that the failures are of, in days since 1970.
    pub day: i64,
    /// Failures of the day, including the attempt under way.
    pub failures: i64,
    /// When the next attempt is accepted.
    pub blocked_until: Timestamp,
    /// Until when the last attempt may be under way. `None` once it was found wrong.
    pub pending_until: Option<Timestamp>,
}

/// What a counter says to the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may begin.
    Free,
    /// Another attempt is being judged. If that one is right, the next may begin.
    Pending,
    /// It waits until this moment.
    Blocked(Timestamp),
}

impl Throttle {
    /// How long an attempt may be under way. If it has no outcome by then, because its server crashed, it counts as wrong.
    pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(30);

    /// The UTC day of a moment. Failures of another day do not count.
    pub const fn day(now: Timestamp) -> i64 {
        now.seconds().div_euclid(SECONDS_PER_DAY)
    }

    /// So many wrong passwords block until the next UTC midnight.
    pub const MOST_PASSWORDS: i64 = 100;
    /// So many wrong codes block until then, of a person with one authenticator app. A code is right by chance in three of a million cases
    /// for each app.
    pub const MOST_CODES: i64 = 30;

    /// So many wrong codes block until then, if a guess may hit each of `codes` codes: of a day's guesses of six digits at most one in
    /// 10,000 is right.
    pub const fn most_codes(codes: i64) -> i64 {
        let most = 100 / if codes < 1 { 1 } else { codes };
        if most < 1 {
            1
        } else if most > Self::MOST_CODES {
            Self::MOST_CODES
        } else {
            most
        }
    }

    /// When the next attempt is accepted after `failures` of one day that do not block until its end: after 1 s below 3, 3 s below 9,
    /// 5 s below 25, and else 10 s.
    pub fn next_attempt(failures: i64, now: Timestamp) -> Timestamp {
        let seconds = match failures {
            ..3 => 1,
            3..9 => 3,
            9..25 => 5,
            25.. => 10,
        };
        now.after(Duration::from_secs(seconds))
    }

    /// The next UTC midnight.
    pub fn next_day(now: Timestamp) -> Timestamp {
        Timestamp::from_seconds((Self::day(now) + 1) * SECONDS_PER_DAY)
    }

    /// The latest moment that a clock like ours blocks until. A server whose clock was ahead wrote what lies beyond, and it does
    /// not count. Clocks of servers may differ by a minute.
    pub fn latest_block(now: Timestamp) -> Timestamp {
        Timestamp::from_seconds(now.seconds().saturating_add(SECONDS_PER_DAY + 60))
    }

    /// Seconds until the next attempt may begin, at least one.
    pub fn seconds_to_wait(&self, now: Timestamp) -> u32 {
        match self.admission(now) {
            Admission::Blocked(until) => u32::try_from(until.since(now).as_secs().max(1)).unwrap_or(u32::MAX),
            Admission::Pending | Admission::Free => 1,
        }
    }

    /// Whether the next attempt may begin.
    pub fn admission(&self, now: Timestamp) -> Admission {
        if self.blocked_until <= now || self.blocked_until > Self::latest_block(now) {
            Admission::Free
        } else if self.pending_until.is_some_and(|until| now < until) {
            Admission::Pending
        } else {
            Admission::Blocked(self.blocked_until)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l17_the_more_codes_may_match_the_fewer_may_be_wrong() {
        assert_eq!([0, 1, 3, 10, 13, 100, 500].map(Throttle::most_codes), [30, 30, 30, 10, 7, 1, 1]);
    }

    #[test]
    fn p3_delays_grow_and_end_at_midnight() {
        let now = Timestamp::from_seconds(86_400 * 3 + 100);
        let wait = |failures| Throttle::next_attempt(failures, now).since(now).as_secs();
        assert_eq!([0, 2, 3, 8, 9, 24, 25, 99].map(wait), [1, 1, 3, 3, 5, 5, 10, 10]);
        assert_eq!(Throttle::next_day(now).seconds(), 86_400 * 4);
    }

    #[test]
    fn p3_an_attempt_under_way_is_waited_for_until_it_counts_as_wrong() {
        let at = Timestamp::from_seconds;
        let throttle = Throttle { day: 0, failures: 1, blocked_until: at(140), pending_until: Some(at(130)) };
        let says = |now| throttle.admission(at(now));
        assert_eq!([100, 129].map(says), [Admission::Pending; 2]);
        assert_eq!([130, 139].map(says), [Admission::Blocked(at(140)); 2], "its server has crashed");
        assert_eq!(says(140), Admission::Free);
        let wrong = Throttle { pending_until: None, ..throttle };
        assert_eq!(wrong.admission(at(100)), Admission::Blocked(at(140)));
        assert_eq!(
            wrong.admission(at(140 - 86_400 - 61)),
            Admission::Free,
            "a clock that was ahead wrote it"
        );
        assert_eq!(wrong.admission(at(140 - 86_400 - 60)), Admission::Blocked(at(140)));
    }
}
