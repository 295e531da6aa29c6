//! Refresh-token rotation as a counter (policy P1).
//!
//! Every refresh token of a grant carries a number. The grant knows the number of its one live leaf and of the leaf's parent.
//! Presenting the leaf moves on. Presenting the parent once more, while the leaf was never used and the parent was first used
//! at most the retry window ago, is a lost response: the leaf dies and a new one takes its place. Everything else is reuse,
//! but for copies of one request that come together (attack O24): those are turned away and the family lives.
//!
//! The store decides with one conditional UPDATE; [`Refresh::present`] is the same rule as a pure function. It says afterwards
//! why the UPDATE hit no row, and tests hold the two against each other.

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
    /// When the parent was presented again; it may not be a third time.
    pub retried_at: Option<Timestamp>,
    /// When the leaf dies if it is not used.
    pub idle_expires_at: Timestamp,
}

/// What presenting a refresh token comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The live leaf, or its parent again after a lost response: continue with this state.
    Next(Refresh),
    /// The leaf, but too late.
    Expired,
    /// The parent a third time, in the same moment as the second.
    Together,
    /// A token that had been used up: the family must end.
    Reused,
}

/// What comes so soon after a retry was under way at the same time; one second, which the clock does not divide.
const TOGETHER: Duration = Duration::from_secs(1);

impl Refresh {
    /// The state after the code exchange that issued number 1.
    pub const fn first(now: Timestamp, idle_expires_at: Timestamp) -> Self {
        Self { leaf: 1, parent: None, rotated_at: now, retried_at: None, idle_expires_at }
    }

    /// The rule of policy P1. `retry` of zero is the strict profile: a lost response costs the family.
    #[must_use]
    pub fn present(
        self,
        number: i64,
        now: Timestamp,
        retry: Duration,
        idle_expires_at: Timestamp,
    ) -> Rotation {
        let next = Self { leaf: self.leaf + 1, parent: Some(number), idle_expires_at, ..self };
        if number == self.leaf {
            if now >= self.idle_expires_at {
                return Rotation::Expired;
            }
            return Rotation::Next(Self { rotated_at: now, retried_at: None, ..next });
        }
        let within_retry = !retry.is_zero() && now <= self.rotated_at.after(retry);
        if self.parent != Some(number) || !within_retry {
            return Rotation::Reused;
        }
        match self.retried_at {
            None => Rotation::Next(Self { retried_at: Some(now), ..next }),
            Some(at) if now <= at.after(TOGETHER) => Rotation::Together,
            Some(_) => Rotation::Reused,
        }
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

    #[test]
    fn o22_the_parent_may_come_back_once_within_sixty_seconds_while_its_child_is_unused() {
        let Rotation::Next(second) = Refresh::first(at(0), FAR).present(1, at(100), RETRY, FAR) else {
            panic!()
        };
        let Rotation::Next(third) = second.present(1, at(160), RETRY, FAR) else { panic!("lost response") };
        assert_eq!((third.leaf, third.parent), (3, Some(1)));
        assert_eq!(third.present(1, at(160), RETRY, FAR), Rotation::Together);
        let Rotation::Next(early) = second.present(1, at(110), RETRY, FAR) else { panic!("lost response") };
        assert_eq!(early.present(1, at(111), RETRY, FAR), Rotation::Together, "copies of one request");
        assert_eq!(early.present(1, at(112), RETRY, FAR), Rotation::Reused, "once");
        let Rotation::Next(used) = early.present(3, at(110), RETRY, FAR) else { panic!("the live leaf") };
        assert_eq!(used.present(1, at(110), RETRY, FAR), Rotation::Reused, "its child was used");
        assert!(
            matches!(used.present(3, at(112), RETRY, FAR), Rotation::Next(_)),
            "each parent may come back"
        );
        assert_eq!(third.present(2, at(160), RETRY, FAR), Rotation::Reused, "the replaced child is dead");
        assert_eq!(second.present(1, at(161), RETRY, FAR), Rotation::Reused);
        assert_eq!(second.present(1, at(100), Duration::ZERO, FAR), Rotation::Reused, "strict profile");
    }

    proptest! {
        #[test]
        fn i10_at_most_one_number_can_rotate_beside_its_parent(presented in prop::collection::vec((1_i64..12, 0_i64..40), 1..60)) {
            let (mut state, mut now) = (Refresh::first(at(0), FAR), 0);
            for (number, wait) in presented {
                now += wait;
                let before = state;
                match state.present(number, at(now), RETRY, FAR) {
                    Rotation::Next(next) => {
                        prop_assert!(number == before.leaf || Some(number) == before.parent);
                        prop_assert_eq!(next.leaf, before.leaf + 1, "every child gets a number never used before");
                        prop_assert!(number == before.leaf || before.retried_at.is_none(), "once");
                        state = next;
                    }
                    Rotation::Together => prop_assert_eq!((Some(number), wait <= 1), (before.parent, true)),
                    Rotation::Reused => prop_assert!(number != before.leaf),
                    Rotation::Expired => prop_assert!(false, "nothing idles here"),
                }
            }
        }
    }
}
