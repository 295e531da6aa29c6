//! The issuer identifier: an origin in its canonical spelling (RFC 8414 section 2).

use std::net::{Ipv4Addr, SocketAddr};

use url::{Host, Url};

/// Whether an issuer may have plain HTTP on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainHttp {
    Refused,
    OnLoopback,
}

/// Accepts `https://host[:port]`, and `http://` on loopback if `plain_http` allows it. Verifiers compare the issuer of a token
/// byte for byte, so this refuses every other spelling of the same origin.
pub(super) fn check(text: &str, plain_http: PlainHttp) -> Result<(), String> {
    let url = Url::parse(text).map_err(|_| "use a URL such as https://login.example.com".to_owned())?;
    match url.scheme() {
        "http" if !is_loopback(&url) => {
            return Err("must be https: plain http is only for this machine, under --dev".to_owned());
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
    if text == origin { Ok(()) } else { Err(format!("write it as {origin}")) }
}

/// Where a server listens whose issuer is plain HTTP on this machine: at the address and port that the issuer names.
pub(super) fn listen_of(issuer: &str) -> Option<SocketAddr> {
    let url = Url::parse(issuer).ok().filter(|url| url.scheme() == "http" && is_loopback(url))?;
    let address = match url.host()? {
        Host::Ipv4(ip) => ip.into(),
        Host::Ipv6(ip) => ip.into(),
        Host::Domain(_) => Ipv4Addr::LOCALHOST.into(),
    };
    Some(SocketAddr::new(address, url.port_or_known_default()?))
}

/// Whether only this machine can reach the host.
fn is_loopback(url: &Url) -> bool {
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
            assert_eq!(check(good, PlainHttp::Refused), Ok(()), "{good}");
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
