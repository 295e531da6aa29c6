//! The certificate chain and its private key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, version};

use super::expiry;
use crate::config::TlsFiles;
use crate::secret_file::{self, SecretFileError};

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The key file cannot be read, or others may read it.
    #[error(transparent)]
    KeyFile(#[from] SecretFileError),
    /// The key file holds no private key.
    #[error("{path}: holds no private key in PEM form", path = .0.display())]
    NoKey(PathBuf),
    /// The certificate file cannot be read or is not PEM.
    #[error("{path}: {reason}", path = .0.display(), reason = .1)]
    CertificateFile(PathBuf, String),
    /// The key does not belong to the certificate, or one of them cannot be used.
    #[error("{path}: cannot be used with the key: {reason}", path = .0.display(), reason = .1)]
    Pair(PathBuf, String),
}

/// A certificate and its key, ready for use.
pub(crate) struct Loaded {
    pub(crate) config: Arc<ServerConfig>,
    /// When the certificate expires, in seconds since 1970, if that can be read.
    pub(crate) expires_at: Option<i64>,
}

/// Reads the certificate chain and its key, and checks that they belong together.
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
    let refused = |reason: String| TlsError::CertificateFile(file.to_owned(), reason);
    let pem = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(refused("holds no certificate in PEM form".to_owned())),
        Err(error) => Err(refused(error.to_string())),
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
