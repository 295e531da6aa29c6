//! A leaky bucket: so many at once, then so many a minute.

use tessera_model::Timestamp;

/// How many a bucket takes at once, and how many drain in a minute.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) burst: i64,
    pub(crate) per_minute: i64,
}

/// How old the time of a request may be that has waited, in milliseconds.
const OUTDATED: i64 = 60_000;

/// The moment at which the bucket will be empty, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket(i64);

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
    pub(crate) fn wait(self, limit: Limit, now: Timestamp) -> i64 {
        (self.left(now) + limit.each() - limit.full() + 999).div_euclid(1_000).max(0)
    }

    pub(crate) fn add(&mut self, limit: Limit, now: Timestamp) {
        self.0 = millis(now) + self.left(now) + limit.each();
    }

    /// Adds one if there is room.
    pub(crate) fn take(&mut self, limit: Limit, now: Timestamp) -> bool {
        if self.left(now) > limit.full() + OUTDATED {
            // The clock went back. The bucket would stay full until it has caught up.
            *self = Self::default();
        }
        let has_room = self.wait(limit, now) == 0;
        if has_room {
            self.add(limit, now);
        }
        has_room
    }

    pub(crate) fn refund(&mut self, limit: Limit) {
        self.0 -= limit.each();
    }

    pub(crate) fn is_empty(self, now: Timestamp) -> bool {
        self.left(now) == 0
    }
}

const fn millis(now: Timestamp) -> i64 {
    now.seconds().saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_takes_its_burst_and_then_its_rate() {
        let (limit, mut bucket) = (Limit { burst: 3, per_minute: 6 }, Bucket::default());
        let taken = |bucket: &mut Bucket, at, tries: usize| {
            (0..tries).filter(|_| bucket.take(limit, Timestamp::from_seconds(at))).count()
        };
        assert_eq!(taken(&mut bucket, 100, 10), 3);
        assert_eq!((taken(&mut bucket, 109, 10), taken(&mut bucket, 110, 10)), (0, 1));
        assert_eq!(taken(&mut bucket, 1_000, 10), 3, "it drains, and no further");
        bucket.refund(limit);
        assert_eq!(taken(&mut bucket, 1_000, 10), 1);
        assert_eq!(taken(&mut bucket, 500, 10), 3, "a clock that was ahead filled it");
    }
}
