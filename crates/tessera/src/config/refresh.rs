//! `[refresh]`: refresh tokens that come more than once.

use std::time::Duration;

use tessera_app::config::OnShadow;

use super::duration::MINUTE;
use super::key::{Fallback, Key, Section, ValueKind};

/// Refresh tokens that come more than once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RefreshSettings {
    /// How long a used refresh token gets the same successor again (policy P1).
    pub(crate) retry: Duration,
    /// What happens to a grant whose refresh tokens are used from two places again and again.
    pub(crate) on_shadow: OnShadow,
}

pub(super) static KEYS: Section<RefreshSettings> = Section {
    name: "refresh",
    doc: "Refresh tokens that come more than once.",
    keys: &[
        Key {
            name: "refresh.retry",
            kind: ValueKind::Duration { from: 0, to: MINUTE, set: |refresh, span| refresh.retry = span },
            default: Fallback::Value("60s"),
            doc: "How long a used refresh token gets the same successor again, for clients with two tabs or a lost response. With 0 a token that comes twice ends the grant.",
        },
        Key {
            name: "refresh.on_shadow",
            kind: ValueKind::Choice(&[
                ("alarm", |refresh| refresh.on_shadow = OnShadow::Alarm),
                ("end", |refresh| refresh.on_shadow = OnShadow::End),
            ]),
            default: Fallback::Value("alarm"),
            doc: "What happens to a grant that another address retries in three rotations in a row, as a thief would. `\"alarm\"` writes `refresh.shadowed` to the audit trail, `\"end\"` also ends the grant.",
        },
    ],
};
