//! The rate limit on failed client authentication.
//!
//! A guess at 256 random bits is hopeless. The limit only tells a program that is set up wrongly to slow down, and keeps the
//! success of a client apart from it: a stranger's guesses must not keep the client itself out.

use std::net::IpAddr;

use parking_lot::Mutex;
use tessera_model::ClientId;

use crate::minute_counter::MinuteCounter;
use crate::{Cx, network};

/// Failures a minute, for one client and address, that are answered like the first.
const MAX_FAILURES: u64 = 20;

/// The failures of the minutes under way.
#[derive(Default)]
pub(crate) struct ClientAuthFailures(Mutex<MinuteCounter<Source>>);

/// The client as far as it is registered, and the address.
type Source = (Option<ClientId>, Option<IpAddr>);

/// Counts a failure.
///
/// # Errors
/// There were too many: seconds until the next attempt is answered.
pub(super) fn count_failure(cx: &Cx, client: Option<&ClientId>) -> Result<(), u64> {
    let client = client.filter(|id| cx.app.catalog.load().client(id).is_some()).cloned();
    let source = (client, cx.ip.map(network::of));
    let (count, _) = cx.app.client_auth_failures.0.lock().count(source, (None, None), cx.now);
    if count.number > MAX_FAILURES { Err(count.seconds_left) } else { Ok(()) }
}
