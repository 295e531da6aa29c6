//! The issuer identifier: an origin, written in its one form (RFC 8414 section 2).

use url::{Host, Url};

/// Whether plain HTTP on the own machine will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainHttp {
    Refused,
    OnLoopback,
}

/// Accepts `https://host[:port]`, and `http://` on loopback where that will do. Tokens are compared with it byte for byte, so
/// every other spelling of the same origin is refused.
pub(super) fn check(text: &str, plain_http: PlainHttp) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| "use a URL such as https://login.example.com".to_owned())?;
    match url.scheme() {
        "http" if !is_loopback(&url) => {
            return Err("must be https: plain http only works on this machine, under --dev".to_owned());
        }
        "http" if plain_http == PlainHttp::Refused => {
            return Err("must be https: plain http needs `tessera serve --dev`".to_owned());
        }
        "https" | "http" => {}
        _ => return Err("must be an https URL".to_owned()),
    }
    for (part, present) in [
        ("a user name", !url.username().is_empty() || url.password().is_some()),
        ("a query", url.query().is_some()),
        ("a fragment", url.fragment().is_some()),
        ("a path", url.path() != "/"),
    ] {
        if present {
            return Err(format!("must not have {part}: use only scheme, host and port"));
        }
    }
    let origin = url.origin().ascii_serialization();
    if text == origin { Ok(origin) } else { Err(format!("write it as {origin}")) }
}

/// Whether it is a host that only this machine can reach.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f40_an_issuer_is_an_https_origin_in_its_one_spelling() {
        for good in
            ["https://login.example.com", "https://login.example.com:8443", "https://xn--bcher-kva.example"]
        {
            assert_eq!(check(good, PlainHttp::Refused), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "login.example.com",
            "http://login.example.com",
            "http://localhost:8080",
            "ftp://a.example",
            "https://a.example/",
            "https://a.example/tenant",
            "https://a.example?x=1",
            "https://a.example?",
            "https://a.example#x",
            "https://u@a.example",
            "https://u:p@a.example",
            "https://A.example",
            "https://a.example:443",
            " https://a.example",
            "https://bücher.example",
        ] {
            assert!(check(bad, PlainHttp::Refused).is_err(), "{bad}");
        }
    }

    #[test]
    fn f40_plain_http_only_on_loopback_and_only_where_it_will_do() {
        for local in ["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:8080"] {
            assert!(check(local, PlainHttp::OnLoopback).is_ok(), "{local}");
            assert!(check(local, PlainHttp::Refused).is_err(), "{local}");
        }
        for elsewhere in ["http://a.example", "http://192.168.0.1", "http://localhost.example"] {
            assert!(check(elsewhere, PlainHttp::OnLoopback).is_err(), "{elsewhere}");
        }
    }
}
