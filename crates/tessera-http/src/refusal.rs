//! The answer to a request that nothing looks at, because what it needs is not there.

use std::future::poll_fn;
use std::pin::pin;

use axum::body::HttpBody;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONNECTION, EXPECT, RETRY_AFTER};
use http::{HeaderValue, Request, StatusCode};
use tessera_oauth::params::MAX_PARAMS_LEN;
use tokio::time::Instant;

use crate::form::BODY_WITHIN;

/// Such an answer.
pub(crate) struct Refusal {
    pub(crate) answer: Response,
    /// When to send it, if the connection goes on.
    pub(crate) at: Instant,
}

impl Refusal {
    /// Of an endpoint whose database is lost. Only an operator ends that, so a client need not hurry.
    pub(crate) fn database_is_lost() -> Self {
        let mut answer = (StatusCode::SERVICE_UNAVAILABLE, "temporarily unavailable\n").into_response();
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
        Self { answer, at: Instant::now() }
    }

    /// The answer, when the body has arrived and its time has come. Without a body to await, it closes the connection at once.
    pub(crate) async fn answer_after<B: HttpBody>(self, body: Option<B>) -> Response {
        let Self { mut answer, at } = self;
        if let Some(body) = body {
            let _ = tokio::time::timeout(BODY_WITHIN, discard(body)).await;
            tokio::time::sleep_until(at).await;
        } else {
            close(&mut answer);
        }
        answer
    }
}

/// A body that a form could have. A connection whose request was not read to its end could not be used again, and what is still on its
/// way could destroy the answer (RFC 9112 section 9.6). A client that asks whether to send one, or has much to send, is told to connect
/// again.
pub(crate) fn body_to_await<B: HttpBody>(request: Request<B>) -> Option<B> {
    let is_small = request.body().size_hint().upper().is_some_and(|len| len <= MAX_PARAMS_LEN as u64);
    (is_small && !request.headers().contains_key(EXPECT)).then(|| request.into_body())
}

/// Closes the connection after this answer.
pub(crate) fn close(answer: &mut Response) {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
}

/// Reads a body and forgets it.
async fn discard(body: impl HttpBody) {
    let mut body = pin!(body);
    while let Some(Ok(_)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {}
}
