//! Lets scripts of any origin call the endpoints that read no cookie (Fetch section 3.2). The browser adds no authority of its own
//! there, and a script must bring its own credential. So any script may call them.

use std::collections::BTreeSet;

use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// What a preflight allows if it asks for nothing readable.
const USUAL: HeaderValue = HeaderValue::from_static("authorization,content-type");
/// The headers that scripts may read in the answer to a refused request.
pub(crate) const EXPOSED: HeaderValue = HeaderValue::from_static("www-authenticate,x-request-id");
/// The most that a preflight may ask for, in bytes and in names. Real scripts add a handful of headers.
const MAX_ASKED_LEN: usize = 1024;
const MAX_ASKED: usize = 32;

/// Headers by which the browser, the connection or a proxy says something. No script may send them. A name that ends in a hyphen
/// stands for all names that begin with it.
const AUTHORITY: [&str; 14] = [
    "client-cert",
    "client-cert-",
    "connection",
    "cookie",
    "cookie2",
    "forwarded",
    "host",
    "origin",
    "proxy-",
    "sec-",
    "set-cookie",
    "via",
    "x-forwarded-",
    "x-real-ip",
];

/// Lets scripts of any origin read the answer.
pub(crate) fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate"));
}

/// Answers a preflight (Fetch section 4.8). A script may send any header that carries no authority of the browser, such as those
/// that tracing adds.
pub(crate) fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET,POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed(asked));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    headers.insert(VARY, HeaderValue::from_name(ACCESS_CONTROL_REQUEST_HEADERS));
    response
}

/// The headers that the preflight asks for and a script may send, once each, in lower case.
fn allowed(asked: &HeaderMap) -> HeaderValue {
    let lines = || asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    if lines().map(HeaderValue::len).sum::<usize>() > MAX_ASKED_LEN {
        return USUAL;
    }
    let names = lines().flat_map(|line| line.as_bytes().split(|c| *c == b',')).map(<[u8]>::trim_ascii);
    let names: BTreeSet<String> = names
        .filter_map(|name| HeaderName::from_bytes(name).ok())
        .filter(|name| carries_no_authority(name.as_str()))
        .map(|name| name.as_str().to_owned())
        .take(MAX_ASKED + 1)
        .collect();
    if names.is_empty() || names.len() > MAX_ASKED {
        return USUAL;
    }
    let names: Vec<String> = names.into_iter().collect();
    HeaderValue::try_from(names.join(",")).unwrap_or(USUAL)
}

fn carries_no_authority(name: &str) -> bool {
    // Browsers read a star as "any header".
    name != "*" && !AUTHORITY.iter().any(|own| *own == name || (own.ends_with('-') && name.starts_with(own)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(asked: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in asked {
            headers.append(ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_str(line).unwrap());
        }
        allowed(&headers).to_str().unwrap().to_owned()
    }

    #[test]
    fn o74_any_header_without_authority_may_be_sent() {
        for (asked, told) in [
            (&["traceparent"][..], "traceparent"),
            (&["X-Requested-With,authorization"], "authorization,x-requested-with"),
            (&["authorization, content-type , dpop,,"], "authorization,content-type,dpop"),
            (&["traceparent", "tracestate,baggage"], "baggage,traceparent,tracestate"),
            (&["x-a,X-A"], "x-a"),
            (&[], "authorization,content-type"),
            (&[""], "authorization,content-type"),
        ] {
            assert_eq!(answer(asked), told, "{asked:?}");
        }
    }

    #[test]
    fn o74_what_is_not_for_scripts_to_say_is_left_out() {
        for name in AUTHORITY {
            let name = if name.ends_with('-') { format!("{name}x") } else { name.to_owned() };
            assert_eq!(answer(&[&format!("traceparent,{}", name.to_uppercase())]), "traceparent", "{name}");
        }
        for bad in ["*", "a b", "a:b", "a\tb", "\"a\"", "x(", "caf\u{e9}"] {
            assert_eq!(answer(&[&format!("traceparent,{bad}")]), "traceparent", "{bad}");
        }
        let many = |n: usize| (0..n).map(|n| format!("x-{n:02}")).collect::<Vec<_>>().join(",");
        assert_eq!(answer(&[&many(32)]), many(32));
        for too_much in [many(33), "x".repeat(1025)] {
            assert_eq!(answer(&[&too_much]), "authorization,content-type");
        }
    }

    proptest! {
        #[test]
        fn o74_no_answer_allows_more_than_was_asked_for(asked in "[a-z,* ;\\-]{0,80}") {
            let told = answer(&[&asked]);
            let known = |name: &str| asked.split(',').any(|asked| asked.trim() == name);
            prop_assert!(told == "authorization,content-type" || told.split(',').all(|name| known(name) && name != "*"), "{}", told);
        }
    }
}
