//! `[tls]`: where TLS ends.

use std::path::PathBuf;

use super::document::Document;
use super::key::{Fallback, Key, Section, ValueKind};

/// Where TLS ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsSettings {
    certificate_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    /// Whether a proxy in front of the server ends TLS.
    pub(super) at_proxy: bool,
}

/// The PEM files of the certificate chain and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl TlsSettings {
    /// The certificate and its key, if TLS ends in this server.
    pub(crate) fn files(&self) -> Option<TlsFiles> {
        Some(TlsFiles { certificate: self.certificate_file.clone()?, key: self.key_file.clone()? })
    }
}

const CERTIFICATE_FILE: &str = "tls.certificate_file";
const KEY_FILE: &str = "tls.key_file";
const TERMINATED_BY: &str = "tls.terminated_by";

pub(super) static KEYS: Section<TlsSettings> = Section {
    name: "tls",
    doc: "Where TLS ends: in this server, or at a proxy in front of it.",
    keys: &[
        Key {
            name: CERTIFICATE_FILE,
            kind: ValueKind::Path(|tls, path| tls.certificate_file = Some(path)),
            default: Fallback::Unset { means: "", example: "fullchain.pem" },
            doc: "The certificate chain, in PEM form. The server takes a renewed one into use within a second.",
        },
        Key {
            name: KEY_FILE,
            kind: ValueKind::Path(|tls, path| tls.key_file = Some(path)),
            default: Fallback::Unset { means: "", example: "privkey.pem" },
            doc: "The private key of the certificate, in PEM form.",
        },
        Key {
            name: TERMINATED_BY,
            kind: ValueKind::Choice(&[("proxy", |tls| tls.at_proxy = true)]),
            default: Fallback::Unset { means: "", example: "proxy" },
            doc: "`\"proxy\"`: a proxy in front of the server ends TLS, and the server listens without encryption. Use it instead of the two files.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>) -> TlsSettings {
    let tls = KEYS.read(document, TlsSettings::default());
    match (&tls.certificate_file, &tls.key_file) {
        (Some(_), None) => {
            document.missing(KEY_FILE, CERTIFICATE_FILE, "is missing: a certificate needs its key");
        }
        (None, Some(_)) => {
            document.missing(CERTIFICATE_FILE, KEY_FILE, "is missing: a key needs its certificate");
        }
        (Some(_), Some(_)) if tls.at_proxy => {
            document.refuse(
                TERMINATED_BY,
                "TLS ends either in this server or at a proxy: remove this key or the certificate",
            );
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    tls
}
