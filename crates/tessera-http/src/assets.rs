//! Serves the stylesheet, script and images of the pages. Their addresses change with their content, so browsers may keep them for
//! good.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use tessera_templates::Asset;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Every asset in memory, by the last segment of its address.
#[derive(Debug, Default)]
pub struct Assets {
    by_segment: BTreeMap<String, Served>,
    segment_of: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Served {
    content_type: &'static str,
    content: Bytes,
}

impl Assets {
    /// Takes files into memory. A file without an extension is left out.
    pub(crate) fn new<'a>(files: impl Iterator<Item = Asset<'a>>) -> Self {
        let mut assets = Self::default();
        for Asset { name, media_type, content } in files {
            let Some((stem, extension)) = name.rsplit_once('.') else { continue };
            let segment = format!("{stem}.{}.{extension}", fingerprint(content));
            assets.segment_of.insert(name.to_owned(), segment.clone());
            let content = Bytes::copy_from_slice(content);
            assets.by_segment.insert(segment, Served { content_type: media_type, content });
        }
        assets
    }

    /// The path of an asset, such as `/assets/tessera.0123456789abcdef.css` for `tessera.css`.
    pub fn path(&self, name: &str) -> Option<String> {
        self.segment_of.get(name).map(|segment| format!("/assets/{segment}"))
    }

    fn respond(&self, segment: &str) -> Response {
        let Some(asset) = self.by_segment.get(segment) else { return StatusCode::NOT_FOUND.into_response() };
        let headers =
            [(CONTENT_TYPE, HeaderValue::from_static(asset.content_type)), (CACHE_CONTROL, FOREVER)];
        (headers, asset.content.clone()).into_response()
    }
}

/// The route of assets.
pub const PATH: &str = "/assets/{segment}";

/// The handlers for [`PATH`].
pub fn methods<S>(assets: Arc<Assets>) -> MethodRouter<S> {
    get(serve).with_state(assets)
}

async fn serve(State(assets): State<Arc<Assets>>, Path(segment): Path<String>) -> Response {
    assets.respond(&segment)
}

/// The first 64 bits of SHA-256 in hexadecimal digits.
fn fingerprint(content: &[u8]) -> String {
    let digest = tessera_jose::digest::sha256(content);
    let head = digest.iter().take(8).fold(0, |head: u64, byte| head << 8 | u64::from(*byte));
    format!("{head:016x}")
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    fn stylesheet(content: &[u8]) -> Assets {
        let file = Asset { name: "a.css", media_type: "text/css; charset=utf-8", content };
        Assets::new([file].into_iter())
    }

    async fn fetch(assets: &Arc<Assets>, path: &str) -> Response {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        Router::new().route(PATH, methods(Arc::clone(assets))).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn an_asset_is_served_for_good_and_its_address_follows_its_content() {
        let assets = Arc::new(stylesheet(b"b{}"));
        let path = assets.path("a.css").unwrap();
        let response = fetch(&assets, &path).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_ne!(stylesheet(b"c{}").path("a.css").unwrap(), path);
        assert_eq!(assets.path("b.css"), None);
    }

    #[tokio::test]
    async fn only_exact_addresses_exist() {
        let assets = Arc::new(stylesheet(b"b{}"));
        for path in ["/assets/a.css", "/assets/", "/assets/..%2fCargo.toml", "/assets/a.0000000000000000.css"]
        {
            assert_eq!(fetch(&assets, path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
