//! `[server]`: connections of the public listener, and how it stops.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use tessera_app::network::{AddressHeader, Peers, TrustedProxies};

use super::document::Document;
use super::duration::MINUTE;
use super::key::{Fallback, Key, Section, ValueKind};
use super::mode::Mode;

/// Connections of the public listener, and how it stops.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerSettings {
    /// Most connections at the same time on `listen`.
    pub(crate) max_connections: usize,
    /// Most connections at the same time from one address.
    pub(crate) max_connections_per_address: usize,
    /// Whether the address of a connection tells clients apart. `None` if the operator leaves that to the other settings.
    pub(crate) peers: Option<Peers>,
    /// Networks of the proxies that may name the address of a client.
    trusted_proxies: Vec<IpNet>,
    /// The header in which they do. There is one if there are trusted proxies.
    client_address_header: Option<AddressHeader>,
    /// How long a server that stops still takes requests.
    pub(crate) shutdown_notice: Duration,
}

impl ServerSettings {
    /// The proxies that may name the address of a client.
    pub(crate) fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone(), self.client_address_header.unwrap_or_default())
    }

    /// Whether the address of a connection that no trusted proxy made tells clients apart. It does unless the operator says
    /// otherwise, if TLS ends here or all proxies are named. Without either, a proxy or this machine connects.
    pub(crate) fn peers(&self, tls_ends_here: bool) -> Peers {
        let proxies_are_known = !self.trusted_proxies.is_empty();
        let unsaid = if tls_ends_here || proxies_are_known { Peers::Direct } else { Peers::Shared };
        self.peers.unwrap_or(unsaid)
    }
}

/// Most that the two limits of connections may be.
const MOST_CONNECTIONS: usize = 1_000_000;
const TRUSTED_PROXIES: &str = "server.trusted_proxies";
const CLIENT_ADDRESS_HEADER: &str = "server.client_address_header";
const SHUTDOWN_NOTICE: &str = "server.shutdown_notice";

pub(super) static KEYS: Section<ServerSettings> = Section {
    name: "server",
    doc: "Connections of the public listener, and how it stops.",
    keys: &[
        Key {
            name: "server.max_connections",
            kind: ValueKind::Count {
                most: MOST_CONNECTIONS,
                set: |server, count| server.max_connections = count,
            },
            default: Fallback::Value("10000"),
            doc: "Most connections at the same time on `listen`. The server closes one more at once and says so in the log.",
        },
        Key {
            name: "server.max_connections_per_address",
            kind: ValueKind::Count {
                most: MOST_CONNECTIONS,
                set: |server, count| server.max_connections_per_address = count,
            },
            default: Fallback::Value("256"),
            doc: "Most connections at the same time from one address (IPv6: a /64). Does not hold for addresses of this machine and of `trusted_proxies`, nor where `peers` are shared.",
        },
        Key {
            name: "server.peers",
            kind: ValueKind::Choice(&[
                ("direct", |server| server.peers = Some(Peers::Direct)),
                ("shared", |server| server.peers = Some(Peers::Shared)),
            ]),
            default: Fallback::Unset {
                means: "`\"direct\"` if TLS ends in this server or `trusted_proxies` is set, else `\"shared\"`",
                example: "shared",
            },
            doc: "Whether the address of a connection tells clients apart. `\"shared\"`: it belongs to a load balancer or a container gateway that names no address, so the server counts no logins, connections or refreshes by address, and failed client authentication of all clients together. Does not hold for connections from `trusted_proxies`.",
        },
        Key {
            name: TRUSTED_PROXIES,
            kind: ValueKind::List {
                values: "IP addresses and networks",
                add: |server, text| {
                    server.trusted_proxies.push(network(text)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "nobody", example: "10.0.0.0/24" },
            doc: "The proxies in front of this server. It believes what they say about the address of a client. Name nothing but proxies: whoever connects from here can choose an address.",
        },
        Key {
            name: CLIENT_ADDRESS_HEADER,
            kind: ValueKind::Choice(&[
                ("forwarded", |server| server.client_address_header = Some(AddressHeader::Forwarded)),
                ("x-forwarded-for", |server| {
                    server.client_address_header = Some(AddressHeader::XForwardedFor);
                }),
            ]),
            default: Fallback::Unset { means: "required with `trusted_proxies`", example: "x-forwarded-for" },
            doc: "The header in which `trusted_proxies` name the address of a client. The server reads no other.",
        },
        Key {
            name: SHUTDOWN_NOTICE,
            kind: ValueKind::Duration {
                from: 0,
                to: MINUTE,
                set: |server, span| server.shutdown_notice = span,
            },
            default: Fallback::Value("2s"),
            doc: "How long a server that was told to stop still takes requests after `/readyz` says 503, so that load balancers notice. 0 under `--dev`.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>, mode: Mode) -> ServerSettings {
    let mut server = KEYS.read(document, ServerSettings::default());
    if mode == Mode::Dev && !document.is_set(SHUTDOWN_NOTICE) {
        server.shutdown_notice = Duration::ZERO;
    }
    if document.is_set(TRUSTED_PROXIES) && !document.is_set(CLIENT_ADDRESS_HEADER) {
        document.missing(
            CLIENT_ADDRESS_HEADER,
            TRUSTED_PROXIES,
            "is missing: name the header in which your proxies write the address of a client, \"forwarded\" or \"x-forwarded-for\"",
        );
    }
    if document.is_set(CLIENT_ADDRESS_HEADER) && !document.is_set(TRUSTED_PROXIES) {
        document.missing(
            TRUSTED_PROXIES,
            CLIENT_ADDRESS_HEADER,
            "is missing: anybody can send the header, so the server believes only proxies that you name",
        );
    }
    server
}

/// A network in CIDR notation, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse().map(|ip: IpAddr| IpNet::from(ip));
    let Ok(network) = address.or_else(|_| text.parse::<IpNet>()) else {
        return Err(format!(
            "{text}: use an IP address or a network, such as \"192.0.2.7\" or \"10.0.0.0/24\""
        ));
    };
    if network.prefix_len() == 0 {
        return Err(format!("{text}: would believe everybody"));
    }
    if network.network() != network.addr() {
        return Err(format!("{text}: the network of this length is {}", network.trunc()));
    }
    match network {
        IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some() => {
            Err(format!("{text}: write an IPv4 network as IPv4"))
        }
        network => Ok(network),
    }
}
