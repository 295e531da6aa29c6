//! `[clients]`: what holds for every client.

use super::key::{Fallback, Key, Section, ValueKind};

/// What holds for every client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientPolicy {
    /// Whether every client needs PKCE, whatever it is registered with.
    pub(crate) require_pkce: bool,
}

pub(super) static KEYS: Section<ClientPolicy> = Section {
    name: "clients",
    doc: "What holds for every client.",
    keys: &[Key {
        name: "clients.pkce",
        kind: ValueKind::Choice(&[
            ("auto", |clients| clients.require_pkce = false),
            ("required", |clients| clients.require_pkce = true),
        ]),
        default: Fallback::Value("auto"),
        doc: "`\"required\"`: every authorization request needs a PKCE challenge. `\"auto\"`: each client needs what it is registered with (`tessera client add --pkce`).",
    }],
};
