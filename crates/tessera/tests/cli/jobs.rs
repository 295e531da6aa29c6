//! Background jobs, as an administrator sees them.

use serde_json::Value;

use crate::support::{Installation, Server, eventually};

fn jobs(installation: &Installation) -> Vec<Value> {
    installation.json(&["job", "list"])["jobs"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_job_is_visible_from_its_first_run_to_its_failure() {
    let installation = Installation::init();
    let fresh = jobs(&installation);
    assert!(fresh.len() >= 6 && fresh.iter().all(|job| job["state"] == "new"), "{fresh:?}");

    let server = Server::start(installation.command(&["serve"]));
    eventually("every job ran", async || jobs(&installation).iter().all(|job| job["state"] == "waiting"))
        .await;
    let (_, metrics) = server.ops("/metrics").await;
    for job in jobs(&installation) {
        let success = format!("tessera_job_last_success_timestamp_seconds{{job={}}} ", job["name"]);
        assert!(metrics.contains(&success), "{success}: {metrics}");
        assert!(job["last_error"].is_null() && job["holder"].is_null(), "{job}");
        assert!(job["last_started_at"].is_string() && job["next_run_at"].is_string(), "{job}");
    }

    let database = rusqlite::Connection::open(installation.file("tessera.db")).unwrap();
    let break_the_purge = "CREATE TRIGGER broken BEFORE DELETE ON spent BEGIN SELECT RAISE(ABORT, 'broken'); END; \
        INSERT INTO spent (kind, digest, expires_at) VALUES ('test', x'00', 0); \
        UPDATE jobs SET next_run_at = 0 WHERE name = 'purge.spent'";
    database.execute_batch(break_the_purge).unwrap();
    let said = server.logged("a background job fails");
    assert_eq!((&said["job"], &said["level"]), (&"purge.spent".into(), &"ERROR".into()), "{said}");
    let after = jobs(&installation);
    let broken = after.iter().find(|job| job["name"] == "purge.spent").unwrap();
    assert_eq!((&broken["state"], &broken["last_error"]), (&"failing".into(), &said["error"]), "{broken}");
    assert!(after.iter().all(|job| job["state"] == "waiting" || job["name"] == "purge.spent"), "{after:?}");
    let (_, metrics) = server.ops("/metrics").await;
    assert!(metrics.contains("tessera_job_failures_total{job=\"purge.spent\"} 1"), "{metrics}");
    let table = installation.run(&["job", "list"]).accepted();
    let row = table.lines().find(|line| line.contains("purge.spent")).unwrap();
    assert!(row.contains("failing") && row.contains(said["error"].as_str().unwrap()), "{table}");
}
