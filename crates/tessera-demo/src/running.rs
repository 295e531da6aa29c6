//! The three servers, from start to stop.

use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use tessera_app::App;
use tessera_fetch::{Fetch, GuardedFetch};
use tessera_openid_client::{ClientError, Registration, RelyingParty};
use tokio::task::JoinHandle;

use crate::data_dir::DataDir;
use crate::error::DemoError;
use crate::host::{Host, IssuerOptions, RunningIssuer};
use crate::ports::{Listeners, Sites};
use crate::{api, registry, web};

/// A demo that runs.
pub(crate) struct Running {
    pub(crate) host: Arc<Host>,
    pub(crate) app: Arc<App>,
    pub(crate) sites: Sites,
    /// How the sample application is registered with the issuer.
    pub(crate) registration: Registration,
    /// HTTP to this machine.
    pub(crate) fetch: Arc<dyn Fetch>,
    issuer: RunningIssuer,
    samples: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts issuer, API and application, in the order in which they need each other.
    pub(crate) async fn start(
        host: Arc<Host>,
        data_dir: &DataDir,
        listeners: Listeners,
    ) -> Result<Self, DemoError> {
        let sites = listeners.sites()?;
        let options = IssuerOptions {
            data_dir: data_dir.path().to_owned(),
            issuer: sites.issuer.clone(),
            listener: listeners.issuer,
        };
        let issuer = (host.start_issuer)(options).await.map_err(DemoError::Issuer)?;
        let app = Arc::clone(&issuer.app);
        let registration = registry::application(&app, data_dir, &sites).await?;
        let fetch: Arc<dyn Fetch> = Arc::new(GuardedFetch::builder().loopback_http().build()?);
        let mut running = Self { host, app, sites, registration, fetch, issuer, samples: Vec::new() };
        let api = api::router(&running.sites.issuer).await?;
        running.samples.push(serve(listeners.api, api)?);
        let web = web::router(&running.sites, running.relying_party().await?, Arc::clone(&running.host));
        running.samples.push(serve(listeners.web, web)?);
        Ok(running)
    }

    /// An application that knows the issuer by its address and its own registration, nothing else.
    pub(crate) async fn relying_party(&self) -> Result<RelyingParty, ClientError> {
        let fetch = Arc::clone(&self.fetch);
        RelyingParty::discover(fetch, &self.sites.issuer, self.registration.clone()).await
    }

    /// Stops them, the issuer last: the others talk to it.
    pub(crate) async fn stop(self) {
        for sample in self.samples {
            sample.abort();
            let _ = sample.await;
        }
        (self.issuer.stop)().await;
    }
}

fn serve(listener: TcpListener, router: Router) -> std::io::Result<JoinHandle<()>> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "a sample server ended");
        }
    }))
}
