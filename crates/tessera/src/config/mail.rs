//! `[mail]`: the server that takes mail, and what the mails say about their sender.

use std::net::IpAddr;
use std::path::PathBuf;

use tessera_model::MailAddress;
use url::Host;

use super::document::Document;
use super::key::{Fallback, Key, Section, ValueKind};

/// The server that takes mail.
#[derive(Clone, Debug)]
pub(crate) struct MailSettings {
    /// A name or an IP address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: MailSecurity,
    pub(crate) login: Option<MailLogin>,
    /// The certificates that the server's certificate must chain to. `None` for those of the operating system.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) from: MailAddress,
    pub(crate) reply_to: Option<MailAddress>,
}

/// With what the mail server knows us. The file is read for each mail.
#[derive(Clone, Debug)]
pub(crate) struct MailLogin {
    pub(crate) username: String,
    pub(crate) password_file: PathBuf,
}

/// When TLS begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MailSecurity {
    /// After the command STARTTLS (RFC 3207). A server that does not offer it gets nothing.
    #[default]
    StartTls,
    /// With the connection (RFC 8314).
    Tls,
    /// Never: only on this machine.
    None,
}

impl MailSecurity {
    /// The usual port (RFC 6409, RFC 8314, RFC 5321).
    const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// The keys of the section, before they become [`MailSettings`].
#[derive(Default)]
pub(super) struct MailKeys {
    host: Option<String>,
    port: Option<u16>,
    security: MailSecurity,
    username: Option<String>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    from: Option<MailAddress>,
    reply_to: Option<MailAddress>,
}

const HOST: &str = "mail.host";
const PORT: &str = "mail.port";
const SECURITY: &str = "mail.security";
const USERNAME: &str = "mail.username";
const PASSWORD_FILE: &str = "mail.password_file";
const CA_FILE: &str = "mail.ca_file";
const FROM: &str = "mail.from";
const REPLY_TO: &str = "mail.reply_to";

pub(super) static KEYS: Section<MailKeys> = Section {
    name: "mail",
    doc: "The server that takes mail. Without one, no mail is sent, and nothing that needs mail is offered.",
    keys: &[
        Key {
            name: HOST,
            kind: ValueKind::Text {
                values: "host name or IP address",
                set: |mail, text| {
                    mail.host = Some(host(text)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "no mail", example: "smtp.example.com" },
            doc: "The mail server. `tessera mail test ADDRESS` shows whether it takes mail.",
        },
        Key {
            name: PORT,
            kind: ValueKind::Number {
                from: 1,
                to: 65_535,
                set: |mail, port| mail.port = u16::try_from(port).ok(),
            },
            default: Fallback::Unset { means: "587; 465 with `tls`; 25 with `none`", example: "587" },
            doc: "Its port.",
        },
        Key {
            name: SECURITY,
            kind: ValueKind::Choice(&[
                ("starttls", |mail| mail.security = MailSecurity::StartTls),
                ("tls", |mail| mail.security = MailSecurity::Tls),
                ("none", |mail| mail.security = MailSecurity::None),
            ]),
            default: Fallback::Value("starttls"),
            doc: "When TLS begins: after `STARTTLS`, without which nothing is sent, or with the connection. `none` is for a mail server on this machine.",
        },
        Key {
            name: USERNAME,
            kind: ValueKind::Text {
                values: "text",
                set: |mail, text| {
                    mail.username = Some(text.to_owned());
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "no login", example: "tessera" },
            doc: "With what Tessera logs in at the mail server.",
        },
        Key {
            name: PASSWORD_FILE,
            kind: ValueKind::Path(|mail, path| mail.password_file = Some(path)),
            default: Fallback::Unset { means: "", example: "mail-password" },
            doc: "A file with the password. It is read for each mail, so a new password needs no restart.",
        },
        Key {
            name: CA_FILE,
            kind: ValueKind::Path(|mail, path| mail.ca_file = Some(path)),
            default: Fallback::Unset {
                means: "the certificates of the operating system",
                example: "mail-ca.pem",
            },
            doc: "PEM certificates that the certificate of the mail server must chain to.",
        },
        Key {
            name: FROM,
            kind: ValueKind::Text {
                values: "e-mail address",
                set: |mail, text| {
                    mail.from = Some(address(text)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "required with `mail.host`", example: "login@example.com" },
            doc: "The sender. `pages.organization` is the name beside it.",
        },
        Key {
            name: REPLY_TO,
            kind: ValueKind::Text {
                values: "e-mail address",
                set: |mail, text| {
                    mail.reply_to = Some(address(text)?);
                    Ok(())
                },
            },
            default: Fallback::Unset { means: "the sender", example: "help@example.com" },
            doc: "Where answers go.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>) -> Option<MailSettings> {
    let keys = KEYS.read(document, MailKeys::default());
    if !document.is_set(HOST) {
        for key in [PORT, USERNAME, PASSWORD_FILE, CA_FILE, FROM, REPLY_TO] {
            if document.is_set(key) && !document.is_refused(key) {
                document.refuse(key, "only means something with mail.host");
            }
        }
        return None;
    }
    if !document.is_set(FROM) {
        document.missing(FROM, HOST, "is missing: a mail needs a sender");
    }
    match (&keys.username, &keys.password_file) {
        (Some(_), None) => {
            document.missing(PASSWORD_FILE, USERNAME, "is missing: a user name needs its password");
        }
        (None, Some(_)) if !document.is_refused(USERNAME) => {
            document.missing(USERNAME, PASSWORD_FILE, "is missing: a password needs its user name");
        }
        (None | Some(_), Some(_)) | (None, None) => {}
    }
    let host = keys.host?;
    if keys.security == MailSecurity::None && !is_this_machine(&host) {
        document.refuse(
            SECURITY,
            "\"none\" is for a mail server on this machine: links and codes would go over the network without encryption",
        );
    }
    let login = keys.username.zip(keys.password_file);
    Some(MailSettings {
        host,
        port: keys.port.unwrap_or(keys.security.port()),
        security: keys.security,
        login: login.map(|(username, password_file)| MailLogin { username, password_file }),
        ca_file: keys.ca_file,
        from: keys.from?,
        reply_to: keys.reply_to,
    })
}

fn host(text: &str) -> Result<String, String> {
    let is_name = matches!(Host::parse(text), Ok(Host::Domain(name)) if name == text.to_ascii_lowercase());
    if is_name || text.parse::<IpAddr>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err("use a host name such as \"smtp.example.com\" or an IP address, without a port".to_owned())
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn address(text: &str) -> Result<MailAddress, String> {
    text.parse().map_err(|_| "use one address such as \"login@example.com\"".to_owned())
}
