use super::*;
use crate::economy::base::Accounts;
use crate::economy::policy::{Quota, Rent};
use crate::math::{self, close};
use proptest::prelude::*;

/// A random base from raw numbers in 0..1: home-biased flows, tariffs to 20 %, input shares that leave
/// value added.
#[derive(Debug, Clone)]
struct Draw {
    regions: usize,
    sectors: usize,
    numbers: Vec<f64>,
}

impl Draw {
    fn base(&self, tariffs: f64) -> Base {
        let (n, s) = (self.regions, self.sectors);
        let mut raw = self.numbers.iter().copied().cycle();
        let mut next = || raw.next().unwrap();
        let mut flows = Vec::new();
        let mut tariff = Vec::new();
        for importer in 0..n {
            for exporter in 0..n {
                for j in 0..s {
                    let home = importer == exporter;
                    // Nearly as much both ways: a large fixed deficit may outlive the trade that pays it.
                    let pair = importer * exporter + importer + exporter + j;
                    let common = self.numbers[pair % self.numbers.len()];
                    let uneven = 0.95 + 0.1 * next();
                    flows.push(if home {
                        6.0 + 4.0 * next()
                    } else {
                        (0.5 + 1.5 * common) * uneven
                    });
                    tariff.push(if home { 0.0 } else { tariffs * next() });
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "few sectors")]
        let input_share = (0..n * s * s).map(|_| 0.6 / s as f64 * next()).collect();
        Base::new(Accounts {
            name: "random".into(),
            regions: (0..n).map(|k| format!("R{k}")).collect(),
            sectors: (0..s).map(|k| format!("S{k}")).collect(),
            goods: s,
            tariff,
            export_tax: vec![0.0; flows.len()],
            flows,
            input_share,
            value_added_share: Vec::new(),
        })
        .unwrap()
    }

    fn theta(&self, low: f64, high: f64) -> Vec<f64> {
        self.numbers
            .iter()
            .rev()
            .take(self.sectors)
            .map(|u| low * math::pow(high / low, *u))
            .collect()
    }
}

fn draw() -> impl Strategy<Value = Draw> {
    (2usize..5, 1usize..4, prop::collection::vec(0.0f64..1.0, 97))
        .prop_map(|(regions, sectors, numbers)| Draw { regions, sectors, numbers })
}

const EXACT: Settings = Settings { tolerance: 1e-13, accelerate: true };

fn solve(model: &Model, policy: &Policy) -> Equilibrium {
    model.solve(policy, EXACT).unwrap()
}

fn hats_close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.iter().zip(b).all(|(x, y)| close(*x, *y, tolerance))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn unchanged_policy_changes_nothing(draw in draw()) {
        let base = draw.base(0.2);
        let model = Model::new(&base, &draw.theta(0.5, 10.0), None).unwrap();
        let world = solve(&model, &Policy::unchanged(&base));
        let ones = vec![1.0; base.flows().len()];
        for hats in [&world.wage_hat, &world.real_income_hat, &world.price_hat, &world.quantity_hat] {
            prop_assert!(hats_close(hats, &ones, 1e-12));
        }
    }

    /// Units of account do not matter: all flows times 1000 give the same hats.
    #[test]
    fn scale_invariance(draw in draw(), tariff in 0.0f64..2.0) {
        let base = draw.base(0.2);
        let big = Base::new(Accounts {
            name: "big".into(),
            regions: base.regions().to_vec(),
            sectors: base.sectors().to_vec(),
            goods: base.goods(),
            flows: base.flows().iter().map(|x| x * 1000.0).collect(),
            tariff: base.tariff().to_vec(),
            export_tax: base.export_tax().to_vec(),
            input_share: (0..draw.regions * draw.sectors * draw.sectors)
                .map(|at| {
                    let s = draw.sectors;
                    base.input_share(at / (s * s), at / s % s, at % s)
                })
                .collect(),
            value_added_share: Vec::new(),
        }).unwrap();
        let theta = draw.theta(0.5, 10.0);
        let mut policy = Policy::unchanged(&base);
        policy.tariff[base.cell(0, 1, 0)] += tariff;
        let a = solve(&Model::new(&base, &theta, None).unwrap(), &policy);
        let b = solve(&Model::new(&big, &theta, None).unwrap(), &policy);
        prop_assert!(hats_close(&a.real_income_hat, &b.real_income_hat, 1e-10));
        prop_assert!(hats_close(&a.quantity_hat, &b.quantity_hat, 1e-10));
    }

    /// Lerner (1936): a uniform tariff on all imports and a uniform tax on all exports of a region are
    /// the same thing, if trade is balanced.
    #[test]
    fn lerner_symmetry(draw in draw(), rate in 0.01f64..1.0) {
        let base = draw.base(0.0);
        let theta = draw.theta(0.5, 8.0);
        let model = Model::new(&base, &theta, None).unwrap().balanced(EXACT).unwrap();
        let base = model.base().clone();
        let (mut imports, mut exports) = (Policy::unchanged(&base), Policy::unchanged(&base));
        for other in 1..draw.regions {
            for j in 0..draw.sectors {
                imports.tariff[base.cell(0, other, j)] = rate;
                exports.export_tax[base.cell(other, 0, j)] = rate;
            }
        }
        let (a, b) = (solve(&model, &imports), solve(&model, &exports));
        prop_assert!(hats_close(&a.real_income_hat, &b.real_income_hat, 1e-10));
        prop_assert!(hats_close(&a.quantity_hat, &b.quantity_hat, 1e-9));
    }

    /// Imports less exports are the deficit, whatever the policy; nothing is made or lost.
    #[test]
    fn trade_balances(draw in draw(), a in 0.0f64..3.0, b in 0.0f64..1.0, d in 1.0f64..2.0) {
        let base = draw.base(0.2);
        let model = Model::new(&base, &draw.theta(0.5, 10.0), None).unwrap();
        let mut policy = Policy::unchanged(&base);
        policy.tariff[base.cell(0, 1, 0)] += a;
        policy.export_tax[base.cell(1, 0, draw.sectors - 1)] += b;
        policy.iceberg[base.cell(draw.regions - 1, 0, 0)] = d;
        for deficits in [Deficits::Fixed, Deficits::Scaled, Deficits::Given(vec![0.0; draw.regions])] {
            policy.deficits = deficits;
            let world = solve(&model, &policy);
            prop_assert!(world.balance_gap(&base) < 1e-10);
            let (spent, final_use): (f64, f64) = (
                world.expenditure_flows.iter().sum(),
                world.nominal_income.iter().sum(),
            );
            prop_assert!(spent >= final_use * (1.0 - 1e-9));
        }
    }

    /// With one sector, no inputs and no trade left, real income is home share ^ (1/theta) (Arkolakis,
    /// Costinot & Rodriguez-Clare 2012); with inputs, home share ^ (1/(theta · value-added share)).
    #[test]
    fn autarky_has_a_closed_form(draw in draw(), theta in 0.5f64..10.0) {
        let draw = Draw { sectors: 1, ..draw };
        let base = draw.base(0.0);
        let model = Model::new(&base, &[theta], None).unwrap().balanced(EXACT).unwrap();
        let base = model.base();
        let mut policy = Policy::unchanged(base);
        for n in 0..draw.regions {
            for i in (0..draw.regions).filter(|&i| i != n) {
                policy.iceberg[base.cell(n, i, 0)] = f64::INFINITY;
            }
        }
        let world = solve(&model, &policy);
        for n in 0..draw.regions {
            let home = base.flows()[base.cell(n, n, 0)] / base.expenditure()[n];
            let expected = math::pow(home, 1.0 / (theta * base.value_added_share()[n]));
            prop_assert!(close(world.real_income_hat[n], expected, 1e-10));
        }
    }

    /// A quota does what an export tax or tariff at its shadow rate does, to the last flow.
    #[test]
    fn a_quota_is_its_shadow_tax(draw in draw(), ratio in 0.05f64..0.95) {
        let model = Model::new(&draw.base(0.1), &draw.theta(0.7, 8.0), None).unwrap();
        // Without deficits: a cap on all a region sells may leave it too little to pay a surplus.
        let model = model.balanced(EXACT).unwrap();
        let base = model.base().clone();
        let cell = base.cell(0, 1, 0);
        for rent in [Rent::Exporter, Rent::Importer, Rent::Burnt] {
            let mut quota = Policy::unchanged(&base);
            quota.quotas.push(Quota { importers: vec![0], exporter: 1, sector: 0, ratio, rent });
            let capped = solve(&model, &quota);
            prop_assert!(close(capped.quantity_hat[cell], ratio, 1e-10));
            let mut tax = Policy::unchanged(&base);
            let factor = 1.0 + capped.quota_shadow[0];
            match rent {
                Rent::Exporter => tax.export_tax[cell] = factor - 1.0,
                Rent::Importer => tax.tariff[cell] = (1.0 + tax.tariff[cell]) * factor - 1.0,
                Rent::Burnt => tax.iceberg[cell] = factor,
            }
            let taxed = solve(&model, &tax);
            prop_assert!(hats_close(&capped.real_income_hat, &taxed.real_income_hat, 1e-10));
            prop_assert!(hats_close(&capped.expenditure_flows, &taxed.expenditure_flows, 1e-9));
        }
    }

    /// A quota above what would be traded anyway has no price.
    #[test]
    fn a_slack_quota_is_none(draw in draw(), tariff in 0.0f64..1.0) {
        let base = draw.base(0.1);
        let model = Model::new(&base, &draw.theta(0.7, 8.0), None).unwrap();
        let mut policy = Policy::unchanged(&base);
        policy.tariff[base.cell(0, 1, 0)] += tariff;
        let free = solve(&model, &policy);
        let quota = Quota { importers: vec![0], exporter: 1, sector: 0, ratio: 1.5, rent: Rent::Exporter };
        policy.quotas.push(quota);
        let capped = solve(&model, &policy);
        prop_assert!(capped.quota_shadow[0].abs() < 1e-15);
        prop_assert!(hats_close(&free.real_income_hat, &capped.real_income_hat, 1e-11));
    }

    /// One common wedge over several buyers caps their sum.
    #[test]
    fn a_world_quota_caps_the_sum(draw in draw(), ratio in 0.1f64..0.9) {
        let model = Model::new(&draw.base(0.1), &draw.theta(0.7, 8.0), None).unwrap();
        let model = model.balanced(EXACT).unwrap();
        let base = model.base().clone();
        let mut policy = Policy::unchanged(&base);
        let importers: Vec<usize> = (0..draw.regions).filter(|&n| n != 1).collect();
        policy.quotas.push(Quota { importers, exporter: 1, sector: 0, ratio, rent: Rent::Exporter });
        let world = solve(&model, &policy);
        prop_assert!(close(world.quota_quantity[0], ratio, 1e-10));
    }

    /// An elasticity of 1 makes the critical nest the Cobb-Douglas bundle it is part of.
    #[test]
    fn a_nest_of_elasticity_one_is_no_nest(draw in draw(), tax in 0.0f64..4.0) {
        let base = draw.base(0.1);
        let theta = draw.theta(0.7, 8.0);
        let plain = Model::new(&base, &theta, None).unwrap();
        let critical = Critical { sector: 0, sigma: vec![1.0; draw.sectors] };
        let nested = Model::new(&base, &theta, Some(critical)).unwrap();
        let mut policy = Policy::unchanged(&base);
        policy.export_tax[base.cell(0, 1, 0)] = tax;
        let (a, b) = (solve(&plain, &policy), solve(&nested, &policy));
        prop_assert!(hats_close(&a.real_income_hat, &b.real_income_hat, 1e-11));
    }

    /// Plain and accelerated sweeps find the same world.
    #[test]
    fn acceleration_changes_only_the_time(draw in draw(), tariff in 0.0f64..3.0) {
        let base = draw.base(0.1);
        let model = Model::new(&base, &draw.theta(1.0, 6.0), None).unwrap();
        let mut policy = Policy::unchanged(&base);
        policy.tariff[base.cell(0, 1, 0)] += tariff;
        let quick = solve(&model, &policy);
        let plain = Settings { tolerance: 1e-13, accelerate: false };
        let slow = model.solve(&policy, plain).unwrap();
        prop_assert!(hats_close(&quick.real_income_hat, &slow.real_income_hat, 1e-10));
        prop_assert!(quick.sweeps <= slow.sweeps);
    }
}

/// A region too small to move the world gains most by a tariff of 1/theta.
#[test]
fn small_country_optimal_tariff() {
    let theta = 4.0;
    // Region 0 is a ten-thousandth of the world; trade balanced.
    let (own, imports, world) = (0.8, 0.2, 10_000.0);
    let base = Base::new(Accounts {
        name: "small".into(),
        regions: vec!["small".into(), "world".into()],
        sectors: vec!["S".into()],
        goods: 1,
        flows: vec![own, imports, imports, world],
        tariff: vec![0.0; 4],
        export_tax: vec![0.0; 4],
        input_share: vec![0.0; 2],
        value_added_share: Vec::new(),
    })
    .unwrap();
    let model = Model::new(&base, &[theta], None).unwrap();
    let welfare = |tariff: f64| {
        let mut policy = Policy::unchanged(&base);
        policy.tariff[1] = tariff;
        solve(&model, &policy).real_income_hat[0]
    };
    let best = (1..100u32).map(|k| f64::from(k) / 200.0).fold((0.0, 0.0), |best, t| {
        let w = welfare(t);
        if w > best.1 { (t, w) } else { best }
    });
    assert!(close(best.0, 1.0 / theta, 1e-9), "{best:?}");
}

#[test]
fn failures_are_told() {
    let draw = Draw { regions: 2, sectors: 1, numbers: vec![0.3, 0.7, 0.1] };
    let base = draw.base(0.1);
    let model = Model::new(&base, &[4.0], None).unwrap();
    let mut policy = Policy::unchanged(&base);
    for i in 0..2 {
        policy.iceberg[base.cell(0, i, 0)] = f64::INFINITY;
    }
    let error = model.solve(&policy, EXACT).unwrap_err().to_string();
    assert!(error.contains("R0 has no source of S0"), "{error}");
    assert!(Model::new(&base, &[-1.0], None).is_err());
    assert!(Model::new(&base, &[1.0, 2.0], None).is_err());
    let never = Settings { tolerance: 0.0, accelerate: true };
    let mut policy = Policy::unchanged(&base);
    policy.tariff[1] = 0.5;
    let error = model.solve(&policy, never);
    assert!(error.is_ok_and(|w| w.residual <= 0.0) || model.solve(&policy, never).is_err());
}

/// Tariffs to 300 %, embargoes, elasticities from 0.5 to 65 and a nest of 0.05 on random bases: every
/// case is solved, or says that it is not (at most one in 200, and none without embargoes). Run by `cargo test --release -- --ignored random_cases`.
#[test]
#[ignore = "ten thousand solves"]
fn ten_thousand_random_cases() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[allow(clippy::cast_precision_loss, reason = "53 bits")]
        let u = (state >> 11) as f64 / (1u64 << 53) as f64;
        u
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small whole numbers"
    )]
    let whole = |u: f64, n: usize| (u * n as f64) as usize;
    let (mut careful, mut failed, mut most) = (0, 0, 0);
    for case in 0..10_000 {
        let draw = Draw {
            regions: 2 + whole(uniform(), 5),
            sectors: 1 + whole(uniform(), 5),
            numbers: (0..211).map(|_| uniform()).collect(),
        };
        let base = draw.base(0.3);
        let theta = draw.theta(0.5, 65.0);
        let critical =
            (uniform() < 0.3).then(|| Critical { sector: 0, sigma: vec![0.05; draw.sectors] });
        let model = Model::new(&base, &theta, critical).unwrap();
        let mut policy = Policy::unchanged(&base);
        for n in 0..draw.regions {
            for i in (0..draw.regions).filter(|&i| i != n) {
                let (hit, rate) = (uniform(), 3.0 * uniform());
                for j in 0..draw.sectors {
                    if hit < 0.3 {
                        policy.tariff[base.cell(n, i, j)] += rate;
                    } else if hit < 0.4 {
                        // Both ways, and without deficits: who may not buy cannot be made to sell.
                        policy.deficits = Deficits::Given(vec![0.0; draw.regions]);
                        policy.iceberg[base.cell(n, i, j)] = f64::INFINITY;
                        policy.iceberg[base.cell(i, n, j)] = f64::INFINITY;
                    }
                }
            }
        }
        match model.solve(&policy, Settings::default()) {
            Ok(world) => {
                careful += usize::from(world.safeguards > 0);
                most = most.max(world.sweeps);
                assert!(world.residual <= 1e-10 && world.balance_gap(&base) < 1e-8, "case {case}");
                assert!(world.real_income_hat.iter().all(|w| w.is_finite() && *w > 0.0));
            }
            Err(error) => {
                // Blocs that embargoes and prohibitive tariffs have all but cut apart: the level of wages
                // between them is nearly free. Told, not guessed.
                failed += 1;
                assert!(matches!(policy.deficits, Deficits::Given(_)), "case {case}: {error}");
            }
        }
    }
    println!(
        "10,000 cases: {careful} needed a second attempt, {failed} failed, most sweeps {most}"
    );
    assert!(failed <= 50);
}
