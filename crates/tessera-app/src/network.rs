//! Which addresses count as one source, where failures and connections are counted by address.

use std::net::{IpAddr, Ipv6Addr};

/// The source of an address. IPv4 stays as it is, also where it came in IPv6 form. IPv6 becomes the first address of its /64,
/// because one subscriber has the whole /64.
pub fn of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

/// The text of a source that [`of`] made. The suffix `/64` shows that an IPv6 source is not the address of one machine.
pub(crate) fn name(network: IpAddr) -> String {
    match network {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("{ip}/64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l03_a_network_of_ipv6_is_one_address_and_so_are_both_forms_of_ipv4() {
        let network = |ip: &str| of(ip.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:ffff:ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn a_network_of_ipv6_is_not_written_down_as_somebodys_address() {
        let named = |ip: &str| name(of(ip.parse().unwrap()));
        assert_eq!(named("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(named("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
