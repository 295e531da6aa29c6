//! The Mann-Whitney U test: whether one of two things tends to take longer than the other.

use std::time::Duration;

/// The two-sided p value, by the normal approximation with corrections for ties and continuity. It is the probability that samples
/// differ at least this much although their distributions are equal. Use it for more than twenty samples of each kind.
pub fn p(one: &[Duration], other: &[Duration]) -> f64 {
    let mut all: Vec<_> =
        one.iter().map(|took| (took, true)).chain(other.iter().map(|took| (took, false))).collect();
    all.sort_unstable();
    let (mut ranks_of_one, mut ties, mut before) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|a, b| a.0 == b.0) {
        let size = count(equal.len());
        let of_one = count(equal.iter().filter(|(_, is_one)| *is_one).count());
        ranks_of_one += of_one * (before + f64::midpoint(size, 1.0));
        ties += size.powi(3) - size;
        before += size;
    }
    let (m, n, both) = (count(one.len()), count(other.len()), count(all.len()));
    let u = ranks_of_one - m * (m + 1.0) / 2.0;
    let variance = m * n / 12.0 * (both + 1.0 - ties / (both * (both - 1.0)));
    let z = ((u - m * n / 2.0).abs() - 0.5).max(0.0) / variance.sqrt();
    if variance > 0.0 { erfc(z / std::f64::consts::SQRT_2) } else { 1.0 }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The complementary error function of `x >= 0`, to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let coefficients = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    coefficients.iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t) * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p_of(one: &[u64], other: &[u64]) -> f64 {
        let [one, other] =
            [one, other].map(|samples| samples.iter().copied().map(Duration::from_nanos).collect::<Vec<_>>());
        let found = p(&one, &other);
        assert!((found - p(&other, &one)).abs() < 1e-9, "it has two sides");
        found
    }

    #[test]
    fn it_agrees_with_scipy() {
        // The example of scipy.stats.mannwhitneyu with method="asymptotic".
        let p = p_of(&[19, 22, 16, 29, 24], &[20, 11, 17, 12]);
        assert!((p - 0.111_346_886).abs() < 1e-6, "{p}");
    }

    #[test]
    fn ties_are_corrected_for() {
        // Ranks 1, 3, 3, 6 against 3, 6, 6, 8: U is 3, its variance 76/7, so z is 4.5 / sqrt(76/7).
        let p = p_of(&[1, 2, 2, 3], &[2, 3, 3, 4]);
        assert!((p - 0.172_034).abs() < 1e-5, "{p}");
        assert!((p_of(&[5; 30], &[5; 30]) - 1.0).abs() < 1e-6, "all alike");
    }

    #[test]
    fn a_small_shift_shows_in_many_samples_and_none_does_not() {
        let samples: Vec<u64> = (0..10_000).collect();
        let shifted: Vec<u64> = (0..10_000).map(|n| n + 300).collect();
        assert!(p_of(&samples, &shifted) < 1e-6);
        assert!(p_of(&samples, &samples) > 0.99);
    }
}
