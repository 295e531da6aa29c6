//! What counts as one address where guesses and connections are counted.

use std::net::{IpAddr, Ipv6Addr};

/// IPv4 as it is, also where it came in IPv6 form; the first address of the /64 of IPv6, because one subscriber has all of it.
pub fn of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

/// How an address that [`of`] made is written down: nobody has the first address of a /64.
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
