//! `tessera demo`: an issuer, a sample application and a sample API in one process, on the own machine only.
//!
//! Everything that the three say to each other goes over real HTTP; nothing takes a short cut through memory. The issuer is
//! the one that `tessera serve` runs, in development mode: plain HTTP on loopback. What it is not: a way to try production,
//! or code that the issuer needs.
//!
//! | file | what it is |
//! |---|---|
//! | `place`, `ports`, `registry` | what must be there before anything starts: a folder, three ports, a person and clients |
//! | `running`, `announce` | the three servers, and what is said about them |
//! | `relying_party` | what an application does to log people in: no pages, no state |
//! | `web` | the sample application: sessions, pages, buttons |
//! | `api` | the sample API |
//! | `once` | the same story told without a browser |

mod announce;
mod api;
mod once;
mod place;
mod ports;
mod registry;
mod relying_party;
mod running;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

use self::announce::Announcement;
use self::place::{Place, PlaceError};
use self::ports::{Listeners, PortError};
use self::registry::{Person, RegistryError};
use self::relying_party::ClientError;
use self::running::Running;
use crate::boot::BootError;
use crate::config::{Log, LogFormat};
use crate::failure::{Exit, Failure};
use crate::telemetry;

/// Where the demo keeps its data unless told otherwise.
const DEFAULT_FOLDER: &str = "tessera-demo";
/// Port of the issuer unless told otherwise; the application and the API take the two after it.
const DEFAULT_PORT: u16 = 8080;

/// Options of `tessera demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the database and the keys; made if it is missing [default: tessera-demo, with --once a temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the issuer; application and API take the next two. 0: three free ports [default: 8080, with --once 0]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(0..=65_533))]
    port: Option<u16>,
    /// Go through everything once without a browser, say what happened, and stop
    #[arg(long)]
    once: bool,
    /// Say what runs where in one line of JSON, and register clients for tests
    #[arg(long, conflicts_with = "once")]
    json: bool,
    /// Do not open the sample application in a browser
    #[arg(long)]
    no_open: bool,
}

/// Why the demo did not start. One sentence each, with what to do.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("{0}")]
    Boot(Failure),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("the sample application cannot use the issuer: {0}")]
    Application(#[from] ClientError),
    #[error("the sample API cannot verify tokens: {0}")]
    Api(#[from] api::ApiError),
    #[error("cannot serve: {0}")]
    Serve(#[from] std::io::Error),
}

impl From<BootError> for DemoError {
    fn from(error: BootError) -> Self {
        Self::Boot(error.into())
    }
}

impl DemoError {
    fn exit(&self) -> Exit {
        match self {
            Self::Boot(failure) => failure.exit,
            Self::Place(_) => Exit::Io,
            Self::Port(_) | Self::Serve(_) => Exit::Unavailable,
            Self::Registry(_) | Self::Application(_) | Self::Api(_) => Exit::Internal,
        }
    }
}

/// Runs the demo until it is told to stop, or once.
pub(crate) async fn run(args: Args) -> ExitCode {
    // People read the announcement; the log only speaks up when something is wrong.
    telemetry::log(Log { format: LogFormat::Text, level: tracing::Level::WARN });
    let outcome = if args.once { once(&args).await } else { until_stopped(&args).await };
    outcome.unwrap_or_else(|error| {
        announce::failure(&error.to_string());
        error.exit().into()
    })
}

async fn until_stopped(args: &Args) -> Result<ExitCode, DemoError> {
    let mut stop = Stop::listen()?;
    let place = Place::at(args.data.clone().unwrap_or_else(|| DEFAULT_FOLDER.into()))?;
    let listeners = Listeners::bind(args.port.unwrap_or(DEFAULT_PORT))?;
    let running = Running::start(&place, listeners).await?;
    let person = registry::alice(&running.app).await?;
    let said = Announcement { sites: &running.sites, person: &person, folder: place.path() };
    if args.json {
        let clients = registry::test_clients(&running.app, &place).await?;
        announce::as_json(&said, &clients);
    } else {
        announce::to_people(&said);
        if !args.no_open {
            announce::open_browser(&running.sites.web);
        }
    }
    stop.asked().await;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

async fn once(args: &Args) -> Result<ExitCode, DemoError> {
    let place = match &args.data {
        Some(folder) => Place::at(folder.clone())?,
        None => Place::temporary()?,
    };
    let mut transcript = once::Transcript::begin(std::io::stdout());
    let listeners = Listeners::bind(args.port.unwrap_or(0))?;
    let running = Running::start(&place, listeners).await?;
    let person = match registry::alice(&running.app).await? {
        fresh @ Person { password: Some(_), .. } => fresh,
        // Nobody but the person themself knows the password of an earlier start.
        Person { password: None, .. } => registry::visitor(&running.app).await?,
    };
    transcript.started(&running.sites);
    let outcome = once::tell(&running, &person, &mut transcript).await;
    running.stop().await;
    Ok(if transcript.ended(&outcome) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Ctrl-C or, as service managers and tests send it, SIGTERM.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
