//! A service that lists breached passwords and does not learn which one it is asked about (k-anonymity): it is told the first five
//! of forty digits, and answers with the other digits of all passwords that begin with them.

use tessera_fetch::{Fetch, FetchError, HeaderName, HeaderValue, Request, Url, header};

use super::digest::{HEX_LEN, PasswordDigest, entry};

/// Asks the service for additional lines with a count of 0, so that the length of an answer does not tell what was asked.
const ADD_PADDING: HeaderName = HeaderName::from_static("add-padding");
const USER_AGENT: HeaderValue = HeaderValue::from_static("tessera");

/// Why the service cannot be relied on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ServiceError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the status is {0}")]
    Status(u16),
    #[error("the answer is no list of hashes")]
    Answer,
}

/// Whether the service lists this password.
pub(super) async fn has(
    fetch: &dyn Fetch,
    service: &Url,
    digest: &PasswordDigest,
) -> Result<bool, ServiceError> {
    let (told, kept) = digest.split();
    let mut url = service.clone();
    url.set_path(&format!("{}/range/{told}", service.path().trim_end_matches('/')));
    let request = Request::get(url)
        .header(ADD_PADDING, HeaderValue::from_static("true"))
        .header(header::USER_AGENT, USER_AGENT);
    let response = fetch.fetch(request).await?;
    if response.status != 200 {
        return Err(ServiceError::Status(response.status));
    }
    is_in(&response.body, kept, HEX_LEN - told.len()).ok_or(ServiceError::Answer)
}

/// Whether the answer lists these digits. `None` if it is anything but a list: then it says nothing, also if a line happens to fit.
fn is_in(answer: &[u8], digits: &str, len: usize) -> Option<bool> {
    let answer = answer.strip_suffix(b"\n").unwrap_or(answer);
    let mut found = false;
    for line in answer.split(|byte| *byte == b'\n') {
        let (listed, breached) = entry(line.strip_suffix(b"\r").unwrap_or(line), len)?;
        found |= breached && listed.eq_ignore_ascii_case(digits.as_bytes());
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tessera_fetch::{FetchFuture, HeaderMap, Response};
    use tessera_model::PlainPassword;

    use super::*;

    const REST: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
    const OTHER: &str = "1D2DA4053E34E76F6576ED1DA63134B5E2A";

    /// Answers every request the same, and keeps them.
    #[derive(Debug)]
    struct Service {
        answer: Result<(u16, String), FetchError>,
        asked: Mutex<Vec<Request>>,
    }

    impl Fetch for Service {
        fn fetch(&self, request: Request) -> FetchFuture<'_> {
            self.asked.lock().unwrap().push(request);
            let answer = self.answer.clone();
            let response = |(status, body): (u16, String)| Response {
                status,
                headers: HeaderMap::new(),
                body: body.into(),
            };
            Box::pin(std::future::ready(answer.map(response)))
        }
    }

    impl Service {
        fn answering(answer: Result<(u16, String), FetchError>) -> Self {
            Self { answer, asked: Mutex::default() }
        }

        async fn has(&self, url: &str) -> Result<bool, ServiceError> {
            let digest = PasswordDigest::of(&PlainPassword::to_check("password".to_owned()).unwrap());
            has(self, &Url::parse(url).unwrap(), &digest).await
        }
    }

    async fn says(body: &str) -> Result<bool, ServiceError> {
        Service::answering(Ok((200, body.to_owned()))).has("https://list.example").await
    }

    #[tokio::test]
    async fn r22_the_service_is_told_five_digits_and_asked_for_padding() {
        for url in ["https://list.example/v1", "https://list.example/v1/"] {
            let service = Service::answering(Ok((200, format!("{OTHER}:1"))));
            assert_eq!(service.has(url).await, Ok(false));
            let asked = service.asked.lock().unwrap();
            assert_eq!(asked.len(), 1);
            assert_eq!(asked[0].url.as_str(), "https://list.example/v1/range/5BAA6");
            assert_eq!(asked[0].headers["add-padding"], "true");
            assert!(asked[0].body.is_empty());
        }
    }

    #[tokio::test]
    async fn r22_a_password_is_found_wherever_it_stands() {
        assert_eq!(says(&format!("{REST}:3861493")).await, Ok(true));
        assert_eq!(says(&format!("{OTHER}:2\r\n{REST}:1\r\n")).await, Ok(true));
        assert_eq!(says(&format!("{REST}:1\n{OTHER}:2\n")).await, Ok(true));
        assert_eq!(says(&format!("{}:1", REST.to_lowercase())).await, Ok(true));
        assert_eq!(says(&format!("{OTHER}:2\r\n{REST}:0\r\n")).await, Ok(false), "padding");
    }

    #[tokio::test]
    async fn r22_what_is_no_list_says_nothing() {
        for garbage in [
            "",
            "\n",
            "<html>Log in to this network</html>",
            REST,
            &format!("{REST}:1\n\n{OTHER}:1"),
            &format!("{REST}:1\nx"),
            &format!("5BAA6{REST}:1"),
        ] {
            assert_eq!(says(garbage).await, Err(ServiceError::Answer), "{garbage}");
        }
        for (answer, expected) in [
            (Ok((429, format!("{REST}:1"))), ServiceError::Status(429)),
            (Ok((302, String::new())), ServiceError::Status(302)),
            (Err(FetchError::TimedOut), ServiceError::Fetch(FetchError::TimedOut)),
            (Err(FetchError::TooLarge), ServiceError::Fetch(FetchError::TooLarge)),
        ] {
            assert_eq!(Service::answering(answer).has("https://list.example").await, Err(expected));
        }
    }
}
