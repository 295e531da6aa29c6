//! What a code is made with: hash, number of digits, period.

/// The hash below the HMAC. RFC 4226 knows SHA-1 only; RFC 6238 section 1.2 adds the other two.
///
/// SHA-1 is what nearly every key fob and authenticator app does. HMAC does not need the collision resistance that SHA-1 lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA-1.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// The name in an `otpauth` URI, and the form to store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Reads a name of any of the usual spellings: `SHA1`, `sha-256`, `HMAC-SHA512`, `HmacSHA1`.
    pub fn from_name(name: &str) -> Option<Self> {
        let plain: String = name.trim().chars().filter(|c| !matches!(c, '-' | '_')).collect();
        let plain = plain.to_ascii_uppercase();
        match plain.strip_prefix("HMAC").unwrap_or(&plain) {
            "SHA1" => Some(Self::Sha1),
            "SHA256" => Some(Self::Sha256),
            "SHA512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// How long a new secret should be, in bytes: as long as the hash (RFC 4226 section 4 R6, RFC 6238 section 5.1).
    pub const fn secret_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// How many digits a code has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Digits {
    /// Six.
    #[default]
    Six,
    /// Eight.
    Eight,
}

impl Digits {
    /// The number.
    pub const fn count(self) -> usize {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }

    /// Six or eight; `None` for any other number.
    pub const fn from_count(count: u64) -> Option<Self> {
        match count {
            6 => Some(Self::Six),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    /// One more than the largest code.
    pub(crate) const fn modulus(self) -> u32 {
        match self {
            Self::Six => 1_000_000,
            Self::Eight => 100_000_000,
        }
    }
}

/// How long a TOTP code is shown: the time step X of RFC 6238 section 4.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// 30 seconds, the default of RFC 6238.
    #[default]
    Seconds30,
    /// 60 seconds, common in key fobs.
    Seconds60,
}

impl Period {
    /// The length in seconds.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Seconds30 => 30,
            Self::Seconds60 => 60,
        }
    }

    /// 30 or 60; `None` for any other number.
    pub const fn from_seconds(seconds: u64) -> Option<Self> {
        match seconds {
            30 => Some(Self::Seconds30),
            60 => Some(Self::Seconds60),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_their_usual_spellings() {
        for name in ["SHA1", "sha1", "SHA-1", "HMAC-SHA1", "HmacSHA1", " hmac_sha1 "] {
            assert_eq!(Algorithm::from_name(name), Some(Algorithm::Sha1), "{name}");
        }
        assert_eq!(Algorithm::from_name("HMAC-SHA256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::from_name("sha512"), Some(Algorithm::Sha512));
        for name in ["", "HMAC", "SHA", "SHA224", "SHA3-256", "MD5", "SHA2561"] {
            assert_eq!(Algorithm::from_name(name), None, "{name}");
        }
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        }
    }

    #[test]
    fn numbers_outside_the_standard_values_are_refused() {
        assert_eq!(Digits::from_count(6).map(Digits::count), Some(6));
        assert_eq!(Digits::from_count(8).map(Digits::count), Some(8));
        assert_eq!(Period::from_seconds(30).map(Period::seconds), Some(30));
        assert_eq!(Period::from_seconds(60).map(Period::seconds), Some(60));
        for number in [0, 1, 5, 7, 9, 10, 15, 31, 59, 61, u64::MAX] {
            assert_eq!(Digits::from_count(number), None);
            assert_eq!(Period::from_seconds(number), None);
        }
    }
}
