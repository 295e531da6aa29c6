//! The three cookies of the login pages (RFC 6265bis).
//!
//! Reading is strict: a cookie counts as not sent if the browser sends it twice, or if we cannot have issued its value. Logout is the
//! exception. It notices every cookie ([`CookiePolicy::is_sent`]) and ends every session that is named ([`CookiePolicy::read_all`]).
//! With the `__Host-` prefix, browsers refuse a cookie that is set by a subdomain, over plain HTTP or with a `Domain`. Values are
//! not signed: they are secrets that nobody can guess, and the caller looks them up.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// The longest cookie value that is set or read, in bytes.
pub const MAX_COOKIE_VALUE_LEN: usize = 1024;

/// A cookie that Tessera knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The secret of the single sign-on session.
    Session,
    /// Ties logins in progress, and forms, to this browser.
    Browser,
    /// Shows that somebody has logged in to an account on this device before.
    Device,
}

/// Under which rules browsers keep the cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookiePolicy {
    /// `__Host-` prefix and `Secure`: always, except under `--dev`.
    Host,
    /// A plain name without `Secure`, for `--dev` over plain HTTP on this machine.
    DevPlain,
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser closes.
    BrowserSession,
    /// This many seconds.
    Seconds(u32),
}

/// The text cannot be a cookie value: empty, over [`MAX_COOKIE_VALUE_LEN`], or with characters outside RFC 6265's
/// `cookie-octet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cookie value")]
pub struct InvalidCookieValue;

impl CookiePolicy {
    /// The cookie's name in the browser.
    pub const fn name(self, cookie: Cookie) -> &'static str {
        match (self, cookie) {
            (Self::Host, Cookie::Session) => "__Host-tessera_session",
            (Self::Host, Cookie::Browser) => "__Host-tessera_browser",
            (Self::Host, Cookie::Device) => "__Host-tessera_device",
            (Self::DevPlain, Cookie::Session) => "tessera_session",
            (Self::DevPlain, Cookie::Browser) => "tessera_browser",
            (Self::DevPlain, Cookie::Device) => "tessera_device",
        }
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Host => "; Path=/; Secure; HttpOnly; SameSite=Lax",
            Self::DevPlain => "; Path=/; HttpOnly; SameSite=Lax",
        }
    }

    /// Reads a cookie; `None` when it is absent, repeated or malformed.
    pub fn read(self, headers: &HeaderMap, cookie: Cookie) -> Option<&str> {
        let mut sent = self.sent(headers, cookie);
        let only = sent.next()?;
        if sent.next().is_some() { None } else { readable(only) }
    }

    /// Every readable value of a cookie. Only for an endpoint that ends something and grants nothing.
    pub fn read_all(self, headers: &HeaderMap, cookie: Cookie) -> impl Iterator<Item = &str> {
        self.sent(headers, cookie).filter_map(readable)
    }

    /// Whether the browser sent the cookie at all, readable or not.
    pub fn is_sent(self, headers: &HeaderMap, cookie: Cookie) -> bool {
        self.sent(headers, cookie).next().is_some()
    }

    /// The values under the cookie's name. Other applications of the host set cookies too, in any bytes (RFC 6265bis section 5.6);
    /// those are skipped.
    fn sent(self, headers: &HeaderMap, cookie: Cookie) -> impl Iterator<Item = &[u8]> {
        let name = self.name(cookie).as_bytes();
        let pairs =
            headers.get_all(COOKIE).into_iter().flat_map(|header| header.as_bytes().split(|c| *c == b';'));
        pairs.filter_map(move |pair| {
            let start = pair.iter().position(|c| *c != b' ').unwrap_or(pair.len());
            let end = pair.iter().rposition(|c| *c != b' ').map_or(start, |last| last + 1);
            pair[start..end].strip_prefix(name)?.strip_prefix(b"=")
        })
    }

    /// The `Set-Cookie` value that stores a cookie. It is marked sensitive, so that no log shows it and HPACK does not index it.
    ///
    /// # Errors
    /// The value cannot be written in a cookie.
    pub fn set(
        self,
        cookie: Cookie,
        value: &str,
        lifetime: Lifetime,
    ) -> Result<HeaderValue, InvalidCookieValue> {
        if !is_cookie_value(value) {
            return Err(InvalidCookieValue);
        }
        let name = self.name(cookie);
        let attributes = self.attributes();
        let text = match lifetime {
            Lifetime::BrowserSession => format!("{name}={value}{attributes}"),
            Lifetime::Seconds(seconds) => format!("{name}={value}{attributes}; Max-Age={seconds}"),
        };
        let mut header = HeaderValue::try_from(text).map_err(|_| InvalidCookieValue)?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// The `Set-Cookie` value that removes a cookie.
    pub const fn clear(self, cookie: Cookie) -> HeaderValue {
        HeaderValue::from_static(match (self, cookie) {
            (Self::Host, Cookie::Session) => {
                "__Host-tessera_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
            }
            (Self::Host, Cookie::Browser) => {
                "__Host-tessera_browser=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
            }
            (Self::Host, Cookie::Device) => {
                "__Host-tessera_device=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
            }
            (Self::DevPlain, Cookie::Session) => {
                "tessera_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
            }
            (Self::DevPlain, Cookie::Browser) => {
                "tessera_browser=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
            }
            (Self::DevPlain, Cookie::Device) => "tessera_device=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
        })
    }
}

/// Keeps only values that we can have set.
fn readable(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|value| is_cookie_value(value))
}

/// RFC 6265 section 4.1.1 `cookie-octet`, without the optional quotes.
fn is_cookie_value(text: &str) -> bool {
    let octet = |c: u8| matches!(c, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.len() <= MAX_COOKIE_VALUE_LEN && text.bytes().all(octet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn session(lines: &[&str]) -> Option<String> {
        CookiePolicy::Host.read(&sent(lines), Cookie::Session).map(str::to_owned)
    }

    #[test]
    fn l13_attributes() {
        for cookie in [Cookie::Session, Cookie::Browser, Cookie::Device] {
            let header = CookiePolicy::Host.set(cookie, "v", Lifetime::BrowserSession).unwrap();
            let name = CookiePolicy::Host.name(cookie);
            assert_eq!(header, format!("{name}=v; Path=/; Secure; HttpOnly; SameSite=Lax"));
            assert!(name.starts_with("__Host-") && header.is_sensitive(), "{name}: {header:?}");
            assert_eq!(
                CookiePolicy::Host.clear(cookie),
                format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
            );
        }
        let longest = "v".repeat(MAX_COOKIE_VALUE_LEN);
        let header = CookiePolicy::Host.set(Cookie::Session, &longest, Lifetime::Seconds(u32::MAX)).unwrap();
        assert!(header.len() < 4096, "{}", header.len());
    }

    #[test]
    fn l13_only_development_has_the_plain_name() {
        let header = CookiePolicy::DevPlain.set(Cookie::Browser, "v", Lifetime::Seconds(60)).unwrap();
        assert_eq!(header, "tessera_browser=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        assert_eq!(
            CookiePolicy::DevPlain.clear(Cookie::Browser),
            "tessera_browser=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert_eq!(CookiePolicy::Host.read(&sent(&["tessera_session=x"]), Cookie::Session), None);
        assert_eq!(CookiePolicy::DevPlain.read(&sent(&["tessera_session=x"]), Cookie::Session), Some("x"));
    }

    #[test]
    fn reads_one_cookie_among_others() {
        assert_eq!(session(&["a=b; __Host-tessera_session=s3cret; c=d"]).as_deref(), Some("s3cret"));
        assert_eq!(session(&["a=b", "__Host-tessera_session=s3cret"]).as_deref(), Some("s3cret"));
        assert_eq!(session(&["__Host-tessera_browser=x"]), None);
        assert_eq!(session(&[]), None);
    }

    #[test]
    fn l12_a_planted_second_cookie_or_another_spelling_counts_as_none() {
        for lines in [
            &["__Host-tessera_session=a; __Host-tessera_session=b"][..],
            &["__Host-tessera_session=a", "__Host-tessera_session=a"],
            &["__Host-tessera_session="],
            &["__Host-tessera_session=\"a\""],
            &["__host-tessera_session=a"],
            &["x__Host-tessera_session=a"],
            &["__Host-tessera_session =a"],
            &["__Host-tessera_session=a b"],
            &["__Host-tessera_session=a,b"],
        ] {
            assert_eq!(session(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn foreign_pairs_are_passed_over_whatever_they_hold() {
        let mut headers = HeaderMap::new();
        let line =
            b"n=\xe9\xff; gr\xc3\xbc\xc3\x9fe=\xc3\xbc; =; ;;a; __Host-tessera_session=s3cret; \"q\"=\"x y\""
                .as_slice()
                .to_vec();
        headers.append(COOKIE, HeaderValue::from_bytes(&line).unwrap());
        headers.append(COOKIE, HeaderValue::from_bytes(b"caf\xe9=1").unwrap());
        assert_eq!(CookiePolicy::Host.read(&headers, Cookie::Session), Some("s3cret"));
    }

    #[test]
    fn an_unreadable_cookie_of_ours_counts_as_sent() {
        let mut headers = HeaderMap::new();
        let line = b"__Host-tessera_session=\xe9; __Host-tessera_session=a; __Host-tessera_session=b";
        headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        assert_eq!(CookiePolicy::Host.read(&headers, Cookie::Session), None);
        let sent =
            [Cookie::Session, Cookie::Browser].map(|cookie| CookiePolicy::Host.is_sent(&headers, cookie));
        assert_eq!(sent, [true, false]);
        let all: Vec<&str> = CookiePolicy::Host.read_all(&headers, Cookie::Session).collect();
        assert_eq!(all, ["a", "b"]);
    }

    proptest! {
        #[test]
        fn our_cookie_is_found_between_any_others(before in prop::collection::vec(0x20_u8.., 0..60)) {
            let mut line = before;
            line.retain(|c| *c != 0x7f);
            prop_assume!(!line.windows(7).any(|part| part == b"__Host-"));
            line.extend_from_slice(b"; __Host-tessera_session=s3cret");
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(&line).unwrap());
            prop_assert_eq!(CookiePolicy::Host.read(&headers, Cookie::Session), Some("s3cret"));
        }

        #[test]
        fn a_set_cookie_reads_back_and_never_grows_an_attribute(value in ".{0,40}") {
            let Ok(header) = CookiePolicy::Host.set(Cookie::Session, &value, Lifetime::BrowserSession) else { return Ok(()) };
            let text = header.to_str().unwrap();
            prop_assert_eq!(text.matches(';').count(), 4);
            let (pair, _) = text.split_once(';').unwrap();
            prop_assert_eq!(session(&[pair]), Some(value));
        }

        #[test]
        fn any_header_is_answered_without_panic(line in "[ -~]{0,200}") {
            session(&[&line]);
        }
    }
}
