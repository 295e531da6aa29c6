//! What every endpoint stands on, and the table of endpoints.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode};
use tessera_app::App;
use tessera_oauth::metadata::{OAUTH_METADATA_PATH, OPENID_CONFIGURATION_PATH};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use crate::assets;
use crate::cookies::CookiePolicy;
use crate::headers::{self, Transport};
use crate::oauth::{authorize, consent, feed, metadata, revocation, token, userinfo};
use crate::pages::{CONSENT_PATH, Error, ErrorKind, LOGIN_PATH, LOGOUT_PATH, Language, Pages};
use crate::request::RequestCx;
use crate::{login, logout};

/// The longest that one request may take, its body included.
const PATIENCE: Duration = Duration::from_secs(30);

/// The public face of one issuer.
pub struct Server {
    pub(crate) app: Arc<App>,
    pub(crate) pages: Pages,
    pub(crate) cookies: CookiePolicy,
    pub(crate) transport: Transport,
    /// `scheme://host[:port]` of the issuer, which is what browsers send as `Origin`.
    pub(crate) origin: String,
}

impl Server {
    /// Serves this issuer. Plain HTTP and plain cookies only where `transport` says so (`--dev`).
    pub fn new(app: Arc<App>, pages: Pages, transport: Transport) -> Arc<Self> {
        let cookies = match transport {
            Transport::Https => CookiePolicy::Host,
            Transport::PlainHttp => CookiePolicy::DevPlain,
        };
        let origin = app.config().issuer.clone();
        Arc::new(Self { app, pages, cookies, transport, origin })
    }

    pub(crate) fn error_page(&self, cx: &tessera_app::Cx, headers: &HeaderMap, kind: ErrorKind) -> Response {
        let request_id = cx.request_id.to_string();
        Error::new(kind, &request_id).render(&self.pages, Language::choose(None, headers)).into_response()
    }
}

/// Every public endpoint.
pub fn router(server: Arc<Server>) -> Router {
    let transport = server.transport;
    // Read by scripts of any origin, without cookies (attack O74).
    let open = Router::new()
        .route("/token", post(token::post))
        .route("/revoke", post(revocation::post))
        .route("/userinfo", get(userinfo::get).post(userinfo::post))
        .route("/jwks", get(metadata::jwks))
        .route("/revocation/rules", get(feed::get))
        .route(OPENID_CONFIGURATION_PATH, get(metadata::get))
        .route(OAUTH_METADATA_PATH, get(metadata::get))
        .layer(cors());
    let endpoints = Router::new()
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route(LOGIN_PATH, get(login::get).post(login::post))
        .route(CONSENT_PATH, get(consent::get).post(consent::post))
        .route(LOGOUT_PATH, get(logout::get).post(logout::post))
        .merge(open)
        .merge(assets::router(server.pages.assets()))
        .fallback(not_found);
    guarded(endpoints, transport).with_state(server)
}

/// What stands around every endpoint, from the outside in.
fn guarded<S: Clone + Send + Sync + 'static>(endpoints: Router<S>, transport: Transport) -> Router<S> {
    endpoints.layer(
        ServiceBuilder::new()
            .layer(headers::layer(transport))
            .layer(from_fn(measure))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE)),
    )
}

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([WWW_AUTHENTICATE])
        .max_age(Duration::from_secs(600))
}

async fn not_found(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    RequestCx(cx): RequestCx,
) -> Response {
    server.error_page(&cx, &headers, ErrorKind::NotFound)
}

/// A panic ends its request, not the process (fault F44).
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked");
    metrics::counter!("tessera_panics_total").increment(1);
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Counts and times requests by endpoint; unknown paths share one name, so that strangers cannot make up series.
async fn measure(request: Request, next: Next) -> Response {
    let endpoint: Option<MatchedPath> = request.extensions().get().cloned();
    #[expect(clippy::disallowed_methods, reason = "the one place that measures requests")]
    let begun = std::time::Instant::now();
    let response = next.run(request).await;
    let endpoint = endpoint.as_ref().map_or("other", MatchedPath::as_str).to_owned();
    let status = response.status().as_u16().to_string();
    metrics::histogram!("tessera_http_request_seconds", "endpoint" => endpoint, "status" => status)
        .record(begun.elapsed());
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn bomb() -> Response {
        panic!("tsr_ss_secret")
    }

    #[tokio::test]
    async fn f44_a_panic_ends_its_request_and_nothing_else() {
        let endpoints = Router::<()>::new().route("/bomb", get(bomb)).route("/well", get(async || "well\n"));
        let router = guarded(endpoints, Transport::Https);
        let ask = |path: &str| Request::builder().uri(path).body(Body::empty()).unwrap();
        for _ in 0..2 {
            let answer = router.clone().oneshot(ask("/bomb")).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()["x-frame-options"], "DENY");
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "", "nothing of the panic");
            let answer = router.clone().oneshot(ask("/well")).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }
}
