//! Rules to stop by: what they read, where they look, and how often they are right.

use super::*;
use crate::math;
use crate::stats::sample::uniforms;
use crate::stats::special::normal_quantile;
use crate::study::fixture::race;
use crate::study::{Form, Plan, Rows, StudyError, run, run_until};
use crate::work::Cancel;

#[test]
fn rules_are_read_as_written() {
    for text in ["half_width(truce) < 0.01", "best(branch) by gdp_loss within 0.05"] {
        assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
    }
    assert_eq!(
        "half_width( a ) <1e-3".parse::<Rule>(),
        Ok(Rule::HalfWidth { metric: "a".to_owned(), below: 1e-3 })
    );
    for wrong in [
        "",
        "half_width(a)",
        "half_width() < 1",
        "half_width(a) < 0",
        "half_width(a) < NaN",
        "half_width(a) < -1",
        "best(branch) by a",
        "best(a) by b within 1",
        "best(branch) by  within 1",
        "best(branch) by a within inf",
    ] {
        assert!(matches!(wrong.parse::<Rule>(), Err(RuleError::Syntax(_))), "{wrong}");
    }
}

#[test]
fn looks_double_and_end_at_the_limit() {
    assert_eq!(looks(20_000), [3072, 6144, 12_288, 20_000]);
    assert_eq!(looks(1000), [1000]);
    assert_eq!(looks(FIRST), [FIRST]);
    assert_eq!(looks(LIMIT).len(), 9);
}

/// Cumulative binomial law, from its mode outwards so that nothing underflows.
fn binomial(n: u64, p: f64) -> Vec<f64> {
    let size = usize::try_from(n).unwrap() + 1;
    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    let ratio = |k: usize| (n - k as u64) as f64 / (k + 1) as f64 * p / (1.0 - p);
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mode = ((n + 1) as f64 * p) as usize;
    let mut mass = vec![0.0; size];
    mass[mode] = 1.0;
    for k in mode..size - 1 {
        mass[k + 1] = mass[k] * ratio(k);
    }
    for k in (0..mode).rev() {
        mass[k] = mass[k + 1] / ratio(k);
    }
    let total: f64 = mass.iter().sum();
    let mut sum = 0.0;
    mass.iter_mut().for_each(|m| {
        sum += *m / total;
        *m = sum;
    });
    mass
}

/// Share of samples whose interval covers `p` when the rule stops it.
fn coverage(p: f64, width: f64, seed: u64, replications: u32) -> f64 {
    let looks = looks(LIMIT);
    let mut laws: Vec<Vec<f64>> = Vec::new();
    let mut luck = uniforms(seed, u64::MAX);
    let mut covered = 0;
    for _ in 0..replications {
        let (mut hits, mut before) = (0_u64, 0);
        for (k, &n) in looks.iter().enumerate() {
            if laws.len() == k {
                laws.push(binomial(n - before, p));
            }
            let u = luck.next().unwrap();
            hits += laws[k].partition_point(|c| *c < u) as u64;
            before = n;
            let ends = interval::wilson(hits, n, LEVEL);
            if ends.half_width() < width || n == LIMIT {
                covered += u32::from(ends.contains(p));
                break;
            }
        }
    }
    f64::from(covered) / f64::from(replications)
}

#[test]
fn intervals_cover_where_half_widths_stop_them() {
    let mut all = Vec::new();
    for (k, p) in [0.5, 0.3, 0.1, 0.05, 0.01].into_iter().enumerate() {
        for (w, width) in [0.02, 0.01, 0.005, 0.0025].into_iter().enumerate() {
            let share = coverage(p, width, 10 * k as u64 + w as u64, 10_000);
            assert!(share >= 0.935, "p {p}, width {width}: {share}");
            all.push(share);
        }
    }
    let mean = all.iter().sum::<f64>() / 20.0;
    println!("mean {mean}: {all:?}");
    assert!(mean >= 0.945, "{mean}: {all:?}");
}

#[test]
fn the_least_kind_widths_cost_two_points_at_most() {
    // Widths that the first look just meets when its share is off by so many standard errors.
    let spread = (0.05 * 0.95 * 3072.0_f64).sqrt();
    for z in [-2.5, -2.0, -1.5, -1.0, 1.0, 2.0] {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let hits = (0.05 * 3072.0 + z * spread) as u64;
        let width = interval::wilson(hits, FIRST, LEVEL).half_width();
        let share = coverage(0.05, width * 1.000_1, 99, 10_000);
        println!("z {z}, width {width}: {share}");
        assert!(share >= 0.925, "z {z}, width {width}: {share}");
    }
}

#[test]
fn the_best_branch_is_within_its_margin() {
    let rule = Rule::Best { metric: "deal_first".to_owned(), within: 0.05 };
    let mut head = BranchHead::of(&race("a", 1.0));
    head.metrics[0].worse = Some(Worse::High);
    head.metrics[0].kind = MetricKind::Number;
    let heads = vec![head; 3];
    // The first branch is the best: lower is better. The second is just not good enough.
    let means = [0.0, 0.055, 0.2];
    let (mut right, mut settled) = (0, 0);
    for seed in 0..600 {
        let looks = looks(24_576);
        let mut watch = Watch::new(&rule, &heads, looks.len()).unwrap();
        let mut luck: Vec<_> =
            (0..3).map(|b| uniforms(7000 + 3 * seed + b, u64::MAX).map(normal_quantile)).collect();
        let mut before = 0;
        for n in looks {
            let size = usize::try_from(n - before).unwrap();
            let columns: Vec<Vec<f64>> = luck
                .iter_mut()
                .zip(means)
                .map(|(luck, mean)| luck.take(size).map(|z| mean + z).collect())
                .collect();
            watch.compare(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
            before = n;
            let (leader, loss) = watch.leader();
            if loss <= 0.05 {
                settled += 1;
                right += u32::from(leader == 0);
                break;
            }
        }
    }
    println!("{right} of {settled} right, of 600 runs");
    assert!(settled >= 560, "{settled}");
    assert!(f64::from(right) >= 0.94 * f64::from(settled), "{right} of {settled}");
}

#[test]
fn a_stopped_run_is_the_plain_run_of_as_many_trials() {
    let programs = [race("baseline", 1.0), race("calm", 1.2)];
    let rule: Rule = "half_width(deal_first) < 0.01".parse().unwrap();
    for threads in [1, 2, 8] {
        let plan = Plan { trials: LIMIT, seed: 7, threads, rows: Rows::Auto };
        let (stopped, verdict) =
            run_until(&programs, &plan, &rule, &|_| {}, &Cancel::new()).unwrap();
        assert!(verdict.settled && verdict.value < 0.01, "{verdict:?}");
        assert!(looks(LIMIT).contains(&stopped.trials) && stopped.trials > FIRST);
        assert!(stopped.complete);
        let plan = Plan { trials: stopped.trials, ..plan };
        let plain = run(&programs, &plan, &|_| {}, &Cancel::new()).unwrap();
        assert_eq!(stopped.values_hash(), plain.values_hash());
        assert_eq!((stopped.plan, stopped.form), (plain.plan, plain.form));
        assert_eq!(stopped.differences(), plain.differences());
        for b in 0..2 {
            assert_eq!(stopped.estimates(b), plain.estimates(b));
            assert_eq!(stopped.branches[b].panels, plain.branches[b].panels);
            assert_eq!(stopped.branches[b].regimes, plain.branches[b].regimes);
        }
    }
}

#[test]
fn a_run_that_outgrows_its_table_is_the_plain_digest() {
    // So many branches that the second look no longer fits a table.
    let programs: Vec<_> = (0..350).map(|b| race(&format!("b{b}"), 1.0)).collect();
    let rule: Rule = "half_width(deal_first) < 1e-9".parse().unwrap();
    let plan = Plan { trials: 6144, seed: 7, threads: 2, rows: Rows::Auto };
    let (stopped, verdict) = run_until(&programs, &plan, &rule, &|_| {}, &Cancel::new()).unwrap();
    assert!(!verdict.settled && verdict.value > 1e-3);
    let plain = run(&programs, &plan, &|_| {}, &Cancel::new()).unwrap();
    assert_eq!((stopped.form, plain.form), (Form::Digest, Form::Digest));
    assert_eq!(stopped.values_hash(), plain.values_hash());
    assert_eq!(stopped.rows, plain.rows);
    for b in [0, 349] {
        assert_eq!(stopped.estimates(b), plain.estimates(b));
        assert_eq!(stopped.branches[b].notes, plain.branches[b].notes);
    }
}

#[test]
fn rules_that_do_not_fit_are_refused() {
    let one = [race("baseline", 1.0)];
    let two = [race("baseline", 1.0), race("calm", 1.2)];
    let refused = |programs: &[_], text: &str| {
        let rule: Rule = text.parse().unwrap();
        match run_until(programs, &Plan::default(), &rule, &|_| {}, &Cancel::new()) {
            Err(StudyError::Rule(error)) => error,
            other => panic!("{text}: {:?}", other.map(|(_, verdict)| verdict)),
        }
    };
    let id = |m: usize| BranchHead::of(&one[0]).metrics[m].id.clone();
    assert!(matches!(refused(&one, "half_width(none) < 1"), RuleError::Unknown(_)));
    let category = format!("half_width({}) < 1", id(4));
    assert!(matches!(refused(&one, &category), RuleError::Kind(..)));
    assert_eq!(refused(&one, "best(branch) by deal_first within 1"), RuleError::OneBranch);
    assert!(matches!(refused(&two, "best(branch) by deal_first within 1"), RuleError::NoWorse(_)));
}

#[test]
fn an_interrupted_run_reaches_no_rule() {
    let cancel = Cancel::new();
    cancel.cancel();
    let rule: Rule = "half_width(deal_first) < 0.9".parse().unwrap();
    let (results, verdict) =
        run_until(&[race("a", 1.0)], &Plan::default(), &rule, &|_| {}, &cancel).unwrap();
    assert_eq!((results.trials, results.complete, verdict.settled), (0, false, false));
    assert!(!math::same(verdict.value, 0.0));
}
