//! Three listening sockets on loopback, taken before anything else so that a taken port costs nobody a half-started demo.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

/// The sockets of the three servers.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) issuer: TcpListener,
    pub(super) web: TcpListener,
    pub(super) api: TcpListener,
}

/// Where the three are found. The host is `localhost` everywhere: it stands in `iss` and in redirect URIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sites {
    pub(super) issuer: String,
    pub(super) web: String,
    pub(super) api: String,
}

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum PortError {
    /// Somebody else listens there.
    #[error(
        "port {port} (for the {what}) is in use: stop what listens there, or choose free ports with --port 0"
    )]
    Taken { what: &'static str, port: u16 },
    /// The operating system refuses for another reason.
    #[error("cannot listen on port {port} (for the {what}): {source}")]
    Refused { what: &'static str, port: u16, source: std::io::Error },
}

impl Listeners {
    /// Takes `port` and the two after it; three free ones for 0.
    pub(super) fn bind(port: u16) -> Result<Self, PortError> {
        let after = |steps: u16| if port == 0 { 0 } else { port.saturating_add(steps) };
        Ok(Self {
            issuer: listen("issuer", port)?,
            web: listen("sample application", after(1))?,
            api: listen("sample API", after(2))?,
        })
    }

    /// The addresses that go with the sockets.
    pub(super) fn sites(&self) -> std::io::Result<Sites> {
        let site = |listener: &TcpListener| {
            listener.local_addr().map(|address| format!("http://localhost:{}", address.port()))
        };
        Ok(Sites { issuer: site(&self.issuer)?, web: site(&self.web)?, api: site(&self.api)? })
    }
}

fn listen(what: &'static str, port: u16) -> Result<TcpListener, PortError> {
    let refused = |source| PortError::Refused { what, port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => PortError::Taken { what, port },
        _ => refused(error),
    })?;
    listener.set_nonblocking(true).map_err(refused)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_three_different_ones() {
        let sites = Listeners::bind(0).unwrap().sites().unwrap();
        assert!(sites.issuer.starts_with("http://localhost:"));
        assert!(sites.issuer != sites.web && sites.web != sites.api && sites.issuer != sites.api);
    }

    #[test]
    fn a_taken_port_is_named_with_a_way_out() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = Listeners::bind(port).unwrap_err().to_string();
        assert!(said.contains(&format!("port {port} (for the issuer) is in use")), "{said}");
        assert!(said.contains("--port 0"), "{said}");
    }
}
