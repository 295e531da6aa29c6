//! The attempts of one counter are judged one after another. So right passwords that come together all get in, and behind a wrong
//! one the others meet its delay.
//!
//! The queues are those of this server. Between servers the statement that counts an attempt decides (`log_in`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::Digest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::hasher::Busy;

/// Most attempts of one counter at the same time, including the one that is judged.
const MOST: usize = 32;
/// The longest that one waits behind the others.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);

type Queues = Arc<Mutex<HashMap<[u8; 32], Queue>>>;

/// The queues of the counters that have an attempt now.
#[derive(Default)]
pub(crate) struct AccountQueues(Queues);

struct Queue {
    turn: Arc<Semaphore>,
    inside: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), inside: 0 }
    }
}

impl AccountQueues {
    /// Waits until no other attempt of this counter is judged.
    ///
    /// # Errors
    /// Too many wait already, or it took too long.
    pub(super) async fn enter(&self, counter: &Digest) -> Result<Place, Busy> {
        let key = *counter.as_bytes();
        let turn = {
            let mut queues = self.0.lock();
            let queue = queues.entry(key).or_default();
            if queue.inside >= MOST {
                return Err(Busy);
            }
            queue.inside += 1;
            Arc::clone(&queue.turn)
        };
        let mut place = Place { queues: Arc::clone(&self.0), key, turn: None };
        match tokio::time::timeout(LONGEST_WAIT, turn.acquire_owned()).await {
            Ok(Ok(turn)) => {
                place.turn = Some(turn);
                Ok(place)
            }
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }
}

/// The attempt that is judged now. The next one follows when this is dropped.
pub(super) struct Place {
    queues: Queues,
    key: [u8; 32],
    turn: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.turn.take());
        let mut queues = self.queues.lock();
        let Some(queue) = queues.get_mut(&self.key) else { return };
        queue.inside -= 1;
        if queue.inside == 0 {
            queues.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    const KEY: Digest = Digest::new([1; 32]);

    #[tokio::test]
    async fn l10_the_queue_of_an_account_holds_so_many_and_leaves_nothing_behind() {
        let queues = AccountQueues::default();
        let first = queues.enter(&KEY).await.unwrap();
        assert!(queues.enter(&Digest::new([2; 32])).await.is_ok(), "another account");
        let mut waiting: Vec<_> = (1..MOST).map(|_| Box::pin(queues.enter(&KEY))).collect();
        for place in &mut waiting {
            let pending = std::future::poll_fn(|cx| Poll::Ready(place.as_mut().poll(cx).is_pending())).await;
            assert!(pending);
        }
        assert_eq!(queues.enter(&KEY).await.err(), Some(Busy), "one too many");
        drop(waiting.pop());
        let mut last = pin!(queues.enter(&KEY));
        let pending = std::future::poll_fn(|cx| Poll::Ready(last.as_mut().poll(cx).is_pending())).await;
        assert!(pending, "who left made room");
        drop(first);
        for place in waiting {
            drop(place.await.unwrap());
        }
        drop(last.await.unwrap());
        assert_eq!(queues.0.lock().len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn l10_nobody_waits_behind_an_account_for_ever() {
        let queues = AccountQueues::default();
        let _first = queues.enter(&KEY).await.unwrap();
        assert_eq!(queues.enter(&KEY).await.err(), Some(Busy));
    }
}
