//! A browser as far as login pages need one: cookies and forms. Redirects are steps of the story, so it does not hurry on.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, RequestBuilder};

use super::form::Form;

/// Somebody's browser at the issuer.
pub(super) struct Browser {
    client: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// What the browser shows: a page, or where it is sent next.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) html: String,
}

/// What the browser cannot do.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrowserError {
    #[error("the issuer does not answer")]
    Unreachable(#[from] reqwest::Error),
    #[error("status {status} instead of {expected}")]
    Unexpected { status: u16, expected: &'static str },
    #[error("the page has no form {0}")]
    NoForm(&'static str),
}

impl Browser {
    /// A browser without cookies that visits this issuer.
    pub(super) fn new(issuer: &str) -> Result<Self, BrowserError> {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { client, origin: issuer.to_owned(), cookies: BTreeMap::new() })
    }

    /// Opens an address of the issuer, absolute or a path.
    pub(super) async fn open(&mut self, address: &str) -> Result<Page, BrowserError> {
        let request = self.client.get(self.absolute(address));
        self.send(request).await
    }

    /// Fills in the page's form and sends it, as the press of a button would.
    pub(super) async fn submit(
        &mut self,
        page: &Page,
        form: &'static str,
        filled_in: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        let found = Form::find(&page.html, form).ok_or(BrowserError::NoForm(form))?;
        let hidden = found.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = hidden.chain(filled_in.iter().copied()).collect();
        let request =
            self.client.post(self.absolute(&found.action)).header(ORIGIN, &self.origin).form(&fields);
        self.send(request).await
    }

    /// The names of the cookies it holds.
    pub(super) fn cookie_names(&self) -> String {
        self.cookies.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    fn absolute(&self, address: &str) -> String {
        if address.starts_with('/') { format!("{}{address}", self.origin) } else { address.to_owned() }
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Page, BrowserError> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) };
        let response = request.send().await?;
        self.keep_cookies(response.headers());
        let location =
            response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Page { status: response.status().as_u16(), location, html: response.text().await? })
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

impl Page {
    /// Where a redirect leads.
    pub(super) fn next(&self) -> Result<&str, BrowserError> {
        match (self.status, &self.location) {
            (302 | 303, Some(location)) => Ok(location),
            (status, _) => Err(BrowserError::Unexpected { status, expected: "a redirect" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn cookies_come_and_go() {
        let mut browser = Browser::new("http://localhost:1").unwrap();
        for (set, held) in [("a=1; Path=/; HttpOnly", "a"), ("b=x=y", "a, b"), ("a=; Max-Age=0", "b")] {
            browser.keep_cookies(&HeaderMap::from_iter([(SET_COOKIE, HeaderValue::from_static(set))]));
            assert_eq!(browser.cookie_names(), held);
        }
        assert_eq!(browser.cookies["b"], "x=y");
    }

    #[test]
    fn a_page_is_no_redirect() {
        let page = Page { status: 200, location: None, html: String::new() };
        assert_eq!(page.next().unwrap_err().to_string(), "status 200 instead of a redirect");
    }
}
