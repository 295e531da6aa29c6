//! The fields of a form that asks the browser for a passkey or a security key. A script carries the ceremony out.

use tessera_app::passkeys::PageCeremony;
use tessera_templates::{Value, context};

/// A ceremony, as a form carries it.
#[derive(Clone, Copy, Debug)]
pub struct CeremonyForm<'a> {
    /// The options for the browser, as JSON; attribute `data-options`.
    pub options: &'a str,
    /// The sealed ceremony; hidden field `ceremony`.
    pub sealed: &'a str,
}

impl<'a> From<&'a PageCeremony> for CeremonyForm<'a> {
    fn from(ceremony: &'a PageCeremony) -> Self {
        Self { options: &ceremony.options, sealed: &ceremony.sealed }
    }
}

impl CeremonyForm<'_> {
    pub(super) fn values(self) -> Value {
        context! { options => self.options, sealed => self.sealed }
    }
}
