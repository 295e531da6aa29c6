//! From templates to a response: the compiled pages, and one that is rendered.

use std::path::Path;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use tessera_templates::{Engine, Language, Site, Theme, ThemeError, Value};

use crate::assets::Assets;
use crate::headers::{FormLeads, Nonce, page_policy, page_policy_with_script};

/// The compiled templates, texts and assets. Made once at start and shared.
#[derive(Debug)]
pub struct Pages {
    pub(super) engine: Engine,
    assets: Arc<Assets>,
}

impl Pages {
    /// Compiles the pages. Files of `theme_dir` replace the embedded ones of the same name.
    ///
    /// # Errors
    /// Everything that is wrong with the files, with file and line. Some mistakes only show when a page is rendered:
    /// [`Pages::check`] finds those.
    pub fn load(theme_dir: Option<&Path>, site: Site) -> Result<Self, ThemeError> {
        Self::compile(&Theme::read(theme_dir)?, site)
    }

    pub(super) fn compile(theme: &Theme, site: Site) -> Result<Self, ThemeError> {
        let assets = Arc::new(Assets::new(theme.assets()));
        let addresses = Arc::clone(&assets);
        let engine = Engine::new(theme, move |name| addresses.path(name), site)?;
        Ok(Self { engine, assets })
    }

    /// The stylesheet, script and images, for [`crate::assets::methods`].
    pub fn assets(&self) -> Arc<Assets> {
        Arc::clone(&self.assets)
    }
}

/// A rendered page with its own headers. [`crate::headers::harden`] adds those of every response.
#[derive(Debug)]
#[must_use = "a page is sent by returning it from the handler"]
pub struct Page {
    status: StatusCode,
    language: Language,
    html: String,
    policy: HeaderValue,
    retry_after: Option<u32>,
}

impl Page {
    /// Renders a template. If that fails after all, the person gets a plain page that says so, and the operator a log line.
    pub(super) fn render(pages: &Pages, language: Language, template: &'static str, values: Value) -> Self {
        let rendered = pages.engine.render(template, language, values);
        let (status, html) = match rendered {
            Ok(html) => (StatusCode::OK, html),
            Err(error) => {
                tracing::error!(template, line = error.line(), %error, "page could not be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, BROKEN.to_owned())
            }
        };
        Self { status, language, html, policy: page_policy(FormLeads::ToUs), retry_after: None }
    }

    /// Sets the status, unless rendering failed.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        if self.status == StatusCode::OK { Self { status, ..self } } else { self }
    }

    /// Says where the page's form leads.
    pub(super) fn with_form(self, form: FormLeads) -> Self {
        Self { policy: page_policy(form), ..self }
    }

    /// Lets the page's form lead to an application, and lets its one script run.
    pub(super) fn with_script(self, nonce: &Nonce) -> Self {
        Self { policy: page_policy_with_script(nonce), ..self }
    }

    /// Tells clients when to come back.
    pub(super) fn with_retry_after(self, seconds: Option<u32>) -> Self {
        Self { retry_after: seconds, ..self }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The markup.
    pub fn html(&self) -> &str {
        &self.html
    }
}

const BROKEN: &str = "<!doctype html><html lang=\"en\"><title>Internal error</title>\
                      <main><h1>Something went wrong</h1><p>Go back and try again in a minute.</p></main></html>";

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        headers.insert(CONTENT_SECURITY_POLICY, self.policy);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
