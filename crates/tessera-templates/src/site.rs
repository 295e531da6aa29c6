//! What the operator says about the site on every page (`[pages]` of the configuration).

use minijinja::context;
use minijinja::value::Value;

/// Whose pages these are, and who helps. All of it is text; nothing in it is markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Stands where the product's name would stand.
    pub organization: Option<String>,
    /// A sentence for people who need help.
    pub help_text: Option<String>,
    /// Where they find help: an address of `https`, `http` or `mailto`.
    pub help_url: Option<String>,
}

impl Site {
    /// A site that says everything, for the check of a theme.
    pub(crate) fn sample() -> Self {
        let sample = |text: &str| Some(text.to_owned());
        Self {
            organization: sample("Example Ltd"),
            help_text: sample("Call 123."),
            help_url: sample("https://help.example/"),
        }
    }

    pub(crate) fn values(&self) -> Value {
        context! {
            organization => self.organization.as_deref(),
            help_text => self.help_text.as_deref(),
            help_url => self.help_url.as_deref(),
        }
    }
}
