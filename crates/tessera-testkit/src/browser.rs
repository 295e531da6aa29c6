//! A minimal browser for the login pages: it has cookies, sends forms, and follows no redirect by itself.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};

/// One answer of the server.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub body: String,
}

impl Answer {
    /// Reads a response to its end.
    ///
    /// # Panics
    /// If the body breaks off.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.expect("a whole body") }
    }

    /// The value of a header, `""` if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where the answer sends the browser, if it is a redirect.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is not JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.body))
    }

    /// The `error` of an OAuth error answer.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The value of a hidden field.
    ///
    /// # Panics
    /// If the page has no such field.
    pub fn hidden(&self, name: &str) -> String {
        let field = format!("name=\"{name}\"");
        let input = self.body.split('<').find(|tag| tag.starts_with("input") && tag.contains(&field));
        let value =
            input.and_then(|tag| tag.split_once("value=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.unwrap_or_else(|| panic!("no field {name} in {}", self.body)).0.to_owned()
    }
}

/// A parameter of a redirect's query.
///
/// # Panics
/// If `url` is not a URL.
pub fn query(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).expect("an absolute URL");
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Cookies and a connection.
pub struct Browser {
    http: reqwest::Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A browser without cookies that visits this issuer.
    pub fn new(http: reqwest::Client, origin: &str) -> Self {
        Self { http, origin: origin.to_owned(), cookies: BTreeMap::new() }
    }

    /// Fetches a path or URL of the issuer.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn visit(&mut self, path: &str) -> Answer {
        let request = self.http.get(self.url(path)).header("sec-fetch-site", "same-origin");
        self.send(request).await
    }

    /// Posts a form like a page of the issuer.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.origin.clone();
        self.submit_from(&origin, path, fields).await
    }

    /// Posts a form like a page of `origin`. If that is another site, it sends no cookies, because ours are `SameSite=Lax`.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn submit_from(&mut self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let site = if origin == self.origin { "same-origin" } else { "cross-site" };
        let request = self.http.post(self.url(path)).header("origin", origin).header("sec-fetch-site", site);
        if site == "same-origin" {
            return self.send(request.form(fields)).await;
        }
        let held = std::mem::take(&mut self.cookies);
        let answer = self.send(request.form(fields)).await;
        let set = std::mem::replace(&mut self.cookies, held);
        self.cookies.extend(set);
        answer
    }

    /// The cookies, by name.
    pub const fn cookies(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.cookies
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.origin) } else { path.to_owned() }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) };
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let text = set.to_str().expect("ASCII");
            let (name, value) =
                text.split(';').next().and_then(|pair| pair.split_once('=')).expect("name=value");
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
