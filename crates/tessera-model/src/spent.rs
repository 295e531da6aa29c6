//! Single-use things that are not a grant: one table remembers them all until they expire.

/// What kind of single-use thing a digest stands for. Each feature declares its own once, as a constant. Two kinds never share
/// entries, so the same bytes can be spent once as each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentKind(&'static str);

impl SpentKind {
    /// A kind with this code. The code is stored and never changes.
    pub const fn new(code: &'static str) -> Self {
        Self(code)
    }

    /// The code, as stored.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
