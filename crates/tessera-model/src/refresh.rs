//! Refresh-token rotation as a counter (policy P1).
//!
//! Every refresh token of a grant carries a number. The grant knows the number of its one live leaf and of the leaf's parent.
//! Presenting the leaf rotates. Presenting the parent again, while the leaf was never used and the parent was first used at most
//! the retry window ago, gives the same leaf again, however often: two tabs, copies of one request, a lost response. Everything
//! else is reuse.
//!
//! A thief who shadows the owner looks like a retry too. So it is counted how many rotations running were retried from another
//! address than the one that rotated first (RFC 9700 section 4.14.2).
//!
//! The store decides with one conditional UPDATE; [`Refresh::present`] is the same rule as a pure function. It says afterwards
//! why the UPDATE hit no row, and tests hold the two against each other.

use std::net::IpAddr;
use std::time::Duration;

use crate::Timestamp;

/// Where the rotation of one grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Number of the one live refresh token (invariant I10).
    pub leaf: i64,
    /// Number of the token that the leaf was issued for; `None` before the first rotation.
    pub parent: Option<i64>,
    /// When the parent was first presented.
    pub rotated_at: Timestamp,
    /// From where the parent was first presented; `None` where addresses tell nobody apart.
    pub rotated_from: Option<IpAddr>,
    /// When the parent was last presented again.
    pub retried_at: Option<Timestamp>,
    /// How often the parent was presented again from another address.
    pub elsewhere: i64,
    /// How many rotations running, this one included, were retried from another address.
    pub shadow_run: i64,
    /// When the leaf dies if it is not used.
    pub idle_expires_at: Timestamp,
}

/// Somebody presents a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshUse {
    /// The number it carries.
    pub number: i64,
    /// When.
    pub now: Timestamp,
    /// From where; `None` where addresses tell nobody apart.
    pub from: Option<IpAddr>,
    /// The address itself, for the alarm of a later replay.
    pub ip: Option<IpAddr>,
    /// How long the parent of the live leaf may come back; zero is the strict profile.
    pub retry: Duration,
    /// When a new leaf dies if it is not used.
    pub idle_expires_at: Timestamp,
}

/// What presenting a refresh token comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The live leaf, or its parent again: continue with this state.
    Next(Refresh),
    /// The leaf or its parent, but the leaf has not been used for too long.
    Expired,
    /// A token that had been used up: the family must end.
    Reused,
}

/// So many rotations running that were retried from another address look like a thief who shadows the owner.
pub const SHADOW_RUN: i64 = 3;

impl Refresh {
    /// The state after the code exchange that issued number 1.
    pub const fn first(now: Timestamp, idle_expires_at: Timestamp) -> Self {
        Self {
            leaf: 1,
            parent: None,
            rotated_at: now,
            rotated_from: None,
            retried_at: None,
            elsewhere: 0,
            shadow_run: 0,
            idle_expires_at,
        }
    }

    /// The rule of policy P1.
    #[must_use]
    pub fn present(self, presented: &RefreshUse) -> Rotation {
        let RefreshUse { number, now, from, ip: _, retry, idle_expires_at } = *presented;
        let is_leaf = number == self.leaf;
        let in_time = !retry.is_zero() && now <= self.rotated_at.after(retry);
        let is_retry = self.parent == Some(number) && in_time;
        if !is_leaf && !is_retry {
            return Rotation::Reused;
        }
        if now >= self.idle_expires_at {
            return Rotation::Expired;
        }
        Rotation::Next(if is_leaf {
            Self {
                leaf: self.leaf + 1,
                parent: Some(number),
                rotated_at: now,
                rotated_from: from,
                retried_at: None,
                elsewhere: 0,
                shadow_run: if self.elsewhere > 0 { self.shadow_run } else { 0 },
                idle_expires_at,
            }
        } else {
            self.retried(now, from)
        })
    }

    /// Neither the window nor the idle limit moves.
    fn retried(self, now: Timestamp, from: Option<IpAddr>) -> Self {
        let retried = Self { retried_at: Some(now), ..self };
        if !self.is_elsewhere(from) {
            return retried;
        }
        let first_of_this_rotation = i64::from(self.elsewhere == 0);
        Self {
            elsewhere: self.elsewhere + 1,
            shadow_run: self.shadow_run + first_of_this_rotation,
            ..retried
        }
    }

    /// Whether the last use was the parent's return and no rotation.
    pub const fn is_retry(&self) -> bool {
        self.retried_at.is_some()
    }

    /// Whether the last use, which came from this address, completed [`SHADOW_RUN`] rotations running that were retried from
    /// another address. The count then begins anew: one alarm for each such run.
    pub fn is_shadowed(&self, from: Option<IpAddr>) -> bool {
        self.is_elsewhere(from) && self.elsewhere == 1 && self.shadow_run % SHADOW_RUN == 0
    }

    fn is_elsewhere(&self, from: Option<IpAddr>) -> bool {
        self.rotated_from.zip(from).is_some_and(|(first, now)| first != now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RETRY: Duration = Duration::from_secs(60);
    const FAR: Timestamp = Timestamp::from_seconds(1 << 40);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn used(number: i64, now: i64) -> RefreshUse {
        RefreshUse { number, now: at(now), from: None, ip: None, retry: RETRY, idle_expires_at: FAR }
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn next(state: Refresh, presented: &RefreshUse) -> Refresh {
        match state.present(presented) {
            Rotation::Next(next) => next,
            other => panic!("{other:?} of {presented:?} at {state:?}"),
        }
    }

    #[test]
    fn o22_the_parent_gets_the_same_child_for_sixty_seconds_while_that_is_unused() {
        let second = next(Refresh::first(at(0), FAR), &used(1, 100));
        for now in [100, 105, 131, 159, 160] {
            let again = next(second, &used(1, now));
            assert_eq!(again, Refresh { retried_at: Some(at(now)), ..second }, "nothing else moves");
            assert_eq!(next(again, &used(1, now)), again, "a copy of the copy");
            assert_eq!(again.present(&used(1, 161)), Rotation::Reused, "a retry does not extend the window");
        }
        assert_eq!(second.present(&used(1, 161)), Rotation::Reused);
        let third = next(second, &used(2, 110));
        assert_eq!(third.present(&used(1, 110)), Rotation::Reused, "its child was used");
        assert_eq!(next(third, &used(2, 110)).leaf, 3, "each parent may come back");
        let strict = RefreshUse { retry: Duration::ZERO, ..used(1, 100) };
        assert_eq!(second.present(&strict), Rotation::Reused, "strict profile");
    }

    #[test]
    fn o29_a_retry_does_not_wake_a_leaf_that_idled() {
        let idle = RefreshUse { idle_expires_at: at(130), ..used(1, 100) };
        let second = next(Refresh::first(at(0), FAR), &idle);
        assert_eq!(next(second, &used(1, 129)).idle_expires_at, at(130));
        assert_eq!(second.present(&used(1, 130)), Rotation::Expired);
        assert_eq!(second.present(&used(2, 130)), Rotation::Expired);
    }

    /// Rotates from the first address and then retries from the others; says at which retry the alarm was raised.
    fn rotation(state: &mut Refresh, addresses: &[u8]) -> Vec<bool> {
        let number = state.leaf;
        let mut alarms = Vec::new();
        for from in addresses.iter().map(|last| Some(address(*last))) {
            *state = next(*state, &RefreshUse { from, ..used(number, 0) });
            alarms.push(state.is_shadowed(from));
        }
        alarms
    }

    #[test]
    fn three_rotations_running_retried_from_elsewhere_look_like_a_shadow() {
        let mut state = Refresh::first(at(0), FAR);
        assert_eq!(rotation(&mut state, &[1, 2]), [false, false]);
        assert_eq!(rotation(&mut state, &[2, 1, 1, 3]), [false; 4], "often in one rotation is once");
        assert_eq!(rotation(&mut state, &[1, 1, 2, 2, 1]), [false, false, true, false, false], "one alarm");
        assert_eq!(rotation(&mut state, &[1, 2]), [false, false]);
        assert_eq!(rotation(&mut state, &[1, 2]), [false, false]);
        assert_eq!(rotation(&mut state, &[1, 2]), [false, true], "three more");
        for undisturbed in [&[1][..], &[1, 1]] {
            rotation(&mut state, &[1, 2]);
            rotation(&mut state, &[1, 2]);
            rotation(&mut state, undisturbed);
            assert_eq!(rotation(&mut state, &[1, 2]), [false, false], "the run was broken");
            assert_eq!(state.shadow_run, 1);
        }
    }

    #[test]
    fn where_addresses_tell_nobody_apart_nothing_is_a_shadow() {
        for (first, again) in [(None, Some(address(2))), (Some(address(1)), None), (None, None)] {
            let mut state = Refresh::first(at(0), FAR);
            for _ in 0..6 {
                let number = state.leaf;
                state = next(state, &RefreshUse { from: first, ..used(number, 0) });
                state = next(state, &RefreshUse { from: again, ..used(number, 0) });
                assert!(!state.is_shadowed(again) && state.elsewhere == 0, "{state:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn i10_a_family_never_has_two_live_leaves(presented in prop::collection::vec((1_i64..12, 0_i64..40, 0_u8..3), 1..60)) {
            let (mut state, mut now) = (Refresh::first(at(0), FAR), 0);
            for (number, wait, from) in presented {
                now += wait;
                let before = state;
                match state.present(&RefreshUse { from: Some(address(from)), ..used(number, now) }) {
                    Rotation::Next(next) => {
                        prop_assert_eq!(next.parent, Some(number));
                        prop_assert_eq!(next.leaf, number + 1, "one child for each parent");
                        prop_assert!(number == before.leaf || Some(number) == before.parent);
                        prop_assert_eq!(next.is_retry(), number != before.leaf);
                        if next.is_retry() {
                            prop_assert_eq!(next.rotated_at, before.rotated_at, "the window does not move");
                        }
                        state = next;
                    }
                    Rotation::Reused => prop_assert!(number != before.leaf),
                    Rotation::Expired => prop_assert!(false, "nothing idles here"),
                }
            }
        }
    }
}
