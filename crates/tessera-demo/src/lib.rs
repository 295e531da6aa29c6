//! The demonstration behind `tessera demo`: an issuer, a sample application and a sample API in one process, on this machine only.
//!
//! Everything that the three say to each other goes over real HTTP. The issuer is the one that `tessera serve` runs, in development
//! mode; the program brings it as a [`Host`]. The demo is not a way to try production, and the issuer needs nothing of it.
//!
//! | module | what it is |
//! |---|---|
//! | `host` | what the program brings |
//! | `data_dir`, `ports`, `registry` | what must be there before anything starts: a directory, three ports, a person and clients |
//! | `running`, `output` | the three servers, and what the demo prints about them |
//! | `web` | the sample application: sessions, pages, buttons |
//! | `api` | the sample API |
//! | `once` | a walkthrough of a login without a browser |
//! | `error` | why the demo does not start |

mod api;
mod data_dir;
mod error;
mod host;
mod once;
mod output;
mod ports;
mod registry;
mod running;
mod web;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

pub use self::api::ApiError;
pub use self::data_dir::DataDirError;
pub use self::error::DemoError;
pub use self::host::{Host, HostError, IssuerOptions, RunningIssuer, StartingIssuer};
pub use self::ports::PortError;
pub use self::registry::RegistryError;

use self::data_dir::DataDir;
use self::output::Summary;
use self::ports::Listeners;
use self::registry::Person;
use self::running::Running;

/// Where the demo keeps its data unless told otherwise.
const DEFAULT_DATA_DIR: &str = "tessera-demo";
/// Port of the issuer unless told otherwise; the application and the API take the two after it.
const DEFAULT_PORT: u16 = 8080;

/// What somebody may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where database, keys and secrets are. Default: `tessera-demo` in the working directory, for [`Mode::Once`] a temporary one.
    pub data_dir: Option<PathBuf>,
    /// Port of the issuer; application and API take the next two. 0: three free ports. Default: 8080, for [`Mode::Once`] 0.
    pub port: Option<u16>,
    /// What the demo does once it runs.
    pub mode: Mode,
}

/// What the demo does once it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Prints what runs where, and serves until it is told to stop.
    Serve(Print),
    /// Walks through everything without a browser, prints each step, and stops.
    Once,
}

/// How the demo prints what runs where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Print {
    /// As text, for people.
    Text {
        /// Whether to open the sample application in a browser too.
        open_browser: bool,
    },
    /// As one line of JSON, with clients that are registered for tests.
    Json,
}

/// How the demo ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was told to stop, or every step of the walkthrough succeeded.
    Completed,
    /// A step of the walkthrough failed; it has been printed.
    StepFailed,
}

/// Runs the demo. Needs a tokio runtime.
///
/// # Errors
/// [`DemoError`]: it did not start.
pub async fn run(options: Options, host: Host) -> Result<Outcome, DemoError> {
    let host = Arc::new(host);
    match options.mode {
        Mode::Serve(print) => serve(options, print, host).await,
        Mode::Once => walk_through(options, host).await,
    }
}

async fn serve(options: Options, print: Print, host: Arc<Host>) -> Result<Outcome, DemoError> {
    let mut stop = StopSignal::listen()?;
    let data_dir = options.data_dir.unwrap_or_else(|| DEFAULT_DATA_DIR.into());
    let data_dir = DataDir::open(data_dir, Arc::clone(&host))?;
    let listeners = Listeners::bind(options.port.unwrap_or(DEFAULT_PORT))?;
    let running = Running::start(host, &data_dir, listeners).await?;
    let person = registry::alice(&running.app, &*running.host.entropy).await?;
    let summary = Summary { sites: &running.sites, person: &person, data_dir: data_dir.path() };
    match print {
        Print::Json => output::print_json(&summary, &registry::test_clients(&running.app, &data_dir).await?),
        Print::Text { open_browser } => {
            output::print_text(&summary);
            if open_browser {
                output::open_browser(&running.sites.web);
            }
        }
    }
    stop.received().await;
    running.stop().await;
    Ok(Outcome::Completed)
}

async fn walk_through(options: Options, host: Arc<Host>) -> Result<Outcome, DemoError> {
    let data_dir = match options.data_dir {
        Some(path) => DataDir::open(path, Arc::clone(&host))?,
        None => DataDir::temporary(Arc::clone(&host), &std::env::temp_dir())?,
    };
    let mut transcript = once::Transcript::begin(std::io::stdout());
    let listeners = Listeners::bind(options.port.unwrap_or(0))?;
    let running = Running::start(host, &data_dir, listeners).await?;
    let person = match registry::alice(&running.app, &*running.host.entropy).await? {
        new @ Person { password: Some(_), .. } => new,
        // Only the person knows the password of an earlier start.
        Person { password: None, .. } => registry::visitor(&running.app, &*running.host.entropy).await?,
    };
    transcript.started(&running.sites);
    let outcome = once::walkthrough(&running, &person, &mut transcript).await;
    running.stop().await;
    Ok(if transcript.ended(&outcome) { Outcome::Completed } else { Outcome::StepFailed })
}

/// Ctrl-C or, as service managers and tests send it, SIGTERM.
struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignal {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
