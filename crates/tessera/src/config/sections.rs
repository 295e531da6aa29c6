//! The keys, section by section: their defaults, their bounds, and what must fit together.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use tessera_app::config::{OnShadow, Peers};
use tessera_app::hasher::Hashing;
use tessera_http::headers::Transport;
use tessera_http::pages::Site;
use tessera_model::key::RotationSchedule;
use tessera_model::policy::{Lifetimes, MAX_ACCESS_TOKEN_SECONDS};
use tessera_store::ConnectError;
use url::Url;

use super::document::Document;
use super::issuer::{self, PlainHttp};
use super::problem::Place;
use super::{Config, Database, Log, LogFormat, Purpose, TlsFiles};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Verifiers may keep the JWKS this long (RFC 7517 leaves it to us; our `Cache-Control` says five minutes).
const JWKS_CACHE: u64 = 5 * MINUTE;
/// A retired key must outlive the longest token it signed, and the tolerance of the clocks.
const RETIRE_AT_LEAST: u64 = MAX_ACCESS_TOKEN_SECONDS as u64 + MINUTE;
/// Memory times passes of the cheapest argon2id profile that OWASP recommends (7 MiB, 5 passes).
const CHEAPEST_HASH: u64 = 7_168 * 5;

/// Where TLS ends, if not here.
#[derive(Clone, Copy)]
struct AtProxy;

/// Everything unsaid.
pub(super) fn defaults(purpose: Purpose, data_dir: PathBuf) -> Config {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Config {
        issuer: String::new(),
        transport: if purpose == Purpose::Dev { Transport::PlainHttp } else { Transport::Https },
        listen: SocketAddr::new(loopback, 8080),
        ops_listen: SocketAddr::new(loopback, 8081),
        max_connections: 10_000,
        max_connections_per_address: 256,
        shutdown_notice: Duration::from_secs(if purpose == Purpose::Dev { 0 } else { 2 }),
        data_dir,
        database: Database::Sqlite,
        tls: None,
        kek_file: None,
        rotation: RotationSchedule::default(),
        lifetimes: Lifetimes::default(),
        hashing: Hashing::default(),
        peers: Peers::Direct,
        require_pkce: false,
        on_shadow: OnShadow::default(),
        audit_retention: Duration::from_secs(400 * DAY),
        log: Log { format: LogFormat::Text, level: tracing::Level::INFO },
        theme_dir: None,
        site: Site::default(),
    }
}

/// Reads every key. What cannot be read keeps its default and leaves a problem in the document.
pub(super) fn read(document: &mut Document<'_>, purpose: Purpose, data_dir: PathBuf) -> Config {
    let mut config = defaults(purpose, data_dir);
    if let Some(dir) = document.path("data_dir") {
        config.data_dir = dir;
    }
    config.theme_dir = document.path("theme.dir");
    read_pages(document, &mut config.site);
    read_issuer(document, purpose, &mut config);
    read_listeners(document, purpose, &mut config);
    read_database(document, &mut config);
    read_keys(document, &mut config);
    read_lifetimes(document, &mut config.lifetimes);
    let on_shadow = [("alarm", OnShadow::Alarm), ("end", OnShadow::End)];
    config.on_shadow = document.choice("refresh.on_shadow", &on_shadow).unwrap_or(config.on_shadow);
    read_hashing(document, purpose, &mut config.hashing);
    let pkce = document.choice("clients.pkce", &[("auto", false), ("required", true)]);
    config.require_pkce = pkce.unwrap_or(config.require_pkce);
    let retention = document.duration("audit.retention", DAY..=100 * 365 * DAY);
    config.audit_retention = retention.unwrap_or(config.audit_retention);
    read_log(document, &mut config.log);
    config
}

fn read_issuer(document: &mut Document<'_>, purpose: Purpose, config: &mut Config) {
    let plain_http = if purpose == Purpose::Serve { PlainHttp::Refused } else { PlainHttp::OnLoopback };
    match document.parsed("issuer", |text| issuer::check(text, plain_http)) {
        Some(issuer) => {
            let plain = issuer.starts_with("http:");
            config.transport = if plain { Transport::PlainHttp } else { Transport::Https };
            config.issuer = issuer;
        }
        None if purpose == Purpose::Serve => {
            document.miss("issuer", "issuer", "is missing: say where people and programs reach this server, such as \"https://login.example.com\"");
        }
        None => {}
    }
}

fn read_listeners(document: &mut Document<'_>, purpose: Purpose, config: &mut Config) {
    config.listen = document.address("listen").unwrap_or(config.listen);
    config.ops_listen = document.address("ops_listen").unwrap_or(config.ops_listen);
    if config.listen == config.ops_listen && config.listen.port() != 0 {
        document.clash(
            "ops_listen",
            "listen",
            "is the same address as listen: health and metrics need one of their own",
        );
    }
    if purpose == Purpose::Serve && !config.ops_listen.ip().is_loopback() {
        document.warn("ops_listen", "whoever reaches this address can read the metrics, in the clear");
    }
    for (key, value) in [
        ("server.max_connections", &mut config.max_connections),
        ("server.max_connections_per_address", &mut config.max_connections_per_address),
    ] {
        let count = document.number(key, 1..=1_000_000).and_then(|count| usize::try_from(count).ok());
        *value = count.unwrap_or(*value);
    }
    let notice = document.duration("server.shutdown_notice", 0..=MINUTE);
    config.shutdown_notice = notice.unwrap_or(config.shutdown_notice);
    read_tls(document, purpose, config);
}

fn read_tls(document: &mut Document<'_>, purpose: Purpose, config: &mut Config) {
    let certificate = document.path("tls.certificate_file");
    let key = document.path("tls.key_file");
    let at_proxy = document.choice("tls.terminated_by", &[("proxy", AtProxy)]);
    match (certificate, key) {
        (Some(certificate), Some(key)) => config.tls = Some(TlsFiles { certificate, key }),
        (Some(_), None) => {
            document.miss("tls.key_file", "tls.certificate_file", "is missing: a certificate needs its key");
        }
        (None, Some(_)) => {
            document.miss("tls.certificate_file", "tls.key_file", "is missing: a key needs its certificate");
        }
        (None, None) => {}
    }
    // Without TLS whoever connects is a proxy, or on this machine.
    let peers = if config.tls.is_some() { Peers::Direct } else { Peers::Shared };
    let said = document.choice("server.peers", &[("direct", Peers::Direct), ("shared", Peers::Shared)]);
    config.peers = said.unwrap_or(peers);
    if config.tls.is_some() && at_proxy.is_some() {
        document.refuse(
            "tls.terminated_by",
            "TLS ends either here or at a proxy: remove this or the certificate",
        );
    }
    match purpose {
        Purpose::Dev => {
            for (key, address) in [("listen", config.listen), ("ops_listen", config.ops_listen)] {
                if !address.ip().is_loopback() {
                    document.refuse(key, "--dev listens on this machine only: use 127.0.0.1 or [::1]");
                }
            }
        }
        Purpose::Serve if config.tls.is_none() && at_proxy.is_none() && !config.listen.ip().is_loopback() => {
            document.refuse("listen", "would send passwords in the clear: name tls.certificate_file and tls.key_file, or say tls.terminated_by = \"proxy\" if a proxy in front of it ends TLS");
        }
        Purpose::Serve | Purpose::Command => {}
    }
}

fn read_database(document: &mut Document<'_>, config: &mut Config) {
    let url = document.parsed("database.url", database_url);
    let max_connections = document.number("database.max_connections", 1..=1_000);
    let password_file = document.path("database.password_file");
    let ca_file = document.path("database.ca_file");
    if let Some(Some(url)) = url {
        check_url(document, &url, ca_file.is_some());
        let max_connections = max_connections.and_then(|count| usize::try_from(count).ok()).unwrap_or(16);
        config.database = Database::Postgres { url: url.into(), password_file, max_connections, ca_file };
        return;
    }
    let url_is_broken = document.problems.iter().any(|problem| problem.key == "database.url");
    for (key, given) in [
        ("database.max_connections", max_connections.is_some()),
        ("database.password_file", password_file.is_some()),
        ("database.ca_file", ca_file.is_some()),
    ] {
        if given && !url_is_broken {
            document.refuse(key, "only means something with a database.url of PostgreSQL");
        }
    }
}

/// `None` for SQLite.
fn database_url(text: &str) -> Result<Option<Url>, String> {
    if text == "sqlite" {
        return Ok(None);
    }
    // The text may hold a password: it is never repeated.
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "postgres" | "postgresql") && url.has_host())
        .ok_or("use \"sqlite\" or a URL such as \"postgres://tessera@db.example.com/tessera\"")?;
    Ok(Some(url))
}

fn check_url(document: &mut Document<'_>, url: &Url, ca_given: bool) {
    const KEY: &str = "database.url";
    let in_file = matches!(document.place(KEY), Place::Line(_));
    if in_file && (url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")) {
        document.refuse(KEY, "must not hold the password: put it in a file and name that in database.password_file, or give the whole URL in TESSERA_DATABASE_URL");
    }
    match tessera_store::check_postgres_url(url.as_str(), ca_given) {
        Err(error @ ConnectError::Url) => document.refuse(KEY, error),
        Err(error) => document.miss("database.ca_file", KEY, error),
        Ok(()) => {}
    }
}

fn read_keys(document: &mut Document<'_>, config: &mut Config) {
    config.kek_file = document.path("keys.kek_file");
    if config.kek_file.is_none() && config.database != Database::Sqlite {
        document.miss(
            "keys.kek_file",
            "database.url",
            "is missing: servers that share a PostgreSQL database need the same key file",
        );
    }
    let rotation = &mut config.rotation;
    for (key, bounds, value) in [
        ("keys.rotation_period", HOUR..=2 * 365 * DAY, &mut rotation.period),
        ("keys.publish_ahead", JWKS_CACHE..=30 * DAY, &mut rotation.publish_ahead),
        ("keys.retire_for", RETIRE_AT_LEAST..=365 * DAY, &mut rotation.retire_for),
    ] {
        *value = document.duration(key, bounds).unwrap_or(*value);
    }
    if rotation.publish_ahead >= rotation.period {
        document.clash(
            "keys.publish_ahead",
            "keys.rotation_period",
            "must be shorter than keys.rotation_period",
        );
    }
}

fn read_lifetimes(document: &mut Document<'_>, lifetimes: &mut Lifetimes) {
    for (key, bounds, value) in [
        ("lifetimes.code", 10..=MINUTE, &mut lifetimes.code),
        ("lifetimes.login_page", MINUTE..=DAY, &mut lifetimes.login_page),
        ("lifetimes.session_idle", MINUTE..=90 * DAY, &mut lifetimes.session_idle),
        ("lifetimes.session", 5 * MINUTE..=365 * DAY, &mut lifetimes.session),
        ("lifetimes.refresh_idle", MINUTE..=365 * DAY, &mut lifetimes.refresh_idle),
        ("lifetimes.grant", MINUTE..=2 * 365 * DAY, &mut lifetimes.grant),
        ("lifetimes.id_token", MINUTE..=DAY, &mut lifetimes.id_token),
        ("lifetimes.client_secret_overlap", 0..=90 * DAY, &mut lifetimes.secret_overlap),
        ("refresh.retry", 0..=MINUTE, &mut lifetimes.refresh_retry),
    ] {
        *value = document.duration(key, bounds).unwrap_or(*value);
    }
    if lifetimes.session_idle > lifetimes.session {
        document.clash(
            "lifetimes.session_idle",
            "lifetimes.session",
            "must not be longer than lifetimes.session",
        );
    }
    if lifetimes.refresh_idle > lifetimes.grant {
        document.clash(
            "lifetimes.refresh_idle",
            "lifetimes.grant",
            "must not be longer than lifetimes.grant",
        );
    }
}

fn read_hashing(document: &mut Document<'_>, purpose: Purpose, hashing: &mut Hashing) {
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let wide = |range: RangeInclusive<u32>| u64::from(*range.start())..=u64::from(*range.end());
    if let Some(memory) = document.number("hashing.memory_kib", wide(Hashing::MEMORY_KIB)) {
        hashing.memory_kib = narrow(memory);
    }
    if let Some(passes) = document.number("hashing.passes", wide(Hashing::PASSES)) {
        hashing.passes = narrow(passes);
    }
    let cost = u64::from(hashing.memory_kib) * u64::from(hashing.passes);
    if purpose == Purpose::Serve && (cost < CHEAPEST_HASH || hashing.memory_kib < 7_168) {
        document.clash(
            "hashing.memory_kib",
            "hashing.passes",
            "is too cheap to guess at: use at least 19456 with 2 passes, or 7168 with 5",
        );
    }
    if let Some(workers) = document.number("hashing.workers", 1..=64) {
        hashing.workers = usize::try_from(workers).unwrap_or(hashing.workers);
    }
    if let Some(queue) = document.number("hashing.queue", 1..=10_000) {
        hashing.queue = usize::try_from(queue).unwrap_or(hashing.queue);
    }
}

fn read_pages(document: &mut Document<'_>, site: &mut Site) {
    site.organization = document.parsed("pages.organization", |text| one_line(text, 100));
    site.help_text = document.parsed("pages.help_text", |text| one_line(text, 500));
    site.help_url = document.parsed("pages.help_url", |text| {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http" | "mailto"));
        let url =
            url.ok_or("use an address such as \"https://help.example.com/\" or \"mailto:help@example.com\"")?;
        Ok(url.into())
    });
}

/// Text that people read, at most so many characters of it.
fn one_line(text: &str, longest: usize) -> Result<String, String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) || text.chars().count() > longest {
        return Err(format!("use one line of at most {longest} characters"));
    }
    Ok(text.trim().to_owned())
}

fn read_log(document: &mut Document<'_>, log: &mut Log) {
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    log.format = document.choice("log.format", &formats).unwrap_or(log.format);
    let levels = [
        ("error", tracing::Level::ERROR),
        ("warn", tracing::Level::WARN),
        ("info", tracing::Level::INFO),
        ("debug", tracing::Level::DEBUG),
        ("trace", tracing::Level::TRACE),
    ];
    log.level = document.choice("log.level", &levels).unwrap_or(log.level);
}
