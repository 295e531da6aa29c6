//! Messages that wait in the database until another system has taken them.

use std::time::Duration;

use crate::policy::CLOCK_LEEWAY_SECONDS;
use crate::{OutboxId, Timestamp, UserId};

const CLOCK_LEEWAY: Duration = Duration::from_secs(CLOCK_LEEWAY_SECONDS.unsigned_abs());
/// How long a message rests after each attempt that failed. After more attempts it rests as long as after the last one.
const PAUSES: [u64; 6] = [5, 30, 120, 600, 3_600, 3 * 3_600];

/// By which way a message leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Mail,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 1] = [Self::Mail];

    /// The code, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
        }
    }
}

/// A message that waits. To whom it goes and what it says is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Names the message, also to whoever receives it: a second copy has the same.
    pub id: OutboxId,
    /// By which way it leaves.
    pub channel: Channel,
    /// What kind of message it is. A newer version may have written one that this version does not know.
    pub kind: String,
    /// The person to whom it goes. It is removed with them.
    pub user_id: Option<UserId>,
    /// The recipient and the message, sealed under the key-encryption key.
    pub sealed: Vec<u8>,
    /// Whether somebody waits for it. It goes before what only tells.
    pub urgent: bool,
    /// How often it was tried. An attempt is counted before it is made.
    pub attempts: u32,
    /// Why the last attempt failed: a code of ours.
    pub last_error: Option<String>,
    /// The next attempt is due from this moment on.
    pub next_attempt_at: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
    /// From this moment on it is no longer sent.
    pub expires_at: Timestamp,
}

impl Waiting {
    /// An attempt beyond this moment counts as due. The clock that planned it was ahead.
    pub fn latest_attempt(now: Timestamp) -> Timestamp {
        now.after(Duration::from_secs(PAUSES[PAUSES.len() - 1]) + CLOCK_LEEWAY)
    }

    /// When the attempt after one that is made now is due. That is the end of the message at the latest, so that somebody learns of
    /// it then.
    pub fn attempt_after(&self, now: Timestamp) -> Timestamp {
        let made = usize::try_from(self.attempts).unwrap_or(usize::MAX);
        let pause = PAUSES[made.min(PAUSES.len() - 1)];
        now.after(Duration::from_secs(pause)).min(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_the_end_of_the_message() {
        let at = Timestamp::from_seconds;
        let mut waiting = Waiting {
            id: OutboxId::from_random([1; 16]),
            channel: Channel::Mail,
            kind: "password_changed".to_owned(),
            user_id: None,
            sealed: Vec::new(),
            urgent: false,
            attempts: 0,
            last_error: None,
            next_attempt_at: at(0),
            created_at: at(0),
            expires_at: at(86_400),
        };
        let mut times = Vec::new();
        while waiting.next_attempt_at < waiting.expires_at {
            waiting.next_attempt_at = waiting.attempt_after(waiting.next_attempt_at);
            waiting.attempts += 1;
            times.push(waiting.next_attempt_at.seconds());
        }
        let hours = [15_155, 25_955, 36_755, 47_555, 58_355, 69_155, 79_955, 86_400];
        assert_eq!(times, [&[5, 35, 155, 755, 4_355][..], &hours].concat());
        waiting.attempts = u32::MAX;
        assert_eq!(waiting.attempt_after(at(0)), at(3 * 3_600));
    }
}
