//! Jobs that one of several instances does at a time, because it holds a lease on the job in the database.

use std::time::Duration;

use crate::Timestamp;
use crate::policy::CLOCK_LEEWAY_SECONDS;

const CLOCK_LEEWAY: Duration = Duration::from_secs(CLOCK_LEEWAY_SECONDS.unsigned_abs());

/// Who works on a job, and until when nobody else may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLease {
    /// The instance and the run. No two runs have the same.
    pub holder: String,
    /// The holder extends the lease while it works. Some time after this moment another instance takes the job over.
    pub until: Timestamp,
}

/// What the database knows of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Stable name, such as `purge.audit`.
    pub name: String,
    /// The run under way, if there is one.
    pub lease: Option<JobLease>,
    /// When the last run began.
    pub last_started_at: Option<Timestamp>,
    /// When a run last ended, well or not.
    pub last_finished_at: Option<Timestamp>,
    /// When a run last ended well.
    pub last_succeeded_at: Option<Timestamp>,
    /// Why the last run that ended failed.
    pub last_error: Option<String>,
    /// How much the run under way, or the last one, has done: rows removed, keys moved on.
    pub progress: i64,
    /// The job is due from this moment on.
    pub next_run_at: Timestamp,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// No instance has begun it yet.
    New,
    /// An instance works on it.
    Running,
    /// The instance that worked on it is gone. Another one takes the job over.
    Abandoned,
    /// The last run failed.
    Failing,
    /// The last run ended well.
    Waiting,
}

impl JobState {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Running => "running",
            Self::Abandoned => "abandoned",
            Self::Failing => "failing",
            Self::Waiting => "waiting",
        }
    }
}

impl JobRecord {
    /// A job that no instance has begun yet. It is due at once.
    pub fn new(name: &str, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            lease: None,
            last_started_at: None,
            last_finished_at: None,
            last_succeeded_at: None,
            last_error: None,
            progress: 0,
            next_run_at: now,
        }
    }

    /// Where the job stands.
    pub fn state(&self, now: Timestamp) -> JobState {
        match (&self.lease, self.last_started_at, &self.last_error) {
            (Some(lease), _, _) if lease.until < now.before(CLOCK_LEEWAY) => JobState::Abandoned,
            (Some(_), _, _) => JobState::Running,
            (None, None, _) => JobState::New,
            (None, Some(_), Some(_)) => JobState::Failing,
            (None, Some(_), None) => JobState::Waiting,
        }
    }
}

/// The wish to work on a job.
#[derive(Clone, Copy, Debug)]
pub struct JobClaim<'a> {
    /// Which job.
    pub name: &'a str,
    /// Who wants to.
    pub holder: &'a str,
    /// The clock of that instance.
    pub now: Timestamp,
    /// How long a lease lasts.
    pub lease: Duration,
    /// How long the job rests after a run.
    pub period: Duration,
}

impl JobClaim<'_> {
    /// Until when the lease would last.
    pub fn lease_until(&self) -> Timestamp {
        self.now.after(self.lease)
    }

    /// A lease that ended before this moment has ended on the clock of its holder too (policy P6).
    pub fn expired_before(&self) -> Timestamp {
        self.now.before(CLOCK_LEEWAY)
    }

    /// A lease beyond this moment counts as ended. Either the clock of its holder was wrong, or ours has been set back since.
    pub fn latest_lease(&self) -> Timestamp {
        self.lease_until().after(CLOCK_LEEWAY)
    }

    /// A next run beyond this moment counts as due, for the same reason.
    pub fn latest_next_run(&self) -> Timestamp {
        self.now.after(self.period).after(CLOCK_LEEWAY)
    }

    /// Whether the job is due and free. The statement that claims it decides the same by itself.
    pub fn succeeds_on(&self, record: &JobRecord) -> bool {
        let free = record
            .lease
            .as_ref()
            .is_none_or(|lease| lease.until < self.expired_before() || lease.until > self.latest_lease());
        let due = record.next_run_at <= self.now || record.next_run_at > self.latest_next_run();
        free && due
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub struct JobEnd<'a> {
    /// When.
    pub at: Timestamp,
    /// Whether it went well, or why not.
    pub result: Result<(), &'a str>,
    /// The job is due again from this moment on.
    pub next_run_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn leased(until: i64) -> JobRecord {
        let lease = Some(JobLease { holder: "a".to_owned(), until: Timestamp::from_seconds(until) });
        JobRecord { lease, last_started_at: Some(NOW), ..JobRecord::new("test", NOW) }
    }

    fn claim() -> JobClaim<'static> {
        let (lease, period) = (Duration::from_secs(60), Duration::from_secs(3_600));
        JobClaim { name: "test", holder: "b", now: NOW, lease, period }
    }

    #[test]
    fn p6_a_lease_is_over_when_it_is_over_on_every_clock() {
        let taken = [989, 990, 1_000, 1_070, 1_071].map(|until| claim().succeeds_on(&leased(until)));
        assert_eq!(taken, [true, false, false, false, true]);
    }

    #[test]
    fn a_free_job_is_taken_once_it_is_due() {
        let next = |at| JobRecord { next_run_at: Timestamp::from_seconds(at), ..JobRecord::new("test", NOW) };
        let taken = [999, 1_000, 1_001, 4_610, 4_611].map(|at| claim().succeeds_on(&next(at)));
        assert_eq!(taken, [true, true, false, false, true]);
    }

    #[test]
    fn the_state_says_what_an_administrator_has_to_know() {
        let fresh = JobRecord::new("test", NOW);
        let ended = JobRecord { last_started_at: Some(NOW), ..fresh.clone() };
        let failed = JobRecord { last_error: Some("no".to_owned()), ..ended.clone() };
        let states = [fresh, leased(1_000), leased(989), failed, ended].map(|record| record.state(NOW));
        let expected =
            [JobState::New, JobState::Running, JobState::Abandoned, JobState::Failing, JobState::Waiting];
        assert_eq!(states, expected);
    }
}
