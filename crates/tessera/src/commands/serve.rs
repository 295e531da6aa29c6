//! `tessera serve`.

mod signals;

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use tessera_app::network::Peers;
use tessera_app::oauth::feed;
use tessera_app::{App, ServerClaim, clock};
use tessera_http::headers::Transport;
use tessera_http::pages::Pages;

use super::args::ConfigArgs;
use crate::config::{Config, ConfigPath, DEFAULT_DATA_DIR, Draft, Environment, LogFormat, Mode};
use crate::failure::{Exit, Failure};
use crate::serve::{Limits, ServeOptions, Serving};
use crate::{boot, hardening, output, preflight, telemetry, tls};
use signals::{Action, Signals};

/// Runs the server until a signal stops it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// For trying things out: plain HTTP on this machine only, data in ./tessera-data or --data DIR
    #[arg(long)]
    dev: bool,
    /// Log in JSON, and print one line of JSON with the addresses once the server listens
    #[arg(long)]
    json: bool,
}

/// Most open files besides connections: the database and its pool, the listeners, a certificate that is read.
const OTHER_FILES: usize = 1_280;

/// Starts the server, waits for a signal, and stops it.
pub(crate) async fn run(args: Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let mode = if args.dev { Mode::Dev } else { Mode::Serve };
    let path = config_path(&args, environment)?;
    let draft = preflight::check_files(Draft::read(&path, mode, environment)?);
    let (unknown, warnings) = (draft.unknown_variables.clone(), draft.warnings());
    let mut config = draft.finish()?;
    if args.json {
        config.log.format = LogFormat::Json;
    }
    telemetry::log(config.log);
    hardening::warn_as_root();
    for name in unknown {
        tracing::warn!(name, "no key of the configuration has this environment variable");
    }
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let mut signals = Signals::listen().map_err(|error| Failure::io("signals", &error))?;
    let (listener, ops_listener) = (bind("listen", config.listen)?, bind("ops_listen", config.ops_listen)?);
    complete_issuer(&mut config, &listener)?;
    let app = if args.dev { boot::open_or_create(&config).await? } else { boot::open(&config).await? };
    let claim = app.claim_server().await?;
    app.require_right_clock()?;
    // Before the first job: a clock that is not that of the database runs none.
    clock::watch(&app).await?;
    // From the first answer on, the feed can do without the database. If it cannot yet, the job tries again.
    if let Err(error) = feed::refresh(&app).await {
        tracing::warn!(%error, "the revocation rules cannot be kept in memory yet");
    }
    boot::warn_about_permissions(&config);
    let serving = start(&config, app, listener, ops_listener, args.json)?;
    Ok(run_until_stopped(serving, claim, &mut signals, || check_config(&path, mode, environment)).await)
}

/// With `--dev`, the server does not read a file in the data directory.
fn config_path(args: &Args, environment: &Environment) -> Result<ConfigPath, Failure> {
    let ConfigArgs { config, data } = &args.config;
    match (args.dev, config, data) {
        (true, None, None) => Ok(ConfigPath::DataDir(DEFAULT_DATA_DIR.into())),
        (true, _, Some(dir)) => Ok(ConfigPath::DataDir(dir.clone())),
        (true, Some(_), None) | (false, ..) => args.config.locate(environment),
    }
}

fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        Failure::new(Exit::Unavailable, format!("{key}: cannot listen on {address}: {error}"))
            .hint("Stop the program that uses the port, or choose another port in the configuration.")
    })
}

/// Under `--dev` the issuer is the address of the listener.
fn complete_issuer(config: &mut Config, listener: &TcpListener) -> Result<(), Failure> {
    if config.issuer.is_empty() {
        let address = listener.local_addr().map_err(|error| Failure::io("listen", &error))?;
        config.issuer = format!("http://localhost:{}", address.port());
    }
    Ok(())
}

/// Where a server listens, for the program that started it.
#[derive(Serialize)]
struct ServerAddresses<'a> {
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
    let pages = Pages::load(config.theme.dir.as_deref(), config.site.clone());
    let pages = pages.map_err(|error| Failure::config(error.to_string()))?;
    let tls = config.tls.files().map(tls::CertificateReloader::start).transpose();
    let tls = tls.map_err(|error| Failure::config(error.to_string()))?;
    let ops_listen = ops_listener.local_addr().map_err(|error| Failure::io("ops_listen", &error))?;
    let options = ServeOptions {
        listener,
        ops_listener: Some(ops_listener),
        transport: config.transport,
        tls,
        connections: limits(config),
        shutdown_notice: config.server.shutdown_notice,
    };
    let tls = options.tls.is_some();
    let serving = Serving::start(app, pages, options).map_err(|error| Failure::io("listen", &error))?;
    if config.transport == Transport::PlainHttp {
        tracing::warn!("plain HTTP: only for trying things out on this machine");
    }
    let listening = ServerAddresses { issuer: &config.issuer, listen: serving.addr(), ops_listen, tls };
    tracing::info!(issuer = config.issuer, address = %listening.listen, ops = %ops_listen, tls, "listening");
    if json {
        output::line(&listening)?;
    }
    Ok(serving)
}

/// The limits of the configuration, or fewer connections if the operating system allows fewer open files.
fn limits(config: &Config) -> Limits {
    let wanted = config.server.max_connections;
    let files = hardening::allow_open_files(wanted + OTHER_FILES);
    let allowed = files.saturating_sub(OTHER_FILES).max(files / 2);
    if allowed < wanted {
        tracing::warn!(
            most = allowed,
            files,
            "fewer connections than server.max_connections: raise the limit of open files"
        );
    }
    let per_address = match config.peers() {
        Peers::Direct => Some(config.server.max_connections_per_address),
        Peers::Shared => None,
    };
    Limits { all: allowed.min(wanted), per_address, proxies: config.server.proxies() }
}

/// Serves until the first signal to stop, then drains. A second one ends the process at once.
async fn run_until_stopped(
    serving: Serving,
    claim: ServerClaim,
    signals: &mut Signals,
    check_config: impl Fn(),
) -> ExitCode {
    let stop = async {
        serving.stop().await;
        claim.release().await;
    };
    while signals.next().await == Action::CheckConfig {
        check_config();
    }
    tracing::info!("stopping");
    tokio::select! {
        () = stop => {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        }
        code = signals.next_stop() => {
            tracing::warn!("stopped at once");
            ExitCode::from(code)
        }
    }
}

/// Obeys `SIGHUP`. Settings take effect at a restart and certificates reload by themselves, so this only logs whether a restart
/// would work.
fn check_config(path: &ConfigPath, mode: Mode, environment: &Environment) {
    let checked = Draft::read(path, mode, environment).map(preflight::check_files);
    match checked.and_then(Draft::finish) {
        Ok(_) => tracing::info!("config.accepted: restart to use it; certificates reload without a restart"),
        Err(error) => tracing::error!(%error, "config.rejected: the running configuration stays"),
    }
}
