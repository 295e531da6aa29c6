//! Why JSON is refused.

/// Why a text is not the object it was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than [`MAX_LEN`](super::MAX_LEN).
    #[error("JSON is too long")]
    TooLong,
    /// Not JSON, not UTF-8, or there are bytes after the end.
    #[error("not valid JSON")]
    Malformed,
    /// Valid JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A member name occurs twice in one object.
    #[error("duplicate member name in JSON")]
    Duplicate,
    /// Nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("JSON is nested too deeply")]
    TooDeep,
    /// A number that a double cannot hold exactly.
    #[error("inexact number in JSON")]
    InexactNumber,
    /// Valid JSON, but a member is missing or has another type than expected.
    #[error("JSON members do not fit the expected type")]
    WrongType,
}
