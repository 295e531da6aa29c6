//! HOTP (RFC 4226): codes that follow a counter, which a key fob raises at each press of its button.

use crate::algorithm::{Algorithm, Digits};
use crate::code::Code;
use crate::generator::{Choose, Generator};
use crate::secret::Secret;

/// The largest counter that has a code here. So the counter after a match always exists.
const LAST_COUNTER: u64 = u64::MAX - 1;

/// One HOTP device. The counter is not part of it: the caller stores the next counter that may match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hotp {
    generator: Generator,
}

impl Hotp {
    /// RFC 4226 has SHA-1 only. The other hashes are for devices that were made with them.
    pub fn new(secret: Secret, algorithm: Algorithm, digits: Digits) -> Self {
        Self { generator: Generator { secret, algorithm, digits } }
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

    /// The code of `counter` (RFC 4226 section 5.3).
    pub fn code(&self, counter: u64) -> Code {
        self.generator.code(counter)
    }

    /// The counter whose code this is, from `next` up to `look_ahead` counters further (RFC 4226 section 7.2 and 7.4).
    ///
    /// After a match the caller stores the returned counter plus one as the new `next`, by a statement that fails if somebody else
    /// has raised it meanwhile. So no counter at or below the match is ever accepted again. If two counters of the window have
    /// the same code, the lower one matches: with the higher one the device would fall behind the server.
    ///
    /// Each counter of the window is one more code that a guess may hit. RFC 4226 section 7.3 has the arithmetic.
    pub fn verify(&self, code: &Code, next: u64, look_ahead: u8) -> Option<u64> {
        let last = next.saturating_add(u64::from(look_ahead)).min(LAST_COUNTER);
        self.generator.find(code, next..=last, Choose::First)
    }

    /// The counter of `second`, if `first` and `second` are the codes of two consecutive counters, of which the first is at most
    /// `window` counters beyond `next` (RFC 4226 section 7.4). For a device whose button was pressed too often.
    ///
    /// The caller stores the returned counter plus one, as after [`Hotp::verify`]. A window of 100 to 1000 is usual; its work grows
    /// with it, to some hundredths of a second at most.
    pub fn resynchronise(&self, [first, second]: [&Code; 2], next: u64, window: u16) -> Option<u64> {
        let last = next.saturating_add(u64::from(window)).saturating_add(1).min(LAST_COUNTER);
        self.generator.find_pair(first, second, next..=last, Choose::First)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4226 appendix D.
    const CODES: [&str; 10] =
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];

    fn device() -> Hotp {
        Hotp::new(Secret::new(b"12345678901234567890").unwrap(), Algorithm::Sha1, Digits::Six)
    }

    fn typed(text: &str) -> Code {
        Code::parse(text, Digits::Six).unwrap()
    }

    #[test]
    fn r08_rfc4226_appendix_d() {
        for (counter, code) in (0..).zip(CODES) {
            assert_eq!(*device().code(counter).reveal(), code);
            assert_eq!(device().verify(&typed(code), counter, 0), Some(counter));
        }
    }

    #[test]
    fn the_window_begins_at_the_next_counter_and_ends_after_the_look_ahead() {
        let code = typed(CODES[5]);
        assert_eq!(device().verify(&code, 5, 0), Some(5));
        assert_eq!(device().verify(&code, 3, 2), Some(5));
        assert_eq!(device().verify(&code, 3, 1), None);
        assert_eq!(device().verify(&code, 6, 255), None);
    }

    #[test]
    fn r08_two_consecutive_codes_resynchronise() {
        let pair = |first: usize, second: usize, next, window| {
            device().resynchronise([&typed(CODES[first]), &typed(CODES[second])], next, window)
        };
        assert_eq!(pair(7, 8, 0, 100), Some(8));
        assert_eq!(pair(7, 8, 7, 0), Some(8));
        assert_eq!(pair(7, 8, 0, 7), Some(8));
        assert_eq!(pair(7, 8, 0, 6), None, "beyond the window");
        assert_eq!(pair(7, 8, 8, 100), None, "the first of them was used");
        assert_eq!(pair(7, 9, 0, 100), None, "not consecutive");
        assert_eq!(pair(8, 7, 0, 100), None, "in the wrong order");
        assert_eq!(pair(7, 7, 0, 100), None, "one code twice");
    }

    /// The secret of the RFCs has the same six digits at counters 910737 and 910738.
    #[test]
    fn of_two_counters_with_the_same_code_the_lower_one_matches() {
        let code = device().code(910_738);
        assert_eq!(device().verify(&code, 910_730, 20), Some(910_737));
        assert_eq!(device().verify(&code, 910_738, 20), Some(910_738));
    }

    #[test]
    fn the_end_of_the_counters_is_no_overflow() {
        let device = device();
        let last = device.code(u64::MAX - 1);
        assert_eq!(device.verify(&last, u64::MAX - 3, 255), Some(u64::MAX - 1));
        assert_eq!(device.verify(&device.code(u64::MAX), u64::MAX, 255), None);
        assert_eq!(device.resynchronise([&last, &device.code(u64::MAX)], u64::MAX - 3, u16::MAX), None);
    }

    #[test]
    fn another_number_of_digits_never_matches() {
        let eight = Hotp::new(device().secret().clone(), Algorithm::Sha1, Digits::Eight);
        assert_eq!(device().verify(&eight.code(0), 0, 10), None);
        assert_eq!(*eight.code(0).reveal(), "84755224");
    }

    #[test]
    fn the_secret_is_not_printed() {
        let text = format!("{:?}", device());
        assert!(text.contains("Secret(..)") && !text.contains("123"), "{text}");
    }
}
