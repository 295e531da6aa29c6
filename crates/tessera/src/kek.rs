//! The key-encryption key: 256 bits in a file, as 64 hexadecimal digits or 43 characters of base64url.

use std::path::{Path, PathBuf};

use tessera_app::ports::Entropy;
use zeroize::Zeroizing;

use crate::config::{Config, Database};
use crate::secret_file::{self, SecretFileError};

/// Why the key-encryption key cannot be used. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KekFileError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// The file does not hold a key.
    #[error("{path}: is not a key: expected 64 hexadecimal digits or 43 characters of base64url", path = .0.display())]
    Malformed(PathBuf),
    /// The key is not random.
    #[error("{path}: is not a random key; make one with: openssl rand -hex 32", path = .0.display())]
    Weak(PathBuf),
    /// The configuration names a file that does not exist.
    #[error("{path}: no such file; put back the key of this database, or make a new key and a new database with `tessera init --config FILE`", path = .0.display())]
    Absent(PathBuf),
    /// A restore cannot go on without the key.
    #[error("{path}: no such file; a restore needs the key-encryption key that the issuer had, and no backup holds it", path = .0.display())]
    Needed(PathBuf),
    /// The key of an existing database does not exist.
    #[error("{kek}: no such file, but {database} exists: put back the key that belongs to it", kek = kek.display(), database = database.display())]
    Lost { kek: PathBuf, database: PathBuf },
}

impl KekFileError {
    /// Whether another process has made the file.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::File(error) if error.is_taken())
    }
}

/// Reads the key of this configuration. `None` if there is no file.
pub(crate) fn read(config: &Config) -> Result<Option<Zeroizing<[u8; 32]>>, KekFileError> {
    let path = config.kek_path();
    match secret_file::read(&path) {
        Ok(text) => parse(&path, &text).map(Some),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads the key of this configuration. `None` if there is neither a key nor a database.
pub(crate) fn find(config: &Config) -> Result<Option<Zeroizing<[u8; 32]>>, KekFileError> {
    let path = config.kek_path();
    match read(config)? {
        Some(key) => Ok(Some(key)),
        None if config.keys.kek_file.is_some() => Err(KekFileError::Absent(path)),
        None if config.database == Database::Sqlite && config.sqlite_file().exists() => {
            Err(KekFileError::Lost { kek: path, database: config.sqlite_file() })
        }
        None => Ok(None),
    }
}

/// Creates the key of a new data directory.
pub(crate) fn create(path: &Path, entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>, KekFileError> {
    let mut key = Zeroizing::new([0; 32]);
    entropy.fill(&mut *key);
    let mut text = Zeroizing::new(tessera_jose::base64url::encode(*key));
    text.push('\n');
    secret_file::create(path, text.as_bytes())?;
    Ok(key)
}

fn parse(path: &Path, text: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFileError> {
    let malformed = || KekFileError::Malformed(path.to_owned());
    let text = std::str::from_utf8(text).map_err(|_| malformed())?.trim();
    let bytes = Zeroizing::new(if text.len() == 64 {
        hexadecimal(text).ok_or_else(malformed)?
    } else {
        tessera_jose::base64url::decode(text).map_err(|_| malformed())?
    });
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| malformed())?;
    let key = Zeroizing::new(key);
    // 32 random bytes have about 30 different values; fewer than 16 never happens.
    let different = (0..=u8::MAX).filter(|byte| key.contains(byte)).count();
    if different < 16 { Err(KekFileError::Weak(path.to_owned())) } else { Ok(key) }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().map(|digit| char::from(digit).to_digit(16)).collect::<Option<Vec<u32>>>()?;
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn read(text: &str) -> Result<[u8; 32], KekFileError> {
        parse(Path::new("kek"), text.as_bytes()).map(|key| *key)
    }

    #[test]
    fn both_spellings_are_one_key() {
        let key: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        assert_eq!(read(HEX).unwrap(), key);
        assert_eq!(read(&format!("{}\n", HEX.to_uppercase())).unwrap(), key);
        assert_eq!(read("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").unwrap(), key);
    }

    #[test]
    fn f40_what_is_not_a_random_key_is_refused() {
        for bad in
            ["", "secret", &HEX[..62], "zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"]
        {
            assert!(matches!(read(bad), Err(KekFileError::Malformed(_))), "{bad}");
        }
        for weak in ["00".repeat(32), "0123456789abcdef".repeat(4)] {
            assert!(matches!(read(&weak), Err(KekFileError::Weak(_))), "{weak}");
        }
    }
}
