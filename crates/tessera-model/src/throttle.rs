//! Delays after failed logins (policy P3). They slow down guessing, and lock nobody out for good.

use std::time::Duration;

use crate::Timestamp;

/// Failed attempts at one factor of one account, by strangers or by one known device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Consecutive failures, including the attempt under way.
    pub failures: i64,
    /// When the next attempt is accepted.
    pub blocked_until: Timestamp,
}

impl Throttle {
    /// When the next attempt is accepted after `failures` in a row: after 1 s below 3, 3 s below 9, 5 s below 25, 10 s below 100, and
    /// else at the next UTC midnight.
    pub fn next_attempt(failures: i64, now: Timestamp) -> Timestamp {
        let seconds = match failures {
            ..3 => 1,
            3..9 => 3,
            9..25 => 5,
            25..100 => 10,
            100.. => {
                const DAY: i64 = 86_400;
                return Timestamp::from_seconds((now.seconds().div_euclid(DAY) + 1) * DAY);
            }
        };
        now.after(Duration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p3_delays_grow_and_end_at_midnight() {
        let now = Timestamp::from_seconds(86_400 * 3 + 100);
        let wait = |failures| Throttle::next_attempt(failures, now).since(now).as_secs();
        assert_eq!([0, 2, 3, 8, 9, 24, 25, 99].map(wait), [1, 1, 3, 3, 5, 5, 10, 10]);
        assert_eq!(Throttle::next_attempt(100, now).seconds(), 86_400 * 4);
    }
}
