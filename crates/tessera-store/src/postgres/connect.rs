//! From a URL to a pool.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

/// How long a request waits for a free connection, and a new connection for the server.
const CONNECT_WAIT: Duration = Duration::from_secs(2);
/// Settings of every session. An answer means that the commit is on disk (invariant I3); nothing runs or idles for long.
const SESSION_SETTINGS: &str = "-c synchronous_commit=on -c statement_timeout=2000 -c lock_timeout=2000 \
     -c idle_in_transaction_session_timeout=5000 -c default_transaction_isolation=read\\ committed \
     -c default_transaction_read_only=off";

/// Makes the pool; connections are opened when they are needed.
pub(super) fn pool(url: &str, max_connections: usize, ca: Option<&Path>) -> Result<Pool, StoreError> {
    // The error of the parser may quote the URL, and with it the password: say only what was expected.
    let mut config: Config = url.parse().map_err(|_| {
        StoreError::Location("not a PostgreSQL URL: expected postgres://user@host/database".into())
    })?;
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
        None if config.get_ssl_mode() == SslMode::Require => {
            return Err(StoreError::Location(
                "TLS is required by the URL: name the CA certificate file too".into(),
            ));
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

/// TLS that trusts exactly the certificates of one file.
fn tls(ca: &Path) -> Result<ClientConfig, StoreError> {
    let blame = |why: String| StoreError::Location(format!("{}: {why}", ca.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(|error| blame(error.to_string()))? {
        let certificate = certificate.map_err(|error| blame(error.to_string()))?;
        roots.add(certificate).map_err(|error| blame(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(blame("no certificate in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| blame(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
