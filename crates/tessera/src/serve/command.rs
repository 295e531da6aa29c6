//! `tessera serve`.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use tessera_app::App;
use tessera_app::config::Peers;
use tessera_http::headers::Transport;
use tessera_http::pages::Pages;

use super::signals::{Asked, Signals};
use super::{Limits, ServeOptions, Serving};
use crate::boot;
use crate::commands::Place;
use crate::config::{self, Config, Draft, Environment, Located, LogFormat, Purpose};
use crate::failure::{Exit, Failure};
use crate::{hardening, output, telemetry, tls};

/// Runs the server until it is told to stop.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// For trying things out: plain HTTP on this machine only, data in ./tessera-data or --data DIR
    #[arg(long)]
    dev: bool,
    /// Log in JSON, and say in one line of JSON on standard output where the server listens
    #[arg(long)]
    json: bool,
}

/// Most files besides connections: the database and its pool, listeners, a certificate being read.
const OTHER_FILES: usize = 1_280;

/// Starts, serves, stops.
pub(crate) async fn run(args: Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let purpose = if args.dev { Purpose::Dev } else { Purpose::Serve };
    let located = locate(&args, environment)?;
    let draft = Draft::read(&located, purpose, environment)?.check_files();
    let (unknown, warnings) = (draft.unknown_variables.clone(), draft.warnings());
    let mut config = draft.finish()?;
    if args.json {
        config.log.format = LogFormat::Json;
    }
    telemetry::log(config.log);
    hardening::keep_memory_private();
    for name in unknown {
        tracing::warn!(name, "an environment variable that means nothing to this program");
    }
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let mut signals = Signals::listen().map_err(|error| Failure::io("signals", &error))?;
    let (listener, ops_listener) = (bind("listen", config.listen)?, bind("ops_listen", config.ops_listen)?);
    complete_issuer(&mut config, &listener)?;
    let app = boot::open(&config).await?;
    let claim = app.claim_server()?;
    boot::warn_about_permissions(&config);
    let serving = start(&config, app, listener, ops_listener, args.json)?;
    let code = until_told(serving, &mut signals, || check_again(&located, purpose, environment)).await;
    drop(claim);
    Ok(code)
}

fn locate(args: &Args, environment: &Environment) -> Result<Located, Failure> {
    let (config, data) = (args.place.config.as_deref(), args.place.data.as_deref());
    if args.dev && config.is_none() && data.is_none() {
        return Ok(Located::DataDir(config::DEFAULT_DATA_DIR.into()));
    }
    if args.dev
        && let Some(dir) = data
    {
        return Ok(Located::DataDir(dir.to_owned()));
    }
    config::locate(config, data, environment)
}

fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        Failure::new(Exit::Unavailable, format!("{key}: cannot listen on {address}: {error}"))
            .hint("Stop what uses the port, or choose another in the configuration.")
    })
}

/// Under `--dev` the issuer is where the server listens.
fn complete_issuer(config: &mut Config, listener: &TcpListener) -> Result<(), Failure> {
    if config.issuer.is_empty() {
        let address = listener.local_addr().map_err(|error| Failure::io("listen", &error))?;
        config.issuer = format!("http://localhost:{}", address.port());
    }
    Ok(())
}

/// Where a server listens, for the program that started it.
#[derive(Serialize)]
struct Listening<'a> {
    issuer: &'a str,
    listen: SocketAddr,
    ops_listen: SocketAddr,
    tls: bool,
}

fn start(
    config: &Config,
    app: Arc<App>,
    listener: TcpListener,
    ops_listener: TcpListener,
    json: bool,
) -> Result<Serving, Failure> {
    let pages = Pages::load(config.theme_dir.as_deref(), config.site.clone());
    let pages = pages.map_err(|error| Failure::config(error.to_string()))?;
    let tls = config.tls.clone().map(tls::Reload::start).transpose();
    let tls = tls.map_err(|error| Failure::config(error.to_string()))?;
    let ops_listen = ops_listener.local_addr().map_err(|error| Failure::io("ops_listen", &error))?;
    let options = ServeOptions {
        listener,
        ops_listener: Some(ops_listener),
        transport: config.transport,
        tls,
        connections: limits(config),
        shutdown_notice: config.shutdown_notice,
    };
    let tls = options.tls.is_some();
    let serving = Serving::start(app, pages, options).map_err(|error| Failure::io("listen", &error))?;
    if config.transport == Transport::PlainHttp {
        tracing::warn!("plain HTTP: for trying things out on this machine, not for others");
    }
    let listening = Listening { issuer: &config.issuer, listen: serving.addr(), ops_listen, tls };
    tracing::info!(issuer = config.issuer, address = %listening.listen, ops = %ops_listen, tls, "listening");
    if json {
        output::line(&listening)?;
    }
    Ok(serving)
}

/// As many as the configuration says, or as the operating system lets this process hold open.
fn limits(config: &Config) -> Limits {
    let files = hardening::allow_open_files(config.max_connections + OTHER_FILES);
    let room = files.saturating_sub(OTHER_FILES).max(files / 2);
    if room < config.max_connections {
        tracing::warn!(
            most = room,
            files,
            "fewer connections than configured: raise the limit of open files"
        );
    }
    let per_address = match config.peers {
        Peers::Direct => Some(config.max_connections_per_address),
        Peers::Shared => None,
    };
    Limits { all: room.min(config.max_connections), per_address }
}

/// Serves until the first signal and drains; a second one ends the wait.
async fn until_told(serving: Serving, signals: &mut Signals, check_again: impl Fn()) -> ExitCode {
    while signals.next().await == Asked::Reload {
        check_again();
    }
    tracing::info!("stopping");
    tokio::select! {
        () = serving.stop() => {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        }
        code = signals.stop() => {
            tracing::warn!("stopped at once");
            ExitCode::from(code)
        }
    }
}

/// SIGHUP: settings take effect at a restart, certificates by themselves; so only say whether a restart would work (fault F41).
fn check_again(located: &Located, purpose: Purpose, environment: &Environment) {
    match Draft::read(located, purpose, environment).and_then(|draft| draft.check_files().finish()) {
        Ok(_) => tracing::info!("config.accepted: restart to use it; certificates are reloaded without"),
        Err(error) => tracing::error!(%error, "config.rejected: the running configuration stays"),
    }
}
