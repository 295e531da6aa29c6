//! The fields of every page on which an application asks something of a person who is logged in.

use tessera_templates::{Value, context, for_page};

/// Which application asks whom, and what the form sends back.
#[derive(Clone, Copy, Debug)]
pub struct ClientQuestion<'a> {
    /// The sealed authorization request; hidden field `flow`.
    pub flow: &'a str,
    /// Proof that the form is ours; hidden field `csrf`.
    pub csrf: &'a str,
    /// The application, by its registered name.
    pub client_name: &'a str,
    /// Who is logged in.
    pub username: &'a str,
}

impl ClientQuestion<'_> {
    pub(super) fn values(&self) -> Value {
        context! {
            flow => self.flow,
            csrf => self.csrf,
            client_name => for_page(self.client_name),
            username => for_page(self.username),
        }
    }
}
