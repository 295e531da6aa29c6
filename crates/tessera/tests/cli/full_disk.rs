//! A disk that is full and then has space again: the real server on a file system of a few mebibytes.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use tessera_testkit::browser::Answer;

use crate::support::{ForTests as _, Installation, Server, eventually, get};

const PASSWORD: &str = "correct horse battery staple";

/// Mounts a small file system over `$1` that only this process sees, copies the files back into it, and runs the server.
const ON_A_SMALL_DISK: &str = r#"
directory=$1; shift
cp -a "$directory" "$directory.before" &&
mount -t tmpfs -o size=16m,mode=0700 tessera-test "$directory" &&
cp -a "$directory.before/." "$directory/" || {
    echo "this test mounts a file system of its own: run it as root, in a container that may mount" >&2
    exit 1
}
exec "$@"
"#;

/// `serve --dev` on a disk of its own.
fn on_a_small_disk(installation: &Installation) -> Server {
    let real = installation.command(&["serve", "--dev"]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", ON_A_SMALL_DISK, "sh"]).arg(installation.data());
    command.arg(real.get_program()).args(real.get_args());
    command.env_clear().env("PATH", std::env!("PATH")).stdin(std::process::Stdio::null());
    Server::start(command)
}

/// Fills the disk to its last byte.
fn fill(path: &PathBuf) {
    let mut file = File::create(path).unwrap();
    let mut block = vec![0_u8; 1 << 20];
    while !block.is_empty() {
        match file.write(&block) {
            Ok(_) => {}
            Err(error) if error.raw_os_error() == Some(28) => block.truncate(block.len() / 2),
            Err(error) => panic!("the disk cannot be filled: {error}"),
        }
    }
}

async fn log_in(server: &Server) -> Answer {
    let mut browser = server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("username", "alice"), ("password", PASSWORD)];
    browser.submit("/login", &fields).await
}

#[tokio::test]
async fn f12_a_full_disk_is_503_and_space_is_enough_to_go_on() {
    let installation = Installation::empty();
    drop(installation.serve());
    let added = installation.run_with(&["user", "add", "alice", "--password-stdin"], PASSWORD);
    added.accepted();
    let server = on_a_small_disk(&installation);
    assert_eq!(log_in(&server).await.status, 303, "while there is space");
    assert_eq!(server.ops("/readyz/write").await, (200, "ready\n".to_owned()));

    let mut filler = PathBuf::from(server.inside("root"));
    filler.push(installation.data().strip_prefix("/").unwrap());
    filler.push("filler");
    fill(&filler);
    for _ in 0..3 {
        let refused = log_in(&server).await;
        assert_eq!((refused.status, refused.location()), (503, None), "{}", refused.body);
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    }
    server.logged("ALARM: the database takes no writes");
    assert_eq!(
        server.ops("/readyz").await,
        (200, "ready\n".to_owned()),
        "the disk is full for every instance"
    );
    let (status, why) = server.ops("/readyz/write").await;
    assert!(status == 503 && why.contains("full"), "{status} {why}");
    let metrics = server.ops("/metrics").await.1;
    assert!(metrics.contains("tessera_database_writable 0"), "{metrics}");
    // Requests that write nothing still work.
    let http = &reqwest::Client::new_for_tests();
    assert_eq!(get(http, &format!("http://{}/jwks", server.address)).await.0, 200);
    assert_eq!(server.ops("/healthz").await.0, 200);

    std::fs::remove_file(&filler).unwrap();
    eventually("a login succeeds without a restart", || async { log_in(&server).await.status == 303 }).await;
    server.logged("the database takes writes again");
    eventually("it says so", async || server.ops("/readyz/write").await.0 == 200).await;
    assert!(server.ops("/metrics").await.1.contains("tessera_database_writable 1"));
}
