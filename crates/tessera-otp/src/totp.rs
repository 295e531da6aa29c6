//! TOTP (RFC 6238): codes that follow the time, in steps of 30 or 60 seconds since 1970 (T0 = 0).

use std::ops::RangeInclusive;

use crate::algorithm::{Algorithm, Digits, Period};
use crate::code::Code;
use crate::generator::{Choose, Generator};
use crate::secret::Secret;

/// One TOTP device: a key fob or an authenticator app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    generator: Generator,
    period: Period,
}

/// What the caller stores of a device and hands in again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TotpState {
    /// By how many steps the clock of the device is known to be ahead of ours; negative if it is behind
    /// (RFC 6238 section 6, `TimeDrift` of RFC 6030 section 4.1).
    pub drift: i64,
    /// The last step that was used. Steps at or before it never match (RFC 6238 section 5.2).
    pub last_step: Option<u64>,
}

/// Where a code was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpMatch {
    /// The step of the code. The caller stores it as [`TotpState::last_step`], by a statement that fails if a step at or after it
    /// has been stored meanwhile.
    pub step: u64,
    /// By how many steps the device is ahead of our clock now, negative if behind. The caller may store it as
    /// [`TotpState::drift`], and has to after [`Totp::resynchronise`].
    pub drift: i64,
}

impl TotpMatch {
    /// The state to store after this match, drift included.
    pub fn state(self) -> TotpState {
        TotpState { drift: self.drift, last_step: Some(self.step) }
    }
}

impl Totp {
    /// SHA-1, six digits and 30 seconds are what every authenticator app can do.
    pub fn new(secret: Secret, algorithm: Algorithm, digits: Digits, period: Period) -> Self {
        Self { generator: Generator { secret, algorithm, digits }, period }
    }

    /// The shared secret.
    pub fn secret(&self) -> &Secret {
        &self.generator.secret
    }

    /// The hash.
    pub fn algorithm(&self) -> Algorithm {
        self.generator.algorithm
    }

    /// How many digits a code has.
    pub fn digits(&self) -> Digits {
        self.generator.digits
    }

    /// How long a code is shown.
    pub fn period(&self) -> Period {
        self.period
    }

    /// The step that `now`, in seconds since 1970, falls into (RFC 6238 section 4.2).
    pub fn step_at(&self, now: u64) -> u64 {
        now / self.period.seconds()
    }

    /// The code of `step` (RFC 6238 section 4.2).
    pub fn code(&self, step: u64) -> Code {
        self.generator.code(step)
    }

    /// Where `code` stands among the steps from `allowed` before to `allowed` after the present one of the device. Normally
    /// `allowed` is 1 (RFC 6238 section 5.2); 0 accepts only the present step.
    ///
    /// `now` is in seconds since 1970. Steps at or before [`TotpState::last_step`] never match, also when the clock was set back. If
    /// two steps have the same code, the later one matches, so that the code cannot be used for it again.
    pub fn verify(&self, code: &Code, now: u64, state: &TotpState, allowed: u8) -> Option<TotpMatch> {
        let range = self.window(now, state, u64::from(allowed));
        let step = self.generator.find(code, range, Choose::Last)?;
        Some(self.matched(step, now))
    }

    /// Where `second` stands, if `first` and `second` are the codes of two consecutive steps, both within `window` steps of the present
    /// one of the device. For a device whose clock went wrong (RFC 6238 section 6).
    ///
    /// [`TotpMatch::drift`] is right if `second` was typed while the device still showed it. It is off by one if it had just gone,
    /// which the next [`Totp::verify`] with `allowed` of 1 still accepts.
    pub fn resynchronise(
        &self,
        [first, second]: [&Code; 2],
        now: u64,
        state: &TotpState,
        window: u16,
    ) -> Option<TotpMatch> {
        let range = self.window(now, state, u64::from(window));
        let step = self.generator.find_pair(first, second, range, Choose::Last)?;
        Some(self.matched(step, now))
    }

    /// The steps that may match. Empty if all of them are used.
    fn window(&self, now: u64, state: &TotpState, allowed: u64) -> RangeInclusive<u64> {
        let present = self.step_at(now).saturating_add_signed(state.drift);
        let unused = state.last_step.map_or(0, |last| last.saturating_add(1));
        let used_up = state.last_step == Some(u64::MAX);
        let first = present.saturating_sub(allowed).max(unused);
        let last = present.saturating_add(allowed);
        #[expect(clippy::reversed_empty_ranges, reason = "an empty range is what is meant")]
        if used_up { 1..=0 } else { first..=last }
    }

    fn matched(&self, step: u64, now: u64) -> TotpMatch {
        TotpMatch { step, drift: difference(step, self.step_at(now)) }
    }
}

/// `a - b`, as near as the type allows.
fn difference(a: u64, b: u64) -> i64 {
    let distance = i64::try_from(a.abs_diff(b)).unwrap_or(i64::MAX);
    if a >= b { distance } else { -distance }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B: time, and the codes with SHA-1, SHA-256 and SHA-512.
    const CODES: [(u64, [&str; 3]); 6] = [
        (59, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, ["65353130", "77737706", "47863826"]),
    ];

    fn vector_device(algorithm: Algorithm) -> Totp {
        let secret: Vec<u8> = b"1234567890".iter().copied().cycle().take(algorithm.secret_len()).collect();
        Totp::new(Secret::new(&secret).unwrap(), algorithm, Digits::Eight, Period::Seconds30)
    }

    fn device() -> Totp {
        Totp::new(
            Secret::new(b"12345678901234567890").unwrap(),
            Algorithm::Sha1,
            Digits::Six,
            Period::Seconds30,
        )
    }

    const NOW: u64 = 1_800_000_000;
    const STEP: u64 = NOW / 30;
    const FRESH: TotpState = TotpState { drift: 0, last_step: None };

    fn used(last_step: u64) -> TotpState {
        TotpState { drift: 0, last_step: Some(last_step) }
    }

    #[test]
    fn r13_rfc6238_appendix_b() {
        for (now, codes) in CODES {
            for (algorithm, expected) in
                [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].into_iter().zip(codes)
            {
                let device = vector_device(algorithm);
                let step = device.step_at(now);
                assert_eq!(*device.code(step).reveal(), expected, "{algorithm:?} at {now}");
                let code = Code::parse(expected, Digits::Eight).unwrap();
                assert_eq!(device.verify(&code, now, &FRESH, 0), Some(TotpMatch { step, drift: 0 }));
            }
        }
    }

    #[test]
    fn l19_one_step_before_and_after_and_no_more() {
        let device = device();
        for (offset, accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let step = STEP.saturating_add_signed(offset);
            let found = device.verify(&device.code(step), NOW, &FRESH, 1);
            assert_eq!(found, accepted.then_some(TotpMatch { step, drift: offset }), "{offset}");
            assert_eq!(device.verify(&device.code(step), NOW, &FRESH, 0).is_some(), offset == 0);
        }
    }

    #[test]
    fn l19_a_used_step_and_those_before_it_never_match() {
        let device = device();
        let code = device.code(STEP);
        let state = device.verify(&code, NOW, &FRESH, 1).unwrap().state();
        assert_eq!(state, used(STEP));
        assert_eq!(device.verify(&code, NOW, &state, 1), None);
        assert_eq!(device.verify(&device.code(STEP - 1), NOW, &state, 1), None);
        assert_eq!(
            device.verify(&device.code(STEP + 1), NOW, &state, 1).map(|found| found.step),
            Some(STEP + 1)
        );
    }

    #[test]
    fn l19_a_clock_that_jumps_back_brings_no_step_back() {
        let device = device();
        let earlier = NOW - 300;
        for step in STEP - 11..=STEP {
            assert_eq!(device.verify(&device.code(step), earlier, &used(STEP), 1), None);
        }
        assert_eq!(device.verify(&device.code(STEP), earlier, &used(STEP), 255), None);
    }

    #[test]
    fn r08_a_known_drift_moves_the_window() {
        let device = device();
        let slow = TotpState { drift: -7, last_step: None };
        let code = device.code(STEP - 8);
        assert_eq!(device.verify(&code, NOW, &FRESH, 1), None);
        assert_eq!(device.verify(&code, NOW, &slow, 1), Some(TotpMatch { step: STEP - 8, drift: -8 }));
        assert_eq!(device.verify(&device.code(STEP), NOW, &slow, 1), None);
    }

    #[test]
    fn r08_two_consecutive_codes_resynchronise() {
        let device = device();
        let pair = |first, second, state: &TotpState, window| {
            device.resynchronise([&device.code(first), &device.code(second)], NOW, state, window)
        };
        let ahead = STEP + 40;
        let found = pair(ahead - 1, ahead, &FRESH, 100).unwrap();
        assert_eq!(found, TotpMatch { step: ahead, drift: 40 });
        let next = device.verify(&device.code(ahead + 1), NOW + 30, &found.state(), 1);
        assert_eq!(next, Some(TotpMatch { step: ahead + 1, drift: 40 }));
        assert_eq!(pair(ahead - 1, ahead, &FRESH, 39), None, "beyond the window");
        assert_eq!(pair(ahead, ahead - 1, &FRESH, 100), None, "in the wrong order");
        assert_eq!(pair(ahead, ahead, &FRESH, 100), None, "one code twice");
        assert_eq!(pair(ahead - 2, ahead, &FRESH, 100), None, "not consecutive");
        assert_eq!(pair(STEP - 41, STEP - 40, &FRESH, 100).map(|found| found.drift), Some(-40));
        assert_eq!(pair(ahead - 1, ahead, &used(ahead - 1), 100), None, "the first of them was used");
    }

    /// The secret of the RFCs has the same six digits at steps 910737 and 910738.
    #[test]
    fn l19_a_code_that_two_steps_share_counts_once() {
        let (device, now) = (device(), 910_737 * 30);
        let code = device.code(910_737);
        assert_eq!(*code.reveal(), *device.code(910_738).reveal());
        let found = device.verify(&code, now, &FRESH, 1).unwrap();
        assert_eq!(found, TotpMatch { step: 910_738, drift: 1 });
        assert_eq!(device.verify(&code, now, &used(found.step), 1), None);
    }

    #[test]
    fn the_ends_of_time_are_no_overflow() {
        let device = device();
        for now in [0, 29, u64::MAX] {
            for drift in [0, i64::MIN, i64::MAX] {
                for last_step in [None, Some(0), Some(u64::MAX - 1), Some(u64::MAX)] {
                    let state = TotpState { drift, last_step };
                    let _ = device.verify(&device.code(0), now, &state, 255);
                    let _ = device.resynchronise([&device.code(0), &device.code(1)], now, &state, 2);
                }
            }
        }
        assert_eq!(device.verify(&device.code(0), 0, &FRESH, 1), Some(TotpMatch { step: 0, drift: 0 }));
        let end = TotpState { drift: i64::MAX, last_step: Some(u64::MAX) };
        assert_eq!(device.verify(&device.code(u64::MAX), u64::MAX, &end, 255), None);
        assert_eq!(difference(0, u64::MAX), -i64::MAX);
    }
}
