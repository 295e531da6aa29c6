//! Passwords of test persons, besides the one that they begin with.

use tessera_app::Config;

/// A password that a test person gets later.
pub const NEW_PASSWORD: &str = "nine purple teapots sing";

/// Lets a test set passwords that the rules refuse, such as people have set before there were rules. Give it to
/// [`TestServer::start_with`](crate::server::TestServer::start_with).
pub const fn any_password(config: &mut Config) {
    config.passwords.min_length_only_factor = 0;
    config.passwords.min_score = 0;
}
