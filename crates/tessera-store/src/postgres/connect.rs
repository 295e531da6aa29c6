//! Making a connection pool from a URL.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

/// The longest wait for a free connection, and for the server while connecting.
const CONNECT_WAIT: Duration = Duration::from_secs(2);
/// Settings of every connection. A commit is acknowledged when it is on disk (invariant I3). Long statements and idle
/// transactions are ended.
const SESSION_SETTINGS: &str = "-c synchronous_commit=on -c statement_timeout=2000 -c lock_timeout=2000 \
     -c idle_in_transaction_session_timeout=5000 -c default_transaction_isolation=read\\ committed \
     -c default_transaction_read_only=off";

/// Why a PostgreSQL server cannot be connected to, as far as that is known before trying.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The URL is unusable. The parser's own error is not shown, because it may quote the URL with its password.
    #[error(
        "is not a PostgreSQL URL that can be used: expected postgres://user@host/database, and after a ? only parameters \
         that exist, such as sslmode=disable, prefer or require"
    )]
    Url,
    /// There are no CA certificates, so nothing would tell the server from a man in the middle.
    #[error(
        "is missing: the PostgreSQL server is on another machine or its URL asks for TLS; set it to a file with \
         the CA certificates of the server, or put sslmode=disable into the URL to connect in plain text"
    )]
    NoCa,
    /// The file of CA certificates is unusable.
    #[error("{path}: {reason}", path = .0.display(), reason = .1)]
    Ca(PathBuf, String),
}

impl From<ConnectError> for StoreError {
    fn from(error: ConnectError) -> Self {
        Self::Location(match error {
            ConnectError::Url => format!("database.url {error}"),
            ConnectError::NoCa => format!("database.ca_file {error}"),
            ConnectError::Ca(..) => error.to_string(),
        })
    }
}

/// Checks a URL without connecting.
///
/// # Errors
/// [`ConnectError::Url`], or [`ConnectError::NoCa`] if CA certificates are needed and none are given.
pub fn check_url(url: &str, ca_given: bool) -> Result<(), ConnectError> {
    parse(url, ca_given).map(drop)
}

/// Checks the file of CA certificates.
///
/// # Errors
/// [`ConnectError::Ca`].
pub fn check_ca(ca: &Path) -> Result<(), ConnectError> {
    roots(ca).map(drop)
}

/// Makes the pool. It opens connections when they are needed.
pub(super) fn pool(url: &str, max_connections: usize, ca: Option<&Path>) -> Result<Pool, StoreError> {
    let mut config = parse(url, ca.is_some())?;
    let options = config.get_options().map_or_else(String::new, |given| format!("{given} "));
    config
        .options(format!("{options}{SESSION_SETTINGS}"))
        .application_name("tessera")
        .connect_timeout(CONNECT_WAIT)
        .tcp_user_timeout(Duration::from_secs(5))
        .keepalives_idle(Duration::from_secs(30));
    let recycle = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match ca {
        Some(ca) => {
            config.ssl_mode(SslMode::Require);
            Manager::from_config(config, MakeRustlsConnect::new(tls(ca)?), recycle)
        }
        None => Manager::from_config(config, NoTls, recycle),
    };
    Pool::builder(manager)
        .max_size(max_connections.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CONNECT_WAIT))
        .create_timeout(Some(CONNECT_WAIT))
        .recycle_timeout(Some(CONNECT_WAIT))
        .build()
        .map_err(|error| StoreError::Location(error.to_string()))
}

fn parse(url: &str, ca_given: bool) -> Result<Config, ConnectError> {
    let config: Config = url.parse().map_err(|_| ConnectError::Url)?;
    let plain_text_is_fine = match config.get_ssl_mode() {
        SslMode::Disable => true,
        SslMode::Require => false,
        _ => is_local(&config),
    };
    if ca_given || plain_text_is_fine { Ok(config) } else { Err(ConnectError::NoCa) }
}

/// Whether every host of the URL is a Unix socket or a loopback address, so that the traffic stays on this machine. If the URL
/// has addresses (`hostaddr`), the client connects to those, and the host names are only for the certificate.
fn is_local(config: &Config) -> bool {
    let loopback = |name: &str| {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    if !config.get_hostaddrs().is_empty() {
        return config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => loopback(name),
        Host::Unix(_) => true,
    })
}

/// TLS that trusts the CA certificates of one file only.
fn tls(ca: &Path) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| StoreError::Location(error.to_string()))?;
    Ok(builder.with_root_certificates(roots(ca)?).with_no_client_auth())
}

fn roots(ca: &Path) -> Result<RootCertStore, ConnectError> {
    let blame = |why: String| ConnectError::Ca(ca.to_owned(), why);
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read(ca).map_err(|error| blame(error.to_string()))?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| blame(error.to_string()))?;
        roots.add(certificate).map_err(|error| blame(error.to_string()))?;
    }
    if roots.is_empty() { Err(blame("no certificate in PEM form in it".to_owned())) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why no pool is made, if so. Nothing is connected to.
    fn refused(url: &str) -> Option<String> {
        pool(url, 1, None).err().map(|error| error.to_string())
    }

    #[test]
    fn t10_another_machine_is_not_spoken_to_in_plain_text_by_accident() {
        for url in [
            "postgres://tessera:hunter2@db.example/tessera",
            "postgres://tessera:hunter2@192.0.2.1/tessera",
            "postgres://tessera:hunter2@[2001:db8::1]/tessera",
            "postgres://tessera:hunter2@db.example/tessera?sslmode=prefer",
            "postgres://tessera:hunter2@localhost,db.example/tessera",
            "postgres://tessera:hunter2@localhost.example/tessera",
            "postgres://tessera:hunter2@localhost/tessera?hostaddr=192.0.2.1",
        ] {
            let why = refused(url).unwrap_or_else(|| panic!("{url} is accepted"));
            assert!(why.contains("ca_file") && why.contains("sslmode=disable"), "{url}: {why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn plain_text_is_for_this_machine_or_whoever_asks_for_it() {
        for url in [
            "postgres://tessera@localhost/tessera",
            "postgres://tessera@127.0.0.1:5433/tessera",
            "postgres://tessera@127.9.9.9/tessera",
            "postgres://tessera@[::1]/tessera",
            "postgres://tessera@%2Frun%2Fpostgresql/tessera",
            "postgres://tessera@db.example/tessera?hostaddr=127.0.0.1",
            "postgres://tessera@db.example/tessera?sslmode=disable",
        ] {
            assert_eq!(refused(url), None, "{url}");
        }
    }

    #[test]
    fn f40_a_url_that_cannot_be_used_is_not_repeated() {
        for url in [
            "postgres://tessera:hunter2@localhost/tessera?sslmode=foo",
            "postgres://tessera:hunter2@localhost/tessera?sslrootcert=ca.pem",
            "postgres://tessera@localhost/tessera?hunter2=x",
        ] {
            assert_eq!(check_url(url, true), Err(ConnectError::Url), "{url}");
            let why = refused(url).unwrap();
            assert!(!why.contains("hunter2"), "{why}");
        }
        assert_eq!(
            check_url("postgres://tessera@localhost/tessera?sslmode=require", false),
            Err(ConnectError::NoCa)
        );
        assert_eq!(check_url("postgres://tessera@db.example/tessera", true), Ok(()));
    }
}
