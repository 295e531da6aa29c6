//! The hops that a header names, nearest first. A hop that cannot be read is `None`.
//!
//! Each proxy adds its client at the end, so lists are read from the end. What a client sent itself stands further left, and
//! cannot change how the entries of proxies are read. Several lines of a header are one list (RFC 9110 section 5.3), whose empty
//! elements are skipped (section 5.6.1.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::{HeaderMap, HeaderName};

pub(super) const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The hops of `X-Forwarded-For`: addresses, with or without a port.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(X_FORWARDED_FOR).into_iter().rev();
    let elements = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    elements.map(<[u8]>::trim_ascii).filter(|element| !element.is_empty()).map(|element| {
        let text = std::str::from_utf8(element).ok()?;
        text.parse().ok().or_else(|| node(text))
    })
}

/// The hops of `Forwarded` (RFC 7239 section 4): the parameter `for` of each element.
pub(super) fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(FORWARDED).into_iter().rev();
    let elements = lines.flat_map(|line| line.as_bytes().rsplit(outside_quotes(b',')));
    elements.map(<[u8]>::trim_ascii).filter(|element| !element.is_empty()).map(for_parameter)
}

/// Whether a byte is a separator that stands outside quotes. To be called for each byte in turn, from either end.
fn outside_quotes(separator: u8) -> impl FnMut(&u8) -> bool {
    let mut quoted = false;
    move |byte| {
        quoted ^= *byte == b'"';
        *byte == separator && !quoted
    }
}

/// The address in `for`, if the element has exactly one. An escape could hide where a quoted text ends, so an element with a
/// backslash is not read. No address needs one.
fn for_parameter(element: &[u8]) -> Option<IpAddr> {
    if element.contains(&b'\\') {
        return None;
    }
    let mut address = None;
    for pair in element.split(outside_quotes(b';')).map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()) {
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        let value = match value.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"').filter(|text| !text.contains('"'))?,
            None => Some(value).filter(|value| is_token(value))?,
        };
        if !is_token(name) || (name.eq_ignore_ascii_case("for") && address.replace(value).is_some()) {
            return None;
        }
    }
    node(address?)
}

/// An IPv4 address or an IPv6 address in brackets, with or without a port (RFC 7239 section 6).
fn node(text: &str) -> Option<IpAddr> {
    let (ip, rest) = if let Some(text) = text.strip_prefix('[') {
        let (ip, rest) = text.split_once(']')?;
        (IpAddr::V6(ip.parse::<Ipv6Addr>().ok()?), rest)
    } else {
        let (ip, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
        (IpAddr::V4(ip.parse::<Ipv4Addr>().ok()?), rest)
    };
    (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port)).then_some(ip)
}

/// One to five digits, or a name that hides them.
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        }
        None => (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()),
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn lines(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    fn text(hops: impl Iterator<Item = Option<IpAddr>>) -> Vec<String> {
        hops.map(|hop| hop.map_or_else(|| "?".to_owned(), |ip| ip.to_string())).collect()
    }

    fn read_forwarded(sent: &[&str]) -> Vec<String> {
        let sent: Vec<&[u8]> = sent.iter().map(|line| line.as_bytes()).collect();
        text(forwarded(&lines(&FORWARDED, &sent)))
    }

    fn read_x_forwarded_for(sent: &[&str]) -> Vec<String> {
        let sent: Vec<&[u8]> = sent.iter().map(|line| line.as_bytes()).collect();
        text(x_forwarded_for(&lines(&X_FORWARDED_FOR, &sent)))
    }

    #[test]
    fn l08_hops_of_forwarded_come_nearest_first() {
        for (sent, hops) in [
            (&["for=192.0.2.1"][..], &["192.0.2.1"][..]),
            (&["For=192.0.2.1;Proto=https;by=203.0.113.43"], &["192.0.2.1"]),
            (&["proto=https; for=192.0.2.1 ;host=\"a,b;c=d\""], &["192.0.2.1"]),
            (&["for=192.0.2.1, for=192.0.2.2,for=192.0.2.3"], &["192.0.2.3", "192.0.2.2", "192.0.2.1"]),
            (&["for=192.0.2.1", "for=192.0.2.2, for=192.0.2.3"], &["192.0.2.3", "192.0.2.2", "192.0.2.1"]),
            (&["for=\"[2001:db8::1]\""], &["2001:db8::1"]),
            (&["for=\"[2001:db8::1]:4711\", for=\"192.0.2.1:80\""], &["192.0.2.1", "2001:db8::1"]),
            (&["for=\"192.0.2.1:_hidden\""], &["192.0.2.1"]),
            (&["for=\"[::ffff:192.0.2.1]\""], &["::ffff:192.0.2.1"]),
            (&[", for=192.0.2.1 ,, ", ""], &["192.0.2.1"]),
            (&[], &[]),
        ] {
            assert_eq!(read_forwarded(sent), hops, "{sent:?}");
        }
    }

    #[test]
    fn l08_what_forwarded_does_not_say_clearly_is_not_read() {
        for element in [
            "for=unknown",
            "for=_hidden",
            "for=\"_gazonk\"",
            "for=",
            "for",
            "for=\"\"",
            "proto=https",
            "192.0.2.1",
            "for=192.0.2.1:80",
            "for=[2001:db8::1]",
            "for=2001:db8::1",
            "for=\"2001:db8::1\"",
            "for=\"[2001:db8::1\"",
            "for=\"[192.0.2.1]\"",
            "for=\"[fe80::1%eth0]\"",
            "for=\"192.0.2.1:\"",
            "for=\"192.0.2.1:123456\"",
            "for=\"192.0.2.1:-1\"",
            "for=\"192.0.2.1:_\"",
            "for=\"192.0.2.1",
            "for=192.0.2.1\"",
            "for=\"192.0.\\2.1\"",
            "for=192.0.2.1;host=\"a\\\"b\"",
            "for=192.0.2.1;for=192.0.2.2",
            "for=192.0.2.1;FOR=192.0.2.1",
            "for =192.0.2.1",
            "for= 192.0.2.1",
            "for=192.0.2.1 192.0.2.2",
            "for=010.0.0.1",
            "for=192.0.2",
            "for=1.2.3.4.5",
            "for=caf\u{e9}",
            "x;for=192.0.2.1",
            "=x;for=192.0.2.1",
        ] {
            assert_eq!(read_forwarded(&[element]), ["?"], "{element}");
        }
        let bytes = lines(&FORWARDED, &[b"for=\xff\xfe"]);
        assert_eq!(text(forwarded(&bytes)), ["?"]);
    }

    #[test]
    fn l08_hops_of_x_forwarded_for_come_nearest_first() {
        for (sent, hops) in [
            (&["192.0.2.1"][..], &["192.0.2.1"][..]),
            (&["192.0.2.1, 2001:db8::1 ,192.0.2.3"], &["192.0.2.3", "2001:db8::1", "192.0.2.1"]),
            (&["192.0.2.1", "192.0.2.2"], &["192.0.2.2", "192.0.2.1"]),
            (
                &["192.0.2.1:4711, [2001:db8::1], [2001:db8::1]:4711"],
                &["2001:db8::1", "2001:db8::1", "192.0.2.1"],
            ),
            (&[",, 192.0.2.1,", ""], &["192.0.2.1"]),
            (&["unknown, _hidden"], &["?", "?"]),
            (&["\"192.0.2.1\""], &["?"]),
            (&["for=192.0.2.1"], &["?"]),
            (&["192.0.2.1 192.0.2.2"], &["?"]),
            (&["192.0.2.1:x", "fe80::1%1", "2001:db8::1:4711:1:2:3:4:5"], &["?", "?", "?"]),
        ] {
            assert_eq!(read_x_forwarded_for(sent), hops, "{sent:?}");
        }
    }

    #[test]
    fn l08_a_thousand_hops_are_read_one_after_another() {
        let sent = vec!["10.0.0.1"; 1_000].join(",");
        let headers = lines(&X_FORWARDED_FOR, &[sent.as_bytes()]);
        assert_eq!(x_forwarded_for(&headers).flatten().count(), 1_000);
        assert_eq!(x_forwarded_for(&headers).next().flatten().unwrap().to_string(), "10.0.0.1");
    }

    proptest! {
        /// Whatever a client sends, in the same line or in lines before, the entry that the proxy adds is read the same.
        #[test]
        fn l08_no_client_changes_how_the_entry_of_a_proxy_is_read(
            before in prop::collection::vec(0x20_u8.., 0..60),
            same_line in any::<bool>(),
            v6 in any::<bool>(),
        ) {
            let before: Vec<u8> = before.into_iter().filter(|byte| *byte != 0x7f).collect();
            let (ip, entry) = if v6 {
                ("2001:db8::7", "proto=https;for=\"[2001:db8::7]:443\"")
            } else {
                ("203.0.113.7", "for=203.0.113.7;host=\"a, b\"")
            };
            let sent = |entry: &str| if same_line {
                vec![[&before[..], b", ", entry.as_bytes()].concat()]
            } else {
                vec![before.clone(), entry.as_bytes().to_vec()]
            };
            let [forwarded_lines, x_lines] = [sent(entry), sent(ip)];
            let slices = |lines: &[Vec<u8>]| lines.iter().map(|line| HeaderValue::from_bytes(line).unwrap()).collect::<Vec<_>>();
            let mut headers = HeaderMap::new();
            for line in slices(&forwarded_lines) { headers.append(FORWARDED, line); }
            for line in slices(&x_lines) { headers.append(X_FORWARDED_FOR, line); }
            let expected: Option<IpAddr> = ip.parse().ok();
            prop_assert_eq!(forwarded(&headers).next(), Some(expected));
            prop_assert_eq!(x_forwarded_for(&headers).next(), Some(expected));
        }

        /// Every node of RFC 7239 section 6 is read back, and nothing else is an address.
        #[test]
        fn l08_addresses_are_read_back(ip in any::<IpAddr>(), port in prop::option::of(any::<u16>())) {
            let name = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
            let node = port.map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
            prop_assert_eq!(read_forwarded(&[&format!("for=\"{node}\"")]), [ip.to_string()]);
            prop_assert_eq!(read_x_forwarded_for(&[&node]), [ip.to_string()]);
        }

        #[test]
        fn l08_any_header_is_answered_without_panic(line in prop::collection::vec(0x20_u8.., 0..200)) {
            let line: Vec<u8> = line.into_iter().filter(|byte| *byte != 0x7f).collect();
            let hops = text(forwarded(&lines(&FORWARDED, &[&line])));
            let commas = line.split(|byte| *byte == b',').count() - 1;
            prop_assert!(hops.len() <= commas + 1);
            prop_assert!(text(x_forwarded_for(&lines(&X_FORWARDED_FOR, &[&line]))).len() <= commas + 1);
        }
    }
}
