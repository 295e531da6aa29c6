//! What every request passes through: the check of `Host`, a time limit, the catching of panics, CORS, security headers, metrics, and
//! the line of the log for a request that was refused.
//!
//! It is one service instead of a stack of layers, because axum clones and boxes every layer for every request.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::HttpBody;
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;
use axum::routing::future::RouteFuture;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::HOST;
use http::{HeaderMap, Method, Request, StatusCode, Version};
use metrics::Histogram;
use tower_service::Service;

use crate::cors::{allow_any_origin, preflight};
use crate::error_report::conclude;
use crate::headers::{Transport, harden, keep_opener};
use crate::refusal::{Refusal, body_to_await, close};

/// The longest that a request may take, including its body.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// All endpoints, with the middleware around them.
#[derive(Clone)]
pub struct Endpoints {
    router: Router,
    routes: Arc<[Route]>,
    transport: Transport,
    measured: bool,
    refusal: Arc<dyn Fn(Needs) -> Option<Refusal> + Send + Sync>,
}

/// A path, its handlers, and its CORS policy.
pub(crate) struct Endpoint<S> {
    path: &'static str,
    methods: MethodRouter<S>,
    cors: Cors,
    keeps_opener: bool,
    needs: Needs,
}

/// What an endpoint cannot do without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: it must not stop when others are refused.
    Nothing,
    /// The database.
    Database,
    /// The database, and a turn of the server.
    Turn,
}

/// Which origins may read the answers of an endpoint from a script (Fetch section 3.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cors {
    /// All origins. Such an endpoint reads no cookie.
    AnyOrigin,
    /// Our own origin.
    SameOrigin,
}

impl<S> Endpoint<S> {
    pub(crate) const fn new(path: &'static str, cors: Cors, methods: MethodRouter<S>) -> Self {
        Self { path, methods, cors, keeps_opener: false, needs: Needs::Database }
    }

    /// For another need than the database.
    pub(crate) fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// For pages and redirects of the authorization flow, which may run in a popup.
    pub(crate) fn keeping_opener(self) -> Self {
        Self { keeps_opener: true, ..self }
    }
}

struct Route {
    /// The label in the metrics.
    path: &'static str,
    cors: Cors,
    keeps_opener: bool,
    needs: Needs,
    /// The histogram of answers with status 200. It is looked up once.
    took: OnceLock<Histogram>,
}

impl Endpoints {
    /// Builds the endpoints of `table`. `rest` answers every other path.
    pub(crate) fn new<S: Clone + Send + Sync + 'static>(
        table: impl IntoIterator<Item = Endpoint<S>>,
        rest: Router<S>,
        state: S,
        transport: Transport,
    ) -> Self {
        let mut inner = rest;
        // Unknown paths share one label, so that strangers cannot create new series.
        let mut routes =
            vec![Route::new(&Endpoint::<S>::new("other", Cors::SameOrigin, MethodRouter::new()))];
        for endpoint in table {
            routes.push(Route::new(&endpoint));
            inner = inner.route(endpoint.path, endpoint.methods);
        }
        Self {
            router: inner.with_state(state),
            routes: routes.into(),
            transport,
            measured: true,
            refusal: Arc::new(|_| None),
        }
    }

    /// Answers without a look at the request if what an endpoint needs is not there.
    pub(crate) fn refusing(self, refusal: impl Fn(Needs) -> Option<Refusal> + Send + Sync + 'static) -> Self {
        Self { refusal: Arc::new(refusal), ..self }
    }

    /// Leaves these endpoints out of the metrics and of the log of refusals, which are about what people and programs get.
    pub(crate) fn unmeasured(self) -> Self {
        Self { measured: false, ..self }
    }
}

impl<B> Service<Request<B>> for Endpoints
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        let at = self.routes.iter().position(|route| route.matches(path)).unwrap_or(0);
        let (routes, transport, measured) = (Arc::clone(&self.routes), self.transport, self.measured);
        let any_origin = routes[at].cors == Cors::AnyOrigin;
        let answer = if !has_one_host(request.version(), request.headers()) {
            Answer::Ready(bad_host())
        } else if any_origin && request.method() == Method::OPTIONS {
            Answer::Ready(preflight(request.headers()))
        } else if let Some(refusal) = (self.refusal)(routes[at].needs) {
            Answer::Refused(refusal, body_to_await(request))
        } else {
            Answer::Routed(self.router.call(request))
        };
        Box::pin(async move {
            #[expect(clippy::disallowed_methods, reason = "the one place that measures requests")]
            let begun = std::time::Instant::now();
            let mut response = match answer {
                Answer::Ready(response) => response,
                Answer::Refused(refusal, body) => refusal.answer_after(body).await,
                Answer::Routed(answer) => with_timeout(REQUEST_TIMEOUT, answer).await,
            };
            if any_origin {
                allow_any_origin(response.headers_mut());
            }
            if routes[at].keeps_opener {
                keep_opener(response.headers_mut());
            }
            harden(response.headers_mut(), transport);
            if measured {
                conclude(routes[at].path, &mut response);
                routes[at].measure(response.status(), begun.elapsed());
            }
            Ok(response)
        })
    }
}

enum Answer<B> {
    Ready(Response),
    /// An answer for the end of the body, if that is awaited.
    Refused(Refusal, Option<B>),
    Routed(RouteFuture<Infallible>),
}

/// Whether the request has exactly one `Host` header with one host (RFC 9112 section 3.2). With several, a proxy and this server
/// could each take another one. A target in absolute form does not replace the header (section 3.2.2). HTTP/1.0 may omit it.
fn has_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, _) => version != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// Whether the text has only characters of a host and port (RFC 3986 section 3.2). Its value is not used.
fn is_host(text: &[u8]) -> bool {
    let allowed = |c: &u8| c.is_ascii_alphanumeric() || b"-._~:[]%!$&'()*+;=".contains(c);
    !text.is_empty() && text.iter().all(allowed)
}

/// The answer to a bad `Host`. It closes the connection, because whose request comes next on it is unknown.
fn bad_host() -> Response {
    let mut response = StatusCode::BAD_REQUEST.into_response();
    close(&mut response);
    response
}

impl Route {
    const fn new<S>(endpoint: &Endpoint<S>) -> Self {
        let &Endpoint { path, cors, keeps_opener, needs, .. } = endpoint;
        Self { path, cors, keeps_opener, needs, took: OnceLock::new() }
    }

    fn matches(&self, path: &str) -> bool {
        match self.path.split_once('{') {
            None => self.path == path,
            Some((prefix, _)) => path.starts_with(prefix),
        }
    }

    fn measure(&self, status: StatusCode, took: Duration) {
        if status == StatusCode::OK {
            self.took.get_or_init(|| self.histogram(status)).record(took);
        } else {
            self.histogram(status).record(took);
        }
    }

    fn histogram(&self, status: StatusCode) -> Histogram {
        let status = status.as_u16().to_string();
        metrics::histogram!("tessera_http_request_seconds", "endpoint" => self.path, "status" => status)
    }
}

async fn with_timeout(limit: Duration, answer: RouteFuture<Infallible>) -> Response {
    match AssertUnwindSafe(tokio::time::timeout(limit, answer)).catch_unwind().await {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(_)) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(_) => panic_response(),
    }
}

/// The answer to a request that panicked. The process goes on.
fn panic_response() -> Response {
    tracing::error!("a request panicked");
    metrics::counter!("tessera_panics_total").increment(1);
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::HeaderValue;
    use http::header::{CONNECTION, EXPECT};
    use http_body_util::BodyExt as _;
    use tessera_testkit::logged::Logged;
    use tokio::time::Instant;
    use tower::ServiceExt as _;

    use super::*;
    use crate::admission::Overloaded;
    use crate::oauth::json;

    async fn bomb() -> Response {
        panic!("tsr_ss_secret")
    }

    #[tokio::test]
    async fn f44_a_panic_ends_its_request_and_nothing_else() {
        let table = [
            Endpoint::new("/bomb", Cors::SameOrigin, get(bomb)),
            Endpoint::new("/well", Cors::SameOrigin, get(async || "well\n")),
        ];
        let endpoints = Endpoints::new(table, Router::new(), (), Transport::Https);
        let ask =
            |path: &str| Request::builder().uri(path).header(HOST, "localhost").body(Body::empty()).unwrap();
        for _ in 0..2 {
            let answer = endpoints.clone().oneshot(ask("/bomb")).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()["x-frame-options"], "DENY");
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "", "nothing of the panic");
            let answer = endpoints.clone().oneshot(ask("/well")).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn f46_a_refusal_is_sent_when_its_time_has_come() {
        let endpoint = Endpoint::new("/well", Cors::SameOrigin, get(async || "well\n"));
        let endpoints = Endpoints::new([endpoint], Router::new(), (), Transport::Https);
        let begun = Instant::now();
        let at = begun + Duration::from_millis(300);
        let endpoints = endpoints
            .refusing(move |_| Some(Refusal { answer: StatusCode::SERVICE_UNAVAILABLE.into_response(), at }));
        let ask = || Request::builder().uri("/well").header(HOST, "localhost");
        let waits = ask().header(EXPECT, "100-continue").body(Body::from("a=1")).unwrap();
        let answer = endpoints.clone().oneshot(waits).await.unwrap();
        assert_eq!(answer.headers()[CONNECTION], "close");
        assert_eq!(begun.elapsed(), Duration::ZERO, "its connection does not go on");
        let answer = endpoints.oneshot(ask().body(Body::from("a=1")).unwrap()).await.unwrap();
        assert_eq!((answer.status(), begun.elapsed()), (StatusCode::SERVICE_UNAVAILABLE, at - begun));
        assert!(!answer.headers().contains_key(CONNECTION));
    }

    #[tokio::test]
    async fn f46_a_request_that_an_overloaded_server_refuses_has_no_line_of_the_log() {
        let busy = || json::overloaded(Overloaded { retry_after: 1 });
        let table = [
            Endpoint::new("/at-once", Cors::SameOrigin, get(async || "well\n")).needing(Needs::Turn),
            Endpoint::new("/in-vain", Cors::SameOrigin, get(async move || busy())),
            Endpoint::new("/fault", Cors::SameOrigin, get(async || StatusCode::SERVICE_UNAVAILABLE)),
        ];
        let refusal =
            move |needs| (needs == Needs::Turn).then(|| Refusal { answer: busy(), at: Instant::now() });
        let endpoints = Endpoints::new(table, Router::new(), (), Transport::Https).refusing(refusal);
        let log = Logged::here();
        let fault = r#"ERROR request failed endpoint="/fault" status=503 code="Service Unavailable""#;
        for (path, lines) in [("/at-once", &[][..]), ("/in-vain", &[]), ("/fault", &[fault])] {
            let ask = Request::builder().uri(path).header(HOST, "localhost").body(Body::empty()).unwrap();
            let answer = endpoints.clone().oneshot(ask).await.unwrap();
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(log.take(), lines, "{path}");
        }
    }

    #[tokio::test]
    async fn t08_one_line_says_the_host() {
        let table = [
            Endpoint::new("/open", Cors::AnyOrigin, get(async || "well\n")),
            Endpoint::new("/well", Cors::SameOrigin, get(async || "well\n")),
        ];
        let endpoints = Endpoints::new(table, Router::new(), (), Transport::Https);
        let ask = async |method: &str, target: &str, version, hosts: &[&'static str]| {
            let mut request = Request::builder().method(method).uri(target).version(version);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            let answer = endpoints.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            (answer.status(), answer.headers().get(CONNECTION).cloned())
        };
        let refused = (StatusCode::BAD_REQUEST, Some(HeaderValue::from_static("close")));
        let good = (StatusCode::OK, None);
        for (method, target) in
            [("GET", "/well"), ("GET", "/open"), ("OPTIONS", "/open"), ("GET", "http://h.example/well")]
        {
            for hosts in [&["h.example"][..], &["h.example:8443"], &["127.0.0.1"], &["[::1]:80"]] {
                assert_eq!(
                    ask(method, target, Version::HTTP_11, hosts).await,
                    good,
                    "{method} {target} {hosts:?}"
                );
            }
            for hosts in [
                &[][..],
                &[""],
                &["a", "b"],
                &["a", "a"],
                &["a, b"],
                &["a,b"],
                &["a b"],
                &["u@a"],
                &["a/"],
                &["http://a"],
                &["a?x"],
                &["a#x"],
            ] {
                assert_eq!(
                    ask(method, target, Version::HTTP_11, hosts).await,
                    refused,
                    "{method} {target} {hosts:?}"
                );
            }
            assert_eq!(ask(method, target, Version::HTTP_10, &[]).await, good, "{method} {target}");
            assert_eq!(
                ask(method, target, Version::HTTP_10, &["a", "a"]).await,
                refused,
                "{method} {target}"
            );
        }
    }
}
