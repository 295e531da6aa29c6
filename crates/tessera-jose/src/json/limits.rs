//! How much JSON is read.

/// The deepest nesting of objects and arrays. The outermost object counts as one.
pub const MAX_DEPTH: usize = 16;

/// The longest input, in bytes. Callers with a smaller limit check theirs first.
pub const MAX_LEN: usize = 256 * 1024;
