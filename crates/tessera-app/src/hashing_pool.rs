//! The pool that computes password hashes: so many at a time, the others wait in two bounded queues.
//!
//! The threads are the pool's own. Each keeps one buffer as long as it has work, so the memory is at most `workers` buffers
//! however many logins come. A thread that has had nothing to do for a minute ends, and its buffer goes back to the system.
//!
//! Waiting and computing are two steps: who has a [`Turn`] is computed at once. So a login counts its attempt between them, when
//! it can no longer be told to come back later.

use std::collections::VecDeque;
use std::sync::mpsc::{self, RecvTimeoutError, SendError};
use std::sync::{Arc, Weak};
use std::time::Duration;

use argon2::Block;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The pool is full: try again in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many logins at the same time")]
pub struct Busy;

/// Who waits for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Devices that have logged in before, and administrators. Of four turns in a row they get three, so that a flood of strangers
    /// does not keep them waiting.
    Known,
    /// Everybody else.
    Strangers,
}

/// Turns in a row that [`Queue::Known`] gets while strangers wait.
const KNOWN_IN_A_ROW: u32 = 3;
/// How much a thread of the pool gives way to the other threads, whose requests take microseconds (`nice`).
const NICENESS: i32 = 10;
/// After how long without work a thread ends.
const QUIET: Duration = Duration::from_secs(60);

/// The size of a pool.
#[derive(Clone, Copy)]
pub(crate) struct PoolSize {
    /// Hashes at the same time.
    pub(crate) workers: usize,
    /// Most that wait, in each queue.
    pub(crate) queue: usize,
    /// The longest that one waits.
    pub(crate) queue_timeout: Duration,
}

/// The pool.
pub(crate) struct Pool {
    size: PoolSize,
    turns: Arc<Mutex<Turns>>,
    threads: Arc<Mutex<Threads>>,
}

impl Pool {
    pub(crate) fn new(size: PoolSize) -> Self {
        let turns = Turns { free: size.workers.max(1), ..Turns::default() };
        Self { size, turns: Arc::new(Mutex::new(turns)), threads: Arc::default() }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// The queue is full, or it took too long.
    pub(crate) async fn turn(&self, queue: Queue) -> Result<Turn, Busy> {
        let granted = {
            let mut turns = self.turns.lock();
            if turns.free > 0 {
                turns.free -= 1;
                return Ok(Turn(Some(Arc::clone(&self.turns))));
            }
            turns.wait(queue, self.size.queue)?
        };
        match tokio::time::timeout(self.size.queue_timeout, granted).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }

    /// Computes on a thread of the pool, with its buffer. The turn is given back with the result. If nobody waits for the result
    /// any more, the turn ends with the work.
    ///
    /// # Errors
    /// The system has no thread for it, or the work panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut Buffer) -> T + Send + 'static,
    ) -> Result<(T, Turn), Busy> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |buffer| {
            let result = work(buffer);
            Box::new(move || drop(answer.send((result, turn))))
        });
        Threads::start(&self.threads, job)?;
        done.await.map_err(|_| Busy)
    }
}

/// Leave to compute one hash at a time. The next in the queues gets it when it is dropped.
pub(crate) struct Turn(Option<Arc<Mutex<Turns>>>);

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.0.take() else { return };
        loop {
            let Some(next) = turns.lock().next() else { return };
            let Err(mut unwanted) = next.send(Self(Some(Arc::clone(&turns)))) else { return };
            // Nobody waits there any more. This turn goes on looking, so the other must not look too.
            unwanted.0 = None;
        }
    }
}

/// The turns that nobody has, and those who wait for one.
#[derive(Default)]
struct Turns {
    free: usize,
    known: VecDeque<oneshot::Sender<Turn>>,
    strangers: VecDeque<oneshot::Sender<Turn>>,
    known_in_a_row: u32,
}

impl Turns {
    fn wait(&mut self, queue: Queue, most: usize) -> Result<oneshot::Receiver<Turn>, Busy> {
        let waiting = match queue {
            Queue::Known => &mut self.known,
            Queue::Strangers => &mut self.strangers,
        };
        if waiting.len() >= most {
            waiting.retain(|waiting| !waiting.is_closed());
        }
        if waiting.len() >= most {
            return Err(Busy);
        }
        let (grant, granted) = oneshot::channel();
        waiting.push_back(grant);
        Ok(granted)
    }

    /// Who gets the turn that ends now. If nobody waits, it becomes free.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let strangers_wait = !self.strangers.is_empty();
        if strangers_wait && self.known_in_a_row >= KNOWN_IN_A_ROW {
            self.known_in_a_row = 0;
            return self.strangers.pop_front();
        }
        if let Some(known) = self.known.pop_front() {
            self.known_in_a_row = if strangers_wait { self.known_in_a_row + 1 } else { 0 };
            return Some(known);
        }
        self.known_in_a_row = 0;
        let next = self.strangers.pop_front();
        if next.is_none() {
            self.free += 1;
        }
        next
    }
}

/// Computes, and returns what delivers the result.
type Job = Box<dyn FnOnce(&mut Buffer) -> Box<dyn FnOnce() + Send> + Send>;

/// The threads that have nothing to do. Those at work are as many as there are turns given.
#[derive(Default)]
struct Threads {
    idle: Vec<Idle>,
    last_number: u64,
}

struct Idle {
    number: u64,
    jobs: mpsc::Sender<Job>,
}

impl Threads {
    /// Gives the job to the thread that was at work last, so that the others can end. Without an idle thread it begins one.
    fn start(threads: &Arc<Mutex<Self>>, mut job: Job) -> Result<(), Busy> {
        let number = loop {
            let mut threads = threads.lock();
            let Some(idle) = threads.idle.pop() else {
                threads.last_number += 1;
                break threads.last_number;
            };
            match idle.jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(SendError(unsent)) => job = unsent,
            }
        };
        let threads = Arc::downgrade(threads);
        let named = std::thread::Builder::new().name("hashing".to_owned());
        named.spawn(move || work(&threads, number, job)).map(drop).map_err(|_| Busy)
    }

    /// Whether the thread may end. It may not if a job is on its way to it.
    fn retire(&mut self, number: u64) -> bool {
        let found = self.idle.iter().position(|idle| idle.number == number);
        found.map(|at| self.idle.swap_remove(at)).is_some()
    }
}

/// What a thread does until it has been idle for long, or the pool is gone.
fn work(threads: &Weak<Mutex<Threads>>, number: u64, mut job: Job) {
    let (jobs, coming) = mpsc::channel();
    let mut buffer = Buffer::default();
    give_way();
    loop {
        let deliver = job(&mut buffer);
        // Idle first: whoever gets the turn next must find this thread.
        let Some(pool) = threads.upgrade() else { return deliver() };
        pool.lock().idle.push(Idle { number, jobs: jobs.clone() });
        drop(pool);
        deliver();
        job = loop {
            match coming.recv_timeout(QUIET) {
                Ok(job) => break job,
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if threads.upgrade().is_none_or(|pool| pool.lock().retire(number)) {
                return;
            }
        };
    }
}

/// A system that refuses it hashes all the same.
fn give_way() {
    // Elsewhere this is about the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

/// The memory of a hash, kept for the next one.
#[derive(Default)]
pub(crate) struct Buffer(Vec<Block>);

impl Buffer {
    /// glibc gives an allocation of more than 32 MiB back to the system when it is freed, and keeps smaller ones. So every buffer
    /// asks for more than that. What it does not use is never touched, and costs addresses but no memory.
    const RETURNED_WHEN_FREED: usize = 33 * 1_024 * 1_024 / Block::SIZE;

    /// So many blocks. Their content does not matter.
    pub(crate) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0 = Vec::new();
            self.0.reserve_exact(count.max(Self::RETURNED_WHEN_FREED));
            self.0.resize(count, Block::new());
        }
        self.0.get_mut(..count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};

    #[cfg(target_os = "linux")]
    use rustix::process::getpriority_process;

    use super::*;

    fn pool(queue: usize) -> Pool {
        Pool::new(PoolSize { workers: 1, queue, queue_timeout: Duration::from_secs(600) })
    }

    async fn is_pending(waiting: Pin<&mut impl Future>) -> bool {
        let mut waiting = waiting;
        std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx).is_pending())).await
    }

    #[tokio::test]
    async fn l10_the_queue_holds_so_many_and_turns_the_rest_away_at_once() {
        let pool = pool(1);
        let first = pool.turn(Queue::Strangers).await.unwrap();
        let mut second = pin!(pool.turn(Queue::Strangers));
        assert!(is_pending(second.as_mut()).await);
        assert_eq!(pool.turn(Queue::Strangers).await.err(), Some(Busy));
        let mut known = pin!(pool.turn(Queue::Known));
        assert!(is_pending(known.as_mut()).await, "strangers do not fill the queue of known devices");
        drop(first);
        drop(known.await.unwrap());
        drop(second.await.unwrap());
        assert_eq!(pool.turns.lock().free, 1);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn l10_a_hash_gives_way_to_other_threads() {
        let (pool, before) = (pool(1), getpriority_process(None).unwrap());
        let turn = pool.turn(Queue::Known).await.unwrap();
        let (inside, _) = pool.run(turn, |_| getpriority_process(None).unwrap()).await.unwrap();
        assert_eq!((inside, getpriority_process(None).unwrap()), (before.max(NICENESS), before));
    }

    #[tokio::test]
    async fn l10_nobody_waits_for_ever() {
        let size = PoolSize { workers: 1, queue: 1, queue_timeout: Duration::ZERO };
        let pool = Pool::new(size);
        let first = pool.turn(Queue::Known).await.unwrap();
        assert_eq!(pool.turn(Queue::Known).await.err(), Some(Busy));
        drop(first);
        assert!(pool.turn(Queue::Known).await.is_ok(), "who gave up is passed over");
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_turn_and_the_place_to_others() {
        let pool = pool(1);
        let first = pool.turn(Queue::Strangers).await.unwrap();
        {
            let mut gives_up = pin!(pool.turn(Queue::Strangers));
            assert!(is_pending(gives_up.as_mut()).await);
        }
        let mut second = pin!(pool.turn(Queue::Strangers));
        assert!(is_pending(second.as_mut()).await, "its place is free again");
        drop(first);
        drop(second.await.unwrap());
        // One that was granted its turn, and did not live to take it.
        let first = pool.turn(Queue::Strangers).await.unwrap();
        {
            let mut late = pin!(pool.turn(Queue::Strangers));
            assert!(is_pending(late.as_mut()).await);
            drop(first);
        }
        assert_eq!(pool.turns.lock().free, 1);
    }

    #[tokio::test]
    async fn l10_of_four_turns_known_devices_get_three_and_strangers_one() {
        let pool = pool(100);
        let first = pool.turn(Queue::Strangers).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (strangers, known): (Vec<_>, Vec<_>) = {
            let mut turns = pool.turns.lock();
            let mut wait = |queue| turns.wait(queue, 100).unwrap();
            ((0..12).map(|_| wait(Queue::Strangers)).collect(), (0..6).map(|_| wait(Queue::Known)).collect())
        };
        let mut waiting = tokio::task::JoinSet::new();
        for (granted, who) in
            strangers.into_iter().map(|it| (it, 's')).chain(known.into_iter().map(|it| (it, 'k')))
        {
            let order = Arc::clone(&order);
            waiting.spawn(async move {
                let turn = granted.await.unwrap();
                order.lock().push(who);
                drop(turn);
            });
        }
        drop(first);
        waiting.join_all().await;
        let order: String = order.lock().iter().collect();
        assert_eq!(order, format!("kkkskkk{}", "s".repeat(11)));
        assert_eq!(pool.turns.lock().free, 1);
    }

    #[tokio::test]
    async fn the_turn_of_a_request_that_ended_stays_taken_until_its_work_is_done() {
        let pool = pool(1);
        let (go, wait) = mpsc::channel::<()>();
        let turn = pool.turn(Queue::Known).await.unwrap();
        {
            let mut ends = pin!(pool.run(turn, move |_| wait.recv().unwrap()));
            assert!(is_pending(ends.as_mut()).await);
        }
        let mut next = pin!(pool.turn(Queue::Known));
        assert!(is_pending(next.as_mut()).await);
        go.send(()).unwrap();
        drop(next.await.unwrap());
    }

    #[tokio::test]
    async fn one_thread_and_one_buffer_serve_one_after_another() {
        let pool = pool(1);
        let mut buffers = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let turn = pool.turn(Queue::Known).await.unwrap();
            let (at, turn) = pool.run(turn, |buffer| buffer.blocks(64).as_ptr().addr()).await.unwrap();
            buffers.insert(at);
            drop(turn);
        }
        assert_eq!((buffers.len(), pool.threads.lock().last_number), (1, 1), "{buffers:?}");
    }

    #[tokio::test]
    async fn work_that_panics_costs_its_own_request_and_nobody_elses() {
        let pool = pool(1);
        let turn = pool.turn(Queue::Known).await.unwrap();
        assert!(pool.run(turn, |_| panic!("on purpose")).await.is_err());
        let turn = pool.turn(Queue::Known).await.unwrap();
        assert_eq!(pool.run(turn, |_| 7).await.map(|(seven, _)| seven).ok(), Some(7));
    }
}
