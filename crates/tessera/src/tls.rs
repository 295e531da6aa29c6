//! TLS as the server speaks it: 1.3, or 1.2 with ECDHE and AEAD; no 0-RTT, no client certificates (attack T10).

mod expiry;
mod reload;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, version};

use crate::config::TlsFiles;
use crate::secret_file::{self, SecretFileError};

pub(crate) use reload::Reload;

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The key file is not there, or others may read it.
    #[error(transparent)]
    KeyFile(#[from] SecretFileError),
    /// No private key in it.
    #[error("{path}: no private key in PEM form in it", path = .0.display())]
    NoKey(PathBuf),
    /// The certificate file is not there or is not PEM.
    #[error("{path}: {reason}", path = .0.display(), reason = .1)]
    CertificateFile(PathBuf, String),
    /// Key and certificate do not make a server.
    #[error("{path}: cannot be used with the key: {reason}", path = .0.display(), reason = .1)]
    Pair(PathBuf, String),
}

/// A pair that works, and the end of its validity in seconds since 1970 where that can be read.
pub(crate) struct Loaded {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) expires_at: Option<i64>,
}

/// Reads certificate chain and key, and makes sure that they belong together.
pub(crate) fn load(files: &TlsFiles) -> Result<Loaded, TlsError> {
    let (key, chain) = (key(&files.key)?, chain(&files.certificate)?);
    let expires_at = chain.first().and_then(|certificate| expiry::not_after(certificate));
    let pair = |error: rustls::Error| TlsError::Pair(files.certificate.clone(), error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Loaded { config: Arc::new(config), expires_at })
}

/// Reads the private key.
pub(crate) fn key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = secret_file::read(file)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| TlsError::NoKey(file.to_owned()))
}

/// Reads the certificate chain.
pub(crate) fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let blame = |reason: String| TlsError::CertificateFile(file.to_owned(), reason);
    let pem = std::fs::read(file).map_err(|error| blame(error.to_string()))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(blame("no certificate in PEM form in it".to_owned())),
        Err(error) => Err(blame(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn t10_every_cipher_suite_is_ecdhe_with_aead() {
        for suite in rustls::crypto::aws_lc_rs::default_provider().cipher_suites {
            let name = format!("{:?}", suite.suite());
            assert!(name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_"), "{name}");
            assert!(name.contains("_GCM_") || name.contains("CHACHA20_POLY1305"), "{name}");
        }
    }
}
