//! Resource indicators (RFC 8707): the API that a token is for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::params::Params;

/// Most audiences one request may name (policy P12).
pub const MAX_RESOURCES: usize = 16;
/// Longest resource indicator, in bytes.
pub const MAX_RESOURCE_LEN: usize = 2048;

/// An absolute URI without fragment. Compared byte for byte, never normalised.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Resource(String);

/// The text is not a resource indicator, or there are more than [`MAX_RESOURCES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a resource is an absolute URI without fragment, at most {MAX_RESOURCE_LEN} bytes; at most {MAX_RESOURCES} of them"
)]
pub struct InvalidResource;

impl Resource {
    /// The URI as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Every `resource` of a request, each once, in order. Some libraries call the parameter `audience`, which means the same.
    ///
    /// # Errors
    /// A value is not an absolute URI without fragment, or there are too many. Answer with `invalid_target`.
    pub fn all(params: &Params) -> Result<Vec<Self>, InvalidResource> {
        let mut all = Vec::new();
        for resource in params.all("resource").chain(params.all("audience")) {
            let resource: Self = resource.parse()?;
            if !all.contains(&resource) {
                all.push(resource);
            }
        }
        if all.len() > MAX_RESOURCES { Err(InvalidResource) } else { Ok(all) }
    }
}

impl FromStr for Resource {
    type Err = InvalidResource;

    fn from_str(text: &str) -> Result<Self, InvalidResource> {
        let printable = text.bytes().all(|c| (0x21..=0x7e).contains(&c)) && !text.contains(['#', '"', '\\']);
        if text.len() > MAX_RESOURCE_LEN || !printable || Url::parse(text).is_err() {
            return Err(InvalidResource);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Resource {
    type Error = InvalidResource;

    fn try_from(text: String) -> Result<Self, InvalidResource> {
        text.parse()
    }
}

impl From<Resource> for String {
    fn from(resource: Resource) -> Self {
        resource.0
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_resource_is_an_absolute_uri_without_fragment() {
        for good in ["https://api.example.com", "https://api.example.com/v1?x=1", "urn:example:orders"] {
            assert_eq!(good.parse::<Resource>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "api",
            "/v1",
            "//api.example.com",
            "https://a#f",
            "https://a#",
            "https://a b",
            "https://ä.example",
            "https://",
        ] {
            assert_eq!(bad.parse::<Resource>(), Err(InvalidResource), "{bad:?}");
        }
    }

    #[test]
    fn one_request_names_at_most_sixteen() {
        let form = |n: usize| (0..n).map(|n| format!("resource=urn:x:{n}")).collect::<Vec<_>>().join("&");
        let all = |n| Resource::all(&Params::parse(form(n).as_bytes()).unwrap());
        assert_eq!(all(MAX_RESOURCES).unwrap().len(), MAX_RESOURCES);
        assert_eq!(all(MAX_RESOURCES + 1), Err(InvalidResource));
        let twice = Params::parse(b"resource=urn:x:1&resource=urn:x:1").unwrap();
        assert_eq!(Resource::all(&twice).unwrap().len(), 1);
        let either = Params::parse(b"audience=urn:x:2&resource=urn:x:1").unwrap();
        let names: Vec<String> = Resource::all(&either).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["urn:x:1", "urn:x:2"]);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_panic(text in any::<String>()) {
            if let Ok(resource) = text.parse::<Resource>() {
                prop_assert_eq!(resource.to_string(), text);
            }
        }
    }
}
