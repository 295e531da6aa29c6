//! A code as a person types it.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize as _, Zeroizing};

use crate::algorithm::Digits;

/// The longest typed text that is looked at, in bytes.
const MAX_TYPED_LEN: usize = 32;

/// Six or eight digits. Not printed, because a code is a secret until it is used; compared in constant time.
#[derive(Clone)]
pub struct Code {
    value: u32,
    digits: Digits,
}

/// The text is not a code of the expected number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of {expected} digits", expected = .0.count())]
pub struct NotACode(pub Digits);

impl Code {
    /// Reads what a person typed. Spaces are left out wherever they stand, because devices show codes in groups.
    ///
    /// # Errors
    /// [`NotACode`] for anything but ASCII digits and spaces, another number of digits, or more than 32 bytes.
    pub fn parse(typed: &str, digits: Digits) -> Result<Self, NotACode> {
        if typed.len() > MAX_TYPED_LEN {
            return Err(NotACode(digits));
        }
        let (mut value, mut count) = (0_u32, 0_usize);
        for byte in typed.bytes().filter(|byte| *byte != b' ') {
            if !byte.is_ascii_digit() || count == digits.count() {
                return Err(NotACode(digits));
            }
            value = value * 10 + u32::from(byte - b'0');
            count += 1;
        }
        if count == digits.count() { Ok(Self { value, digits }) } else { Err(NotACode(digits)) }
    }

    /// The code of a truncated HMAC (RFC 4226 section 5.3 step 3).
    pub(crate) fn of_truncated(truncated: u32, digits: Digits) -> Self {
        Self { value: truncated % digits.modulus(), digits }
    }

    /// How many digits it has.
    pub fn digits(&self) -> Digits {
        self.digits
    }

    /// The digits, leading zeros included. For a device or a test that shows codes; a server has no use for it.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{:0width$}", self.value, width = self.digits.count()))
    }
}

impl ConstantTimeEq for Code {
    /// How many digits a code has is no secret, so that comparison may be quick.
    fn ct_eq(&self, other: &Self) -> Choice {
        if self.digits != other.digits {
            return Choice::from(0);
        }
        self.value.ct_eq(&other.value)
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, digits: Digits) -> Option<String> {
        Code::parse(typed, digits).ok().map(|code| code.reveal().to_string())
    }

    #[test]
    fn r08_spaces_between_the_digits_are_left_out() {
        for typed in ["012345", "012 345", " 01 23 45 ", "0 1 2 3 4 5"] {
            assert_eq!(read(typed, Digits::Six).as_deref(), Some("012345"), "{typed:?}");
        }
        assert_eq!(read("0123 4567", Digits::Eight).as_deref(), Some("01234567"));
    }

    #[test]
    fn anything_else_is_refused() {
        let wrong = [
            "",
            " ",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "-12345",
            "12345.",
            "12\t3456",
            "123456\n",
            "0x1234",
            "１２３４５６",
            "٠١٢٣٤٥",
            "12\u{a0}3456",
            "12345\u{0}",
        ];
        for typed in wrong {
            assert_eq!(read(typed, Digits::Six), None, "{typed:?}");
        }
        assert_eq!(read("123456", Digits::Eight), None);
        assert_eq!(read("99999999999999999999", Digits::Eight), None);
        assert_eq!(read(&format!("123456{}", " ".repeat(27)), Digits::Six), None);
    }

    #[test]
    fn six_digits_are_not_eight() {
        let six = Code::parse("000123", Digits::Six).unwrap();
        let eight = Code::parse("00000123", Digits::Eight).unwrap();
        assert!(!bool::from(six.ct_eq(&eight)));
        assert!(bool::from(six.ct_eq(&six.clone())));
    }

    #[test]
    fn a_code_is_not_printed() {
        assert_eq!(format!("{:?}", Code::parse("123456", Digits::Six)), "Ok(Code(..))");
    }
}
