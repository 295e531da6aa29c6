//! Which addresses may be reached (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::issuer_url::is_allowed;
use crate::port::FetchError;

/// Which addresses may be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public Internet only. Refused are, among others, loopback, private networks (RFC 1918, RFC 4193), link-local
    /// addresses with the metadata services of clouds (169.254.169.254), shared addresses of providers (RFC 6598), multicast, the
    /// unspecified address, and IPv6 addresses that stand for an IPv4 address. A NAT64 prefix of the network's own (RFC 6052) cannot be
    /// told from a public one. For URLs that strangers choose.
    #[default]
    Public,
    /// Every address, private networks and this machine included. For URLs that the operator chooses.
    Anywhere,
}

/// IPv4 networks that are not public, as network and prefix length (RFC 6890 and the IANA registry it began).
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared address space
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

/// The one IPv6 network that is public. All others are not: loopback, IPv4-mapped, NAT64, unique local, link-local, multicast.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Parts of it that are not public either.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which stands for an IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

impl Reach {
    /// Whether this address may be reached.
    pub fn allows(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Anywhere, _) => true,
            (Self::Public, IpAddr::V4(v4)) => !SPECIAL_V4.iter().any(|network| contains_v4(*network, v4)),
            (Self::Public, IpAddr::V6(v6)) => {
                contains_v6(GLOBAL_V6, v6) && !SPECIAL_V6.iter().any(|network| contains_v6(*network, v6))
            }
        }
    }
}

fn contains_v4((network, prefix): (Ipv4Addr, u32), address: Ipv4Addr) -> bool {
    (network.to_bits() ^ address.to_bits()) >> (Ipv4Addr::BITS - prefix) == 0
}

fn contains_v6((network, prefix): (Ipv6Addr, u32), address: Ipv6Addr) -> bool {
    (network.to_bits() ^ address.to_bits()) >> (Ipv6Addr::BITS - prefix) == 0
}

/// What a request has to pass before a connection is opened for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guard {
    pub(crate) reach: Reach,
    /// Whether plain `http` to this machine is allowed.
    pub(crate) loopback_http: bool,
}

impl Guard {
    /// Checks what can be seen without resolving a name. Hosts that are addresses never reach the resolver.
    ///
    /// # Errors
    /// `Url`, `Address`.
    pub(crate) fn check(self, url: &Url) -> Result<(), FetchError> {
        if !is_allowed(url, self.loopback_http) {
            return Err(FetchError::Url);
        }
        let address = match url.host() {
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            None => return Err(FetchError::Url),
        };
        let allowed = self.reach.allows(address) || (self.loopback_http && address.is_loopback());
        if allowed { Ok(()) } else { Err(FetchError::Address) }
    }

    /// As a resolver for the HTTP client.
    pub(crate) fn resolver(self) -> Arc<dyn Resolve> {
        Arc::new(self)
    }

    /// Whether a connection for this name may go to this address. What is sent to `localhost` in plain text stays on this machine,
    /// whatever the name resolves to.
    fn allows(self, name: &str, address: IpAddr) -> bool {
        if self.loopback_http && name == "localhost" {
            address.is_loopback()
        } else {
            self.reach.allows(address)
        }
    }
}

/// Resolves a name with the system's resolver and hands out only addresses that may be reached.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            // The port is filled in from the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|found| guard.allows(name.as_str(), found.ip())).collect();
            if allowed.is_empty() {
                return Err(AddressRefused.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

/// How the resolver tells [`FetchError::Address`] through the HTTP client.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to no address that may be reached")]
pub(crate) struct AddressRefused;

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        Reach::Public.allows(address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_reached() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "2001:200::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn private_and_special_addresses_are_not() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
            assert!(Reach::Anywhere.allows(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn localhost_is_this_machine_where_it_may_be_asked_in_plain_text() {
        let (inside, outside) = ("127.0.0.1".parse().unwrap(), "1.1.1.1".parse().unwrap());
        let local = Guard { reach: Reach::Anywhere, loopback_http: true };
        assert!(local.allows("localhost", inside) && !local.allows("localhost", outside));
        let public = Guard { reach: Reach::Public, loopback_http: true };
        assert!(public.allows("localhost", inside));
        assert!(!public.allows("as.example", inside) && public.allows("as.example", outside));
        assert!(!Guard::default().allows("localhost", inside));
    }
}
