//! Forms that texts must have, for rules about fields.

use tessera_model::MailAddress;
use url::Url;

/// The form that a text must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An e-mail address.
    Email,
    /// One line of at most this many characters, not blank.
    Line(usize),
    /// Lines of at most this many characters together.
    Lines(usize),
    /// An `https` or `http` URL.
    Web,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    Birthdate,
    /// A time zone, such as `Europe/Paris`.
    TimeZone,
    /// A language, such as `fr-CA`.
    Language,
    /// `+` and 3 to 15 digits.
    Phone,
    /// An absolute URI without fragment (RFC 8707 section 2).
    AbsoluteUri,
}

/// Longest URL, in bytes.
const MAX_URL: usize = 2048;
/// Longest audience, in bytes.
const MAX_ABSOLUTE_URI: usize = 512;

impl Form {
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Email => text.parse::<MailAddress>().is_ok(),
            Self::Line(max) => text.chars().count() <= max && is_line(text),
            Self::Lines(max) => {
                text.chars().count() <= max && text.lines().all(|line| line.is_empty() || is_line(line))
            }
            Self::Web => is_web(text),
            Self::Birthdate => is_birthdate(text),
            Self::TimeZone => is_word(text, b"/_+-"),
            Self::Language => is_word(text, b"-"),
            Self::Phone => is_phone(text),
            Self::AbsoluteUri => is_absolute_uri(text),
        }
    }
}

fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control) && !text.trim().is_empty()
}

/// Letters, digits and some more.
fn is_word(text: &str, more: &[u8]) -> bool {
    (2..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
}

fn is_web(text: &str) -> bool {
    let url = Url::parse(text).ok();
    text.len() <= MAX_URL && url.is_some_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// Takes 29 February in every year: the year may be `0000`, which stands for none.
fn is_birthdate(text: &str) -> bool {
    let number = |text: &str, len: usize| {
        Some(text)
            .filter(|text| text.len() == len && text.bytes().all(|c| c.is_ascii_digit()))?
            .parse::<u32>()
            .ok()
    };
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let has_year = number(year, 4).is_some();
    match (month, day) {
        (None, None) => has_year && year != "0000",
        (Some(month), Some(day)) => {
            let in_range = |text, last| number(text, 2).is_some_and(|number| (1..=last).contains(&number));
            has_year && in_range(month, 12) && in_range(day, 31)
        }
        _ => false,
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let allowed = |c: u8| c.is_ascii_digit() || b" ().-".contains(&c);
    text.strip_prefix('+').is_some_and(|rest| rest.bytes().all(allowed)) && (3..=15).contains(&digits)
}

/// No client id has this form, so that no API has the audience of an ID token.
fn is_absolute_uri(text: &str) -> bool {
    let absolute = text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
    });
    let legal = |c: u8| (0x21..=0x7e).contains(&c) && c != b'#';
    absolute && text.len() <= MAX_ABSOLUTE_URI && text.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use tessera_model::ClientId;

    use super::*;

    #[test]
    fn claims_have_the_form_that_the_standard_gives_them() {
        for good in ["1984-02-29", "0000-12-31", "1984"] {
            assert!(Form::Birthdate.fits(good), "{good}");
        }
        for bad in ["", "84", "0000", "1984-13-01", "1984-2-1", "1984-02", "1984-02-29-1", "29.02.1984"] {
            assert!(!Form::Birthdate.fits(bad), "{bad}");
        }
        for bad in ["ftp://x.example/a", "javascript:alert(1)", "/me.png", "https://"] {
            assert!(!Form::Web.fits(bad), "{bad}");
        }
        for bad in ["0123", "+12", "+1234567890123456", "+49 abc"] {
            assert!(!Form::Phone.fits(bad), "{bad}");
        }
        assert!(Form::Phone.fits("+33 1 23 45 67 89"));
        assert!(Form::TimeZone.fits("America/Port-au-Prince"));
        assert!(!Form::Language.fits("fr_CA"));
        assert!(!Form::Line(200).fits("a\u{1b}[2J"));
    }

    #[test]
    fn j25_no_audience_is_a_client_id() {
        let odd = (0x20..0x7f_u8).map(|c| format!("a{}b", char::from(c)));
        let texts = odd.chain(
            ["https://api", "urn:x:y", "demo-web", "api.example.com", "a", "c-x_y.Z9", ":"]
                .map(str::to_owned),
        );
        for text in texts {
            let readings = [Form::AbsoluteUri.fits(&text), text.parse::<ClientId>().is_ok()];
            assert_ne!(readings, [true; 2], "{text}");
        }
    }
}
