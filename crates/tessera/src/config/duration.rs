//! Durations as people write them: `90` (seconds), `"90s"`, `"10m"`, `"12h"`, `"30d"`.

use std::time::Duration;

/// Seconds of a minute.
pub(super) const MINUTE: u64 = 60;
/// Seconds of an hour.
pub(super) const HOUR: u64 = 60 * MINUTE;
/// Seconds of a day.
pub(super) const DAY: u64 = 24 * HOUR;

/// Reads a number with one unit, or a bare number of seconds.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let seconds = match unit.trim_start() {
        "" | "s" => 1,
        "m" | "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?))
}

/// Reads a duration on the command line.
pub(crate) fn argument(text: &str) -> Result<Duration, String> {
    parse(text).ok_or_else(|| "expected a duration such as 90s, 10m, 12h or 30d".to_owned())
}

/// Writes a number of seconds with all its units, such as `1 d 1 min`.
pub(super) fn exact(seconds: u64) -> String {
    let units = [
        (seconds / DAY, "d"),
        (seconds % DAY / HOUR, "h"),
        (seconds % HOUR / MINUTE, "min"),
        (seconds % MINUTE, "s"),
    ];
    let parts: Vec<String> = units
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
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

    #[test]
    fn no_unit_is_left_out() {
        let spelled = [0, 59, DAY + MINUTE, 2 * HOUR + 5].map(exact);
        assert_eq!(spelled, ["0 s", "59 s", "1 d 1 min", "2 h 5 s"]);
    }
}
