//! When a certificate expires. Reads just enough DER to find `notAfter` (RFC 5280 section 4.1.2.5).

use std::ops::RangeInclusive;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When a certificate expires, in seconds since 1970. `None` if that cannot be read.
pub(super) fn not_after(certificate: &[u8]) -> Option<i64> {
    let (_, certificate, _) = element(certificate, SEQUENCE..=SEQUENCE)?;
    let (_, tbs, _) = element(certificate, SEQUENCE..=SEQUENCE)?;
    let any = 0..=u8::MAX;
    let mut rest = tbs;
    if rest.first() == Some(&VERSION) {
        (_, _, rest) = element(rest, any.clone())?;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        (_, _, rest) = element(rest, any.clone())?;
    }
    let (_, validity, _) = element(rest, SEQUENCE..=SEQUENCE)?;
    let (_, _, rest) = element(validity, any.clone())?;
    let (tag, text, _) = element(rest, any)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// Splits one element off: its tag, its content, and the bytes after it.
fn element(der: &[u8], tags: RangeInclusive<u8>) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (len, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(len)?;
    tags.contains(&tag).then_some((tag, content, rest))
}

/// Reads `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(tag: u8, text: &str) -> Option<i64> {
    let text = match tag {
        GENERALIZED_TIME => text.to_owned(),
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => return None,
    };
    let part = |range: std::ops::Range<usize>| text.get(range).filter(|digits| digits.len() > 1);
    let rfc3339 = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0..4)?,
        part(4..6)?,
        part(6..8)?,
        part(8..10)?,
        part(10..12)?,
        part(12..14)?
    );
    rfc3339.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(year: i32) -> Option<i64> {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 3, 4);
        let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        not_after(certificate.der())
    }

    #[test]
    fn f39_the_end_of_a_certificate_is_known() {
        let at = |text: &str| Some(text.parse::<jiff::Timestamp>().unwrap().as_second());
        assert_eq!(ends(2031), at("2031-03-04T00:00:00Z"));
        assert_eq!(ends(2099), at("2099-03-04T00:00:00Z"));
    }

    #[test]
    fn what_is_not_a_certificate_has_no_end() {
        for bad in [&b""[..], b"\x30", b"\x30\x82\xff\xff", b"\x30\x03\x30\x01\xa0", &[0x30; 64]] {
            assert_eq!(not_after(bad), None, "{bad:?}");
        }
    }
}
