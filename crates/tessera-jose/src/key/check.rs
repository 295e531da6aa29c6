//! Whether a well-formed public key is strong (RFC 8725 section 3.4, NIST SP 800-56A, RFC 8032 section 5.1).

use super::error::KeyError;

const MIN_RSA_BITS: usize = 2048;
const MAX_RSA_BITS: usize = 8192;

/// Checks size, parity, exponent and origin of an RSA key. Both numbers are big endian without leading zero.
pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    if bits < MIN_RSA_BITS {
        return Err(KeyError::TooShort);
    }
    if bits > MAX_RSA_BITS {
        return Err(KeyError::TooLong);
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(KeyError::Invalid);
    }
    if e.len() > 4 || e.last().is_none_or(|last| last % 2 == 0) || e == [1] {
        return Err(KeyError::Exponent);
    }
    if has_roca_shape(n) { Err(KeyError::WeakModulus) } else { Ok(()) }
}

/// Whether the modulus is a power of 65537 modulo every small prime. All keys of CVE-2017-15361 are, and one in 2^27 others.
fn has_roca_shape(n: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
        103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.into_iter().all(|prime| {
        let residue = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..prime).any(|_| {
            let hit = power == residue;
            power = power * 65537 % prime;
            hit
        })
    })
}

/// Refuses the points of order 1, 2, 4 and 8, because a signature under them proves nothing. Also refuses encodings whose y is not
/// below the prime.
pub(super) fn ed25519(x: &[u8; 32]) -> Result<(), KeyError> {
    // y of the eight points of small order, little endian. The top bit of the last byte is the sign of x.
    const SMALL: [[u8; 32]; 5] = [
        y(0, 0, 0),
        y(1, 0, 0),
        y(0xec, 0xff, 0x7f),
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let mut unsigned = *x;
    unsigned[31] &= 0x7f;
    let canonical =
        unsigned[0] < 0xed || unsigned[1..31].iter().any(|byte| *byte != 0xff) || unsigned[31] != 0x7f;
    if !canonical || SMALL.contains(&unsigned) { Err(KeyError::WeakPoint) } else { Ok(()) }
}

const fn y(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}
