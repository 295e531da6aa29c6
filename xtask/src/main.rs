//! Project tasks, run as `cargo xtask TASK`: the checks that no compiler makes, and everything that the tests need
//! around them. `cargo xtask help` lists the tasks.
#![expect(clippy::print_stdout, reason = "tasks speak on the terminal")]

mod bench;
mod circles;
mod crash;
mod debian;
mod deny;
#[cfg(test)]
mod documents;
mod failure;
mod file_uses;
mod graph;
mod layers;
mod postgres;
mod process;
mod random;
mod rust_paths;
mod rust_source;
mod size;
mod spdx;
mod summary;
mod surroundings;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use failure::{Failure, Result};

const HELP: &str = "\
cargo xtask TASK

  test [--only lint|rust|e2e]   everything that has to hold before a change lands
  layers                        crate edges, circles of files, and names that cross a layer
  size                          files that grew past their limit
  deny                          licences and banned dependencies (deny.toml)
  bench [NAME...]               measure, print a table, write target/bench.json: jose, store, verifier, http, logout; by name
                                only, for they take long: logins, purge, timing
  crash [--cycles N] [--seed S] kill -9 under load; no acknowledged write may be lost
";

#[expect(clippy::print_stderr, reason = "why a task failed belongs on standard error")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let root = workspace_root()?;
    let (task, rest) =
        arguments.split_first().map_or(("help", &[][..]), |(task, rest)| (task.as_str(), rest));
    match task {
        "test" => test::run(&root, rest),
        "layers" => layers::run(&root),
        "size" => size::run(&root),
        "deny" => deny::run(&root),
        "bench" => bench::run(&root, rest),
        "crash" => crash::run(&root, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(Failure::new(format!("no task `{unknown}`\n\n{HELP}"))),
    }
}

/// The folder above this crate.
fn workspace_root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new("this crate lies outside a workspace"))
}
