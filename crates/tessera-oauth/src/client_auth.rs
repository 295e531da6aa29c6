//! Client authentication as sent (RFC 6749 section 2.3): HTTP Basic, form body, or the `client_id` of a public client.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::params::{self, Params};

/// Longest `client_id`, in bytes.
pub const MAX_CLIENT_ID_LEN: usize = 128;
/// Longest client secret that is read, in bytes.
pub const MAX_SECRET_LEN: usize = 1024;
/// Longest Basic credentials, in bytes.
const MAX_BASIC_LEN: usize = 8192;

/// Who a client says it is, and how it proves it. `Debug` hides the secret. The caller decides whether this client may
/// authenticate in this way.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientCredentials {
    /// `none`: a public client.
    None {
        /// `client_id`.
        client_id: String,
    },
    /// `client_secret_basic`.
    Basic {
        /// `client_id`.
        client_id: String,
        /// The secret.
        secret: Zeroizing<String>,
    },
    /// `client_secret_post`.
    Post {
        /// `client_id`.
        client_id: String,
        /// The secret.
        secret: Zeroizing<String>,
    },
}

/// Why the client authentication of a request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientAuthError {
    /// Neither credentials nor a `client_id`.
    #[error(
        "client authentication is missing: send the secret by HTTP Basic or in the form, or client_id alone for a public client"
    )]
    Missing,
    /// More than one method at once (RFC 6749 section 2.3): `invalid_request`.
    #[error("client authentication was sent in more than one way: leave out all but one")]
    TwoMethods,
    /// Malformed encoding, two different `client_id`s, or a method that is not supported.
    #[error(
        "client authentication cannot be read: form-encode client_id and secret, join them by a colon, encode that as Base64"
    )]
    Malformed,
    /// A client assertion (RFC 7523), which is not supported.
    #[error("client_assertion is not supported: send the client secret")]
    Assertion,
}

impl ClientCredentials {
    /// Reads the credentials from the `Authorization` header and the form body. Never from a query.
    ///
    /// # Errors
    /// [`ClientAuthError`]. Answer with `invalid_client`, or with `invalid_request` for two methods.
    pub fn parse(authorization: Option<&str>, params: &Params) -> Result<Self, ClientAuthError> {
        let secret_in_body = params.contains("client_secret");
        let assertion = params.contains("client_assertion") || params.contains("client_assertion_type");
        let methods =
            usize::from(authorization.is_some()) + usize::from(secret_in_body) + usize::from(assertion);
        if methods > 1 {
            return Err(ClientAuthError::TwoMethods);
        }
        if assertion {
            return Err(ClientAuthError::Assertion);
        }
        if let Some(header) = authorization {
            return basic(header, params.get("client_id"));
        }
        let client_id = checked_id(params.get("client_id").ok_or(ClientAuthError::Missing)?.to_owned())?;
        match params.get("client_secret") {
            None => Ok(Self::None { client_id }),
            Some(secret) => {
                Ok(Self::Post { client_id, secret: checked_secret(Zeroizing::new(secret.to_owned()))? })
            }
        }
    }

    /// `client_id`.
    pub fn client_id(&self) -> &str {
        match self {
            Self::None { client_id } | Self::Basic { client_id, .. } | Self::Post { client_id, .. } => {
                client_id
            }
        }
    }

    /// The secret, unless the client is public.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::None { .. } => None,
            Self::Basic { secret, .. } | Self::Post { secret, .. } => Some(secret),
        }
    }

    /// The name of the method in metadata.
    const fn method(&self) -> &'static str {
        match self {
            Self::None { .. } => "none",
            Self::Basic { .. } => "client_secret_basic",
            Self::Post { .. } => "client_secret_post",
        }
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.method(), self.client_id())
    }
}

/// RFC 6749 section 2.3.1: `client_id` and secret are form-encoded, joined by a colon, and encoded as Base64. An empty secret means a
/// public client, because some libraries send its name in this way.
fn basic(header: &str, id_in_body: Option<&str>) -> Result<ClientCredentials, ClientAuthError> {
    let (scheme, encoded) = header.split_once(' ').ok_or(ClientAuthError::Malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > MAX_BASIC_LEN {
        return Err(ClientAuthError::Malformed);
    }
    let decoded = STANDARD.decode(encoded.trim_matches(' ')).map(Zeroizing::new);
    let decoded = decoded.map_err(|_| ClientAuthError::Malformed)?;
    let colon = decoded.iter().position(|&c| c == b':').ok_or(ClientAuthError::Malformed)?;
    let id = std::mem::take(&mut *params::decode(&decoded[..colon]).ok_or(ClientAuthError::Malformed)?);
    let secret = params::decode(&decoded[colon + 1..]).ok_or(ClientAuthError::Malformed)?;
    if id_in_body.is_some_and(|other| other != id) {
        return Err(ClientAuthError::Malformed);
    }
    let client_id = checked_id(id)?;
    if secret.is_empty() {
        return Ok(ClientCredentials::None { client_id });
    }
    Ok(ClientCredentials::Basic { client_id, secret: checked_secret(secret)? })
}

fn checked_id(id: String) -> Result<String, ClientAuthError> {
    let good = (1..=MAX_CLIENT_ID_LEN).contains(&id.len()) && id.bytes().all(|c| (0x20..=0x7e).contains(&c));
    if good { Ok(id) } else { Err(ClientAuthError::Malformed) }
}

fn checked_secret(secret: Zeroizing<String>) -> Result<Zeroizing<String>, ClientAuthError> {
    let good = (1..=MAX_SECRET_LEN).contains(&secret.len());
    if good { Ok(secret) } else { Err(ClientAuthError::Malformed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(header: Option<&str>, form: &str) -> Result<ClientCredentials, ClientAuthError> {
        ClientCredentials::parse(header, &Params::parse(form.as_bytes()).unwrap())
    }

    fn header(credentials: &str) -> String {
        format!("Basic {}", STANDARD.encode(credentials))
    }

    fn encoded(text: &str) -> String {
        form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }

    #[test]
    fn each_method_is_read() {
        let basic = read(Some(&header("web:s3cret")), "").unwrap();
        assert_eq!(
            (basic.method(), basic.client_id(), basic.secret()),
            ("client_secret_basic", "web", Some("s3cret"))
        );
        let post = read(None, "client_id=web&client_secret=s3cret").unwrap();
        assert_eq!(
            (post.method(), post.client_id(), post.secret()),
            ("client_secret_post", "web", Some("s3cret"))
        );
        let none = read(None, "client_id=web").unwrap();
        assert_eq!((none.method(), none.client_id(), none.secret()), ("none", "web", None));
        assert_eq!(read(Some(&header("web:s3cret").replace("Basic", "bASIC")), "client_id=web"), Ok(basic));
    }

    #[test]
    fn o32_one_method_only() {
        let basic = header("web:s3cret");
        for form in [
            "client_secret=x",
            "client_id=web&client_secret=s3cret",
            "client_assertion=x",
            "client_assertion_type=x",
        ] {
            assert_eq!(read(Some(&basic), form), Err(ClientAuthError::TwoMethods), "{form}");
        }
        assert_eq!(
            read(None, "client_id=web&client_secret=s&client_assertion=x"),
            Err(ClientAuthError::TwoMethods)
        );
        assert_eq!(read(None, "client_id=web&client_assertion=bogus"), Err(ClientAuthError::Assertion));
        assert_eq!(read(None, ""), Err(ClientAuthError::Missing));
        assert_eq!(read(None, "client_id=&client_secret=x"), Err(ClientAuthError::Missing));
        assert_eq!(read(Some(&basic), "client_id=other"), Err(ClientAuthError::Malformed));
    }

    #[test]
    fn o33_basic_is_form_encoded_before_base64() {
        let odd = "s:%+ é/\"";
        let read_back = read(Some(&header(&format!("{}:{}", encoded("a:b%+c"), encoded(odd)))), "").unwrap();
        assert_eq!((read_back.client_id(), read_back.secret()), ("a:b%+c", Some(odd)));
        let broken = [
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Basic !!!".to_owned(),
            "Bearer abc".to_owned(),
            header("nocolon"),
            header(":secret"),
            header("web:100%"),
            header("web:%zz"),
            header("web:%00"),
            header("wéb:x"),
            header("web:s3cret").replace('=', ""),
            format!("{}\n", header("web:secret0")),
            header(&format!("web:{}", "s".repeat(MAX_SECRET_LEN + 1))),
            header(&"x".repeat(1 << 20)),
        ];
        for header in broken {
            assert_eq!(read(Some(&header), ""), Err(ClientAuthError::Malformed), "{header:.60}");
        }
    }

    #[test]
    fn o33_an_empty_secret_is_none() {
        let none = Ok(ClientCredentials::None { client_id: "web".to_owned() });
        assert_eq!(read(Some(&header("web:")), ""), none);
        assert_eq!(read(Some(&header("web:")), "client_id=web&client_secret="), none);
        assert_eq!(read(Some(&header("web:")), "client_secret=x"), Err(ClientAuthError::TwoMethods));
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(
            format!("{:?}", read(Some(&header("web:s3cret")), "").unwrap()),
            r#"client_secret_basic "web""#
        );
    }

    proptest! {
        #[test]
        fn what_is_encoded_by_the_book_reads_back(id in "[ -~]{1,40}", secret in "[^\0]{1,40}") {
            let read_back = read(Some(&header(&format!("{}:{}", encoded(&id), encoded(&secret)))), "").unwrap();
            prop_assert_eq!((read_back.client_id(), read_back.secret()), (id.as_str(), Some(secret.as_str())));
        }

        #[test]
        fn any_header_is_answered_without_panic(value in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(Some(&value), "");
            let _ = read(Some(&format!("Basic {}", STANDARD.encode(bytes))), "");
        }
    }
}
