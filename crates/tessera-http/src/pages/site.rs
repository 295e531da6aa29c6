//! What the operator says about the place on every page (`[pages]` of the configuration).

use minijinja::context;
use minijinja::value::Value;

/// Whose pages these are, and who helps. All of it is text; nothing in it is markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// In place of the product's name.
    pub organization: Option<String>,
    /// A sentence for people who need help.
    pub help_text: Option<String>,
    /// Where they find it: an address of `https`, `http` or `mailto`.
    pub help_url: Option<String>,
}

impl Site {
    /// Everything that can be said, for the theme check.
    pub(super) fn sample() -> Self {
        let sample = |text: &str| Some(text.to_owned());
        Self {
            organization: sample("Example Ltd"),
            help_text: sample("Call 123."),
            help_url: sample("https://help.example/"),
        }
    }

    pub(super) fn values(&self) -> Value {
        context! {
            organization => self.organization.as_deref(),
            help_text => self.help_text.as_deref(),
            help_url => self.help_url.as_deref(),
        }
    }
}
