//! A cache of verified tokens. A token is found by a keyed hash and then compared byte for byte. So a collision makes a token look
//! new, but never makes it pass for another. The cache is bounded in bytes, and unused entries leave first.

use std::hash::BuildHasher as _;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::claims::Claims;

/// A verified token, and the generation of the key set that verified it.
#[derive(Clone)]
pub(crate) struct CachedToken {
    pub(crate) claims: Claims,
    pub(crate) generation: u64,
}

/// The keyed hash of a token, computed once per request.
#[derive(Clone, Copy)]
pub(crate) struct TokenHash(u64);

/// Bytes of an entry besides token and payload: claims, hashes, and the tables of the cache.
const ENTRY_OVERHEAD: usize = 800;

/// Weighs entries by the bytes that they take up.
#[derive(Clone)]
struct Bytes;

impl Weighter<u64, CachedToken> for Bytes {
    fn weight(&self, _: &u64, entry: &CachedToken) -> u64 {
        (entry.claims.max_text_len() + ENTRY_OVERHEAD) as u64
    }
}

/// The cache.
pub(crate) struct TokenCache {
    /// Each verifier has a random key, so that nobody outside can produce collisions.
    hasher: DefaultHashBuilder,
    cache: Option<Cache<u64, CachedToken, Bytes>>,
}

impl TokenCache {
    /// A cache of about this many bytes. With 0, nothing is cached.
    pub(crate) fn with_capacity(bytes: u64) -> Self {
        const TYPICAL_ENTRY: u64 = 2048;
        let items = usize::try_from(bytes / TYPICAL_ENTRY).unwrap_or(usize::MAX).max(1);
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

    pub(crate) fn hash(&self, token: &str) -> TokenHash {
        TokenHash(self.hasher.hash_one(token))
    }

    pub(crate) fn get(&self, hash: TokenHash, token: &str) -> Option<CachedToken> {
        self.cache.as_ref()?.get(&hash.0).filter(|entry| entry.claims.token() == token)
    }

    pub(crate) fn insert(&self, hash: TokenHash, entry: CachedToken) {
        if let Some(cache) = &self.cache {
            cache.insert(hash.0, entry);
        }
    }

    pub(crate) fn remove(&self, hash: TokenHash) {
        if let Some(cache) = &self.cache {
            cache.remove(&hash.0);
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(cache) = &self.cache {
            cache.clear();
        }
    }
}
