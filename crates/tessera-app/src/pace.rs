//! Work on very many rows, in steps so small that no request waits long behind one.

use std::time::Duration;

/// Most rows of the first step.
const FIRST_STEP: u32 = 20;
/// Least and most rows of a step.
const STEP: std::ops::RangeInclusive<u32> = 10..=500;
/// How long a step should take.
const STEP_TIME: Duration = Duration::from_millis(4);
/// How many times longer the work rests after a step. So it has at most a tenth of the database, and less when the database is slow.
const REST: u32 = 9;
/// The longest rest. The lease of a job outlasts it.
const MAX_REST: Duration = Duration::from_secs(10);

/// How many rows the next step may touch.
pub(crate) struct Pace {
    most: u32,
}

impl Pace {
    /// Requests go first: the first step is a small one.
    pub(crate) const fn gentle() -> Self {
        Self { most: FIRST_STEP }
    }

    /// What somebody waits for begins with the largest step.
    pub(crate) const fn prompt() -> Self {
        Self { most: *STEP.end() }
    }

    /// Most rows of the next step.
    pub(crate) const fn most(&self) -> u32 {
        self.most
    }

    /// Rests after a step that took so long.
    pub(crate) async fn rest_after(&mut self, took: Duration) {
        self.most = next_step(self.most, took);
        let rest = (took * REST).min(MAX_REST);
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
    }
}

/// How many rows the next step may touch, after one with `most` took so long.
fn next_step(most: u32, took: Duration) -> u32 {
    let fitting = if took > STEP_TIME { most / 2 } else { most.saturating_mul(2) };
    fitting.clamp(*STEP.start(), *STEP.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_shrink_while_the_database_is_slow_and_grow_again() {
        let (fast, slow) = (Duration::from_millis(1), Duration::from_millis(50));
        let mut most = FIRST_STEP;
        let sizes = [fast, fast, slow, slow, slow, slow, fast].map(|took| {
            most = next_step(most, took);
            most
        });
        assert_eq!(sizes, [40, 80, 40, 20, 10, 10, 20]);
    }
}
