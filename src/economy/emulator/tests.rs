use super::*;
use crate::economy::{ElasticityBasis, Sectors, WedgeKind, shipped};

fn trade() -> Trade {
    Trade::new(shipped::base("hybrid2023").unwrap(), ElasticityBasis::FirstYear).unwrap()
}

fn place(importer: u16, exporter: u16, sectors: Sectors, kind: WedgeKind) -> WedgePlace {
    WedgePlace { importer, exporter, sectors, kind }
}

fn lever(at: WedgePlace, high: f64, values: &[f64]) -> Lever {
    Lever { places: vec![at], low: 0.0, high, start: 0.0, values: values.to_vec() }
}

/// Two tariffs, a listing and a fee, as in a trade war.
fn war(elasticities: Elasticities) -> Reach {
    let mut fixed = Wedges::new();
    fixed.add(0, 1, Sectors::Goods, WedgeKind::Tariff, 0.5);
    let levers = vec![
        lever(place(0, 1, Sectors::Goods, WedgeKind::Tariff), 1.2, &[]),
        lever(place(1, 0, Sectors::Goods, WedgeKind::Tariff), 1.0, &[]),
        lever(place(1, 0, Sectors::One(9), WedgeKind::Stopped), 0.3, &[]),
        lever(place(0, 1, Sectors::Goods, WedgeKind::Cost), 0.01, &[]),
    ];
    Reach { fixed, levers, elasticities, horizon_years: 0.25 }
}

fn emulator(reach: Reach) -> Emulator {
    Emulator::new(trade(), reach, &[0, 1, 2], &[Reading::Flow(0, 1), Reading::Output(1, Some(9))])
        .unwrap()
}

fn pace(cancel: &Cancel, threads: usize) -> Pace<'_> {
    Pace { threads, cancel, progress: &|_, _| {} }
}

#[test]
fn a_surface_is_near_exact_solutions_and_says_how_near() {
    let surface = emulator(war(Elasticities::Range(0.5, 2.0)));
    assert!(!surface.is_exact());
    let cancel = Cancel::new();
    assert!(surface.prepare(&pace(&cancel, 2)).unwrap());
    let error = surface.error().unwrap();
    assert!(error.largest > 0.0 && error.largest < 2e-3 * error.range, "{error:?}");
    // A policy that is on no grid, at an elasticity that is on none.
    let amounts = [0.63, 0.41, 0.12, 0.004];
    let wedges = surface.policy(&amounts);
    let found = surface.effects(&wedges, 0.25, 0.9).unwrap();
    let exact = trade().effects(&wedges, 0.25, 0.9).unwrap();
    for region in 0..3 {
        assert!((found.income[region] - exact.income[region]).abs() <= error.largest.max(1e-5));
        assert!((found.prices[region] - exact.prices[region]).abs() < 2e-3);
    }
    assert!(found.income[3].is_nan());
    let world = trade().world(&wedges, 0.25, 0.9).unwrap();
    let flow = Reading::Flow(0, 1).of(&world, trade().base());
    assert!((found.more[0] / flow - 1.0).abs() < 1e-3);
    assert!(math::same(
        surface.effects_with(&wedges, 0.25, 0.9, &mut Memory::default()).unwrap().income[1],
        found.income[1]
    ));
}

#[test]
fn answers_do_not_depend_on_threads_or_on_what_was_kept() {
    let wedges = emulator(war(Elasticities::Range(0.5, 2.0))).policy(&[0.63, 0.41, 0.12, 0.004]);
    let lazy = emulator(war(Elasticities::Range(0.5, 2.0)));
    let expected = lazy.effects(&wedges, 0.25, 0.9).unwrap();
    for threads in [1, 2, 8] {
        let cancel = Cancel::new();
        let other = emulator(war(Elasticities::Range(0.5, 2.0)));
        other.prepare(&pace(&cancel, threads)).unwrap();
        let found = other.effects(&wedges, 0.25, 0.9).unwrap();
        assert_eq!(found.income[..3], expected.income[..3]);
        assert_eq!(other.save(), lazy.save());
    }
    // From a file that was cut off: the missing ones are solved again.
    let text = lazy.save();
    let other = emulator(war(Elasticities::Range(0.5, 2.0)));
    let (good, bad) = other.load(&text[..text.len() / 2]);
    assert!(good > 100 && bad == 1, "{good} {bad}");
    assert_eq!(other.effects(&wedges, 0.25, 0.9).unwrap().income[..3], expected.income[..3]);
    assert_eq!(other.save(), text);
}

#[test]
fn few_policies_are_solved_exactly() {
    let mut reach = war(Elasticities::Range(0.76, 0.76));
    reach.levers.truncate(2);
    reach.levers[0].values = vec![0.0, 0.5, 1.2];
    reach.levers[1].values = vec![0.0, 1.0];
    let emulator = emulator(reach);
    assert!(emulator.is_exact());
    let cancel = Cancel::new();
    emulator.prepare(&pace(&cancel, 2)).unwrap();
    assert_eq!(emulator.solved(), 6);
    let wedges = emulator.policy(&[0.5, 1.0]);
    let found = emulator.effects(&wedges, 0.25, 0.76).unwrap();
    let exact = trade().effects(&wedges, 0.25, 0.76).unwrap();
    for region in 0..3 {
        assert!(math::close(found.income[region], exact.income[region], 1e-9));
    }
    assert_eq!((emulator.solved(), emulator.error()), (6, None));
}

#[test]
fn sets_take_an_elasticity_for_the_nearest() {
    let emulator = emulator(war(Elasticities::Sets(vec![0.5, 1.0, 2.0])));
    let wedges = emulator.policy(&[0.6, 0.0, 0.0, 0.0]);
    let at = |x: f64| emulator.effects(&wedges, 0.25, x).unwrap().income[1];
    assert!(math::same(at(0.9), at(1.0)) && !math::same(at(0.6), at(1.0)));
}

#[test]
fn what_is_out_of_reach_is_solved_by_itself() {
    let emulator = emulator(war(Elasticities::Range(0.5, 2.0)));
    let mut wedges = emulator.policy(&[0.5, 0.0, 0.0, 0.0]);
    wedges.add(2, 1, Sectors::Goods, WedgeKind::Tariff, 0.4);
    let found = emulator.effects(&wedges, 0.25, 2.0).unwrap();
    let exact = trade().effects(&wedges, 0.25, 2.0).unwrap();
    assert!(math::close(found.income[2], exact.income[2], 1e-9));
    assert!(emulator.error().is_none(), "no surface was needed");
    assert!(emulator.effects(&wedges, 3.0, 1.0).is_err());
    assert!(emulator.failure().is_none());
}
