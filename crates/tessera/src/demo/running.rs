//! The three servers, from start to stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tessera_app::{App, ServerClaim};
use tessera_http::headers::Transport;
use tessera_http::pages::{Pages, Site};
use tokio::task::JoinHandle;

use super::place::Place;
use super::ports::{Listeners, Sites};
use super::relying_party::{Registration, RelyingParty};
use super::{DemoError, api, registry, web};
use crate::adapters::{SystemClock, SystemEntropy};
use crate::boot::BootError;
use crate::config::Config;
use crate::serve::{Limits, ServeOptions, Serving};

/// A demo that runs.
pub(super) struct Running {
    pub(super) app: Arc<App>,
    pub(super) sites: Sites,
    /// How the sample application is known to the issuer.
    pub(super) registration: Registration,
    issuer: Serving,
    samples: Vec<JoinHandle<()>>,
    /// One server a folder; given back when the demo ends.
    _claim: ServerClaim,
}

impl Running {
    /// Starts issuer, API and application, in the order in which they need each other.
    pub(super) async fn start(place: &Place, listeners: Listeners) -> Result<Self, DemoError> {
        let sites = listeners.sites()?;
        let app = open(place, &sites).await?;
        let claim = app.claim_server().map_err(BootError::from)?;
        let registration = registry::application(&app, place, &sites).await?;
        let options = ServeOptions {
            listener: listeners.issuer,
            ops_listener: None,
            transport: Transport::PlainHttp,
            tls: None,
            connections: Limits { all: 256, per_address: None },
            shutdown_notice: Duration::ZERO,
        };
        let pages = Pages::load(None, Site::default()).map_err(std::io::Error::other)?;
        let issuer = Serving::start(Arc::clone(&app), pages, options)?;
        let relying_party = relying_party(&sites, registration.clone()).await?;
        let samples = vec![
            serve(listeners.api, api::router(&sites.issuer).await?)?,
            serve(listeners.web, web::router(&sites, relying_party))?,
        ];
        Ok(Self { app, sites, registration, issuer, samples, _claim: claim })
    }

    /// Stops them, the issuer last: the others talk to it.
    pub(super) async fn stop(self) {
        for sample in self.samples {
            sample.abort();
            let _ = sample.await;
        }
        self.issuer.stop().await;
    }
}

/// An application that knows the issuer by its address and its own registration, nothing else.
pub(super) async fn relying_party(
    sites: &Sites,
    registration: Registration,
) -> Result<RelyingParty, super::ClientError> {
    RelyingParty::discover(&sites.issuer, registration, Arc::new(SystemClock), Arc::new(SystemEntropy)).await
}

/// The issuer as `tessera serve --dev` would open it on this folder.
async fn open(place: &Place, sites: &Sites) -> Result<Arc<App>, DemoError> {
    let mut config = Config::development(place.path().to_owned());
    config.issuer.clone_from(&sites.issuer);
    Ok(crate::boot::open(&config).await?)
}

fn serve(listener: TcpListener, router: Router) -> std::io::Result<JoinHandle<()>> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "a sample server ended");
        }
    }))
}
