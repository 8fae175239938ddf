use super::*;
use crate::math::{close, expm1, same};
use crate::stats::sample::{kolmogorov, uniforms};
use proptest::prelude::*;
use statrs::distribution::ContinuousCDF;

fn beyond(by: f64, of: Dist) -> Dist {
    Dist::Shifted { by, of: Box::new(of) }
}

/// One of each kind that has exact tails.
fn exact_laws() -> Vec<Dist> {
    vec![
        Dist::Exponential { mean: 31.0 },
        Dist::Uniform { low: 3.0, high: 19.0 },
        Dist::Triangular { low: 10.0, mode: 30.0, high: 100.0 },
        Dist::Triangular { low: 1.0, mode: 1.0, high: 4.0 },
        Dist::Triangular { low: 1.0, mode: 4.0, high: 4.0 },
        Dist::Lognormal { median: 20.0, sigma: 0.5, within: None },
        Dist::Lognormal { median: 20.0, sigma: 0.5, within: Some((7.0, 60.0)) },
        Dist::Lognormal { median: 20.0, sigma: 0.5, within: Some((0.0, 30.0)) },
        Dist::Normal { mean: -2.0, sd: 7.0, within: None },
        Dist::Normal { mean: 10.0, sd: 4.0, within: Some((5.0, 12.0)) },
        Dist::Normal { mean: 0.0, sd: 1.0, within: Some((2.0, f64::INFINITY)) },
        Dist::Weibull { shape: 1.7, scale: 40.0 },
        Dist::Weibull { shape: 0.6, scale: 12.0 },
        Dist::Erlang { shape: 1, mean: 9.0 },
        Dist::Erlang { shape: 4, mean: 60.0 },
        Dist::Erlang { shape: 300, mean: 60.0 },
        Dist::Beta { a: 2.0, b: 5.0 },
        Dist::Beta { a: 0.6, b: 0.8 },
        Dist::Hazard(vec![(10.0, 0.02), (20.0, 0.0), (50.0, 0.1), (0.0, 0.01)]),
        beyond(5.0, Dist::Weibull { shape: 2.0, scale: 8.0 }),
        Dist::Sum(vec![Dist::Fixed(2.0), Dist::Exponential { mean: 4.0 }, Dist::Fixed(1.0)]),
        Dist::Mixture(vec![
            (0.3, Dist::Exponential { mean: 5.0 }),
            (0.7, beyond(10.0, Dist::Erlang { shape: 3, mean: 30.0 })),
        ]),
    ]
}

fn two_stage() -> Dist {
    Dist::Sum(vec![Dist::Exponential { mean: 10.0 }, Dist::Exponential { mean: 10.0 }])
}

#[test]
fn quantile_and_cdf_are_inverse() {
    for law in exact_laws() {
        for p in [1e-12, 1e-6, 0.001, 0.05, 0.3, 0.5, 0.62, 0.9, 0.999] {
            let x = law.quantile(p);
            assert!(close(law.cdf(x), p, 1e-11), "{law:?} at {p}: {}", law.cdf(x));
            // The upper tail keeps its relative accuracy.
            let x = law.draw(p);
            if matches!(law, Dist::Mixture(_)) {
                continue;
            }
            // Next to a finite end a rounding of x is a large part of the tail.
            let room = law.support().1 - x;
            if room < 1e-6 {
                continue;
            }
            let error = (law.survival(x) / p - 1.0).abs();
            assert!(error < 1e-9, "{law:?} above {p}: {x}, {error}");
        }
    }
}

#[test]
fn laws_match_statrs() {
    use statrs::distribution as other;
    let cases: Vec<(Dist, Box<dyn ContinuousCDF<f64, f64>>)> = vec![
        (Dist::Exponential { mean: 31.0 }, Box::new(other::Exp::new(1.0 / 31.0).unwrap())),
        (Dist::Uniform { low: 3.0, high: 19.0 }, Box::new(other::Uniform::new(3.0, 19.0).unwrap())),
        (
            Dist::Triangular { low: 10.0, mode: 30.0, high: 100.0 },
            Box::new(other::Triangular::new(10.0, 100.0, 30.0).unwrap()),
        ),
        (
            Dist::Lognormal { median: 20.0, sigma: 0.5, within: None },
            Box::new(other::LogNormal::new(ln(20.0), 0.5).unwrap()),
        ),
        (
            Dist::Normal { mean: -2.0, sd: 7.0, within: None },
            Box::new(other::Normal::new(-2.0, 7.0).unwrap()),
        ),
        (
            Dist::Weibull { shape: 1.7, scale: 40.0 },
            Box::new(other::Weibull::new(1.7, 40.0).unwrap()),
        ),
        (
            Dist::Erlang { shape: 4, mean: 60.0 },
            Box::new(other::Erlang::new(4, 4.0 / 60.0).unwrap()),
        ),
        (Dist::Beta { a: 2.0, b: 5.0 }, Box::new(other::Beta::new(2.0, 5.0).unwrap())),
    ];
    for (law, other) in cases {
        for p in [0.001, 0.02, 0.1, 0.25, 0.5, 0.7, 0.9, 0.99, 0.999] {
            let x = law.quantile(p);
            assert!(close(law.cdf(x), other.cdf(x), 2e-10), "{law:?} cdf at {x}");
            assert!(close(law.survival(x), other.sf(x), 2e-10), "{law:?} survival at {x}");
            let theirs = other.inverse_cdf(p);
            // Some of their inverses bisect to a few digits only.
            assert!(close(law.cdf(theirs), p, 1e-4), "{law:?} at {p}: {x}, {theirs}");
        }
    }
}

#[test]
fn restricted_laws_match_references() {
    // Mean and lower quartile, computed with 30 digits.
    let cases = [
        (
            Dist::Normal { mean: 10.0, sd: 4.0, within: Some((5.0, 12.0)) },
            8.843_205_379_744_953,
            7.328_453_033_146_597,
        ),
        (
            Dist::Normal { mean: 0.0, sd: 1.0, within: Some((2.0, 9.0)) },
            2.373_215_532_822_841,
            2.118_589_215_612_888,
        ),
        (
            Dist::Normal { mean: 5.0, sd: 10.0, within: Some((0.0, 3.0)) },
            1.526_166_553_516_807_9,
            0.782_074_628_221_525_6,
        ),
        (
            Dist::Lognormal { median: 20.0, sigma: 0.5, within: Some((7.0, 60.0)) },
            22.250_711_230_916_924,
            14.496_685_846_300_11,
        ),
        (
            Dist::Lognormal { median: 20.0, sigma: 0.5, within: Some((0.0, 30.0)) },
            17.816_347_847_229_803,
            13.079_199_111_061_591,
        ),
    ];
    for (law, mean, quartile) in cases {
        assert!(close(law.mean(), mean, 1e-12), "{law:?}: mean {}", law.mean());
        assert!(close(law.quantile(0.25), quartile, 1e-12), "{law:?}: {}", law.quantile(0.25));
    }
}

#[test]
fn means_are_integrals_of_quantiles() {
    let mut laws = exact_laws();
    laws.push(Dist::Hazard(vec![(15.0, 0.05), (30.0, 0.0), (0.0, 0.2)]));
    for law in laws {
        let n = 20_000;
        let total: f64 = (0..n).map(|i| law.quantile((f64::from(i) + 0.5) / f64::from(n))).sum();
        let mean = total / f64::from(n);
        assert!(close(law.mean(), mean, 2e-3), "{law:?}: {} and {mean}", law.mean());
    }
}

#[test]
fn exponential_draw_is_the_logarithm() {
    let law = Dist::Exponential { mean: 7.0 };
    assert!(same(law.draw(0.3), -7.0 * ln(0.3)));
    assert!(same(law.draw_beyond(0.3, 100.0), 100.0 - 7.0 * ln(0.3)));
    assert!(same(law.draw_beyond(0.3, -5.0), law.draw(0.3)));
}

#[test]
fn hazard_by_hand() {
    let law = Dist::Hazard(vec![(10.0, 0.1), (20.0, 0.0), (0.0, 0.05)]);
    // Cumulated hazard 1 at 10 days and at 20, 2 at 40.
    assert!(close(law.survival(10.0), crate::math::exp(-1.0), 1e-15));
    assert!(close(law.survival(17.0), crate::math::exp(-1.0), 1e-15));
    assert!(close(law.survival(40.0), crate::math::exp(-2.0), 1e-15));
    assert!(close(law.quantile(-expm1(-1.5)), 30.0, 1e-14));
    assert!(close(law.quantile(-expm1(-0.5)), 5.0, 1e-14));
    let may_end = Dist::Hazard(vec![(10.0, 0.1), (0.0, 0.0)]);
    assert!(same(may_end.draw(0.2), f64::INFINITY));
    assert!(close(may_end.draw(0.5), 10.0 * std::f64::consts::LN_2, 1e-14));
    assert!(same(may_end.mean(), f64::INFINITY));
    assert!(same(may_end.draw_beyond(0.5, 12.0), f64::INFINITY));
}

#[test]
fn conditional_law_is_the_tail_scaled() {
    for law in exact_laws() {
        for share in [0.1, 0.6, 0.99] {
            let age = law.quantile(share);
            let left = law.survival(age);
            for u in [0.02, 0.5, 0.93] {
                let x = law.quantile_beyond(1.0 - u, age);
                assert!(x >= age);
                assert!(close(law.survival(x) / left, u, 1e-7), "{law:?} beyond {age} at {u}");
                assert!(law.draw_beyond(u, age) >= age);
            }
        }
        let (low, high) = law.support();
        if high.is_finite() {
            assert!(same(law.draw_beyond(0.4, high), high), "{law:?}");
            assert!(same(law.draw_beyond(0.4, high + 3.0), high + 3.0), "{law:?}");
        }
        if low.is_finite() {
            assert!(close(law.draw_beyond(0.4, low - 1.0), law.draw(0.4), 1e-12), "{law:?}");
        }
    }
}

#[test]
fn age_far_in_the_tail_keeps_its_meaning() {
    // Survival underflows to 0 here, but the law is known by its hazard.
    let law = Dist::Weibull { shape: 2.0, scale: 1.0 };
    let wait = law.draw_beyond(0.5, 100.0) - 100.0;
    assert!(close(wait, std::f64::consts::LN_2 / 200.0, 1e-4));
    let fixed = Dist::Fixed(20.0);
    assert!(same(fixed.draw_beyond(0.5, 19.0), 20.0));
    assert!(same(fixed.draw_beyond(0.5, 20.0), 20.0));
    assert!(same(fixed.draw_beyond(0.5, 33.0), 33.0));
}

#[test]
fn draws_have_their_law() {
    for law in exact_laws() {
        let values = uniforms(1, 20_000).map(|u| law.cdf(law.draw(u))).collect();
        let distance = kolmogorov(values);
        // Passed by chance once in 30,000.
        assert!(distance < 2.27, "{law:?}: {distance}");
        let age = law.quantile(0.4);
        let left = law.survival(age);
        let values = uniforms(1, 5_000).map(|u| law.survival(law.draw_beyond(u, age)) / left);
        let distance = kolmogorov(values.collect());
        assert!(distance < 2.27, "{law:?} beyond {age}: {distance}");
    }
}

#[test]
fn sum_of_two_equal_stages_is_erlang() {
    let (sum, erlang) = (two_stage(), Dist::Erlang { shape: 2, mean: 20.0 });
    let values = uniforms(1, 20_000).map(|u| erlang.cdf(sum.draw(u))).collect();
    assert!(kolmogorov(values) < 2.27);
    let left = erlang.survival(25.0);
    let values = uniforms(1, 20_000).map(|u| erlang.survival(sum.draw_beyond(u, 25.0)) / left);
    assert!(kolmogorov(values.collect()) < 2.27);
    // The fixed sample: three digits in the middle.
    for p in [0.05, 0.25, 0.5, 0.75, 0.95] {
        let (got, wanted) = (sum.quantile(p), erlang.quantile(p));
        assert!((got / wanted - 1.0).abs() < 0.025, "at {p}: {got}, {wanted}");
        assert!((sum.cdf(wanted) - p).abs() < 0.004, "cdf at {p}: {}", sum.cdf(wanted));
    }
    let got = sum.quantile_beyond(0.5, 25.0);
    assert!((got / erlang.quantile_beyond(0.5, 25.0) - 1.0).abs() < 0.02);
    assert!(close(sum.mean(), 20.0, 1e-15));
}

#[test]
fn sum_that_cannot_exceed_an_age_is_due() {
    let sum = Dist::Sum(vec![
        Dist::Uniform { low: 1.0, high: 2.0 },
        Dist::Uniform { low: 1.0, high: 3.0 },
    ]);
    assert_eq!(sum.support(), (2.0, 5.0));
    assert!(same(sum.draw_beyond(0.5, 6.0), 6.0));
    let late = sum.draw_beyond(0.5, 4.9);
    assert!(late > 4.9 && late < 9.9, "{late}");
    // A draw that exceeds the age anyway is kept.
    assert!(same(sum.draw_beyond(0.123, 1.0), sum.draw(0.123)));
}

#[test]
fn mixture_with_an_atom_and_a_part_that_never_ends() {
    let law =
        Dist::Mixture(vec![(1.0, Dist::Fixed(5.0)), (3.0, Dist::Uniform { low: 0.0, high: 20.0 })]);
    assert!(close(law.cdf(4.999), 0.75 * 4.999 / 20.0, 1e-12));
    assert!(close(law.cdf(5.0), 0.25 + 0.75 * 0.25, 1e-12));
    assert!(close(law.quantile(0.3), 5.0, 1e-12));
    assert!(close(law.quantile(0.4375 + 0.375), 15.0, 1e-12));
    let may_end = Dist::Mixture(vec![
        (0.5, Dist::Hazard(vec![(1.0, 0.1), (0.0, 0.0)])),
        (0.5, Dist::Exponential { mean: 1.0 }),
    ]);
    assert!(may_end.quantile(0.5).is_finite());
    assert!(same(may_end.quantile(0.99), f64::INFINITY));
    let never = Dist::Mixture(vec![(0.0, Dist::Fixed(1.0)), (1.0, Dist::Fixed(2.0))]);
    assert!(uniforms(1, 100).all(|u| same(never.draw(u), 2.0)));
    assert!(same(never.median(), 2.0));
}

#[test]
fn having_lasted_speaks_for_the_lasting_part() {
    let law = Dist::Mixture(vec![
        (0.9, Dist::Exponential { mean: 1.0 }),
        (0.1, Dist::Exponential { mean: 100.0 }),
    ]);
    let waits: f64 =
        uniforms(1, 2000).map(|u| law.draw_beyond(u, 30.0) - 30.0).sum::<f64>() / 2000.0;
    assert!((waits - 100.0).abs() < 8.0, "{waits}");
}

#[test]
fn bad_laws_are_refused_in_words() {
    let bad = [
        (Dist::Fixed(f64::NAN), "finite"),
        (Dist::Exponential { mean: 0.0 }, "above 0"),
        (Dist::Uniform { low: 3.0, high: 3.0 }, "smaller number first"),
        (Dist::Triangular { low: 0.0, mode: 9.0, high: 3.0 }, "mode"),
        (Dist::Lognormal { median: -1.0, sigma: 0.5, within: None }, "above 0"),
        (Dist::Lognormal { median: 1.0, sigma: 80.0, within: None }, "sigma"),
        (Dist::Normal { mean: 0.0, sd: 1.0, within: Some((2.0, 1.0)) }, "smaller number first"),
        (Dist::Normal { mean: 0.0, sd: 1.0, within: Some((9.0, 10.0)) }, "almost nothing"),
        (Dist::Weibull { shape: f64::INFINITY, scale: 1.0 }, "above 0"),
        (Dist::Erlang { shape: 0, mean: 1.0 }, "stages"),
        (Dist::Beta { a: 1.0, b: f64::NAN }, "above 0"),
        (Dist::Hazard(vec![]), "no parts"),
        (Dist::Hazard(vec![(1.0, 0.0), (0.0, 0.0)]), "never happens"),
        (Dist::Hazard(vec![(5.0, 0.1), (3.0, 0.1), (0.0, 0.1)]), "rising"),
        (Dist::Hazard(vec![(5.0, -0.1)]), "0 or more"),
        (beyond(f64::INFINITY, Dist::Fixed(1.0)), "finite"),
        (Dist::Sum(vec![]), "no parts"),
        (Dist::Sum(vec![Dist::Exponential { mean: -1.0 }]), "above 0"),
        (Dist::Mixture(vec![(0.0, Dist::Fixed(1.0))]), "nothing"),
        (Dist::Mixture(vec![(-1.0, Dist::Fixed(1.0))]), "0 or more"),
        ((0..40).fold(Dist::Fixed(1.0), |law, _| beyond(1.0, law)), "nested"),
    ];
    for (law, word) in bad {
        let message = law.validate().unwrap_err();
        assert!(message.contains(word), "{law:?}: {message}");
    }
    for law in exact_laws() {
        assert_eq!(law.validate(), Ok(()), "{law:?}");
    }
}

proptest! {
    #[test]
    fn quantiles_rise_and_draws_fall(which in 0_usize..22, a in 1e-9..1.0_f64, b in 1e-9..1.0_f64) {
        let law = &exact_laws()[which];
        let (small, large) = (a.min(b), a.max(b));
        prop_assert!(law.quantile(small) <= law.quantile(large) * (1.0 + 1e-12) + 1e-12);
        if !matches!(law, Dist::Mixture(_)) {
            prop_assert!(law.draw(small) >= law.draw(large) * (1.0 - 1e-12) - 1e-12);
        }
    }

    #[test]
    fn any_parameters_and_uniforms_give_a_number(
        shape in 0.05..50.0_f64, scale in 1e-6..1e6_f64, stages in 1_u32..2000,
        u in 1e-15..1.0_f64, age in 0.0..1e7_f64,
    ) {
        let laws = [
            Dist::Exponential { mean: scale },
            Dist::Weibull { shape, scale },
            Dist::Erlang { shape: stages, mean: scale },
            Dist::Beta { a: shape, b: 1.0 / shape },
            Dist::Lognormal { median: scale, sigma: shape / 10.0, within: None },
            Dist::Sum(vec![Dist::Erlang { shape: 2, mean: scale }, Dist::Weibull { shape, scale }]),
        ];
        for law in laws {
            prop_assert_eq!(law.validate(), Ok(()));
            for value in [law.draw(u), law.quantile(u), law.median(), law.mean()] {
                prop_assert!(value >= 0.0, "{:?}: {}", law, value);
            }
            for value in [law.draw_beyond(u, age), law.quantile_beyond(u, age)] {
                prop_assert!(value >= age, "{:?}: {}", law, value);
            }
            let total = law.cdf(age) + law.survival(age);
            prop_assert!((total - 1.0).abs() < 1e-12);
        }
    }
}
