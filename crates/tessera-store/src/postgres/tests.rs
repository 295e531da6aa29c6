//! How PostgreSQL plans statements.

use tessera_testkit::postgres::TestPostgres;

use super::*;

/// So many that PostgreSQL would not rather read all of them.
const EVENTS: &str = "INSERT INTO audit (at, id, code, actor, request_id) \
    SELECT n, decode(lpad(to_hex(n), 32, '0'), 'hex'), 'user.locked', 'cli', lpad(to_hex(n), 16, '0') \
    FROM generate_series(1, 5000) AS n; ANALYZE audit";

/// PostgreSQL plans a prepared statement for the first values that it gets, and later perhaps once for all.
#[tokio::test]
async fn the_reference_of_an_audit_event_has_an_index() {
    let database = TestPostgres::shared().database();
    let postgres = Postgres::open(&database.url(), 1, None, Opening::New).await.unwrap();
    let lease = postgres.lease().await.unwrap();
    let client = lease.client().unwrap();
    let prepare = format!("{EVENTS}; PREPARE reference AS {}", sql::audit::REFERENCE.postgres());
    client.batch_execute(&prepare).await.unwrap();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        client.batch_execute(&format!("SET plan_cache_mode = {mode}")).await.unwrap();
        let steps = client.query("EXPLAIN EXECUTE reference('00000000000003e8')", &[]).await.unwrap();
        let plan: Vec<String> = steps.iter().map(|step| step.get(0)).collect();
        assert!(plan.iter().any(|step| step.contains("audit_reference")), "{mode}: {plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{mode}: {plan:#?}");
    }
}
