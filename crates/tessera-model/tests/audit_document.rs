//! `docs/audit.md` is made from the table of audit codes.

use std::fmt::Write as _;
use std::path::Path;

use tessera_model::EventCode;

const HEAD: &str = "# Audit events

<!-- Made from the table in crates/tessera-model/src/audit.rs; the test `audit_document` says how to make it anew. -->

Every security outcome leaves one row in the table `audit`. It is written in the transaction of the act, so neither stands without the other.
Only `client_credentials.issued`, `login.spray_suspected` and the numbers of denials wait a second or so for the database.
No row holds a secret. Codes are stable: you can alert on them. A later version may add some.

Every row has `id`, `at`, `code` and `actor`: `anonymous`, `user:ID`, `client:ID`, `cli` or `system`. Rows that a request caused also have
its `request_id`, which log lines and error pages show too, and its `ip`. The table says which columns each code fills besides, as far as
they are known at the time, and what its `detail` says.

Anybody can cause denials. `login.failed` of a name that nobody has, `login.throttled`, `authz.bad_redirect`, `issuance.refused`,
`client.auth_failed`, `code.foreign_client`, `refresh.foreign_client`, `csrf.rejected` and `access.denied` get ten rows a minute for each client
and address. One more row without `request_id` says how many others there were (`15 more`). All clients and addresses together get 1,000 rows
for each code at once, and then ten a minute.

If a row cannot be written, nothing is decided: the answer is 503 with `Retry-After`, whatever was presented.

`tessera audit list` shows rows, newest first; `tessera audit show REFERENCE` all rows of one request. The answer to a refused request has the
reference in its header `X-Request-Id`, and pages show it. What an overloaded server refuses has none.

| code | what happened | columns | detail |
|---|---|---|---|
";

#[test]
fn the_document_for_operators_is_the_table() {
    let mut expected = HEAD.to_owned();
    for code in EventCode::ALL {
        let about = code.about().iter().map(|about| format!("`{}`", about.as_str()));
        let about = about.collect::<Vec<_>>().join(", ");
        let (name, what, detail) = (code.as_str(), code.summary(), code.detail().summary());
        writeln!(expected, "| `{name}` | {what} | {about} | {detail} |").unwrap();
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md");
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit.md");
    std::fs::write(&made, &expected).unwrap();
    let found = std::fs::read_to_string(&document).unwrap_or_default();
    let hint = format!("docs/audit.md differs from the table: cp {} docs/audit.md", made.display());
    assert!(found == expected, "{hint}");
}
