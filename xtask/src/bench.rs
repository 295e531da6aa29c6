//! `cargo xtask bench`: measures what the design promises and says whether each promise holds.
//!
//! A bench is an example that prints one JSON object a line: `{"name", "value", "unit", "target", "holds"}`, the last
//! two `null` where nothing is promised. Other lines are for people.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value};

use crate::failure::{Failure, Result};
use crate::process;

/// Package and example, which is called `bench_` and the name of the bench.
const BENCHES: &[(&str, &str)] = &[
    ("tessera-jose", "bench_jose"),
    ("tessera-store", "bench_store"),
    ("tessera-verifier", "bench_verifier"),
    ("tessera", "bench_http"),
    ("tessera", "bench_logins"),
    ("tessera", "bench_logout"),
    ("tessera", "bench_purge"),
    ("tessera", "bench_timing"),
];
/// These benches take minutes, and one half an hour, so they run only when their names are given.
const LONG: [&str; 4] = ["logins", "logout", "purge", "timing"];

const MEMBERS: [&str; 5] = ["name", "value", "unit", "target", "holds"];

type Measurement = Map<String, Value>;

pub(crate) fn run(root: &Path, names: &[String]) -> Result<()> {
    let benches = chosen(names)?;
    build(root, &benches)?;
    let mut measurements = Vec::new();
    for (package, example) in benches {
        println!("\n==> {package} {example}");
        measurements.extend(measure(root, package, example)?);
    }
    print_table(&measurements);
    let file = root.join("target/bench.json");
    fs::write(&file, format!("{:#}\n", Value::from_iter(measurements.clone())))?;
    println!("written to {}", file.display());
    let missed: Vec<String> = measurements.iter().filter(|row| row["holds"] == false).map(name).collect();
    Failure::unless_empty("targets missed", &missed)
}

fn chosen(names: &[String]) -> Result<Vec<(&'static str, &'static str)>> {
    let known: Vec<&str> = BENCHES.iter().map(|(_, example)| short(example)).collect();
    if !names.iter().all(|name| known.contains(&name.as_str())) {
        return Err(Failure::new(format!("benches are: {}", known.join(", "))));
    }
    let wanted = |name: &str| {
        if names.is_empty() { !LONG.contains(&name) } else { names.iter().any(|wanted| wanted == name) }
    };
    Ok(BENCHES.iter().copied().filter(|(_, example)| wanted(short(example))).collect())
}

fn short(example: &'static str) -> &'static str {
    example.trim_start_matches("bench_")
}

/// Builds every bench, and the server that some of them start, before the first measurement. So no compiler disturbs one.
fn build(root: &Path, benches: &[(&str, &str)]) -> Result<()> {
    for (package, example) in benches {
        let mut command = Command::new("cargo");
        command.args([
            "build",
            "--locked",
            "--release",
            "--package",
            package,
            "--bins",
            "--example",
            example,
        ]);
        process::check(command.current_dir(root))?;
    }
    Ok(())
}

fn measure(root: &Path, package: &str, example: &str) -> Result<Vec<Measurement>> {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--locked", "--release", "--package", package, "--example", example]);
    let text = process::output(command.current_dir(root).stderr(Stdio::inherit()))?;
    let rows = text.lines().filter(|line| line.starts_with('{')).map(read_row).collect::<Result<Vec<_>>>()?;
    for line in text.lines().filter(|line| !line.starts_with('{')) {
        println!("{line}");
    }
    if rows.is_empty() {
        Err(Failure::new(format!("{package} {example} measured nothing")))
    } else {
        Ok(rows)
    }
}

fn read_row(line: &str) -> Result<Measurement> {
    let row: Measurement = serde_json::from_str(line)?;
    let complete = MEMBERS.iter().all(|member| row.contains_key(*member)) && row["value"].is_number();
    if complete { Ok(row) } else { Err(Failure::new(format!("not a measurement: {line}"))) }
}

fn print_table(measurements: &[Measurement]) {
    let width = measurements.iter().map(|row| name(row).len()).max().unwrap_or(0);
    println!("\n{:<width$}  {:>14} {:<12} {:>14}  holds", "name", "value", "unit", "target");
    for row in measurements {
        println!(
            "{:<width$}  {:>14} {:<12} {:>14}  {}",
            name(row),
            cell(&row["value"]),
            cell(&row["unit"]),
            cell(&row["target"]),
            match row["holds"].as_bool() {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "-",
            }
        );
    }
}

fn name(row: &Measurement) -> String {
    cell(&row["name"])
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => decimal(number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

/// Two decimals, or two digits that are not zero.
fn decimal(number: f64) -> String {
    if number == 0.0 || number.abs() >= 0.1 { format!("{number:.2}") } else { format!("{number:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_every_member() {
        let row =
            read_row(r#"{"name":"sign","value":25.123,"unit":"us","target":null,"holds":null}"#).unwrap();
        assert_eq!((name(&row).as_str(), cell(&row["value"]).as_str()), ("sign", "25.12"));
        assert_eq!([0.0, 0.5, 0.01, 0.000_123].map(decimal), ["0.00", "0.50", "1.0e-2", "1.2e-4"]);
        assert!(read_row(r#"{"name":"sign","value":25.1,"unit":"us"}"#).is_err());
        assert!(read_row(r#"{"name":"x","value":"fast","unit":"us","target":null,"holds":true}"#).is_err());
    }

    #[test]
    fn benches_go_by_short_names() {
        assert_eq!(chosen(&["jose".to_owned()]).unwrap(), [("tessera-jose", "bench_jose")]);
        assert_eq!(chosen(&["timing".to_owned()]).unwrap(), [("tessera", "bench_timing")]);
        assert_eq!(chosen(&[]).unwrap().len(), BENCHES.len() - LONG.len());
        assert!(chosen(&["jose".to_owned(), "unknown".to_owned()]).is_err());
    }
}
