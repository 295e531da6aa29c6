//! A browser as far as login pages need one: cookies and forms. It does not follow redirects: each is a step of the walkthrough.

use std::collections::BTreeMap;
use std::sync::Arc;

use tessera_fetch::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use tessera_fetch::{Fetch, FetchError, HeaderMap, HeaderName, HeaderValue, Request, Url};

use super::form::Form;

/// The browser of a person, at the issuer.
pub(super) struct Browser {
    fetch: Arc<dyn Fetch>,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// What the browser shows: a page, or where it is sent next.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) html: String,
}

/// Why the browser cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrowserError {
    #[error("no answer: {0}")]
    Fetch(#[from] FetchError),
    #[error("status {status} instead of {expected}")]
    Unexpected { status: u16, expected: &'static str },
    #[error("a cookie cannot be sent back")]
    Header,
    #[error("the page has no form {0}")]
    NoForm(&'static str),
}

impl Browser {
    /// A browser without cookies that visits this issuer.
    pub(super) fn new(fetch: Arc<dyn Fetch>, issuer: &str) -> Self {
        Self { fetch, origin: issuer.to_owned(), cookies: BTreeMap::new() }
    }

    /// Opens an address of the issuer, absolute or a path.
    pub(super) async fn open(&mut self, address: &str) -> Result<Page, BrowserError> {
        self.send(Request::get(self.absolute(address)?)).await
    }

    /// Fills in a form of the page and submits it.
    pub(super) async fn submit(
        &mut self,
        page: &Page,
        form: &'static str,
        filled_in: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        let found = Form::find(&page.html, form).ok_or(BrowserError::NoForm(form))?;
        let hidden = found.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields = hidden.chain(filled_in.iter().copied());
        let request = Request::post_form(self.absolute(&found.action)?, fields);
        self.send(with(request, ORIGIN, &self.origin)?).await
    }

    /// The names of the cookies it holds.
    pub(super) fn cookie_names(&self) -> String {
        self.cookies.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    fn absolute(&self, address: &str) -> Result<Url, BrowserError> {
        let url =
            if address.starts_with('/') { format!("{}{address}", self.origin) } else { address.to_owned() };
        Ok(Url::parse(&url).map_err(|_| FetchError::Url)?)
    }

    async fn send(&mut self, request: Request) -> Result<Page, BrowserError> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { with(request, COOKIE, &cookies.join("; "))? };
        let response = self.fetch.fetch(request).await?;
        self.keep_cookies(&response.headers);
        let location = response.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        Ok(Page {
            status: response.status,
            location: location.map(str::to_owned),
            html: String::from_utf8_lossy(&response.body).into_owned(),
        })
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for set in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = set.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn with(request: Request, name: HeaderName, value: &str) -> Result<Request, BrowserError> {
    let value = HeaderValue::try_from(value).map_err(|_| BrowserError::Header)?;
    Ok(request.header(name, value))
}

impl Page {
    /// Where a redirect leads.
    pub(super) fn redirect(&self) -> Result<&str, BrowserError> {
        match (self.status, &self.location) {
            (302 | 303, Some(location)) => Ok(location),
            (status, _) => Err(BrowserError::Unexpected { status, expected: "a redirect" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use tessera_fetch::GuardedFetch;

    use super::*;

    #[test]
    fn cookies_come_and_go() {
        let fetch = GuardedFetch::builder().build().unwrap();
        let mut browser = Browser::new(Arc::new(fetch), "http://localhost:1");
        for (set, held) in [("a=1; Path=/; HttpOnly", "a"), ("b=x=y", "a, b"), ("a=; Max-Age=0", "b")] {
            browser.keep_cookies(&HeaderMap::from_iter([(SET_COOKIE, HeaderValue::from_static(set))]));
            assert_eq!(browser.cookie_names(), held);
        }
        assert_eq!(browser.cookies["b"], "x=y");
    }

    #[test]
    fn a_page_is_no_redirect() {
        let page = Page { status: 200, location: None, html: String::new() };
        assert_eq!(page.redirect().unwrap_err().to_string(), "status 200 instead of a redirect");
    }
}
