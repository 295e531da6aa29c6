//! The log of revocation rules, numbered in commit order.
//!
//! A reader asks for the rules after the last number it has seen. A number that became visible after a higher one would be
//! skipped for ever, and with it a revocation. So the number comes from a counter row whose lock is held until the commit:
//! whoever gets the next number has waited for this one to be there. Append late in a transaction; it queues the others.

use tessera_model::{
    Digest, KnownRule, NumberedRule, RevocableToken, RevocationKind, RevocationRule, Timestamp,
};

use crate::row::Row;
use crate::sql::revocations as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// The log of revocation rules, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Revocations<'t>(&'t Tx);

impl Tx {
    /// The log of revocation rules.
    pub const fn revocations(&self) -> Revocations<'_> {
        Revocations(self)
    }
}

impl Revocations<'_> {
    /// Writes a rule; returns its number. A rule about the same thing is replaced by one that hits and lasts as much as either
    /// of them, under the new number: to take something back again and again fills nothing.
    pub async fn append(self, rule: &RevocationRule) -> Result<i64, StoreError> {
        let row = self.0.one_row(&sql::NEXT_SEQ, &[]).await?;
        let seq = read_counter(row)?;
        let values = named![
            seq = seq,
            kind = rule.kind.as_str(),
            target = &rule.id,
            issued_before = rule.issued_before,
            expires_at = rule.expires_at,
            subject = rule.subject.as_ref(),
            client = rule.client.as_ref(),
        ];
        self.0.execute(&sql::PUT, values.of(&sql::PUT)?).await?;
        self.0.note(seq, rule);
        Ok(seq)
    }

    /// Writes a rule, unless one about the same thing hits and lasts as much already: then `false`.
    pub async fn append_once(self, rule: &RevocationRule) -> Result<bool, StoreError> {
        // Whoever does the same at this moment waits here, and then finds the rule.
        self.0.one_row(&sql::LOCK_SEQ, &[]).await?;
        let params = params![rule.kind.as_str(), &rule.id, rule.issued_before, rule.expires_at];
        if self.0.one_row(&sql::FIND_EQUAL, params).await?.is_some() {
            return Ok(false);
        }
        self.append(rule).await.map(|_| true)
    }

    /// The highest number given so far, also where its rule has been purged.
    pub async fn last(self) -> Result<i64, StoreError> {
        let row = self.0.one_row(&sql::LAST_SEQ, &[]).await?;
        read_counter(row)
    }

    /// The epoch that the numbers belong to. A restore begins a new one, which is always higher.
    pub async fn epoch(self) -> Result<i64, StoreError> {
        let row = self.0.one_row(&sql::EPOCH, &[]).await?;
        read_counter(row)
    }

    /// Begins the first epoch of a new database. `false` if it has begun.
    pub async fn begin_epoch(self, epoch: i64) -> Result<bool, StoreError> {
        self.0.changed(&sql::BEGIN_EPOCH, params![epoch]).await
    }

    /// Begins another epoch. Its numbers are higher than those of every epoch before, if epochs are moments in seconds and there were
    /// fewer than 1,000 rules a second. So a number never means a rule of another epoch.
    pub async fn set_epoch(self, epoch: i64) -> Result<(), StoreError> {
        self.0.execute(&sql::SET_EPOCH, params![epoch]).await?;
        self.0.execute(&sql::RAISE_SEQ, params![epoch.saturating_mul(1_000)]).await.map(drop)
    }

    /// Rules with a higher number, in order. SQLite reads them on the calling thread, so a request asks for a few hundred at most.
    pub async fn list_after(self, seq: i64, limit: u32) -> Result<Vec<NumberedRule>, StoreError> {
        self.0.rows(&sql::LIST_AFTER, params![seq, limit]).await?.into_iter().map(read).collect()
    }

    /// The number of the rule that has `newer` rules after it. `None` if there are not so many. It reads as many: not for requests.
    pub async fn before_last(self, newer: u32) -> Result<Option<i64>, StoreError> {
        self.0.one_row(&sql::BEFORE_LAST, params![newer]).await?.map(|mut row| row.int("seq")).transpose()
    }

    /// Whether a rule hits this token.
    pub async fn is_revoked(self, by: &RevocableToken) -> Result<bool, StoreError> {
        let params = params![
            by.issued_at,
            &by.token,
            by.grant.as_ref(),
            by.session.as_ref(),
            &by.subject,
            &by.client,
            by.known_subject_rule.unwrap_or(0),
            by.known_client_rule.unwrap_or(0),
        ];
        Ok(self.0.one_row(&sql::FIND_AGAINST, params).await?.is_some())
    }

    /// The last rule about each client, and about the machine that a client is: kind, hash of the client, rule.
    pub async fn list_of_clients(self) -> Result<Vec<(RevocationKind, Digest, KnownRule)>, StoreError> {
        let rows = self.0.scan(&sql::LIST_OF_CLIENTS, &[]).await?;
        let known = |row| {
            let (seq, rule) = read(row)?;
            Ok((rule.kind, rule.id, KnownRule { seq, issued_before: rule.issued_before }))
        };
        rows.into_iter().map(known).collect()
    }

    /// How many rules about tokens, grants and sessions of a person there are.
    pub async fn count_of_person(self, subject: &Digest) -> Result<u64, StoreError> {
        read_one_count(self.0.one_row(&sql::COUNT_OF_PERSON, params![subject]).await?)
    }

    /// Replaces all rules about tokens, grants and sessions of a person by this one about the person. Returns its number.
    pub async fn fold_person(self, subject: &Digest, rule: &RevocationRule) -> Result<i64, StoreError> {
        self.0.execute(&sql::REMOVE_OF_PERSON, params![subject]).await?;
        self.append(rule).await
    }

    /// How many rules there are. It reads them all: not for requests.
    pub async fn count(self) -> Result<u64, StoreError> {
        let rows = self.0.scan(&sql::COUNT, &[]).await?;
        read_one_count(rows.into_iter().next())
    }

    /// The client whose rules about tokens, grants and sessions are about the most people, and how many. It reads all rules: not
    /// for requests.
    pub async fn largest_client(self) -> Result<Option<(Digest, u64)>, StoreError> {
        let rows = self.0.scan(&sql::LARGEST_CLIENT, &[]).await?;
        rows.into_iter().next().map(read_largest_client).transpose()
    }

    /// Removes rules about tokens, grants and sessions of a client that are older than number `seq`, which is a rule about the client:
    /// at most `most` in one call. Call it until it returns zero.
    pub async fn purge_of_client(self, client: &Digest, seq: i64, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::REMOVE_OF_CLIENT, params![client, seq, most]).await
    }

    /// Removes rules that hit no living token any more: at most `most` in one call. Call it until it returns
    /// zero.
    pub async fn purge(self, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![now, most]).await
    }
}

fn read_counter(row: Option<Row>) -> Result<i64, StoreError> {
    read_seq(row.ok_or_else(|| StoreError::Corrupt("the rule counter is missing".to_owned()))?)
}

fn read_one_count(row: Option<Row>) -> Result<u64, StoreError> {
    row.map_or(Ok(0), read_count)
}

pub(crate) fn read_count(mut row: Row) -> Result<u64, StoreError> {
    row.count("rules")
}

pub(crate) fn read_largest_client(mut row: Row) -> Result<(Digest, u64), StoreError> {
    Ok((row.digest("client")?, row.count("people")?))
}

pub(crate) fn read_seq(mut row: Row) -> Result<i64, StoreError> {
    row.int("value")
}

pub(crate) fn read(mut row: Row) -> Result<NumberedRule, StoreError> {
    let seq = row.int("seq")?;
    let rule = RevocationRule {
        kind: row.code("kind", &RevocationKind::ALL, RevocationKind::as_str)?,
        id: row.digest("target")?,
        issued_before: row.time("issued_before")?,
        expires_at: row.time("expires_at")?,
        subject: row.opt_digest("subject")?,
        client: row.opt_digest("client")?,
    };
    Ok((seq, rule))
}
