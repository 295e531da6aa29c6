//! Jobs and their leases.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "name, holder, lease_until, last_started_at, last_finished_at, last_succeeded_at, last_error, progress, next_run_at"
    };
}

statements! { "jobs";
    CLAIM = concat!("INSERT INTO jobs (name, holder, lease_until, last_started_at, next_run_at) \
        VALUES ($1, $2, $3, $4, $4) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
        lease_until = excluded.lease_until, last_started_at = excluded.last_started_at, progress = 0, woken = 0 \
        WHERE (jobs.lease_until IS NULL OR jobs.lease_until < $5 OR jobs.lease_until > $6) \
        AND (jobs.next_run_at <= $4 OR jobs.next_run_at > $7) RETURNING ", columns!());
    EXTEND = "UPDATE jobs SET lease_until = $3, progress = progress + $4 WHERE name = $1 AND holder = $2";
    SUCCEED = "UPDATE jobs SET holder = NULL, lease_until = NULL, last_finished_at = $3, \
        last_succeeded_at = $3, last_error = NULL, \
        next_run_at = CASE WHEN woken = 1 THEN CAST($3 AS BIGINT) ELSE CAST($4 AS BIGINT) END WHERE name = $1 AND holder = $2";
    FAIL = "UPDATE jobs SET holder = NULL, lease_until = NULL, last_finished_at = $3, last_error = $4, \
        next_run_at = CASE WHEN woken = 1 THEN CAST($3 AS BIGINT) ELSE CAST($5 AS BIGINT) END WHERE name = $1 AND holder = $2";
    WAKE = "UPDATE jobs SET next_run_at = CASE WHEN next_run_at > $2 THEN $2 ELSE next_run_at END, woken = 1 \
        WHERE name = $1";
    FIND = concat!("SELECT ", columns!(), " FROM jobs WHERE name = $1");
    LIST = concat!("SELECT ", columns!(), " FROM jobs ORDER BY name");
}
