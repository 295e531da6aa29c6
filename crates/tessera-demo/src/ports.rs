//! Three listening sockets on loopback. The demo takes them first, so that it does not half start when a port is in use.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

/// The sockets of the three servers.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) issuer: TcpListener,
    pub(crate) web: TcpListener,
    pub(crate) api: TcpListener,
}

/// The URLs of the three servers. The host is `localhost` everywhere: it stands in `iss` and in redirect URIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sites {
    pub(crate) issuer: String,
    pub(crate) web: String,
    pub(crate) api: String,
}

/// Why a port cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Another program listens there.
    #[error(
        "port {port} (for the {what}) is in use: stop what listens there, or choose free ports with --port 0"
    )]
    Taken {
        /// Which of the three servers it is for.
        what: &'static str,
        /// The port.
        port: u16,
    },
    /// The operating system refuses for another reason.
    #[error("cannot listen on port {port} (for the {what}): {source}")]
    Refused {
        /// Which of the three servers it is for.
        what: &'static str,
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
}

impl Sites {
    /// The one endpoint of the sample API.
    pub(crate) fn orders(&self) -> String {
        format!("{}/orders", self.api)
    }

    /// The port of the sample application.
    pub(crate) fn web_port(&self) -> &str {
        self.web.rsplit(':').next().unwrap_or_default()
    }
}

impl Listeners {
    /// Takes `port` and the two after it; three free ones for 0.
    pub(crate) fn bind(port: u16) -> Result<Self, PortError> {
        let after = |steps: u16| if port == 0 { 0 } else { port.saturating_add(steps) };
        Ok(Self {
            issuer: listen("issuer", port)?,
            web: listen("sample application", after(1))?,
            api: listen("sample API", after(2))?,
        })
    }

    /// The URLs of the servers at these sockets.
    pub(crate) fn sites(&self) -> std::io::Result<Sites> {
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
