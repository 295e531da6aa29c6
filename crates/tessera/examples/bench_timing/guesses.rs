//! A client's secret that is wrong in its first byte, and one that is wrong in its last.
//!
//! Of what one address gets wrong at a client in a minute, ten have a row of their own in the database, ten more are only counted,
//! and the rest is answered with 429. Those in the middle are measured: the same answer, without the noise of a disk.

use std::time::Duration;

use tessera_testkit::demo::Client;

use crate::{Samples, Strangers, compare, timed};

/// Wrong guesses of one address with a row of their own, and those without that are not throttled.
const WRITTEN: usize = 10;
const COUNTED: usize = 10;
/// Addresses whose failures the server counts one by one at the same time; it stops at 4,096.
const AT_ONCE: usize = 4_000;
const MINUTE: Duration = Duration::from_secs(61);

pub(crate) async fn measure(strangers: &mut Strangers<'_>, guesses: usize) {
    let (demo, last) = (strangers.demo, strangers.demo.service.secret.len() - 1);
    let requests = [0, last].map(|place| {
        demo.form("/token", &wrong_at(place, demo.service.clone()), "grant_type=client_credentials")
    });
    let mut kinds = ["secret wrong in its first byte", "in its last"].map(Samples::of);
    for address in 0..guesses.div_ceil(COUNTED) {
        if address > 0 && address % AT_ONCE == 0 {
            tokio::time::sleep(MINUTE).await;
        }
        let mut turns: [usize; COUNTED] = std::array::from_fn(|turn| turn % kinds.len());
        strangers.shuffle(&mut turns);
        let mut connection = strangers.connection().await;
        for turn in 0..WRITTEN {
            let reply = connection.ask(&requests[turn % kinds.len()]).await;
            assert_eq!(reply.status, 401);
        }
        for kind in turns {
            let (took, reply) = timed(&mut connection, &requests[kind]).await;
            assert_eq!(reply.status, 401, "throttled");
            kinds[kind].took.push(took);
        }
    }
    compare(&kinds[0], &kinds[1]);
}

fn wrong_at(place: usize, mut client: Client) -> Client {
    let other = if client.secret.as_bytes()[place] == b'x' { "y" } else { "x" };
    client.secret.replace_range(place..=place, other);
    client
}
