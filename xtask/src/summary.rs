//! The closing lines of test runners: cargo test, cargo nextest and Node's.

/// How many tests ran and how they ended, with the lines that said so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Ignored, filtered out by hand, marked as still to do.
    pub(crate) skipped: u64,
    pub(crate) lines: Vec<String>,
}

impl Tally {
    pub(crate) fn ran(&self) -> u64 {
        self.passed + self.failed
    }

    pub(crate) fn left_out(&self) -> u64 {
        self.skipped
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.lines.extend(other.lines);
    }

    /// Notes the line if it is a runner's closing line.
    pub(crate) fn read(&mut self, line: &str) {
        let plain = without_colour(line);
        // For a failed test nextest repeats, indented, the closing line of that test alone. It has counted the test already.
        let is_cargo_test = plain.starts_with("test result: ");
        let plain = plain.trim();
        if is_cargo_test || (plain.starts_with("Summary [") && plain.contains(" run: ")) {
            for part in plain.split([';', ',', ':', '.']) {
                self.count(part.trim());
            }
            self.lines.push(plain.to_owned());
        } else if let Some(word) = plain.strip_prefix("ℹ ").or_else(|| plain.strip_prefix("# ")) {
            self.read_node(plain, word);
        }
    }

    /// `5 passed`, `1 failed`, `2 ignored`, `3 timed out`; also `3 passed (1 slow)`.
    fn count(&mut self, part: &str) {
        let mut words = part.split(' ');
        let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else { return };
        match words.next() {
            Some("passed") => self.passed += number,
            Some("failed" | "timed" | "exec") => self.failed += number,
            Some("ignored" | "skipped" | "filtered") => self.skipped += number,
            _ => {}
        }
    }

    /// `pass 5`, one number a line.
    fn read_node(&mut self, plain: &str, line: &str) {
        let Some((word, number)) = line.split_once(' ') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        match word {
            "pass" => self.passed += number,
            "fail" | "cancelled" => self.failed += number,
            "skipped" | "todo" => self.skipped += number,
            "tests" => {}
            _ => return,
        }
        self.lines.push(plain.to_owned());
    }
}

fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut inside = false;
    for character in line.chars() {
        match (inside, character) {
            (false, '\u{1b}') => inside = true,
            (false, _) => plain.push(character),
            (true, 'm') => inside = false,
            (true, _) => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> (u64, u64, u64) {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        (tally.passed, tally.failed, tally.skipped)
    }

    #[test]
    fn cargo_test() {
        let line = "test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.10s";
        assert_eq!(tally(&[line, line]), (10, 2, 10));
    }

    #[test]
    fn nextest() {
        assert_eq!(tally(&["     Summary [   0.011s] 31 tests run: 31 passed, 0 skipped"]), (31, 0, 0));
        let worse = "\u{1b}[1m     Summary\u{1b}[0m [ 1.2s] 9 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 1 exec failed, 4 skipped";
        let repeated = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.46s";
        assert_eq!(tally(&[repeated, worse]), (5, 4, 4));
    }

    #[test]
    fn node() {
        let lines = [
            "ℹ tests 5",
            "ℹ pass 3",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "# skipped 1",
            "# todo 1",
            "ℹ duration_ms 9",
        ];
        assert_eq!(tally(&lines), (3, 2, 2));
    }

    #[test]
    fn other_lines_do_not_count() {
        assert_eq!(tally(&["5 passed, 1 failed", "# heading", "ℹ pass many", "running 5 tests"]), (0, 0, 0));
    }
}
