//! When a token is valid.

use super::error::PayloadError;

/// `iat`, `exp` and `nbf`, in seconds since 1970. The checks take the time and the leeway: how many seconds two clocks may differ
/// (policy P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When the token was issued.
    pub iat: i64,
    /// When the token expires.
    pub exp: i64,
    /// When the token starts to be valid, if it says so.
    pub nbf: Option<i64>,
}

impl Times {
    /// Checks that the token is valid at `now`.
    ///
    /// # Errors
    /// `Expired`, `NotYetValid`, `Malformed`.
    #[inline]
    pub const fn check(self, now: i64, leeway: i64) -> Result<(), PayloadError> {
        if now.saturating_sub(leeway) > self.exp {
            return Err(PayloadError::Expired);
        }
        self.check_begun(now, leeway)
    }

    /// Checks that the token is valid at `now` or was before. A hint needs no more.
    ///
    /// # Errors
    /// `NotYetValid`, or `Malformed` if the token ends before it begins.
    #[inline]
    pub const fn check_begun(self, now: i64, leeway: i64) -> Result<(), PayloadError> {
        let latest = now.saturating_add(leeway);
        let not_before = match self.nbf {
            Some(nbf) if nbf > self.iat => nbf,
            Some(_) | None => self.iat,
        };
        if not_before > latest {
            return Err(PayloadError::NotYetValid);
        }
        if self.exp < self.iat { Err(PayloadError::Malformed) } else { Ok(()) }
    }

    /// Checks that the token lives for at most `longest` seconds.
    ///
    /// # Errors
    /// `LifetimeTooLong`.
    #[inline]
    pub const fn check_lifetime(self, longest: i64) -> Result<(), PayloadError> {
        if self.exp.saturating_sub(self.iat) > longest { Err(PayloadError::LifetimeTooLong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn j24_times_are_judged_to_the_second() {
        let times = |iat, exp, nbf| Times { iat, exp, nbf };
        let table = [
            (times(100, 700, None), Ok(()), Ok(())),
            (times(110, 700, Some(110)), Ok(()), Ok(())),
            (times(111, 700, None), Err(PayloadError::NotYetValid), Err(PayloadError::NotYetValid)),
            (times(0, 700, Some(111)), Err(PayloadError::NotYetValid), Err(PayloadError::NotYetValid)),
            (times(0, 90, None), Ok(()), Ok(())),
            (times(0, 89, None), Err(PayloadError::Expired), Ok(())),
            (times(0, i64::MIN, None), Err(PayloadError::Expired), Err(PayloadError::Malformed)),
            (times(95, 94, None), Err(PayloadError::Malformed), Err(PayloadError::Malformed)),
            (times(i64::MIN, i64::MAX, Some(i64::MIN)), Ok(()), Ok(())),
        ];
        for (times, now, ever) in table {
            assert_eq!((times.check(100, 10), times.check_begun(100, 10)), (now, ever), "{times:?}");
        }
        assert_eq!(times(0, 600, None).check_lifetime(600), Ok(()));
        for (iat, exp) in [(0, 601), (i64::MIN, i64::MAX), (-1, 600)] {
            assert_eq!(
                times(iat, exp, None).check_lifetime(600),
                Err(PayloadError::LifetimeTooLong),
                "{iat} {exp}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_time_overflows(iat in any::<i64>(), exp in any::<i64>(), nbf in any::<Option<i64>>(), now in any::<i64>()) {
            let times = Times { iat, exp, nbf };
            prop_assert!(times.check(now, 10).is_err() || times.check_begun(now, 10).is_ok());
            let _ = times.check_lifetime(86_400);
        }
    }
}
