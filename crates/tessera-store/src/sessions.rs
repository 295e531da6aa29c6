//! Single sign-on sessions. A session that has ended stays ended (invariant I4).

use tessera_model::{Digest, Session, SessionId, Timestamp, UserId};

use crate::row::Row;
use crate::sql::sessions as sql;
use crate::value::{named, params, to_json};
use crate::{StoreError, Tx};

/// The sessions, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Sessions<'t>(&'t Tx);

impl Tx {
    /// Single sign-on sessions.
    pub const fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// Adds a session. [`StoreError::Conflict`] if its person does not exist any more.
    pub async fn insert(self, session: &Session) -> Result<(), StoreError> {
        let proofs = to_json(&session.authentication)?;
        let values = named![
            id = &session.id,
            secret = &session.secret,
            user_id = &session.user_id,
            proofs = &proofs,
            created_at = session.created_at,
            last_seen_at = session.last_seen_at,
            idle_expires_at = session.idle_expires_at,
            expires_at = session.expires_at,
            ended_at = session.ended_at,
            user_agent = session.user_agent.as_deref(),
            ip = session.ip.as_deref(),
            keep_until = session.expires_at,
        ];
        self.0.execute(&sql::INSERT, values.of(&sql::INSERT)?).await.map(drop)
    }

    /// One session, ended or not.
    pub async fn find(self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.0.one_row(&sql::FIND, params![&id]).await?.map(read).transpose()
    }

    /// One session, locked until the transaction ends. Only in a write.
    pub async fn find_for_update(self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.0.one_row(&sql::FIND_FOR_UPDATE, params![&id]).await?.map(read).transpose()
    }

    /// The session of a cookie, ended or not.
    pub async fn find_by_secret(self, secret: &Digest) -> Result<Option<Session>, StoreError> {
        self.0.one_row(&sql::FIND_BY_SECRET, params![secret]).await?.map(read).transpose()
    }

    /// Records that a session is used at `last_seen`. `false` if it is not live then.
    pub async fn touch(
        self,
        id: SessionId,
        last_seen: Timestamp,
        idle_expires: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.changed(&sql::TOUCH, params![&id, last_seen, idle_expires]).await
    }

    /// Gives a session a new secret and a new login. The old cookie is invalid then. `false` if the session has ended.
    pub async fn renew(self, session: &Session) -> Result<bool, StoreError> {
        let proofs = to_json(&session.authentication)?;
        let params = params![
            &session.id,
            &session.secret,
            &proofs,
            session.last_seen_at,
            session.idle_expires_at,
            session.expires_at,
        ];
        self.0.changed(&sql::RENEW, params).await
    }

    /// Ends a session.
    pub async fn end(self, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::END, params![&id, now]).await
    }

    /// Ends all sessions of a person. Returns those that had not ended yet.
    pub async fn end_all_of_user(self, id: UserId, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        let rows = self.0.rows(&sql::END_ALL_OF_USER, params![&id, now]).await?;
        rows.into_iter().map(read_id).collect()
    }

    /// Ends all sessions of a person but this one.
    pub async fn end_others_of_user(
        self,
        id: UserId,
        now: Timestamp,
        kept: SessionId,
    ) -> Result<(), StoreError> {
        self.0.execute(&sql::END_OTHERS_OF_USER, params![&id, now, &kept]).await.map(drop)
    }

    /// All sessions of a person that are still stored, newest first, ended or not.
    pub async fn list_of_user(self, id: UserId) -> Result<Vec<Session>, StoreError> {
        self.0.scan(&sql::LIST_OF_USER, params![&id]).await?.into_iter().map(read).collect()
    }

    /// Removes expired sessions without grants. It removes at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![now, most]).await
    }
}

pub(crate) fn read_id(mut row: Row) -> Result<SessionId, StoreError> {
    row.id("id")
}

pub(crate) fn read(mut row: Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id("id")?,
        secret: row.digest("secret")?,
        user_id: row.id("user_id")?,
        authentication: row.json("proofs")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        idle_expires_at: row.time("idle_expires_at")?,
        expires_at: row.time("expires_at")?,
        ended_at: row.opt_time("ended_at")?,
        user_agent: row.opt_text("user_agent")?,
        ip: row.opt_text("ip")?,
    })
}
