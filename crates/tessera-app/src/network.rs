//! Which addresses count as one source, where failures and connections are counted by address, and which proxies may name the
//! address of a client.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

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

/// Whether the address of a connection is that of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// It is.
    Direct,
    /// It is shared by all clients, like that of a load balancer that names no address. So no logins, connections or refreshes are counted by address.
    Shared,
}

/// The address of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address that audit events and sessions hold.
    pub ip: IpAddr,
    /// Whether many clients may have it, such as that of a proxy. Then no logins, connections or refreshes are counted by it.
    pub is_shared: bool,
}

impl ClientAddress {
    /// The address of a connection that no trusted proxy made.
    pub fn of_connection(peer: IpAddr, peers: Peers) -> Self {
        let is_shared = match peers {
            Peers::Direct => false,
            Peers::Shared => true,
        };
        Self { ip: peer.to_canonical(), is_shared }
    }

    /// The network by which requests are counted.
    pub(crate) fn origin(self) -> Option<IpAddr> {
        (!self.is_shared).then(|| of(self.ip))
    }
}

/// The header in which a proxy names the address of its client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressHeader {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
}

/// The proxies that may name the address of a client, each in the same header. By default there are none.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: AddressHeader,
}

impl TrustedProxies {
    /// Trusts the proxies of these networks.
    pub const fn new(networks: Vec<IpNet>, header: AddressHeader) -> Self {
        Self { networks, header }
    }

    /// Where the proxies name the address of a client.
    pub const fn header(&self) -> AddressHeader {
        self.header
    }

    /// Whether nobody is trusted.
    pub const fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether the address is that of a trusted proxy.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.networks.iter().any(|network| network.contains(&ip))
    }

    /// The client of a request that a trusted proxy passed on: the nearest hop that is no trusted proxy. `hops` begins with the one
    /// that `proxy` added. Behind one that cannot be read (`None`), and behind the last, nothing is believed: the address is then
    /// that of the last trusted proxy, which its clients share.
    pub fn client(&self, proxy: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> ClientAddress {
        let mut last = proxy;
        for hop in hops {
            match hop {
                Some(ip) if self.contains(ip) => last = ip,
                Some(ip) => return ClientAddress { ip: ip.to_canonical(), is_shared: false },
                None => break,
            }
        }
        ClientAddress { ip: last.to_canonical(), is_shared: true }
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

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn proxies(networks: &[&str]) -> TrustedProxies {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        TrustedProxies::new(networks, AddressHeader::Forwarded)
    }

    #[test]
    fn l08_the_nearest_hop_that_nobody_trusts_is_the_client() {
        let proxies = proxies(&["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.1/32"]);
        let client = |hops: &[Option<&str>]| {
            let client = proxies.client(ip("::ffff:10.0.0.1"), hops.iter().map(|hop| hop.map(ip)));
            (client.ip.to_string(), client.origin().map(|origin| origin.to_string()))
        };
        let known = |text: &str| (text.to_owned(), Some(text.to_owned()));
        let shared = |text: &str| (text.to_owned(), None);
        assert_eq!(client(&[Some("203.0.113.7")]), known("203.0.113.7"));
        assert_eq!(client(&[Some("203.0.113.7"), Some("10.0.0.9"), None]), known("203.0.113.7"));
        let chain = [Some("10.0.0.2"), Some("2001:db8:ffff::1"), Some("203.0.113.7"), Some("6.6.6.6")];
        assert_eq!(client(&chain), known("203.0.113.7"));
        assert_eq!(client(&[Some("::ffff:203.0.113.7")]), known("203.0.113.7"));
        assert_eq!(client(&[Some("2001:db8::7")]).1.as_deref(), Some("2001:db8::"), "a /64 counts as one");
        assert_eq!(client(&[]), shared("10.0.0.1"), "the proxy names nobody");
        assert_eq!(client(&[None, Some("203.0.113.7")]), shared("10.0.0.1"));
        assert_eq!(client(&[Some("10.0.0.2"), None, Some("203.0.113.7")]), shared("10.0.0.2"));
        assert_eq!(client(&[Some("10.0.0.2"), Some("192.0.2.1")]), shared("192.0.2.1"), "proxies alone");
    }

    #[test]
    fn l08_nobody_is_trusted_by_default() {
        assert!(!TrustedProxies::default().contains(ip("127.0.0.1")));
        assert!(!proxies(&["10.0.0.0/8"]).contains(ip("11.0.0.1")));
        assert!(!proxies(&["10.0.0.0/8"]).contains(ip("::1")));
    }
}
