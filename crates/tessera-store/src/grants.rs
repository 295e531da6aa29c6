//! Grants: one row from the code to the last refresh. The stage only moves forward (invariants I1, I4, I10).

use std::net::IpAddr;

use tessera_model::grant::{MAX_CODE_FAILURES, MAX_PENDING_CODES};
use tessera_model::{
    ClientId, Grant, GrantId, GrantStage, Holder, PendingCode, Refresh, RefreshUse, RevokeReason,
    SecurityVersion, SessionId, Timestamp, UserId,
};

use crate::row::Row;
use crate::sql::{grants as sql, sessions};
use crate::value::{named, params, to_json};
use crate::{StoreError, Tx};

/// Grants, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Grants<'t>(&'t Tx);

impl Tx {
    /// Grants.
    pub const fn grants(&self) -> Grants<'_> {
        Grants(self)
    }
}

impl Grants<'_> {
    /// Adds a grant and keeps its session for as long; [`StoreError::Conflict`] if its person, client or session is gone, or if its
    /// stage does not fit its holder. A code needs a session that has not ended, and takes the place of the oldest where the session
    /// and client have [`MAX_PENDING_CODES`].
    pub async fn insert(self, grant: &Grant) -> Result<(), StoreError> {
        let code_number = self.make_room(grant).await?;
        let (user_id, session_id) = (grant.holder.user_id(), grant.holder.session_id());
        let proofs = grant.holder.authentication().map(to_json).transpose()?;
        let (scope, audiences) = (grant.scope.to_string(), to_json(&grant.audiences)?);
        let stage = StageColumns::of(&grant.stage);
        let rotated_from = stage.refresh.and_then(|refresh| refresh.rotated_from).map(|ip| ip.to_string());
        let last_used_ip = grant.last_used_ip.map(|ip| ip.to_string());
        let values = named![
            id = &grant.id,
            client_id = &grant.client_id,
            holder = holder_name(&grant.holder),
            user_id = user_id.as_ref(),
            session_id = session_id.as_ref(),
            proofs = proofs.as_deref(),
            scope = &scope,
            audiences = &audiences,
            nonce = grant.nonce.as_deref(),
            stage = stage.name,
            code_expires_at = stage.code.map(|code| code.expires_at),
            redirect_uri = stage.code.map(|code| code.redirect_uri.as_str()),
            code_challenge = stage.code.and_then(|code| code.code_challenge.as_deref()),
            code_failures = stage.code.map_or(0, |code| code.failures),
            refresh_leaf = stage.refresh.map(|refresh| refresh.leaf),
            refresh_parent = stage.refresh.and_then(|refresh| refresh.parent),
            refresh_rotated_at = stage.refresh.map(|refresh| refresh.rotated_at),
            refresh_rotated_from = rotated_from.as_deref(),
            refresh_retried_at = stage.refresh.and_then(|refresh| refresh.retried_at),
            refresh_elsewhere = stage.refresh.map_or(0, |refresh| refresh.elsewhere),
            refresh_shadow_run = stage.refresh.map_or(0, |refresh| refresh.shadow_run),
            refresh_idle_expires_at = stage.refresh.map(|refresh| refresh.idle_expires_at),
            revoked_at = stage.revoked.map(|(at, _)| at),
            revoke_reason = stage.revoked.map(|(_, reason)| reason.as_str()),
            last_used_ip = last_used_ip.as_deref(),
            created_at = grant.created_at,
            expires_at = grant.expires_at,
            security_version = grant.security_version,
            code_number = code_number,
        ];
        self.0.execute(&sql::INSERT, values.of(&sql::INSERT)?).await.map(drop)
    }

    /// Keeps the session of a new grant for as long, and its row locked: whoever ends it waits, and codes of one session come one after
    /// the other. Returns the number of a code.
    async fn make_room(self, grant: &Grant) -> Result<Option<i64>, StoreError> {
        let Some(session_id) = grant.holder.session_id() else { return Ok(None) };
        let is_live = self.0.changed(&sessions::KEEP_UNTIL, params![&session_id, grant.expires_at]).await?;
        let GrantStage::Code(_) = grant.stage else { return Ok(None) };
        if !is_live {
            return Err(StoreError::Conflict);
        }
        let pending = self.0.rows(&sql::PENDING_CODES, params![&session_id, &grant.client_id]).await?;
        let mut pending: Vec<_> = pending.into_iter().map(read_pending_code).collect::<Result<_, _>>()?;
        pending.sort_unstable_by_key(|(_, number)| std::cmp::Reverse(*number));
        for (id, _) in pending.iter().skip(MAX_PENDING_CODES - 1) {
            self.0.execute(&sql::REMOVE_CODE, params![id]).await?;
        }
        Ok(Some(pending.first().map_or(0, |(_, number)| *number) + 1))
    }

    /// One grant in any stage.
    pub async fn find(self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        self.0.one_row(&sql::FIND, params![&id]).await?.map(read).transpose()
    }

    /// Spends the code of a grant: it becomes active with this first refresh state. `None` if there is no code to spend: used,
    /// burnt, revoked or too late. The one winner gets the row as it is afterwards.
    pub async fn redeem_code(
        self,
        id: GrantId,
        (now, ip): (Timestamp, Option<IpAddr>),
        refresh: Option<Refresh>,
    ) -> Result<Option<Grant>, StoreError> {
        let ip = ip.map(|ip| ip.to_string());
        let params = params![
            &id,
            refresh.map(|refresh| refresh.leaf),
            refresh.map(|refresh| refresh.rotated_at),
            refresh.map(|refresh| refresh.idle_expires_at),
            now,
            MAX_CODE_FAILURES,
            ip.as_deref(),
        ];
        self.0.one_row(&sql::REDEEM_CODE, params).await?.map(read).transpose()
    }

    /// What the code of a grant was bound to, spent or not; `None` if there was never one.
    pub async fn find_code(self, id: GrantId) -> Result<Option<PendingCode>, StoreError> {
        let Some(mut row) = self.0.one_row(&sql::FIND_CODE, params![&id]).await? else { return Ok(None) };
        read_code(&mut row)
    }

    /// Counts a failed exchange; the last one allowed burns the code. Returns the new count, `None` if there is no code, or none that
    /// its session has not ended.
    pub async fn fail_code(self, id: GrantId, now: Timestamp) -> Result<Option<i64>, StoreError> {
        let params = params![&id, MAX_CODE_FAILURES, now, RevokeReason::CodeBurnt.as_str()];
        self.0.one_row(&sql::FAIL_CODE, params).await?.map(read_failures).transpose()
    }

    /// Presents a refresh token: the rule of [`Refresh::present`] as one statement; a grant that is not offline does not idle.
    /// `None` if nothing was rotated or retried; the caller reads the grant and the rule says why.
    pub async fn rotate_refresh(
        self,
        id: GrantId,
        presented: &RefreshUse,
    ) -> Result<Option<Grant>, StoreError> {
        let RefreshUse { number, now, from, ip, retry, idle_expires_at } = *presented;
        let retry_since = if retry.is_zero() { NEVER } else { now.before(retry) };
        let (from, ip) = (from.map(|ip| ip.to_string()), ip.map(|ip| ip.to_string()));
        let params = params![&id, number, now, idle_expires_at, retry_since, from.as_deref(), ip.as_deref()];
        self.0.one_row(&sql::ROTATE_REFRESH, params).await?.map(read).transpose()
    }

    /// Ends a grant in whatever stage it is; `false` if it had ended, also with its session or generation, or is not there.
    pub async fn revoke(self, id: GrantId, reason: RevokeReason, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::REVOKE, params![&id, now, reason.as_str()]).await
    }

    /// Removes the codes of ended sessions, and their grants that are not offline: at most `most` in one call. Call it until it
    /// returns zero.
    pub async fn purge_of_ended_sessions(self, most: u32) -> Result<u64, StoreError> {
        let ended = self.0.rows(&sessions::UNSWEPT, params![most]).await?;
        let mut steps = 0;
        for row in ended {
            let id = crate::sessions::read_id(row)?;
            steps += self.0.sweep(&sql::REMOVE_OF_SESSION, params![&id, most]).await?;
            if self.0.one_row(&sql::ANY_OF_SESSION, params![&id]).await?.is_some() {
                break;
            }
            self.0.execute(&sessions::MARK_SWEPT, params![&id]).await?;
            steps += 1;
            if steps >= u64::from(most) {
                break;
            }
        }
        Ok(steps)
    }

    /// The only client that has grants of this session, if there is exactly one.
    pub async fn only_client_of_session(self, id: SessionId) -> Result<Option<ClientId>, StoreError> {
        let Some(row) = self.0.one_row(&sql::CLIENTS_OF_SESSION, params![&id]).await? else {
            return Ok(None);
        };
        let (first, last) = read_first_and_last(row)?;
        Ok(first.filter(|client| Some(client) == last.as_ref()))
    }

    /// Ends the grants of a person that do not say of which generation they are: an administrator began a new one, with which the others
    /// ended. Returns how many.
    pub async fn revoke_without_generation(self, id: UserId, now: Timestamp) -> Result<u64, StoreError> {
        let reason = RevokeReason::Administrator.as_str();
        self.0.sweep(&sql::REVOKE_WITHOUT_GENERATION, params![&id, now, reason]).await
    }

    /// Removes grants of a person, at most `most` in one call. Whether none is left.
    pub async fn remove_of_user(self, id: UserId, most: u32) -> Result<bool, StoreError> {
        self.0.sweep(&sql::REMOVE_OF_USER, params![&id, most]).await?;
        Ok(self.0.one_row(&sql::ANY_OF_USER, params![&id]).await?.is_none())
    }

    /// Removes grants of a client, at most `most` in one call. Whether none is left.
    pub async fn remove_of_client(self, id: &ClientId, most: u32) -> Result<bool, StoreError> {
        self.0.sweep(&sql::REMOVE_OF_CLIENT, params![id, most]).await?;
        Ok(self.0.one_row(&sql::ANY_OF_CLIENT, params![id]).await?.is_none())
    }

    /// Removes grants past their end: at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![now, most]).await
    }
}

/// Later than any rotation: the parent never comes back.
const NEVER: Timestamp = Timestamp::from_seconds(i64::MAX);

/// A holder as stored.
const fn holder_name(holder: &Holder) -> &'static str {
    match holder {
        Holder::Session { .. } => "session",
        Holder::Offline { .. } => "offline",
        Holder::Machine => "machine",
    }
}

/// A stage spread over its columns.
#[derive(Default)]
struct StageColumns<'a> {
    name: &'static str,
    code: Option<&'a PendingCode>,
    refresh: Option<Refresh>,
    revoked: Option<(Timestamp, RevokeReason)>,
}

impl<'a> StageColumns<'a> {
    fn of(stage: &'a GrantStage) -> Self {
        match stage {
            GrantStage::Code(code) => Self { name: "code", code: Some(code), ..Self::default() },
            GrantStage::Active(refresh) => Self { name: "active", refresh: *refresh, ..Self::default() },
            GrantStage::Revoked { at, reason } => {
                Self { name: "revoked", revoked: Some((*at, *reason)), ..Self::default() }
            }
        }
    }
}

pub(crate) fn read_pending_code(mut row: Row) -> Result<(GrantId, i64), StoreError> {
    // A server of an older version gives its codes no number.
    Ok((row.id("id")?, row.opt_int("code_number")?.unwrap_or(0)))
}

pub(crate) fn read_first_and_last(mut row: Row) -> Result<(Option<ClientId>, Option<ClientId>), StoreError> {
    Ok((row.opt_parsed("first")?, row.opt_parsed("last")?))
}

pub(crate) fn read_failures(mut row: Row) -> Result<i64, StoreError> {
    row.int("code_failures")
}

pub(crate) fn read(mut row: Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.id("id")?,
        client_id: row.parsed("client_id")?,
        holder: read_holder(&mut row)?,
        scope: row.parsed("scope")?,
        audiences: row.json("audiences")?,
        nonce: row.opt_text("nonce")?,
        stage: read_stage(&mut row)?,
        last_used_ip: row.opt_parsed("last_used_ip")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        security_version: row.opt_int("security_version")?.map(SecurityVersion),
    })
}

fn read_holder(row: &mut Row) -> Result<Holder, StoreError> {
    match row.text("holder")?.as_str() {
        "session" => Ok(Holder::Session {
            user_id: row.id("user_id")?,
            session_id: row.id("session_id")?,
            authentication: row.json("proofs")?,
        }),
        "offline" => Ok(Holder::Offline {
            user_id: row.id("user_id")?,
            session_id: row.opt_id("session_id")?,
            authentication: row.json("proofs")?,
        }),
        "machine" => Ok(Holder::Machine),
        _ => Err(row.unreadable("holder", "a known holder")),
    }
}

fn read_stage(row: &mut Row) -> Result<GrantStage, StoreError> {
    let stage = row.text("stage")?;
    let code = read_code(row)?;
    let refresh = read_refresh(row)?;
    let (revoked_at, reason) = (row.opt_time("revoked_at")?, row.opt_text("revoke_reason")?);
    match stage.as_str() {
        "code" => code.map(GrantStage::Code).ok_or_else(|| row.unreadable("stage", "a complete code")),
        "active" => Ok(GrantStage::Active(refresh)),
        "revoked" => {
            let reason = RevokeReason::ALL.into_iter().find(|one| Some(one.as_str()) == reason.as_deref());
            match (revoked_at, reason) {
                (Some(at), Some(reason)) => Ok(GrantStage::Revoked { at, reason }),
                _ => Err(row.unreadable("stage", "why and when the grant ended")),
            }
        }
        _ => Err(row.unreadable("stage", "a known stage")),
    }
}

/// The columns of rotation; `None` where there is none.
fn read_refresh(row: &mut Row) -> Result<Option<Refresh>, StoreError> {
    let (leaf, parent) = (row.opt_int("refresh_leaf")?, row.opt_int("refresh_parent")?);
    let (rotated_at, rotated_from) =
        (row.opt_time("refresh_rotated_at")?, row.opt_parsed("refresh_rotated_from")?);
    let retried_at = row.opt_time("refresh_retried_at")?;
    let (elsewhere, shadow_run) = (row.int("refresh_elsewhere")?, row.int("refresh_shadow_run")?);
    let idle_expires_at = row.opt_time("refresh_idle_expires_at")?;
    match (leaf, rotated_at, idle_expires_at) {
        (None, None, None) => Ok(None),
        (Some(leaf), Some(rotated_at), Some(idle_expires_at)) => Ok(Some(Refresh {
            leaf,
            parent,
            rotated_at,
            rotated_from,
            retried_at,
            elsewhere,
            shadow_run,
            idle_expires_at,
        })),
        _ => Err(row.unreadable("refresh_leaf", "a complete rotation state")),
    }
}

/// The columns of the code, which stay as they are when it is spent.
pub(crate) fn read_code(row: &mut Row) -> Result<Option<PendingCode>, StoreError> {
    let (expires_at, redirect_uri) = (row.opt_time("code_expires_at")?, row.opt_text("redirect_uri")?);
    let (code_challenge, failures) = (row.opt_text("code_challenge")?, row.int("code_failures")?);
    Ok(expires_at.zip(redirect_uri).map(|(expires_at, redirect_uri)| PendingCode {
        expires_at,
        redirect_uri,
        code_challenge,
        failures,
    }))
}
