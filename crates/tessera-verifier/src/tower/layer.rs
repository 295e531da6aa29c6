//! The layer that verifies tokens.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{Verified, authorization, refusal};
use crate::Verifier;

/// Refuses every request without a valid token. Puts [`Verified`] into the extensions of the others.
#[derive(Clone, Debug)]
pub struct VerifierLayer {
    verifier: Verifier,
}

impl VerifierLayer {
    /// A layer that uses this verifier.
    pub const fn new(verifier: Verifier) -> Self {
        Self { verifier }
    }
}

impl<S> Layer<S> for VerifierLayer {
    type Service = VerifierService<S>;

    fn layer(&self, inner: S) -> VerifierService<S> {
        VerifierService { inner, verifier: self.verifier.clone() }
    }
}

/// A service behind a [`VerifierLayer`].
#[derive(Clone, Debug)]
pub struct VerifierService<S> {
    inner: S,
    verifier: Verifier,
}

impl<S, B, R> Service<Request<B>> for VerifierService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The service to call is the one that was polled ready, not its clone.
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        let verifier = self.verifier.clone();
        Box::pin(async move {
            // Only this layer may say that a token is verified.
            request.extensions_mut().remove::<Verified>();
            let outcome = match authorization(request.headers(), request.uri()) {
                Ok(header) => {
                    let header = header.map(str::to_owned);
                    verifier.verify_header(header.as_deref()).await
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(claims) => {
                    request.extensions_mut().insert(Verified(claims));
                    inner.call(request).await
                }
                Err(error) => Ok(refusal(&error, verifier.audience())),
            }
        })
    }
}
