//! `[server]`: connections of the public listener, and how it stops.

use std::time::Duration;

use tessera_app::config::Peers;

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
    /// How long a server that stops still takes requests.
    pub(crate) shutdown_notice: Duration,
}

/// Most that the two limits of connections may be.
const MOST_CONNECTIONS: usize = 1_000_000;
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
            doc: "Most connections at the same time from one address (IPv6: a /64). Does not hold for addresses of this machine, nor where `peers` are shared.",
        },
        Key {
            name: "server.peers",
            kind: ValueKind::Choice(&[
                ("direct", |server| server.peers = Some(Peers::Direct)),
                ("shared", |server| server.peers = Some(Peers::Shared)),
            ]),
            default: Fallback::Unset {
                means: "`\"direct\"` if TLS ends in this server, else `\"shared\"`",
                example: "shared",
            },
            doc: "Whether the address of a connection tells clients apart. `\"shared\"`: it belongs to a proxy, a load balancer or a container gateway, so the server limits nothing by address.",
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
    server
}
