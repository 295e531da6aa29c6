//! The rate limit on failed client authentication.
//!
//! Guessing 256 random bits is hopeless, so the limit only slows down programs that are configured wrongly. It never refuses
//! correct credentials, so a stranger's guesses cannot keep a client out, and an address that many share
//! harms nobody.

use std::net::IpAddr;

use parking_lot::Mutex;
use tessera_model::ClientId;

use crate::minute_counter::MinuteCounter;
use crate::{Cx, network};

/// Failures in a minute, for one client and address, before the answer is 429.
const MAX_FAILURES: u64 = 20;

/// The failures of the current minutes.
#[derive(Default)]
pub(crate) struct ClientAuthFailures(Mutex<MinuteCounter<Source>>);

/// The client, if it is registered, and the address.
type Source = (Option<ClientId>, Option<IpAddr>);

/// Counts a failure.
///
/// # Errors
/// Too many failures: the seconds until the next attempt is answered.
pub(super) fn count_failure(cx: &Cx, client: Option<&ClientId>) -> Result<(), u64> {
    let client = client.filter(|id| cx.app.catalog.load().client(id).is_some()).cloned();
    let source = (client, cx.ip.map(network::of));
    let (count, _) = cx.app.client_auth_failures.0.lock().count(source, (None, None), cx.now);
    if count.number > MAX_FAILURES { Err(count.seconds_left) } else { Ok(()) }
}
