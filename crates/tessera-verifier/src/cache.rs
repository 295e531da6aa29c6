//! Tokens seen before. Found by a keyed hash, then compared whole, byte for byte: a collision makes a token look new and never
//! lets it pass for another. Bounded in bytes; entries that are not asked for leave first.

use std::hash::BuildHasher as _;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::claims::Claims;

/// A token that passed, and the generation of the key set that vouched for it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) claims: Claims,
    pub(crate) generation: u64,
}

/// Where a token belongs in the cache: its hash, computed once per request.
#[derive(Clone, Copy)]
pub(crate) struct Place(u64);

/// Bytes of an entry besides token and payload: claims, hashes, the cache's own tables.
const OVERHEAD: usize = 800;

#[derive(Clone)]
struct Bytes;

impl Weighter<u64, Seen> for Bytes {
    fn weight(&self, _: &u64, seen: &Seen) -> u64 {
        (seen.claims.most_text() + OVERHEAD) as u64
    }
}

/// Verified tokens.
pub(crate) struct SeenTokens {
    /// Keyed at random for each verifier, so that nobody outside can aim at a place.
    hasher: DefaultHashBuilder,
    cache: Option<Cache<u64, Seen, Bytes>>,
}

impl SeenTokens {
    /// A cache of about `bytes`; none at all for 0.
    pub(crate) fn with_capacity(bytes: u64) -> Self {
        const TYPICAL: u64 = 2048;
        let items = usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX).max(1);
        let options = OptionsBuilder::new()
            .estimated_items_capacity(items)
            .weight_capacity(bytes)
            .ghost_allocation(0.0)
            .build()
            .ok();
        let hasher = DefaultHashBuilder::default();
        let cache = options.filter(|_| bytes > 0).map(|options| {
            Cache::with_options(options, Bytes, DefaultHashBuilder::default(), DefaultLifecycle::default())
        });
        Self { hasher, cache }
    }

    pub(crate) fn place(&self, token: &str) -> Place {
        Place(self.hasher.hash_one(token))
    }

    pub(crate) fn find(&self, place: Place, token: &str) -> Option<Seen> {
        self.cache.as_ref()?.get(&place.0).filter(|seen| seen.claims.token() == token)
    }

    pub(crate) fn keep(&self, place: Place, seen: Seen) {
        if let Some(cache) = &self.cache {
            cache.insert(place.0, seen);
        }
    }

    pub(crate) fn forget(&self, place: Place) {
        if let Some(cache) = &self.cache {
            cache.remove(&place.0);
        }
    }

    pub(crate) fn forget_all(&self) {
        if let Some(cache) = &self.cache {
            cache.clear();
        }
    }
}
