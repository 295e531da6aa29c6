//! Durations as people write them: `90` (seconds), `"90s"`, `"10m"`, `"12h"`, `"30d"`.

use std::time::Duration;

/// Reads a number with one unit, or a bare number of seconds.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim_start() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(factor)?))
}

/// The same on a command line, with its error.
pub(crate) fn argument(text: &str) -> Result<Duration, String> {
    parse(text).ok_or_else(|| "expected a duration such as 90s, 10m, 12h or 30d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_and_one_unit() {
        let seconds = |text| parse(text).map(|span| span.as_secs());
        assert_eq!(seconds("90"), Some(90));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("12 h"), Some(43_200));
        assert_eq!(seconds("30d"), Some(2_592_000));
        for bad in ["", "m", "-1s", "1.5h", "10 weeks", "1h30m", "99999999999999999999d", " 1s"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
