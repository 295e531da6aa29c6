//! Checks whether our own page caused a request (Fetch Metadata; RFC 6454).
//!
//! With `Referrer-Policy: no-referrer` browsers send `Origin: null` with a form (Fetch section 3.2.5). So pages with a form carry
//! `<meta name="referrer" content="same-origin">`: browsers then send the true origin, to us only.

use http::HeaderMap;
use http::header::ORIGIN;

/// False if a header says that another site caused the request.
///
/// `Sec-Fetch-Site`, if sent, must be `same-origin`, or `none` (the person used the browser's own controls, such as the address
/// bar). `Origin`, if sent, must be `issuer_origin` byte for byte (`https://id.example`, no slash); `null` is refused. A repeated
/// header is refused. A request with neither header passes, so **the caller must always check the form's CSRF token too**.
pub fn same_origin(headers: &HeaderMap, issuer_origin: &str) -> bool {
    let site_agrees = match sole(headers, "sec-fetch-site") {
        Ok(site) => matches!(site, None | Some(b"same-origin" | b"none")),
        Err(Repeated) => false,
    };
    let origin_agrees = match sole(headers, ORIGIN.as_str()) {
        Ok(origin) => origin.is_none_or(|origin| origin == issuer_origin.as_bytes()),
        Err(Repeated) => false,
    };
    site_agrees && origin_agrees
}

struct Repeated;

fn sole<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a [u8]>, Repeated> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(http::HeaderValue::as_bytes);
    if values.next().is_some() { Err(Repeated) } else { Ok(first) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(sent: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_static(value));
        }
        same_origin(&headers, "https://id.example")
    }

    #[test]
    fn o17_l15_what_another_site_sends_is_refused() {
        for sent in [
            &[("origin", "null")][..],
            &[("origin", "https://evil.example")],
            &[("origin", "http://id.example")],
            &[("origin", "https://id.example:8443")],
            &[("origin", "https://id.example/")],
            &[("origin", "https://ID.example")],
            &[("origin", "")],
            &[("origin", "https://id.example"), ("origin", "https://id.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "Same-Origin")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        ] {
            assert!(!check(sent), "{sent:?}");
        }
    }

    #[test]
    fn our_own_pages_and_silent_clients_pass() {
        for sent in [
            &[][..],
            &[("origin", "https://id.example")],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://id.example")],
        ] {
            assert!(check(sent), "{sent:?}");
        }
    }
}
