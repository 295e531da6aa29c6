//! What a configuration is read for.

/// What a configuration is read for. The mode decides what the configuration may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A server that other machines reach.
    Serve,
    /// `serve --dev`: plain HTTP, and only this machine reaches it.
    Dev,
    /// A command that works on the database of either server.
    Command,
}
