//! What may stand in the claims about a person (OIDC core section 5.1), and how they are changed.

use tessera_oauth::claims::{Address, ProfileClaims};
use url::Url;

/// Longest claim, in characters.
const MAX_TEXT: usize = 200;
/// Longest URL, in bytes.
const MAX_URL: usize = 2048;

/// A change of claims: a text replaces, the empty text removes, `None` leaves as it is.
pub(super) fn merge(claims: &mut ProfileClaims, changes: &ProfileClaims) {
    let before = claims.phone_number.clone();
    for ((_, claim), (_, change)) in texts(claims).into_iter().zip(texts(&mut changes.clone())) {
        if let Some(text) = change.take() {
            *claim = Some(text).filter(|text| !text.is_empty());
        }
    }
    if changes.phone_number_verified.is_some() || claims.phone_number != before {
        claims.phone_number_verified = changes.phone_number_verified;
    }
    claims.phone_number_verified = claims.phone_number_verified.filter(|_| claims.phone_number.is_some());
    claims.address = claims.address.take().filter(|address| *address != Address::default());
}

/// Everything that cannot be, each in one line for the administrator.
pub(super) fn problems(claims: &ProfileClaims) -> Vec<String> {
    let mut claims = claims.clone();
    let rules = texts(&mut claims).into_iter().filter_map(|(name, text)| {
        let text = text.as_deref()?;
        rule(name).complaint(text).map(|complaint| format!("{name}: {complaint}"))
    });
    rules.collect()
}

/// Every claim that is a text, by its name in the standard; those of the address too.
fn texts(claims: &mut ProfileClaims) -> [(&'static str, &mut Option<String>); 18] {
    let address = claims.address.get_or_insert_default();
    [
        ("given_name", &mut claims.given_name),
        ("family_name", &mut claims.family_name),
        ("middle_name", &mut claims.middle_name),
        ("nickname", &mut claims.nickname),
        ("profile", &mut claims.profile),
        ("picture", &mut claims.picture),
        ("website", &mut claims.website),
        ("gender", &mut claims.gender),
        ("birthdate", &mut claims.birthdate),
        ("zoneinfo", &mut claims.zoneinfo),
        ("locale", &mut claims.locale),
        ("phone_number", &mut claims.phone_number),
        ("address.formatted", &mut address.formatted),
        ("address.street_address", &mut address.street_address),
        ("address.locality", &mut address.locality),
        ("address.region", &mut address.region),
        ("address.postal_code", &mut address.postal_code),
        ("address.country", &mut address.country),
    ]
}

/// What a claim must look like.
enum Rule {
    Line,
    Lines,
    Web,
    Birthdate,
    /// Letters, digits and these.
    Word(&'static [u8]),
    Phone,
}

fn rule(name: &str) -> Rule {
    match name {
        "profile" | "picture" | "website" => Rule::Web,
        "birthdate" => Rule::Birthdate,
        "zoneinfo" => Rule::Word(b"/_+-"),
        "locale" => Rule::Word(b"-"),
        "phone_number" => Rule::Phone,
        "address.formatted" | "address.street_address" => Rule::Lines,
        _ => Rule::Line,
    }
}

impl Rule {
    /// What is wrong with a text, if anything is.
    fn complaint(&self, text: &str) -> Option<String> {
        let is_line = |text: &str| !text.chars().any(char::is_control) && !text.trim().is_empty();
        let is_short = text.chars().count() <= MAX_TEXT;
        let (good, wanted) = match self {
            Self::Line => (is_short && is_line(text), "at most 200 characters on one line"),
            Self::Lines => (
                is_short && text.lines().all(|line| line.is_empty() || is_line(line)),
                "at most 200 characters",
            ),
            Self::Web => (is_web(text), "an address with https:// or http://"),
            Self::Birthdate => (is_birthdate(text), "YYYY-MM-DD, 0000-MM-DD or YYYY"),
            Self::Word(more) => {
                let allowed = |c: u8| c.is_ascii_alphanumeric() || more.contains(&c);
                let wanted = "a name such as Europe/Paris for zoneinfo, fr-CA for locale";
                ((2..=64).contains(&text.len()) && text.bytes().all(allowed), wanted)
            }
            Self::Phone => (is_phone(text), "+ and the digits, such as +33 1 23 45 67 89"),
        };
        (!good).then(|| format!("use {wanted}"))
    }
}

fn is_web(text: &str) -> bool {
    let url = Url::parse(text).ok();
    text.len() <= MAX_URL && url.is_some_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// Whether the month and the day can be; nobody is told that a year had no leap day.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: impl FnOnce(&mut ProfileClaims)) -> Vec<String> {
        let mut claims = ProfileClaims::default();
        change(&mut claims);
        problems(&claims)
    }

    #[test]
    fn a_claim_is_of_the_form_that_the_standard_gives_it() {
        for good in ["1984-02-29", "0000-12-31", "1984"] {
            assert_eq!(told(|claims| claims.birthdate = Some(good.to_owned())), [""; 0], "{good}");
        }
        for bad in ["", "84", "0000", "1984-13-01", "1984-2-1", "1984-02", "1984-02-29-1", "29.02.1984"] {
            assert_eq!(told(|claims| claims.birthdate = Some(bad.to_owned())).len(), 1, "{bad}");
        }
        for bad in ["ftp://x.example/a", "javascript:alert(1)", "/me.png", "https://"] {
            assert_eq!(told(|claims| claims.picture = Some(bad.to_owned())).len(), 1, "{bad}");
        }
        for bad in ["0123", "+12", "+1234567890123456", "+49 abc"] {
            assert_eq!(told(|claims| claims.phone_number = Some(bad.to_owned())).len(), 1, "{bad}");
        }
        assert_eq!(told(|claims| claims.phone_number = Some("+33 1 23 45 67 89".to_owned())), [""; 0]);
        assert_eq!(told(|claims| claims.zoneinfo = Some("America/Port-au-Prince".to_owned())), [""; 0]);
        assert_eq!(told(|claims| claims.locale = Some("fr_CA".to_owned())).len(), 1);
        assert_eq!(told(|claims| claims.nickname = Some("a\u{1b}[2J".to_owned())).len(), 1);
    }

    #[test]
    fn a_change_sets_removes_and_leaves() {
        let of = |nickname: Option<&str>, city: Option<&str>, phone: Option<&str>| ProfileClaims {
            nickname: nickname.map(str::to_owned),
            phone_number: phone.map(str::to_owned),
            address: city.map(|city| Address { locality: Some(city.to_owned()), ..Address::default() }),
            ..ProfileClaims::default()
        };
        let mut claims = of(Some("Al"), Some("Paris"), Some("+331234"));
        claims.phone_number_verified = Some(true);
        merge(&mut claims, &ProfileClaims { gender: Some("x".to_owned()), ..ProfileClaims::default() });
        assert_eq!((claims.gender.as_deref(), claims.phone_number_verified), (Some("x"), Some(true)));
        merge(&mut claims, &of(Some(""), Some("Lyon"), Some("+335678")));
        assert_eq!((&claims.nickname, claims.phone_number_verified), (&None, None), "{claims:?}");
        assert_eq!(claims.address.clone().and_then(|address| address.locality).as_deref(), Some("Lyon"));
        merge(&mut claims, &of(None, Some(""), Some("")));
        assert_eq!(claims, ProfileClaims { gender: Some("x".to_owned()), ..ProfileClaims::default() });
    }
}
