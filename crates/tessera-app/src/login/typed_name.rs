//! A user name as somebody typed it. It may be a password in the wrong field, so the database never holds the text, unless an
//! account has that name.

use tessera_model::{Digest, User, Username};
use zeroize::Zeroizing;

use crate::Cx;

/// A user name as typed, without the spaces around it. Spaces are typing errors, and would give a guesser a fresh counter.
pub(super) struct TypedName {
    text: Zeroizing<String>,
    name: Option<Username>,
}

impl TypedName {
    pub(super) fn new(text: &str) -> Self {
        let text = text.trim();
        Self { text: Zeroizing::new(text.to_owned()), name: text.parse().ok() }
    }

    /// The name, if an account could have it.
    pub(super) const fn name(&self) -> Option<&Username> {
        self.name.as_ref()
    }

    /// The key of the counter of strangers, whether the account exists or not. So the delay does not tell which names exist.
    pub(super) fn counter_key(&self, cx: &Cx) -> Digest {
        match &self.name {
            Some(name) => account_key(cx, name),
            None => keyed(cx, &self.text.to_lowercase()),
        }
    }

    /// How an audit event names it. Of a name that nobody has, 16 bits of a keyed hash show which attempts typed the same text.
    /// They are too few to tell which text that was.
    pub(super) fn for_audit(&self, cx: &Cx, user: Option<&User>) -> String {
        if user.is_some() {
            return self.text.escape_default().take(128).collect();
        }
        let tag =
            cx.app.catalog.load().keys.typed_names.tag(&[b"audit ", self.text.to_lowercase().as_bytes()]);
        format!("#{:02x}{:02x}", tag[0], tag[1])
    }
}

/// The key of the counter of strangers of an account. It also names all counters of the account, those of its devices too.
pub(crate) fn account_key(cx: &Cx, name: &Username) -> Digest {
    keyed(cx, name.as_str())
}

fn keyed(cx: &Cx, name: &str) -> Digest {
    Digest::new(cx.app.catalog.load().keys.typed_names.tag(&[b"counter ", name.as_bytes()]))
}
