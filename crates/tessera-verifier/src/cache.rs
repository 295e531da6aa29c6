//! Tokens seen before. The key is the whole token, compared byte for byte: a hash collision can slow a look-up down but never
//! let a token pass for another. Bounded in bytes; entries that are not asked for leave first.

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::claims::Claims;

/// A token that passed, and the generation of the key set that vouched for it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) claims: Claims,
    pub(crate) generation: u64,
}

/// Bytes of an entry besides token and payload: claims, hashes, the cache's own tables.
const OVERHEAD: usize = 800;

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Seen> for Bytes {
    fn weight(&self, token: &Box<str>, seen: &Seen) -> u64 {
        (token.len() + 2 * seen.claims.raw_json().len() + OVERHEAD) as u64
    }
}

/// Verified tokens by their whole text.
pub(crate) struct SeenTokens(Option<Cache<Box<str>, Seen, Bytes>>);

impl SeenTokens {
    /// A cache of about `bytes`; none at all for 0.
    pub(crate) fn with_capacity(bytes: u64) -> Self {
        const TYPICAL: u64 = 2048;
        let items = usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX);
        Self((bytes > 0).then(|| Cache::with_weighter(items.max(1), bytes, Bytes)))
    }

    pub(crate) fn find(&self, token: &str) -> Option<Seen> {
        self.0.as_ref()?.get(token)
    }

    pub(crate) fn keep(&self, token: &str, seen: Seen) {
        if let Some(cache) = &self.0 {
            cache.insert(token.into(), seen);
        }
    }

    pub(crate) fn forget(&self, token: &str) {
        if let Some(cache) = &self.0 {
            cache.remove(token);
        }
    }

    pub(crate) fn forget_all(&self) {
        if let Some(cache) = &self.0 {
            cache.clear();
        }
    }
}
