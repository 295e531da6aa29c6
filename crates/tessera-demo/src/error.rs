//! Why the demo does not start.

use tessera_openid_client::ClientError;

use crate::api::ApiError;
use crate::data_dir::DataDirError;
use crate::host::HostError;
use crate::ports::PortError;
use crate::registry::RegistryError;

/// Why the demo did not start. One sentence each, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// A port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The program could not start the issuer.
    #[error("{0}")]
    Issuer(HostError),
    /// What has to be registered with the issuer.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The HTTP client of the sample application.
    #[error("the sample application has no HTTP client: {0}")]
    Fetch(#[from] tessera_fetch::BuildError),
    /// The sample application.
    #[error("the sample application cannot use the issuer: {0}")]
    Application(#[from] ClientError),
    /// The sample API.
    #[error("the sample API cannot verify tokens: {0}")]
    Api(#[from] ApiError),
    /// A socket or a signal.
    #[error("cannot serve: {0}")]
    Serve(#[from] std::io::Error),
}
