//! Runs of a small model with a known answer.

use super::*;
use crate::math;
use crate::study::fixture::{DAYS, RATES, UNUSED, race};
use crate::study::{CHUNK, Estimate, Form, KEPT, Rows};
use std::sync::atomic::{AtomicU64, Ordering};

fn study(programs: &[Program], trials: u64, threads: usize) -> Results {
    let plan = Plan { trials, seed: 7, threads, rows: Rows::Auto };
    run(programs, &plan, &|_| {}, &Cancel::new()).unwrap()
}

/// The same run kept as a digest, whatever its size.
fn digest(programs: &[Program], trials: u64) -> Results {
    let plan = Plan { trials, seed: 7, threads: 2, rows: Rows::Auto };
    let heads = programs.iter().map(BranchHead::of).collect();
    let mut results = Results::new(plan, heads);
    results.form = Form::Digest;
    fill(results, programs, &|_| {}, &Cancel::new()).unwrap()
}

/// Probability that the clock at `k` rings first and before the horizon.
fn first(k: usize) -> f64 {
    let total: f64 = RATES.iter().sum();
    #[allow(clippy::cast_precision_loss, reason = "a small number")]
    let days = DAYS as f64;
    RATES[k] / total * (1.0 - math::exp(-total * days))
}

#[test]
fn threads_change_no_bit() {
    let programs = [race("baseline", 1.0), race("calm", 3.0)];
    let one = study(&programs, 5000, 1);
    for threads in [2, 8] {
        let other = study(&programs, 5000, threads);
        assert_eq!(one.values_hash(), other.values_hash());
        assert_eq!(one.estimates(1), other.estimates(1));
        assert_eq!(one.differences(), other.differences());
        assert_eq!(one.branches[0].panels, other.branches[0].panels);
        assert_eq!(one.branches[1].regimes, other.branches[1].regimes);
    }
    assert_ne!(one.values_hash(), study(&programs, 4999, 1).values_hash());
}

#[test]
fn the_race_has_its_exact_answer() {
    let n = 200_000;
    let results = study(&[race("baseline", 1.0)], n, 0);
    for k in 0..2 {
        let estimate = results.estimate(0, k);
        let exact = first(k);
        let z = (estimate.mean.unwrap() - exact) / estimate.se.unwrap();
        assert!(z.abs() < 4.5, "clock {k}: z {z}");
        assert!(estimate.low.unwrap() < exact && exact < estimate.high.unwrap(), "clock {k}");
    }
    let (when, length) = (results.estimate(0, 2), results.estimate(0, 3));
    assert_eq!(when.n, n);
    assert_eq!(when.mean.map(f64::to_bits), length.mean.map(f64::to_bits));
    let never = when.never.unwrap().share;
    assert!(math::close(never, 1.0 - first(0) - first(1) - first(2), 5e-3), "{never}");
    assert_eq!(length.n, results.branches[0].tallies[3].finite());
    let end = results.estimate(0, 4);
    assert!(math::close(end.shares[1].1.share, never, 1e-12));
    let median = when.quantile(0.5).unwrap();
    assert!((median - 17.773).abs() < 0.3, "{median}");
}

#[test]
fn days_of_regimes_times_and_moments_agree() {
    let results = study(&[race("baseline", 1.0)], 3000, 2);
    let branch = &results.branches[0];
    let over = branch.regimes[0].last().copied().unwrap();
    assert_eq!(branch.regimes[0][0] + branch.regimes[1][0], 3000);
    assert_eq!(branch.moments[2].iter().sum::<u64>(), over);
    let by_event: u64 = branch.moments[0].iter().chain(&branch.moments[1]).sum();
    assert_eq!(by_event, branch.tallies[0].hits + branch.tallies[1].hits);
    // The rung is 1 on the last day in more than 95 of 100 trials, and 0 at the start in all.
    let rung = &branch.panels[1];
    assert_eq!(rung.trials, 3000);
    assert_eq!(
        (rung.rows[8][0].to_bits(), rung.rows[2].last().map(|v| v.to_bits())),
        (0.0_f32.to_bits(), Some(1.0_f32.to_bits()))
    );
}

#[test]
fn a_trial_alone_is_the_trial_of_the_run() {
    let program = race("baseline", 1.0);
    let results = study(std::slice::from_ref(&program), 2 * CHUNK + 5, 2);
    for trial in [0, 1, CHUNK, 2 * CHUNK + 4] {
        let alone = replay(&program, 7, trial).unwrap();
        let row = usize::try_from(trial).unwrap();
        for (m, value) in alone.values.iter().enumerate() {
            let kept = results.branches[0].values[m].rows()[row];
            assert!(value.to_bits() == kept.to_bits() || (value.is_nan() && kept.is_nan()));
        }
        assert_eq!(alone.path.fingerprint, results.branches[0].notes[row].fingerprint);
        assert_eq!(alone.inputs.len(), UNUSED.index() + 1);
        assert!(!alone.journal.entries.is_empty() || !alone.path.stopped);
    }
}

#[test]
fn equal_branches_are_equal_trial_by_trial() {
    let results = study(&[race("baseline", 1.0), race("same", 1.0)], 2000, 2);
    for (ours, theirs) in results.branches[0].values.iter().zip(&results.branches[1].values) {
        let bits = |rows: &[f64]| rows.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(ours.rows()), bits(theirs.rows()));
    }
    let differences = results.differences();
    // Four metrics; categories have no difference.
    assert_eq!(differences.len(), 4);
    for difference in &differences {
        assert_eq!(difference.mean, Some(0.0));
        assert_eq!(difference.variance_factor, None);
        assert!(!difference.is_clear());
    }
    // A yes-no metric that no trial tells apart still has a bound, never plus or minus nothing.
    assert!(differences[0].high.unwrap() > 0.0 && differences[0].low.unwrap() < 0.0);
    assert_eq!(differences[3].low, None);
}

#[test]
fn common_random_numbers_sharpen_differences() {
    let results = study(&[race("baseline", 1.0), race("calm", 1.2)], 20_000, 2);
    let difference = &results.differences()[0];
    assert!(difference.is_clear() && difference.mean.unwrap() > 0.0, "{difference:?}");
    assert!(difference.variance_factor.unwrap() > 3.0, "{difference:?}");
}

#[test]
fn table_and_digest_agree() {
    let programs = [race("baseline", 1.0), race("calm", 3.0)];
    let trials = KEPT + 1500;
    let (table, digest) = (study(&programs, trials, 2), digest(&programs, trials));
    assert_eq!(table.form, Form::Table);
    assert_eq!(table.values_hash(), digest.values_hash());
    assert_eq!(table.differences(), digest.differences());
    assert_eq!(digest.rows.len() as u64, KEPT);
    assert_eq!(table.rows.len() as u64, trials);
    for (ours, theirs) in table.estimates(0).iter().zip(digest.estimates(0)) {
        let plain = |e: &Estimate| Estimate { quantiles: Vec::new(), bin_width: None, ..e.clone() };
        assert_eq!(plain(ours), plain(&theirs));
        let width = theirs.bin_width.unwrap_or(0.0);
        for (a, b) in ours.quantiles.iter().zip(&theirs.quantiles) {
            match (a.value, b.value) {
                (Some(a), Some(b)) => assert!((a - b).abs() <= width, "{a} {b} {width}"),
                (a, b) => assert_eq!(a, b),
            }
        }
    }
}

#[test]
fn a_cancelled_run_is_a_valid_part() {
    let programs = [race("baseline", 1.0)];
    let plan = Plan { trials: 500_000, seed: 7, threads: 2, rows: Rows::Auto };
    let (cancel, seen) = (Cancel::new(), AtomicU64::new(0));
    let stop = cancel.clone();
    let progress = |step: Advance| {
        if seen.fetch_add(step.trials, Ordering::Relaxed) > 3000 {
            stop.cancel();
        }
    };
    let part = run(&programs, &plan, &progress, &cancel).unwrap();
    assert!(!part.complete && part.trials > 0 && part.trials < 500_000);
    assert!(part.trials.is_multiple_of(CHUNK));
    let whole = study(&programs, part.trials, 1);
    assert_eq!(part.values_hash(), whole.values_hash());
    assert_eq!(part.estimates(0), whole.estimates(0));
}

#[test]
fn a_run_stopped_before_its_first_chunk_has_no_values() {
    let cancel = Cancel::new();
    cancel.cancel();
    let none = run(&[race("baseline", 1.0)], &Plan::default(), &|_| {}, &cancel).unwrap();
    assert_eq!((none.trials, none.complete), (0, false));
    assert!(none.estimates(0).iter().all(|e| e.n == 0 && e.mean.is_none()));
}

#[test]
fn a_runaway_names_branch_trial_and_source() {
    let mut program = race("baseline", 1.0);
    program.model.max_events = 0;
    let error = run(&[program], &Plan::default(), &|_| {}, &Cancel::new()).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("branch `baseline` ran away"), "{said}");
}

#[test]
fn progress_reports_every_trial_and_begins_at_once() {
    let (sum, reports) = (AtomicU64::new(0), AtomicU64::new(0));
    let progress = |step: Advance| {
        if reports.fetch_add(1, Ordering::Relaxed) == 0 {
            assert_eq!(step.trials, 1);
        }
        sum.fetch_add(step.trials, Ordering::Relaxed);
    };
    let plan = Plan { trials: 3000, ..Plan::default() };
    run(&[race("baseline", 1.0)], &plan, &progress, &Cancel::new()).unwrap();
    assert_eq!(sum.into_inner(), 3000);
}
