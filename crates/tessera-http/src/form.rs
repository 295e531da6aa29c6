//! Request parameters from a form body or a query string (RFC 6749 appendix B; policy P12).
//!
//! The type, the encoding and the announced length of a body are checked before any of it is read. At most [`MAX_PARAMS_LEN`] bytes
//! are kept, and the whole body must arrive within [`BODY_WITHIN`].

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tessera_app::Cx;
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::params::{MAX_PARAMS_LEN, Params, ParamsError};
use tokio::time::timeout;

use crate::error_report::ErrorReport;

const FORM: &str = "application/x-www-form-urlencoded";
/// How long a client may take to send a body.
pub const BODY_WITHIN: Duration = Duration::from_secs(20);

/// Why a request's parameters are refused. The texts are what the client is told. They repeat nothing of what it sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormRejection {
    /// The query names a credential. Logs and histories keep queries.
    #[error("send credentials in the body or the Authorization header, never in the query")]
    InQuery,
    /// The body is no form, or is compressed.
    #[error("send an uncompressed {FORM} body")]
    UnsupportedType,
    /// The body is larger than [`MAX_PARAMS_LEN`] bytes.
    #[error("body too large")]
    TooLarge,
    /// The body did not arrive within [`BODY_WITHIN`].
    #[error("body too slow")]
    TooSlow,
    /// The connection broke before the end of the body.
    #[error("body incomplete")]
    Interrupted,
    /// Parameters are repeated, malformed or too many.
    #[error("{}", of_params(.0))]
    Params(#[from] ParamsError),
}

const fn of_params(error: &ParamsError) -> &'static str {
    match error {
        ParamsError::Duplicate(_) => "parameter sent more than once",
        ParamsError::Malformed => "parameters malformed",
        ParamsError::TooMany => "too many parameters",
    }
}

impl FormRejection {
    /// The HTTP status: 415, 413, 408 or 400.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::InQuery | Self::Interrupted | Self::Params(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The error of RFC 6749 section 5.2, for the JSON endpoints.
    pub(crate) fn respond(&self, cx: &Cx) -> Response {
        let json = HeaderValue::from_static("application/json");
        let response = (self.status(), [(CONTENT_TYPE, json)], self.json()).into_response();
        let code = ErrorCode::InvalidRequest.as_str();
        ErrorReport::refused(cx, code).because(self.to_string()).attach(response)
    }

    fn json(&self) -> String {
        let error = OAuthError::new(ErrorCode::InvalidRequest).because(self.to_string());
        serde_json::to_string(&error).unwrap_or_default()
    }
}

/// Whether the query names one of these parameters, with or without a value, even in a malformed query.
pub(crate) fn query_names(uri: &Uri, names: &[&str]) -> bool {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| names.contains(&&*name))
}

/// Reads the parameters of an `application/x-www-form-urlencoded` body.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Params, FormRejection> {
    if !is_plain_form(headers) {
        return Err(FormRejection::UnsupportedType);
    }
    Ok(Params::parse(&bytes(body).await?)?)
}

/// The parameters of the query string. Empty if there is none.
pub(crate) fn query(uri: &Uri) -> Result<Params, FormRejection> {
    Ok(Params::parse(uri.query().unwrap_or_default().as_bytes())?)
}

async fn bytes(body: Body) -> Result<bytes::Bytes, FormRejection> {
    if body.size_hint().lower() > MAX_PARAMS_LEN as u64 {
        return Err(FormRejection::TooLarge);
    }
    match timeout(BODY_WITHIN, Limited::new(body, MAX_PARAMS_LEN).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(FormRejection::TooLarge),
        Ok(Err(_)) => Err(FormRejection::Interrupted),
        Err(_) => Err(FormRejection::TooSlow),
    }
}

/// Whether the body is an uncompressed form: one `Content-Type` that says so, and no `Content-Encoding`, not even `identity`.
/// The type has no parameters (WHATWG URL section 5), but clients send a `charset` out of habit. It is ignored: the body is read as
/// UTF-8.
pub(crate) fn is_plain_form(headers: &HeaderMap) -> bool {
    if headers.contains_key(CONTENT_ENCODING) {
        return false;
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(sent), None) = (types.next(), types.next()) else { return false };
    let Ok(sent) = sent.to_str() else { return false };
    let kind = sent.split_once(';').map_or(sent, |(kind, _)| kind);
    kind.trim_ascii().eq_ignore_ascii_case(FORM)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{StreamExt as _, stream};

    use super::*;

    async fn extract(headers: &[(&str, &str)], body: impl Into<Body>) -> Result<Params, FormRejection> {
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            sent.append(name.parse::<http::HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        read(&sent, body.into()).await
    }

    const TYPE: (&str, &str) = ("content-type", FORM);

    #[tokio::test]
    async fn a_form_is_read() {
        for kind in [
            FORM,
            "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded ;charset=\"utf-8\"",
            "application/x-www-form-urlencoded; charset=ISO-8859-1",
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/x-www-form-urlencoded;",
            "application/x-www-form-urlencoded ; ; x=\"a;b\"",
        ] {
            let params = extract(&[("content-type", kind)], "a=1&b=%C3%A9").await.unwrap();
            assert_eq!((params.get("a"), params.get("b")), (Some("1"), Some("é")), "{kind}");
        }
    }

    #[tokio::test]
    async fn l15_t04_other_types_are_415() {
        for kind in [
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
            "",
            ";",
            "text/plain; application/x-www-form-urlencoded",
            "text/plain;charset=application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded, text/plain",
            "application/x-www-form-urlencodedx",
        ] {
            assert_eq!(
                extract(&[("content-type", kind)], "a=1").await,
                Err(FormRejection::UnsupportedType),
                "{kind}"
            );
        }
        assert_eq!(extract(&[], "a=1").await, Err(FormRejection::UnsupportedType));
        assert_eq!(extract(&[TYPE, TYPE], "a=1").await, Err(FormRejection::UnsupportedType));
    }

    #[tokio::test]
    async fn t05_any_content_encoding_is_415() {
        for encoding in ["gzip", "br", "zstd", "identity", ""] {
            let refused = extract(&[TYPE, ("content-encoding", encoding)], "a=1").await.unwrap_err();
            assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{encoding}");
        }
    }

    /// An endless body of 4 KiB pieces, and a counter of the pieces that were read.
    fn endless() -> (Body, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let pieces = stream::repeat_with(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(bytes::Bytes::from_static(&[b'a'; 4096]))
        });
        (Body::from_stream(pieces), asked)
    }

    #[tokio::test]
    async fn t04_an_endless_body_is_413_at_the_limit() {
        let (body, asked) = endless();
        assert_eq!(extract(&[TYPE], body).await, Err(FormRejection::TooLarge));
        let asked = asked.load(Ordering::Relaxed);
        assert!(asked <= MAX_PARAMS_LEN / 4096 + 1, "{asked}");
    }

    #[tokio::test]
    async fn t04_an_announced_large_body_and_a_wrong_type_are_not_read_at_all() {
        assert_eq!(extract(&[TYPE], vec![b'a'; MAX_PARAMS_LEN + 1]).await, Err(FormRejection::TooLarge));
        let (body, asked) = endless();
        assert_eq!(
            extract(&[("content-type", "text/plain")], body).await,
            Err(FormRejection::UnsupportedType)
        );
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn t04_the_largest_body_is_read_and_a_million_fields_are_not() {
        let body = format!("a={}", "x".repeat(MAX_PARAMS_LEN - 2));
        let largest = extract(&[TYPE], body).await;
        assert!(largest.is_ok(), "{:?}", largest.err());
        let many = extract(&[TYPE], "a&".repeat(10_000)).await.unwrap_err();
        assert_eq!(many.status(), StatusCode::BAD_REQUEST);
    }

    /// A body whose bytes arrive one by one, `pause` apart.
    fn dripping(text: &'static str, pause: Duration) -> Body {
        Body::from_stream(stream::iter(text.as_bytes().chunks(1)).then(move |byte| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, Infallible>(byte)
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn t03_a_body_that_takes_longer_than_twenty_seconds_is_408() {
        let pause = Duration::from_secs(5);
        assert!(extract(&[TYPE], dripping("a=1", pause)).await.is_ok(), "15 s");
        let begun = tokio::time::Instant::now();
        let refused = extract(&[TYPE], dripping("a=12345678", pause)).await.unwrap_err();
        assert_eq!((refused.status(), begun.elapsed().as_secs()), (StatusCode::REQUEST_TIMEOUT, 20));
    }

    #[tokio::test]
    async fn a_broken_connection_is_400() {
        let body = Body::from_stream(stream::iter([Ok("a=1"), Err(std::io::Error::other("gone"))]));
        assert_eq!(extract(&[TYPE], body).await, Err(FormRejection::Interrupted));
    }

    #[tokio::test]
    async fn duplicates_are_400_and_never_echoed() {
        let refused = extract(&[TYPE], "<b>=1&<b>=2").await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            refused.json(),
            r#"{"error":"invalid_request","error_description":"parameter sent more than once"}"#
        );
    }

    #[tokio::test]
    async fn every_rejection_is_an_oauth_error_in_json() {
        for refused in [
            FormRejection::InQuery,
            FormRejection::UnsupportedType,
            FormRejection::TooLarge,
            FormRejection::TooSlow,
            FormRejection::Interrupted,
            ParamsError::Malformed.into(),
            ParamsError::TooMany.into(),
        ] {
            let json: serde_json::Value = serde_json::from_str(&refused.json()).unwrap();
            assert_eq!(json["error"], "invalid_request");
        }
    }

    #[test]
    fn o32_names_in_the_query_are_found_however_they_are_written() {
        let found = |uri: &str| query_names(&uri.parse().unwrap(), &["client_secret", "code"]);
        for named in [
            "/t?client_secret=x",
            "/t?a=b&client%5Fsecret",
            "/t?%zz&code=",
            "/t?code&code",
            "http://h/t?a&&code=%ff",
        ] {
            assert!(found(named), "{named}");
        }
        for other in ["/t", "/t?", "/t?a=client_secret", "/t?xcode=1&Code=1", "/client_secret=1"] {
            assert!(!found(other), "{other}");
        }
    }

    #[test]
    fn the_query_is_read_by_the_same_rules() {
        let read = |uri: &str| query(&uri.parse().unwrap()).map(|params| params.get("a").map(str::to_owned));
        assert_eq!(read("/x?a=1"), Ok(Some("1".to_owned())));
        assert_eq!(read("/x"), Ok(None));
        assert_eq!(read("/x?a=1&a=2"), Err(ParamsError::Duplicate("a".to_owned()).into()));
        assert_eq!(read("/x?a=%zz"), Err(ParamsError::Malformed.into()));
    }
}
