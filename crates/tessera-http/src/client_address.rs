//! Finds the address of the client: that of the connection, or the one that a trusted proxy names.
//!
//! Only the header of the settings counts, and only from a trusted proxy. Anybody else can send any header, so it changes nothing.

mod hops;

use std::net::IpAddr;

use http::HeaderMap;
use tessera_app::network::{AddressHeader, ClientAddress};

use self::hops::{FORWARDED, X_FORWARDED_FOR};
use crate::state::Server;

/// The address of the client behind a connection from `peer`.
pub(crate) fn client_address(server: &Server, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
    let config = server.app.config();
    let proxies = &config.proxies;
    if !proxies.contains(peer) {
        warn_about_unbelieved_header(server, peer, headers);
        return ClientAddress::of_connection(peer, config.peers);
    }
    match proxies.header() {
        AddressHeader::Forwarded => proxies.client(peer, hops::forwarded(headers)),
        AddressHeader::XForwardedFor => proxies.client(peer, hops::x_forwarded_for(headers)),
    }
}

/// Such a header from a peer that nobody trusts is most likely from a proxy that the operator forgot to name. Strangers can send it
/// too, so the log says it once.
fn warn_about_unbelieved_header(server: &Server, peer: IpAddr, headers: &HeaderMap) {
    if server.unbelieved_header.is_completed() {
        return;
    }
    let Some(header) = [X_FORWARDED_FOR, FORWARDED].into_iter().find(|name| headers.contains_key(name))
    else {
        return;
    };
    server.unbelieved_header.call_once(|| {
        tracing::warn!(
            peer = %peer.to_canonical(),
            header = header.as_str(),
            "the server ignored the header of a proxy, because server.trusted_proxies does not name this peer; \
             if it is your proxy, set server.trusted_proxies and server.client_address_header"
        );
    });
}
