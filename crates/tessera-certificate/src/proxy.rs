//! Certificates that a proxy in front has taken from its TLS connection and writes into headers.
//!
//! These functions only read. The caller must know that the headers come from a proxy that removes those of its clients.
//!
//! * RFC 9440: `Client-Cert` and `Client-Cert-Chain`, byte sequences of structured fields (RFC 9651 section 3.3.5). Parameters are refused.
//! * nginx: `$ssl_client_escaped_cert`, the PEM text with `%` before everything but letters, digits and `-._~`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::certificate::MAX_CERTIFICATE_LEN;
use crate::chain::MAX_CHAIN_LEN;

/// The longest header with one certificate, in bytes: each byte of base64 may be escaped by three.
const MAX_ESCAPED_LEN: usize = 3 * MAX_BASE64_LEN;
const MAX_BASE64_LEN: usize = MAX_CERTIFICATE_LEN / 3 * 4 + MAX_CERTIFICATE_LEN / 32;

/// Why a header of a proxy is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyHeaderError {
    /// The header is there more than once.
    #[error("the header with the certificate is there more than once")]
    Duplicate,
    /// There are certificates above the one of the person, but not that one.
    #[error("Client-Cert-Chain without Client-Cert")]
    ChainAlone,
    /// More certificates than [`MAX_CHAIN_LEN`], or longer ones than [`MAX_CERTIFICATE_LEN`].
    #[error("the header with the certificate is too long")]
    TooLong,
    /// Not a byte sequence between colons, or not a list of them.
    #[error("the header with the certificate is not a byte sequence between colons")]
    NotByteSequence,
    /// Something other than letters, digits, `-._~` and `%` with two hexadecimal digits.
    #[error("the header with the certificate is not percent-encoded")]
    NotEscaped,
    /// Not one certificate in PEM and nothing else.
    #[error("the header with the certificate is not one certificate in PEM")]
    NotPem,
}

/// Reads the values of `Client-Cert` and `Client-Cert-Chain` (RFC 9440). The chain in DER, that of the person first. `None` if
/// neither header is there, which means that the client has shown no certificate.
///
/// # Errors
/// [`ProxyHeaderError`].
pub fn client_cert(leaf: &[&[u8]], above: &[&[u8]]) -> Result<Option<Vec<Vec<u8>>>, ProxyHeaderError> {
    let Some(leaf) = single(leaf)? else {
        return if above.is_empty() { Ok(None) } else { Err(ProxyHeaderError::ChainAlone) };
    };
    let mut chain = vec![byte_sequence(leaf)?];
    if let Some(above) = single(above)? {
        let items: Vec<&[u8]> = above.split(|byte| *byte == b',').take(MAX_CHAIN_LEN).collect();
        if items.len() == MAX_CHAIN_LEN {
            return Err(ProxyHeaderError::TooLong);
        }
        for item in items {
            chain.push(byte_sequence(item.trim_ascii())?);
        }
    }
    Ok(Some(chain))
}

/// Reads the values of a header that nginx fills with `$ssl_client_escaped_cert`. A certificate in DER. `None` if the header is not
/// there, which means that the client has shown none.
///
/// # Errors
/// [`ProxyHeaderError`].
pub fn nginx_escaped_cert(values: &[&[u8]]) -> Result<Option<Vec<u8>>, ProxyHeaderError> {
    let Some(value) = single(values)? else { return Ok(None) };
    if value.len() > MAX_ESCAPED_LEN {
        return Err(ProxyHeaderError::TooLong);
    }
    let pem = unescape(value).ok_or(ProxyHeaderError::NotEscaped)?;
    let der = pem_certificate(&pem).ok_or(ProxyHeaderError::NotPem)?;
    bounded(der).map(Some)
}

fn single<'a>(values: &[&'a [u8]]) -> Result<Option<&'a [u8]>, ProxyHeaderError> {
    match values {
        [] => Ok(None),
        [value] => Ok(Some(value)),
        [_, _, ..] => Err(ProxyHeaderError::Duplicate),
    }
}

fn byte_sequence(item: &[u8]) -> Result<Vec<u8>, ProxyHeaderError> {
    if item.len() > MAX_BASE64_LEN {
        return Err(ProxyHeaderError::TooLong);
    }
    let base64 = item.strip_prefix(b":").and_then(|item| item.strip_suffix(b":"));
    let base64 = base64.filter(|base64| !base64.is_empty()).ok_or(ProxyHeaderError::NotByteSequence)?;
    bounded(STANDARD.decode(base64).map_err(|_| ProxyHeaderError::NotByteSequence)?)
}

fn bounded(der: Vec<u8>) -> Result<Vec<u8>, ProxyHeaderError> {
    if der.len() > MAX_CERTIFICATE_LEN { Err(ProxyHeaderError::TooLong) } else { Ok(der) }
}

fn unescape(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => hex_digit(*bytes.next()?)? << 4 | hex_digit(*bytes.next()?)?,
            plain if plain.is_ascii_alphanumeric() || b"-._~".contains(plain) => *plain,
            _ => return None,
        });
    }
    Some(out)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// RFC 7468 section 5.1 in its strict form: lines of base64 and nothing else.
fn pem_certificate(pem: &[u8]) -> Option<Vec<u8>> {
    let body = pem.strip_prefix(b"-----BEGIN CERTIFICATE-----\n")?;
    let body = body.strip_suffix(b"\n").unwrap_or(body).strip_suffix(b"-----END CERTIFICATE-----")?;
    let base64: Vec<u8> = body.strip_suffix(b"\n")?.split(|byte| *byte == b'\n').collect::<Vec<_>>().concat();
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hex;

    #[test]
    fn byte_sequences_of_rfc_9440() {
        let chain = vec![b"leaf".to_vec(), b"ca".to_vec(), b"root".to_vec()];
        assert_eq!(client_cert(&[], &[]), Ok(None));
        assert_eq!(client_cert(&[b":bGVhZg==:"], &[]), Ok(Some(chain[..1].to_vec())));
        for above in [&b":Y2E=:, :cm9vdA==:"[..], b":Y2E=:,:cm9vdA==:", b":Y2E=: ,  :cm9vdA==:"] {
            assert_eq!(client_cert(&[b":bGVhZg==:"], &[above]), Ok(Some(chain.clone())));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let good: &[u8] = b":bGVhZg==:";
        assert_eq!(client_cert(&[good, good], &[]), Err(ProxyHeaderError::Duplicate));
        assert_eq!(client_cert(&[good], &[good, good]), Err(ProxyHeaderError::Duplicate));
        assert_eq!(client_cert(&[], &[good]), Err(ProxyHeaderError::ChainAlone));
        for bad in [
            &b""[..],
            b"::",
            b":",
            b"bGVhZg==",
            b":bGVhZg==:;a=1",
            b":bGVhZg==: ",
            b" :bGVhZg==:",
            b":bGVhZg:",
            b":bGVhZh==:",
            b":bGVh Zg==:",
            b":bGVhZg==:, :bGVhZg==:",
            b":bGV-Zg==:",
        ] {
            let found = client_cert(&[bad], &[]);
            assert_eq!(found, Err(ProxyHeaderError::NotByteSequence), "{}", String::from_utf8_lossy(bad));
        }
        for bad in [&b":Y2E=:,"[..], b",:Y2E=:", b":Y2E=:;", b"", b":Y2E=:,\t"] {
            assert_eq!(client_cert(&[good], &[bad]), Err(ProxyHeaderError::NotByteSequence));
        }
    }

    #[test]
    fn c08_headers_have_a_greatest_size() {
        let good: &[u8] = b":bGVhZg==:";
        let six = [b":Y2E=:".as_slice(); 6].join(&b',');
        assert_eq!(client_cert(&[good], &[&six]), Err(ProxyHeaderError::TooLong));
        let mut long = format!(":{}:", STANDARD.encode(vec![0; MAX_CERTIFICATE_LEN]));
        assert_eq!(client_cert(&[long.as_bytes()], &[]).unwrap().unwrap()[0].len(), MAX_CERTIFICATE_LEN);
        long = format!(":{}:", STANDARD.encode(vec![0; MAX_CERTIFICATE_LEN + 1]));
        assert_eq!(client_cert(&[long.as_bytes()], &[]), Err(ProxyHeaderError::TooLong));
        let long = vec![b'a'; MAX_ESCAPED_LEN + 1];
        assert_eq!(nginx_escaped_cert(&[&long]), Err(ProxyHeaderError::TooLong));
    }

    #[test]
    fn pem_texts_of_nginx() {
        let value = |text: &str| nginx_escaped_cert(&[text.as_bytes()]);
        let (begin, end) = ("-----BEGIN%20CERTIFICATE-----%0A", "%0A-----END%20CERTIFICATE-----");
        assert_eq!(nginx_escaped_cert(&[]), Ok(None));
        assert_eq!(value(&format!("{begin}bGVhZg%3D%3D{end}%0A")), Ok(Some(b"leaf".to_vec())));
        assert_eq!(value(&format!("{begin}bGVh%0AZg%3d%3d{end}")), Ok(Some(b"leaf".to_vec())));
        for text in [
            format!("{begin}{end}"),
            format!("{begin}bGVhZg{end}"),
            format!("{begin}bGVhZg%3D%3D{end}%0A%0A"),
            format!("{begin}bGVhZg%3D%3D{end}%0A{begin}bGVhZg%3D%3D{end}"),
            format!("a{begin}bGVhZg%3D%3D{end}"),
            format!("{begin}bGVh%0D%0AZg%3D%3D{end}"),
            "-----BEGIN%20PRIVATE%20KEY-----%0Aaaaa%0A-----END%20PRIVATE%20KEY-----".to_owned(),
            String::new(),
        ] {
            assert_eq!(value(&text), Err(ProxyHeaderError::NotPem), "{text}");
        }
        for text in ["+", "%", "%0", "%0g", "%+1", "a b", "a/b", "=", "é"] {
            assert_eq!(value(text), Err(ProxyHeaderError::NotEscaped), "{text}");
        }
        assert_eq!(nginx_escaped_cert(&[b"a", b"a"]), Err(ProxyHeaderError::Duplicate));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(value in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = client_cert(&[&value], &[&value]);
            prop_assert!(nginx_escaped_cert(&[&value]).is_err());
        }

        #[test]
        fn what_a_proxy_writes_is_read(der in proptest::collection::vec(any::<u8>(), 1..300)) {
            let base64 = STANDARD.encode(&der);
            let item = format!(":{base64}:");
            prop_assert_eq!(client_cert(&[item.as_bytes()], &[]), Ok(Some(vec![der.clone()])));
            let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
            let escaped: String = pem.bytes().map(|byte| format!("%{}", hex::encode(&[byte]))).collect::<Vec<_>>().concat();
            prop_assert_eq!(nginx_escaped_cert(&[escaped.as_bytes()]), Ok(Some(der)));
        }
    }
}
