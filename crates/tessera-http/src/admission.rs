//! How many requests of programs the server works on at the same time (invariant I8).
//!
//! A server that works on everything at once finishes everything late. So a request takes a turn once it has arrived as a whole; a
//! slow client holds none. When all turns are taken, requests wait in order, and when the first in the queue has waited for too long,
//! a new one is refused before anything looks at it. Key set, metadata and revocation rules take no turn.
//!
//! A refusal is work as well, and clients that are refused come back. So refusals are told at a pace and in groups: one
//! right after the other costs less than one among other work.
//!
//! Overload comes with thousands of refusals a second. The log says when they begin. With the first turn that is taken after a second
//! without any, it says how many there were.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tessera_app::Cx;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Turns for each core. Enough that others are worked on while a commit waits for the disk.
const TURNS_PER_CORE: usize = 256;
/// Turns for each connection to the database, if there are several. More would wait there, where nobody is refused early.
const TURNS_PER_CONNECTION: usize = 16;
/// Nobody joins a queue whose first member has waited for longer. A burst passes in this time.
const LONGEST_QUEUE: Duration = Duration::from_millis(100);
/// The same until nobody has been refused for [`LONGEST_QUEUE`]. A longer queue would make everybody wait and nothing faster.
const OVERLOAD_QUEUE: Duration = Duration::from_millis(20);
/// Whoever gets a turn after this time is refused as well: the database hangs, and the client may have given up.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Refusals of a group, for each core. They cost about a twentieth of its time until the next group.
const GROUP: u32 = 20;
/// From one group to the next.
const PACE: Duration = Duration::from_millis(20);
/// No refusal waits longer to be told.
const LATEST_REFUSAL: Duration = Duration::from_millis(500);
/// An overload is over when nobody has been refused for so long.
const QUIET: Duration = Duration::from_secs(1);

/// The turns of one server.
pub(crate) struct Admission {
    state: Mutex<State>,
    /// Refusals of a group. The last one within [`LATEST_REFUSAL`] takes all that follow.
    group: u32,
}

struct State {
    free: usize,
    waiting: VecDeque<Waiting>,
    overload: Option<Overload>,
}

/// Refusals since the last overload ended.
struct Overload {
    refused: u32,
    last: Instant,
    /// When the last group is told.
    group_at: Instant,
    /// How many more it takes.
    room: u32,
}

struct Waiting {
    since: Instant,
    turn: oneshot::Sender<Turn>,
}

/// The right to be worked on. Dropping it hands it to the next request.
pub(crate) struct Turn(Option<Arc<Admission>>);

/// The server has more to do than it can do in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overloaded {
    /// One, two or three seconds in turn, so that clients do not come back all at once.
    pub(crate) retry_after: u32,
}

impl Admission {
    /// Turns for the cores that this process may use, and for so many connections to the database.
    pub(crate) fn for_this_machine(connections: Option<usize>) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let most = connections.map_or(usize::MAX, |connections| connections * TURNS_PER_CONNECTION);
        let group = u32::try_from(cores).unwrap_or(u32::MAX).saturating_mul(GROUP);
        Self::new(most.min(cores * TURNS_PER_CORE), group)
    }

    fn new(free: usize, group: u32) -> Arc<Self> {
        let state = Mutex::new(State { free, waiting: VecDeque::new(), overload: None });
        Arc::new(Self { state, group })
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Overloaded`], at once if the queue is too slow. Its request has waited for its body or for a turn, so this refusal has no pace.
    pub(crate) async fn turn(self: &Arc<Self>) -> Result<Turn, Overloaded> {
        let Some(coming) = self.take_or_queue()? else {
            return Ok(Turn(Some(Arc::clone(self))));
        };
        let since = Instant::now();
        match coming.await {
            Ok(turn) if since.elapsed() <= LONGEST_WAIT => Ok(turn),
            Ok(_) | Err(_) => Err(refuse(self.state.lock())),
        }
    }

    /// A refusal, and when to tell it, if a request that asked for a turn now would be refused at once.
    pub(crate) fn refusal(&self) -> Option<(Overloaded, Instant)> {
        let mut state = self.state.lock();
        if !state.is_too_slow() {
            return None;
        }
        let at = state.overload.as_mut().map_or_else(Instant::now, |overload| overload.tell(self.group));
        Some((refuse(state), at))
    }

    /// Takes a free turn (`None`), or joins the queue.
    fn take_or_queue(&self) -> Result<Option<oneshot::Receiver<Turn>>, Overloaded> {
        let mut state = self.state.lock();
        if state.is_too_slow() {
            return Err(refuse(state));
        }
        let ended = state.overload.take_if(|overload| overload.last.elapsed() > QUIET);
        let coming = if state.free > 0 {
            state.free -= 1;
            None
        } else {
            let (turn, coming) = oneshot::channel();
            state.waiting.push_back(Waiting { since: Instant::now(), turn });
            Some(coming)
        };
        drop(state);
        if let Some(Overload { refused, .. }) = ended {
            tracing::info!(refused, "requests of programs are no longer refused");
        }
        Ok(coming)
    }

    /// The first in the queue. If nobody waits, the turn is free.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut state = self.state.lock();
        let first = state.waiting.pop_front();
        state.free += usize::from(first.is_none());
        first.map(|waiting| waiting.turn)
    }
}

impl State {
    fn is_too_slow(&self) -> bool {
        let Some(first) = self.waiting.front() else { return false };
        let goes_on = |overload: &Overload| overload.last.elapsed() <= LONGEST_QUEUE;
        let most = if self.overload.as_ref().is_some_and(goes_on) { OVERLOAD_QUEUE } else { LONGEST_QUEUE };
        first.since.elapsed() > most
    }
}

impl Overload {
    /// When to tell one more refusal.
    fn tell(&mut self, group: u32) -> Instant {
        let now = Instant::now();
        let next = (self.group_at + PACE).max(now);
        if self.group_at < now || (self.room == 0 && next <= now + LATEST_REFUSAL) {
            (self.group_at, self.room) = (next, group);
        }
        self.room = self.room.saturating_sub(1);
        self.group_at
    }
}

/// Counts a refusal.
fn refuse(mut state: MutexGuard<'_, State>) -> Overloaded {
    let last = Instant::now();
    let begins = state.overload.is_none();
    let overload = state.overload.get_or_insert(Overload { refused: 0, last, group_at: last, room: 0 });
    overload.refused = overload.refused.saturating_add(1);
    overload.last = last;
    let retry_after = 1 + overload.refused % 3;
    drop(state);
    metrics::counter!("tessera_requests_refused_total").increment(1);
    if begins {
        tracing::warn!("requests of programs are refused: the server has more to do than it can do in time");
    }
    Overloaded { retry_after }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(admission) = self.0.take() else { return };
        while let Some(next) = admission.next() {
            match next.send(Self(Some(Arc::clone(&admission)))) {
                Ok(()) => return,
                // That client has gone. The turn comes back, and goes on to the next one.
                Err(mut unwanted) => unwanted.0 = None,
            }
        }
    }
}

/// One to three seconds, different for each request, so that clients do not come back all at once.
pub(crate) fn retry_after(cx: &Cx) -> u32 {
    1 + u32::try_from(cx.request_id.0 % 3).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;
    use tessera_testkit::logged::Logged;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn f46_who_comes_too_late_for_a_turn_in_time_is_refused_at_once() {
        let admission = Admission::new(2, 1);
        let turns = [admission.turn().await.unwrap(), admission.turn().await.unwrap()];
        let mut first = pin!(admission.turn());
        assert!(first.as_mut().now_or_never().is_none(), "both turns are taken");
        tokio::time::advance(LONGEST_QUEUE).await;
        let mut second = pin!(admission.turn());
        assert!(second.as_mut().now_or_never().is_none(), "the queue is fast enough");
        tokio::time::advance(Duration::from_millis(1)).await;
        let refused = admission.turn().now_or_never();
        assert!(matches!(refused, Some(Err(Overloaded { .. }))), "without waiting");
        assert!(admission.refusal().is_some(), "and without its body");
        drop(turns);
        assert!(first.await.is_ok() && second.await.is_ok(), "who waited gets a turn");
        assert_eq!(admission.state.lock().free, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn f46_refusals_are_counted_until_nobody_was_refused_for_a_second() {
        let admission = Admission::new(1, 1);
        let refused = || admission.state.lock().overload.as_ref().map(|overload| overload.refused);
        let turn = admission.turn().await.unwrap();
        let mut waiting = pin!(admission.turn());
        assert!(waiting.as_mut().now_or_never().is_none());
        tokio::time::advance(LONGEST_QUEUE + Duration::from_millis(1)).await;
        let told = [(); 3].map(|()| admission.refusal().unwrap().0.retry_after);
        assert_eq!((told, refused()), ([2, 3, 1], Some(3)));
        drop(turn);
        drop(waiting.await);
        tokio::time::advance(QUIET).await;
        drop(admission.turn().await);
        assert_eq!(refused(), Some(3), "it may go on");
        tokio::time::advance(Duration::from_millis(1)).await;
        drop(admission.turn().await);
        assert_eq!(refused(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn f46_the_log_has_one_line_when_an_overload_begins_and_one_when_it_has_ended() {
        const BEGUN: &str =
            "WARN requests of programs are refused: the server has more to do than it can do in time";
        const NOTHING: [&str; 0] = [];
        let log = Logged::here();
        let admission = Admission::new(1, 1);
        for refused in [5, 2] {
            let turn = admission.turn().await.unwrap();
            let mut waiting = pin!(admission.turn());
            assert!(waiting.as_mut().now_or_never().is_none());
            tokio::time::advance(LONGEST_QUEUE + Duration::from_millis(1)).await;
            assert_eq!(log.take(), NOTHING, "nobody was refused");
            assert!(admission.refusal().is_some());
            assert_eq!(log.take(), [BEGUN]);
            for _ in 1..refused - 1 {
                assert!(admission.refusal().is_some());
            }
            assert!(matches!(admission.turn().now_or_never(), Some(Err(Overloaded { .. }))));
            drop(turn);
            drop(waiting.await);
            tokio::time::advance(QUIET).await;
            drop(admission.turn().await);
            assert_eq!(log.take(), NOTHING, "the others are counted, and it may go on");
            tokio::time::advance(Duration::from_millis(1)).await;
            drop(admission.turn().await);
            let ended = format!("INFO requests of programs are no longer refused refused={refused}");
            assert_eq!(log.take(), [ended]);
            drop(admission.turn().await);
            assert_eq!(log.take(), NOTHING, "once");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn f46_a_burst_may_wait_and_an_overload_keeps_its_queue_short() {
        let admission = Admission::new(1, 1);
        let turn = admission.turn().await.unwrap();
        let mut burst = pin!(admission.turn());
        assert!(burst.as_mut().now_or_never().is_none());
        tokio::time::advance(LONGEST_QUEUE).await;
        assert!(admission.refusal().is_none(), "it may pass");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(admission.refusal().is_some(), "an overload begins");
        drop(turn);
        let turn = burst.await.unwrap();
        let mut later = pin!(admission.turn());
        assert!(later.as_mut().now_or_never().is_none());
        tokio::time::advance(OVERLOAD_QUEUE).await;
        assert!(admission.refusal().is_none());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(admission.refusal().is_some(), "it goes on");
        drop(turn);
        let turn = later.await.unwrap();
        tokio::time::advance(LONGEST_QUEUE).await;
        let mut last = pin!(admission.turn());
        assert!(last.as_mut().now_or_never().is_none());
        tokio::time::advance(OVERLOAD_QUEUE + Duration::from_millis(1)).await;
        assert!(admission.refusal().is_none(), "nobody was refused for a while");
        drop(turn);
    }

    #[test]
    fn turns_fit_the_connections_to_the_database() {
        let turns = |connections| Admission::for_this_machine(connections).state.lock().free;
        assert_eq!(turns(Some(1)), TURNS_PER_CONNECTION);
        assert_eq!(turns(Some(1_000_000)), turns(None));
    }

    #[tokio::test(start_paused = true)]
    async fn f46_refusals_are_told_in_groups_and_none_waits_for_long() {
        let admission = Admission::new(0, 2);
        let mut waiting = pin!(admission.turn());
        assert!(waiting.as_mut().now_or_never().is_none());
        tokio::time::advance(LONGEST_QUEUE + Duration::from_millis(1)).await;
        let begun = Instant::now();
        let told = || admission.refusal().unwrap().1.duration_since(begun).as_millis();
        assert_eq!([(); 6].map(|()| told()), [0, 20, 20, 40, 40, 60]);
        assert_eq!([(); 60].map(|()| told())[44..], [500; 16], "the last group takes all");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!([(); 3].map(|()| told()), [2_000, 2_000, 2_020], "what was not used is not saved");
    }

    #[tokio::test(start_paused = true)]
    async fn f46_turns_are_taken_in_order_and_none_is_lost_with_a_client_that_leaves() {
        let admission = Admission::new(1, 1);
        let turn = admission.turn().await.unwrap();
        let mut first = Box::pin(admission.turn());
        let mut second = Box::pin(admission.turn());
        let mut third = Box::pin(admission.turn());
        for waiting in [&mut first, &mut second, &mut third] {
            assert!(waiting.as_mut().now_or_never().is_none());
        }
        drop(first);
        drop(turn);
        assert!(third.as_mut().now_or_never().is_none(), "it is not its turn");
        // A client that leaves with the turn on its way gives it back.
        drop(second);
        assert!(third.await.is_ok());
        assert_eq!(admission.state.lock().free, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn f46_who_waited_in_vain_is_not_worked_on() {
        let admission = Admission::new(1, 1);
        let turn = admission.turn().await.unwrap();
        let mut waiting = pin!(admission.turn());
        assert!(waiting.as_mut().now_or_never().is_none());
        tokio::time::advance(LONGEST_WAIT + Duration::from_millis(1)).await;
        drop(turn);
        assert!(matches!(waiting.await, Err(Overloaded { .. })));
        assert_eq!(admission.state.lock().free, 1);
    }
}
