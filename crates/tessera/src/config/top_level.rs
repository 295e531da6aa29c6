//! The whole configuration: the keys before the first section, the sections, and what must fit together between them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tessera_app::config::ClockLimits;
use tessera_app::hasher::Hashing;
use tessera_app::network::Peers;
use tessera_app::passkeys::{Passkeys, default_rp_id};
use tessera_app::passwords::PasswordRules;
use tessera_http::headers::Transport;
use tessera_http::pages::Site;
use tessera_model::policy::Lifetimes;

use super::audit::{self, AuditSettings};
use super::clients::{self, ClientPolicy};
use super::clock;
use super::database::{self, Database};
use super::document::Document;
use super::environment::Environment;
use super::issuer::{self, PlainHttp};
use super::key::{Fallback, Key, Section, SectionDoc, ValueKind};
use super::keys::{self, KeySettings};
use super::log::{self, Log};
use super::mail::{self, MailSettings};
use super::mode::Mode;
use super::refresh::{self, RefreshSettings};
use super::server::{self, ServerSettings};
use super::theme::{self, ThemeSettings};
use super::tls::{self, TlsSettings};
use super::{hashing, lifetimes, pages, passkeys, passwords};

/// Everything that an operator chooses.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The issuer identifier. Empty under `--dev` until the port is known.
    pub(crate) issuer: String,
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// Where `/healthz`, `/readyz`, `/readyz/write` and `/metrics` are.
    pub(crate) ops_listen: SocketAddr,
    /// Where the server keeps its own files.
    pub(crate) data_dir: PathBuf,
    /// Whether browsers reach the server by https.
    pub(crate) transport: Transport,
    pub(crate) server: ServerSettings,
    pub(crate) tls: TlsSettings,
    pub(crate) database: Database,
    pub(crate) keys: KeySettings,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) passkeys: Passkeys,
    pub(crate) clients: ClientPolicy,
    pub(crate) refresh: RefreshSettings,
    pub(crate) hashing: Hashing,
    pub(crate) passwords: PasswordRules,
    pub(crate) audit: AuditSettings,
    pub(crate) clock: ClockLimits,
    pub(crate) log: Log,
    /// `None` if this issuer sends no mail.
    pub(crate) mail: Option<MailSettings>,
    pub(crate) site: Site,
    pub(crate) theme: ThemeSettings,
}

/// The issuer of a configuration that `init` made without being told one.
pub(crate) const EXAMPLE_ISSUER: &str = "https://login.example.com";

const ISSUER: &str = "issuer";
const LISTEN: &str = "listen";
const OPS_LISTEN: &str = "ops_listen";

static KEYS: Section<Config> = Section {
    name: "",
    doc: "",
    keys: &[
        Key {
            name: ISSUER,
            kind: ValueKind::Text {
                values: "`https://host[:port]`",
                set: |config, text| {
                    text.clone_into(&mut config.issuer);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "required", example: "https://login.example.com" },
            doc: "The URL under which people and programs reach this server: https, no path, no slash at the end. Choose it once, because every token carries it.",
        },
        Key {
            name: LISTEN,
            kind: ValueKind::Address(|config, address| config.listen = address),
            default: Fallback::Value("127.0.0.1:8080"),
            doc: "Where the server listens. An address that other machines reach needs `[tls]`.",
        },
        Key {
            name: OPS_LISTEN,
            kind: ValueKind::Address(|config, address| config.ops_listen = address),
            default: Fallback::Value("127.0.0.1:8081"),
            doc: "Where `/healthz`, `/readyz`, `/readyz/write` and `/metrics` are. The server warns about an address that is not loopback, because everybody who reaches it reads the metrics.",
        },
        Key {
            name: "data_dir",
            kind: ValueKind::Path(|config, path| config.data_dir = path),
            default: Fallback::Unset { means: "`tessera-data` next to the file", example: "." },
            doc: "The directory of the SQLite database `tessera.db` and of the key-encryption key `kek`.",
        },
    ],
};

/// All sections in the order in which the template and the documentation show them.
pub(super) fn describe() -> Vec<SectionDoc> {
    vec![
        KEYS.describe(),
        server::KEYS.describe(),
        tls::KEYS.describe(),
        database::KEYS.describe(),
        keys::KEYS.describe(),
        lifetimes::KEYS.describe(),
        passkeys::KEYS.describe(),
        clients::KEYS.describe(),
        refresh::KEYS.describe(),
        hashing::KEYS.describe(),
        passwords::KEYS.describe(),
        audit::KEYS.describe(),
        clock::KEYS.describe(),
        log::KEYS.describe(),
        mail::KEYS.describe(),
        pages::KEYS.describe(),
        theme::KEYS.describe(),
    ]
}

impl Config {
    /// Reads every key. The document collects what is wrong.
    pub(super) fn read(document: &mut Document<'_>, mode: Mode, data_dir: PathBuf) -> Self {
        let database = database::read(document);
        // The table has the defaults of the two addresses.
        let unset = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sections = Self {
            issuer: String::new(),
            listen: unset,
            ops_listen: unset,
            data_dir,
            transport: if mode == Mode::Dev { Transport::PlainHttp } else { Transport::Https },
            server: server::read(document, mode),
            tls: tls::read(document),
            keys: keys::read(document, &database),
            database,
            lifetimes: lifetimes::read(document),
            passkeys: passkeys::KEYS.read(document, Passkeys::default()),
            clients: clients::KEYS.read(document, ClientPolicy::default()),
            refresh: refresh::KEYS.read(document, RefreshSettings::default()),
            hashing: hashing::read(document, mode),
            passwords: passwords::read(document),
            audit: audit::KEYS.read(document, AuditSettings::default()),
            clock: clock::KEYS.read(document, ClockLimits::default()),
            log: log::KEYS.read(document, Log::default()),
            mail: mail::read(document),
            site: pages::KEYS.read(document, Site::default()),
            theme: theme::KEYS.read(document, ThemeSettings::default()),
        };
        let mut config = KEYS.read(document, sections);
        config.check_issuer(document, mode);
        passkeys::check(&config.passkeys, &config.issuer, document);
        config.check_addresses(document, mode);
        config
    }

    /// What `serve --dev` uses with this data directory if nobody sets any key.
    pub(crate) fn development(data_dir: PathBuf) -> Self {
        let environment = Environment::new();
        let mut document = Document::parse("", Path::new(""), &environment);
        let mut config = Self::read(&mut document, Mode::Dev, data_dir);
        // Whoever embeds a development server connects to it without a proxy.
        config.server.peers = Some(Peers::Direct);
        config
    }

    fn check_issuer(&mut self, document: &mut Document<'_>, mode: Mode) {
        if self.issuer.is_empty() {
            if mode == Mode::Serve {
                document.missing(ISSUER, ISSUER, "is missing: set the URL under which people and programs reach this server, such as \"https://login.example.com\"");
            }
            return;
        }
        let plain_http = if mode == Mode::Serve { PlainHttp::Refused } else { PlainHttp::OnLoopback };
        if let Err(problem) = issuer::check(&self.issuer, plain_http) {
            document.refuse(ISSUER, problem);
            return;
        }
        self.transport =
            if self.issuer.starts_with("http:") { Transport::PlainHttp } else { Transport::Https };
    }

    fn check_addresses(&self, document: &mut Document<'_>, mode: Mode) {
        if self.listen == self.ops_listen && self.listen.port() != 0 {
            document.conflict(
                OPS_LISTEN,
                LISTEN,
                "is the same address as listen: health and metrics need one of their own",
            );
        }
        let public = |address: SocketAddr| !address.ip().is_loopback();
        match mode {
            Mode::Dev => {
                for (key, address) in [(LISTEN, self.listen), (OPS_LISTEN, self.ops_listen)] {
                    if public(address) {
                        document.refuse(key, "--dev listens on this machine only: use 127.0.0.1 or [::1]");
                    }
                }
            }
            Mode::Serve => {
                if public(self.ops_listen) {
                    document.warn(
                        OPS_LISTEN,
                        "everybody who reaches this address can read the metrics, without encryption",
                    );
                }
                if self.issuer == EXAMPLE_ISSUER {
                    document.warn(
                        ISSUER,
                        "is an example: set the URL under which people and programs reach this server",
                    );
                }
                if self.issuer.starts_with("https:") && !public(self.listen) && !self.says_where_tls_ends() {
                    document.warn(LISTEN, "is reached by nobody with https: set tls.certificate_file and tls.key_file, or tls.terminated_by = \"proxy\" if a proxy on this machine ends TLS");
                }
                if public(self.listen) && !self.says_where_tls_ends() {
                    document.refuse(LISTEN, "would send passwords without encryption: set tls.certificate_file and tls.key_file, or tls.terminated_by = \"proxy\" if a proxy in front of the server ends TLS");
                }
            }
            Mode::Command => {}
        }
    }

    /// Whether TLS ends in this server or, as the operator says, at a proxy.
    pub(crate) fn says_where_tls_ends(&self) -> bool {
        self.tls.files().is_some() || self.tls.at_proxy
    }

    /// Whether the address of a connection that no trusted proxy made tells clients apart.
    pub(crate) fn peers(&self) -> Peers {
        self.server.peers(self.tls.files().is_some())
    }

    /// The SQLite database.
    pub(crate) fn sqlite_file(&self) -> PathBuf {
        self.data_dir.join("tessera.db")
    }

    /// The file of the key-encryption key.
    pub(crate) fn kek_path(&self) -> PathBuf {
        self.keys.kek_file.clone().unwrap_or_else(|| self.data_dir.join("kek"))
    }

    /// The part that the use cases need.
    pub(crate) fn app(&self) -> tessera_app::Config {
        tessera_app::Config {
            issuer: self.issuer.clone(),
            lifetimes: Lifetimes { refresh_retry: self.refresh.retry, ..self.lifetimes },
            rotation: self.keys.rotation,
            hashing: self.hashing,
            passkeys: Passkeys { rp_id: self.passkeys.rp_id.clone().or_else(|| default_rp_id(&self.issuer)) },
            passwords: self.passwords.clone(),
            peers: self.peers(),
            proxies: self.server.proxies(),
            require_pkce: self.clients.require_pkce,
            on_shadow: self.refresh.on_shadow,
            audit_retention: self.audit.retention,
            clock: self.clock,
            rule_budget: tessera_model::RuleBudget::default(),
        }
    }
}
