//! The little DER that the provider leaves to us: the outer frame of a private key, and the public half of an RSA key as the
//! provider writes it (`RSAPublicKey`, RFC 8017 appendix A.1.1).

const SEQUENCE: u8 = 0x30;

/// Modulus and exponent, big endian without leading zero. `None` for anything but strict DER of two positive numbers.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    const INTEGER: u8 = 0x02;
    let (body, rest) = element(der, SEQUENCE)?;
    let (n, after) = element(body, INTEGER)?;
    let (e, end) = element(after, INTEGER)?;
    if rest.is_empty() && end.is_empty() { Some((positive(n)?, positive(e)?)) } else { None }
}

/// Whether `der` is one SEQUENCE with nothing after it.
pub(super) fn is_one_sequence(der: &[u8]) -> bool {
    element(der, SEQUENCE).is_some_and(|(_, rest)| rest.is_empty())
}

/// The content of the first element, which must have this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (short, rest) = rest.split_first()?;
    let (len, rest) = match *short {
        short if short < 0x80 => (usize::from(short), rest),
        0x81 | 0x82 => {
            let (long, rest) = rest.split_at_checked(usize::from(*short - 0x80))?;
            (long.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(len)
}

fn positive(integer: &[u8]) -> Option<Vec<u8>> {
    let digits = integer.strip_prefix(&[0]).unwrap_or(integer);
    digits.first().is_some_and(|first| *first != 0).then(|| digits.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_two_numbers_and_nothing_else() {
        let der = [0x30, 0x08, 0x02, 0x02, 0x00, 0x81, 0x02, 0x02, 0x01, 0x01];
        assert_eq!(rsa_public_key(&der), Some((vec![0x81], vec![1, 1])));
        assert_eq!(rsa_public_key(&[der.as_slice(), &[0]].concat()), None);
        for len in 0..der.len() {
            assert_eq!(rsa_public_key(&der[..len]), None);
        }
    }
}
