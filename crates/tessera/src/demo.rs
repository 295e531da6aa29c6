//! `tessera demo`: its options, and what this program does for it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tessera_demo::{DemoError, Host, HostError, IssuerOptions, Mode, Options, Outcome, Print, RunningIssuer};
use tessera_http::headers::Transport;
use tessera_http::pages::{Pages, Site};

use crate::adapters::{SystemClock, SystemEntropy};
use crate::boot;
use crate::config::{Config, Log, LogFormat};
use crate::failure::{Exit, Failure};
use crate::secret_file;
use crate::serve::{Limits, ServeOptions, Serving};
use crate::telemetry;

/// Options of `tessera demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Directory for the database and the keys; made if it is missing [default: tessera-demo, with --once a temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the issuer; application and API take the next two. 0: three free ports [default: 8080, with --once 0]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(0..=65_533))]
    port: Option<u16>,
    /// Walk through everything once without a browser, print each step, and stop
    #[arg(long)]
    once: bool,
    /// Print what runs where in one line of JSON, and register clients for tests
    #[arg(long, conflicts_with = "once")]
    json: bool,
    /// Do not open the sample application in a browser
    #[arg(long)]
    no_open: bool,
}

/// Runs the demo until it is told to stop, or once.
pub(crate) async fn run(args: Args) -> Result<ExitCode, Failure> {
    // The demo prints what people need. The log only reports what is wrong.
    telemetry::log(Log { format: LogFormat::Text, level: tracing::Level::WARN });
    match tessera_demo::run(options(args), host()).await {
        Ok(Outcome::Completed) => Ok(ExitCode::SUCCESS),
        Ok(Outcome::StepFailed) => Ok(ExitCode::FAILURE),
        Err(error) => Err(Failure::new(exit(&error), format!("tessera demo: {error}"))),
    }
}

fn options(args: Args) -> Options {
    let mode = if args.once {
        Mode::Once
    } else if args.json {
        Mode::Serve(Print::Json)
    } else {
        Mode::Serve(Print::Text { open_browser: !args.no_open })
    };
    Options { data_dir: args.data, port: args.port, mode }
}

fn exit(error: &DemoError) -> Exit {
    match error {
        DemoError::Issuer(cause) => {
            cause.downcast_ref::<Failure>().map_or(Exit::Unavailable, |failure| failure.exit)
        }
        DemoError::DataDir(_) => Exit::Io,
        DemoError::Port(_) | DemoError::Serve(_) => Exit::Unavailable,
        DemoError::Registry(_) | DemoError::Fetch(_) | DemoError::Application(_) | DemoError::Api(_) => {
            Exit::Internal
        }
    }
}

fn host() -> Host {
    Host {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        read_secret,
        create_secret: |path, secret| Ok(secret_file::create(path, secret.as_bytes())?),
        start_issuer: |options| Box::pin(start_issuer(options)),
    }
}

fn read_secret(path: &Path) -> Result<Option<String>, HostError> {
    match secret_file::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens and serves the issuer as `tessera serve --dev` would.
async fn start_issuer(options: IssuerOptions) -> Result<RunningIssuer, HostError> {
    let IssuerOptions { data_dir, issuer, listener } = options;
    let config = Config { issuer, ..Config::development(data_dir) };
    let app = boot::open_or_create(&config).await.map_err(Failure::from)?;
    let claim = app.claim_server().await.map_err(Failure::from)?;
    let pages = Pages::load(None, Site::default())?;
    let serving = Serving::start(Arc::clone(&app), pages, serve_options(listener))?;
    let stop = || -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            serving.stop().await;
            claim.release().await;
        })
    };
    Ok(RunningIssuer { app, stop: Box::new(stop) })
}

fn serve_options(listener: TcpListener) -> ServeOptions {
    ServeOptions {
        listener,
        ops_listener: None,
        transport: Transport::PlainHttp,
        tls: None,
        connections: Limits::all(256),
        shutdown_notice: Duration::ZERO,
    }
}
