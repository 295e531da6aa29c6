//! The layer that requires scopes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tessera_oauth::scope::{InvalidScope, ScopeSet};
use tower_layer::Layer;
use tower_service::Service;

use super::{Verified, refusal};
use crate::error::VerifyError;

/// Refuses a request with 403 if its token lacks one of these scopes. Put it inside a [`super::VerifierLayer`]. Without that layer,
/// every request is refused with 401.
#[derive(Clone, Debug)]
pub struct RequireScope {
    scopes: Arc<ScopeSet>,
}

impl RequireScope {
    /// Requires all of these scopes, which are separated by single spaces.
    ///
    /// # Errors
    /// [`InvalidScope`] if the text is not a list of scopes.
    pub fn new(scopes: &str) -> Result<Self, InvalidScope> {
        Ok(Self { scopes: Arc::new(scopes.parse()?) })
    }
}

impl<S> Layer<S> for RequireScope {
    type Service = ScopeService<S>;

    fn layer(&self, inner: S) -> ScopeService<S> {
        ScopeService { inner, scopes: Arc::clone(&self.scopes) }
    }
}

/// A service behind [`RequireScope`].
#[derive(Clone, Debug)]
pub struct ScopeService<S> {
    inner: S,
    scopes: Arc<ScopeSet>,
}

impl<S, B, R> Service<Request<B>> for ScopeService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    R: Default + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let outcome = match request.extensions().get::<Verified>() {
            Some(Verified(claims)) => claims.require_scopes(&self.scopes).map(|_| ()),
            None => Err(VerifyError::NoCredentials),
        };
        match outcome {
            Ok(()) => Box::pin(self.inner.call(request)),
            Err(error) => Box::pin(std::future::ready(Ok(refusal(&error, "api")))),
        }
    }
}
