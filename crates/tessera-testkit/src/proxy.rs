//! A proxy before PostgreSQL that a test can cut, so that the server seems to be gone. It can also lose what is said about a COMMIT.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Passes connections on to one address until it is cut.
pub struct Proxy {
    address: SocketAddr,
    upstream: SocketAddr,
    commits: Arc<Commits>,
    passing: Option<JoinHandle<()>>,
}

/// What happens to a COMMIT. In each case the client's connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitLoss {
    /// PostgreSQL has committed, and its answer is lost.
    Answer,
    /// PostgreSQL has committed, its answer is lost, and nobody can connect any more.
    AnswerAndServer,
    /// The COMMIT does not reach PostgreSQL, whose connection stays open.
    Request,
}

/// Which COMMITs are lost.
#[derive(Default)]
struct Commits {
    plan: Mutex<Plan>,
}

#[derive(Clone, Copy, Default)]
struct Plan {
    loss: Option<CommitLoss>,
    per_cent: u64,
    random: u64,
    lost: u64,
}

impl Commits {
    /// Whether this COMMIT is lost, if it can be lost in one of these ways.
    fn loses(&self, ways: &[CommitLoss]) -> bool {
        let mut plan = self.plan.lock();
        if !plan.loss.is_some_and(|loss| ways.contains(&loss)) {
            return false;
        }
        // SplitMix64.
        plan.random = plan.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = plan.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let lost = mixed % 100 < plan.per_cent;
        plan.lost += u64::from(lost);
        lost
    }

    fn took_the_server(&self) -> bool {
        let plan = self.plan.lock();
        plan.loss == Some(CommitLoss::AnswerAndServer) && plan.lost > 0
    }
}

impl Proxy {
    /// Starts a proxy before the PostgreSQL server of this URL, on a free loopback port. Returns the URL through the proxy, too.
    ///
    /// # Panics
    /// If the URL names no address, or there is no port.
    pub async fn start(url: &str) -> (Self, String) {
        let mut url = url::Url::parse(url).expect("a URL");
        let upstream = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5432));
        let upstream = upstream.parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let commits = Arc::default();
        let passing = Some(tokio::spawn(pass(listener, upstream, Arc::clone(&commits))));
        (Self { address, upstream, commits, passing }, url.into())
    }

    /// From now on, loses some of the COMMITs in this way. `seed` says which.
    pub fn lose_commits(&self, loss: CommitLoss, per_cent: u64, seed: u64) {
        let mut plan = self.commits.plan.lock();
        *plan = Plan { loss: Some(loss), per_cent, random: seed, lost: plan.lost };
    }

    /// Loses no more COMMITs, and lets everybody connect again. Returns how many were lost.
    pub fn keep_commits(&self) -> u64 {
        let mut plan = self.commits.plan.lock();
        plan.loss = None;
        plan.lost
    }

    /// Breaks every connection and refuses new ones, like a stopped server.
    pub async fn cut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            drop(passing.await);
        }
    }

    /// Accepts new connections again.
    ///
    /// # Panics
    /// If the port is taken.
    pub async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.passing = Some(tokio::spawn(pass(listener, self.upstream, Arc::clone(&self.commits))));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
        }
    }
}

/// The connections are tasks of a set, which aborts them when this future ends.
async fn pass(listener: TcpListener, upstream: SocketAddr, commits: Arc<Commits>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let commits = Arc::clone(&commits);
        connections.spawn(async move {
            if !commits.took_the_server()
                && let Ok(far) = TcpStream::connect(upstream).await
            {
                pass_messages(near, far, &commits).await;
            }
        });
    }
}

/// Passes the messages of PostgreSQL's protocol on (PostgreSQL manual, section 54.7), except what is to be lost.
async fn pass_messages(near: TcpStream, far: TcpStream, commits: &Commits) {
    for stream in [&near, &far] {
        stream.set_nodelay(true).expect("a TCP socket");
    }
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    let mut from_far = BufReader::new(from_far);
    let withheld = tokio::select! {
        withheld = pass_requests(from_near, to_far, commits) => withheld,
        () = pass_answers(&mut from_far, to_near, commits) => None,
    };
    // The client is gone by now. A server that waits for a COMMIT does not know that.
    if let Some(_to_far) = withheld {
        let _ = from_far.read_to_end(&mut Vec::new()).await;
    }
}

/// Returns the way to the server if a COMMIT was withheld from it.
async fn pass_requests(
    from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    commits: &Commits,
) -> Option<OwnedWriteHalf> {
    let mut from = BufReader::new(from);
    // The first message has no type.
    to.write_all(&message(&mut from, 0).await?).await.ok()?;
    loop {
        let request = message(&mut from, 1).await?;
        if request == b"Q\0\0\0\x0bCOMMIT\0" && commits.loses(&[CommitLoss::Request]) {
            return Some(to);
        }
        to.write_all(&request).await.ok()?;
    }
}

async fn pass_answers(from: &mut BufReader<OwnedReadHalf>, mut to: OwnedWriteHalf, commits: &Commits) {
    while let Some(answer) = message(from, 1).await {
        let lost = answer == b"C\0\0\0\x0bCOMMIT\0"
            && commits.loses(&[CommitLoss::Answer, CommitLoss::AnswerAndServer]);
        if lost || to.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// The next message: its type, if it has one, its length without the type, and the rest.
async fn message(from: &mut BufReader<OwnedReadHalf>, type_bytes: usize) -> Option<Vec<u8>> {
    let mut message = vec![0; type_bytes + 4];
    from.read_exact(&mut message).await.ok()?;
    let length = u32::from_be_bytes(message[type_bytes..].try_into().ok()?);
    message.resize(type_bytes + usize::try_from(length).ok()?, 0);
    from.read_exact(&mut message[type_bytes + 4..]).await.ok()?;
    Some(message)
}
