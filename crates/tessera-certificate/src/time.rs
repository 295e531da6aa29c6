//! Times in certificates, CRLs and OCSP responses (RFC 5280 section 4.1.2.5), as seconds since 1970.

use crate::der::Reader;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A time of either form.
pub(crate) fn read(reader: &mut Reader<'_>) -> Option<u64> {
    let element = reader.any()?;
    match element.tag {
        UTC_TIME => utc(element.content),
        GENERALIZED_TIME => generalized(element.content),
        _ => None,
    }
}

/// Whether the next element is a time of either form.
pub(crate) fn is_next(reader: &Reader<'_>) -> bool {
    reader.next_is(UTC_TIME) || reader.next_is(GENERALIZED_TIME)
}

/// A `GeneralizedTime`, the only form in OCSP.
pub(crate) fn read_generalized(reader: &mut Reader<'_>) -> Option<u64> {
    reader.content(GENERALIZED_TIME).and_then(generalized)
}

/// `YYMMDDhhmmssZ`. Years from 50 on are those of the last century.
fn utc(text: &[u8]) -> Option<u64> {
    let (year, rest) = text.split_at_checked(2)?;
    let year = digits(year)?;
    let century = if year < 50 { 2000 } else { 1900 };
    since_1970(century + year, rest)
}

/// `YYYYMMDDhhmmssZ`, without fractions.
fn generalized(text: &[u8]) -> Option<u64> {
    let (year, rest) = text.split_at_checked(4)?;
    since_1970(digits(year)?, rest)
}

/// `MMDDhhmmssZ` of the year. `None` before 1970.
fn since_1970(year: u64, rest: &[u8]) -> Option<u64> {
    let rest = rest.strip_suffix(b"Z").filter(|rest| rest.len() == 10)?;
    let mut pairs = rest.chunks(2).map(digits);
    let mut next = || pairs.next().flatten();
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    let in_range = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !in_range || year < 1970 {
        return None;
    }
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    let months: u64 = (1..month).map(|month| days_of(year, month)).sum();
    Some((years + months + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second)
}

const fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der;

    fn at(tag: u8, text: &str) -> Option<u64> {
        read(&mut Reader::new(&der::encode(tag, &[text.as_bytes()])))
    }

    #[test]
    fn known_times() {
        let table = [
            (UTC_TIME, "700101000000Z", 0),
            (UTC_TIME, "491231235959Z", 2_524_607_999),
            (GENERALIZED_TIME, "20000229120000Z", 951_825_600),
            (GENERALIZED_TIME, "20260301000000Z", 1_772_323_200),
            (GENERALIZED_TIME, "20240301000000Z", 1_709_251_200),
            (GENERALIZED_TIME, "21000301000000Z", 4_107_542_400),
            (GENERALIZED_TIME, "99991231235959Z", 253_402_300_799),
        ];
        for (tag, text, seconds) in table {
            assert_eq!(at(tag, text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn other_forms_are_no_times() {
        for (tag, text) in [
            (UTC_TIME, "691231235959Z"),
            (UTC_TIME, "7001010000Z"),
            (UTC_TIME, "700101000000+0000"),
            (UTC_TIME, "700101000000"),
            (GENERALIZED_TIME, "20230229000000Z"),
            (GENERALIZED_TIME, "21000229000000Z"),
            (GENERALIZED_TIME, "20231301000000Z"),
            (GENERALIZED_TIME, "20230100000000Z"),
            (GENERALIZED_TIME, "20230101240000Z"),
            (GENERALIZED_TIME, "20230101000060Z"),
            (GENERALIZED_TIME, "20230101000000.5Z"),
            (GENERALIZED_TIME, "2023010100000 Z"),
            (GENERALIZED_TIME, ""),
            (0x04, "20230101000000Z"),
        ] {
            assert_eq!(at(tag, text), None, "{text}");
        }
    }
}
