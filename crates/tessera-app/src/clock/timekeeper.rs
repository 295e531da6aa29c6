//! The time of one instance.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{SeenTime, Timestamp};

use crate::config::ClockLimits;
use crate::ports::Clock;

/// How far the clock may jump ahead of the monotonic one before that is an alarm.
const JUMP_AHEAD: i64 = 3_600;
/// How far the clock may be put back before that is an alarm.
const PUT_BACK: i64 = 60;
/// A longer time without a look at the clock is a gap.
const GAP: Duration = Duration::from_secs(3_600);
/// How long nothing is purged, rotated or blocked for long after a gap.
const QUIET: Duration = Duration::from_secs(600);

/// Why the clock is probably wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefused {
    /// It is too far behind the highest time seen.
    #[error("the clock is {} s behind the highest time that a server has seen; at most {} s are allowed", highest.since(*clock).as_secs(), most.as_secs())]
    Behind {
        /// What the clock says.
        clock: Timestamp,
        /// The highest time seen.
        highest: Timestamp,
        /// What the configuration allows.
        most: Duration,
    },
    /// It is too far ahead of the highest time seen.
    #[error("the clock is {} s ahead of the highest time that a server has seen; at most {} s are allowed", clock.since(*highest).as_secs(), most.as_secs())]
    Ahead {
        /// What the clock says.
        clock: Timestamp,
        /// The highest time seen.
        highest: Timestamp,
        /// What the configuration allows.
        most: Duration,
    },
}

/// Something that the clock did. It is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockEvent {
    /// The clock moved against the monotonic one by so many seconds, back below zero.
    Jumped(i64),
    /// So much time has passed since anybody looked at the clock.
    Gap(Duration),
}

/// The time of one instance: reads the clocks, and never goes back.
pub(crate) struct Timekeeper {
    clock: Arc<dyn Clock>,
    refused: Option<ClockRefused>,
    state: Mutex<State>,
}

struct State {
    /// The latest time that was told, since 1970, and when that was on the monotonic clock.
    latest: Duration,
    told_at: Duration,
    /// What the clock said when it was last read.
    clock: Timestamp,
    /// The clock minus the monotonic one, in seconds, at the start or at the last alarm.
    offset: i64,
    /// When the ten minutes after a gap end, on the monotonic clock.
    quiet_until: Duration,
    events: Vec<ClockEvent>,
    accepted: i64,
    off_database: Option<i64>,
}

impl Timekeeper {
    /// Begins with the highest time seen. If the clock does not fit it, the time is what the clock says.
    pub(crate) fn start(clock: Arc<dyn Clock>, seen: SeenTime, limits: ClockLimits) -> Self {
        let (now, monotonic) = (clock.now(), clock.monotonic());
        let refused = seen.highest.and_then(|highest| refuse(now, highest, limits));
        let floor = if refused.is_none() { seen.highest.unwrap_or(now).max(now) } else { now };
        let mut state = State {
            latest: since_1970(floor),
            told_at: monotonic,
            clock: seen.highest.unwrap_or(now),
            offset: offset(now, monotonic),
            quiet_until: Duration::ZERO,
            events: Vec::new(),
            accepted: seen.accepted,
            off_database: None,
        };
        state.look(now, monotonic);
        Self { clock, refused, state: Mutex::new(state) }
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        let mut state = self.state.lock();
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        state.look(now, monotonic)
    }

    /// What the clock says, right or wrong.
    pub(crate) fn clock(&self) -> Timestamp {
        self.clock.now()
    }

    /// On the monotonic clock, to measure with.
    pub(crate) fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Why the clock was refused when this process started.
    pub(crate) const fn refused(&self) -> Option<ClockRefused> {
        self.refused
    }

    /// Whether the ten minutes after a gap last, or the clock was put back and has not caught up.
    pub(crate) fn is_quiet(&self) -> bool {
        let now = self.now();
        let state = self.state.lock();
        let ahead = now.seconds().saturating_sub(state.clock.seconds());
        self.clock.monotonic() < state.quiet_until || ahead >= PUT_BACK
    }

    /// What the clock did since this was last asked.
    pub(crate) fn take_events(&self) -> Vec<ClockEvent> {
        std::mem::take(&mut self.state.lock().events)
    }

    /// The number of accepted clocks that this instance knows of.
    pub(crate) fn accepted(&self) -> i64 {
        self.state.lock().accepted
    }

    /// Follows an administrator who accepted the clock: the time is what the clock says, or what that administrator saw.
    pub(crate) fn adopt(&self, seen: SeenTime) {
        let mut state = self.state.lock();
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        let floor = seen.highest.unwrap_or(now).max(now);
        *state = State {
            latest: since_1970(floor),
            told_at: monotonic,
            clock: now,
            offset: offset(now, monotonic),
            quiet_until: Duration::ZERO,
            events: Vec::new(),
            accepted: seen.accepted,
            off_database: state.off_database,
        };
    }

    /// Notes by how many seconds this instance is off the clock of the database, and returns what was known before.
    pub(crate) fn note_off_database(&self, seconds: Option<i64>) -> Option<i64> {
        std::mem::replace(&mut self.state.lock().off_database, seconds)
    }

    pub(crate) fn off_database(&self) -> Option<i64> {
        self.state.lock().off_database
    }
}

impl State {
    /// Takes a reading of both clocks, and tells the time.
    fn look(&mut self, clock: Timestamp, monotonic: Duration) -> Timestamp {
        let passed = clock.since(self.clock);
        if passed > GAP {
            self.quiet_until = monotonic + QUIET;
            self.events.push(ClockEvent::Gap(passed));
        }
        self.clock = clock;
        let offset = offset(clock, monotonic);
        let moved = offset.saturating_sub(self.offset);
        if moved >= JUMP_AHEAD || moved <= -PUT_BACK {
            self.offset = offset;
            self.events.push(ClockEvent::Jumped(moved));
        }
        // At half speed, so that time never stands still and the clock can catch up.
        let slowest = self.latest + monotonic.saturating_sub(self.told_at) / 2;
        self.latest = since_1970(clock).max(slowest);
        self.told_at = monotonic.max(self.told_at);
        Timestamp::from_seconds(i64::try_from(self.latest.as_secs()).unwrap_or(i64::MAX))
    }
}

fn refuse(clock: Timestamp, highest: Timestamp, limits: ClockLimits) -> Option<ClockRefused> {
    let ClockLimits { max_behind, max_ahead } = limits;
    if highest.since(clock) > max_behind {
        Some(ClockRefused::Behind { clock, highest, most: max_behind })
    } else if clock.since(highest) > max_ahead {
        Some(ClockRefused::Ahead { clock, highest, most: max_ahead })
    } else {
        None
    }
}

fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.seconds()).unwrap_or(0))
}

fn offset(clock: Timestamp, monotonic: Duration) -> i64 {
    clock.seconds().saturating_sub(i64::try_from(monotonic.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;
    const BEGIN: u64 = 100_000_000;

    /// Two clocks in seconds: the one that anybody can set, and the other.
    #[derive(Default)]
    struct Clocks(Mutex<(u64, u64)>);

    impl Clocks {
        fn pass(&self, seconds: u64) {
            let mut clocks = self.0.lock();
            clocks.0 += seconds;
            clocks.1 += seconds;
        }

        fn set(&self, seconds: u64) {
            self.0.lock().0 = seconds;
        }
    }

    impl Clock for Clocks {
        fn now(&self) -> Timestamp {
            at(self.0.lock().0)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.lock().1)
        }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(i64::try_from(seconds).unwrap())
    }

    fn begin(highest: Option<u64>) -> (Arc<Clocks>, Timekeeper) {
        let clocks = Arc::new(Clocks::default());
        clocks.set(BEGIN);
        let seen = SeenTime { highest: highest.map(at), accepted: 0 };
        let time = Timekeeper::start(Arc::clone(&clocks) as _, seen, ClockLimits::default());
        (clocks, time)
    }

    #[test]
    fn i04_time_never_goes_back_and_the_clock_catches_up() {
        let (clocks, time) = begin(None);
        clocks.pass(100);
        assert_eq!(time.now(), at(BEGIN + 100));
        clocks.set(BEGIN);
        let told: Vec<u64> = (0..6)
            .map(|_| {
                let now = time.now();
                clocks.pass(40);
                u64::try_from(now.seconds()).unwrap() - BEGIN
            })
            .collect();
        assert_eq!(told, [100, 120, 140, 160, 180, 200], "half speed until the clock is there again");
        assert_eq!(time.now(), at(BEGIN + 240), "then what the clock says");
    }

    #[test]
    fn a_start_is_refused_a_minute_behind_or_a_month_ahead() {
        let refused = |highest: u64| begin(Some(highest)).1.refused();
        assert_eq!(refused(BEGIN + 60), None);
        assert_eq!(refused(BEGIN - 30 * DAY), None);
        assert!(matches!(refused(BEGIN + 61), Some(ClockRefused::Behind { .. })));
        assert!(matches!(refused(BEGIN - 30 * DAY - 1), Some(ClockRefused::Ahead { .. })));
        assert_eq!(begin(Some(BEGIN + 60)).1.now(), at(BEGIN + 60), "what was seen has been");
        assert_eq!(begin(Some(BEGIN + 61)).1.now(), at(BEGIN), "what is refused counts for nothing");
    }

    #[test]
    fn an_hour_ahead_and_a_minute_back_are_told_once() {
        let (clocks, time) = begin(None);
        let told = |by: i64| {
            let now = clocks.now().seconds().checked_add(by).unwrap();
            clocks.set(u64::try_from(now).unwrap());
            time.now();
            clocks.pass(5);
            time.now();
            let jumps = time.take_events().into_iter().filter(|event| matches!(event, ClockEvent::Jumped(_)));
            jumps.collect::<Vec<_>>()
        };
        assert_eq!(told(3_599), []);
        assert_eq!(told(1), [ClockEvent::Jumped(3_600)], "in two steps");
        assert_eq!(told(-59), []);
        assert_eq!(told(-1), [ClockEvent::Jumped(-60)]);
        assert_eq!(told(0), []);
        assert_eq!(told(-7_200), [ClockEvent::Jumped(-7_200)]);
    }

    #[test]
    fn ten_quiet_minutes_follow_a_gap_of_more_than_an_hour() {
        let (clocks, time) = begin(Some(BEGIN - HOUR));
        assert!(!time.is_quiet(), "an hour of downtime is none");
        clocks.pass(HOUR);
        assert!(!time.is_quiet());
        clocks.pass(HOUR + 1);
        assert!(time.is_quiet(), "the machine slept, or the process was stopped");
        assert_eq!(time.take_events(), [ClockEvent::Gap(Duration::from_secs(HOUR + 1))], "and no jump");
        clocks.pass(599);
        assert!(time.is_quiet());
        clocks.pass(1);
        assert!(!time.is_quiet());
        clocks.set(BEGIN + 365 * DAY);
        assert!(time.is_quiet(), "somebody set the clock");
        clocks.set(BEGIN);
        clocks.pass(601);
        assert!(time.is_quiet(), "it was put right, and time is still ahead");
        let (_, time) = begin(Some(BEGIN - HOUR - 1));
        assert!(time.is_quiet(), "no server ran");
    }
}
