//! What every instrument must keep, tried on the examples of all of them, and each one's numbers.

#![allow(clippy::float_cmp, reason = "the expected values are exact")]

use super::*;
use crate::diagnostic::Diagnostics;
use crate::economy::{Sectors, WedgeKind, Wedges};
use crate::math::close;
use crate::model::actor::{Actor, Values};
use crate::model::ids::{ActorId, InputId, RuleId};
use crate::model::value::Value;
use crate::sim::contract::Standing;
use crate::syntax::Spanned;
use crate::units::{Date, Epoch, Tick};
use proptest::prelude::*;

const INPUTS: usize = 4;

fn lookup() -> Lookup {
    let mut out = Diagnostics::new();
    let mut lookup = Lookup::new(Epoch::new(Date::parse("2025-10-14").unwrap()), Tick(1440 * 90));
    for k in 0..INPUTS {
        lookup.inputs.add(&Spanned::synthetic(format!("x{k}")), &mut out);
    }
    lookup.goods.add(&Spanned::synthetic("rare_earths".into()), &mut out);
    lookup.firms.add(&Spanned::synthetic("yard".into()), &mut out);
    lookup.sectors = ["AGR", "ELE", "SRV"].map(String::from).to_vec();
    assert!(out.is_empty());
    lookup
}

fn measure() -> MeasureFacts {
    let levels = vec![("tight".into(), 10.0), ("eased".into(), 25.0), ("100".into(), 100.0)];
    MeasureFacts { members: vec![crate::model::ids::MeasureId(0)], levels, owner: ActorId(0) }
}

fn actor(name: &str, region: usize) -> Actor {
    let none = Value::Const(0.0);
    Actor {
        name: name.into(),
        title: name.into(),
        region: Some(region),
        gdp: 1000.0,
        types: vec![String::new()],
        prior: vec![Value::Const(1.0)],
        nature: vec![Value::Const(1.0)],
        terms: Vec::new(),
        reacts: Vec::new(),
        reviews: None,
        rule: RuleId(0),
        values: Values { horizon: 90.0, precision: none, hurdle: none, trust: None },
        plan: None,
        moves: Vec::new(),
    }
}

/// Region of an actor is not its position, so that mixing them up shows.
fn actors() -> Vec<Actor> {
    vec![actor("A", 2), actor("B", 0), actor("C", 1)]
}

const B: &[ActorId] = &[ActorId(1)];

fn standing<'a>(actors: &'a [Actor], inputs: &'a [f64], targets: &'a [ActorId]) -> Standing<'a> {
    Standing {
        inputs,
        position: 1,
        level: 10.0,
        count: 1.0,
        owner: ActorId(0),
        targets,
        actors,
        regions: 4,
    }
}

fn build(text: &str) -> Result<Arc<dyn Instrument>, Vec<&'static str>> {
    let mut out = Diagnostics::new();
    let spec: Option<InstrumentSpec> = crate::syntax::parse(text, &mut out);
    let built = spec.and_then(|spec| spec.build(&measure(), &mut lookup(), &mut out));
    let codes: Vec<_> = out.errors().map(|d| d.code).collect();
    if codes.is_empty() { Ok(built.unwrap()) } else { Err(codes) }
}

fn wedges(text: &str, at: &Standing<'_>) -> Vec<(usize, usize, Sectors, WedgeKind, f64)> {
    let mut out = Wedges::new();
    build(text).unwrap().wedges(at, &mut out);
    out.iter()
        .map(|(p, x)| (usize::from(p.importer), usize::from(p.exporter), p.sectors, p.kind, x))
        .collect()
}

#[test]
fn every_kind_has_a_sentence_and_an_example_that_builds() {
    for info in ALL {
        assert!(info.doc.ends_with('.') && info.doc.len() > 20, "{}", info.name);
        assert!(info.example.starts_with(info.name), "{}", info.example);
        let built = build(info.example);
        assert!(built.is_ok(), "{}: {built:?}", info.example);
    }
    let names: Vec<_> = ALL.iter().map(|info| info.name).collect();
    assert_eq!(names[..2], ["Tariff", "ExportControl"]);
}

#[test]
fn tariffs_fall_on_the_owners_imports() {
    let actors = actors();
    let at = standing(&actors, &[], B);
    let goods = Sectors::Goods;
    let tariff = WedgeKind::Tariff;
    assert_eq!(wedges("Tariff(rate: pct(24), coverage: 0.5)", &at), [(2, 0, goods, tariff, 0.12)]);
    assert_eq!(wedges("Tariff(rate: Level)", &at), [(2, 0, goods, tariff, 0.1)]);
    let twice = Standing { count: 2.0, position: 2, ..at };
    let by_level = "Tariff(rate: ByLevel({\"tight\": 1, \"eased\": 7, \"100\": 9}))";
    assert_eq!(wedges(by_level, &twice), [(2, 0, goods, tariff, 0.14)]);
    let built = build("Tariff(rate: pct(24), coverage: 0.5)").unwrap();
    assert_eq!(built.tariff(&twice), Some((24.0, 0.5)));
    assert_eq!(built.describe(&at), "a tariff of 24 % on 50 % of goods");
    let some = "Tariff(rate: 10, sectors: [\"electronics\", \"AGR\"], of_trade: 0.4)";
    assert_eq!(
        wedges(some, &at),
        [(2, 0, Sectors::One(0), tariff, 0.1), (2, 0, Sectors::One(1), tariff, 0.1)]
    );
    assert_eq!(build(some).unwrap().tariff(&at), Some((10.0, 0.4)));
    // The world is every region but the owner's.
    let world: Vec<_> =
        wedges("Tariff(rate: 10)", &standing(&actors, &[], &[])).iter().map(|w| w.1).collect();
    assert_eq!(world, [0, 1, 3]);
}

#[test]
fn controls_and_listings_stop_the_owners_exports() {
    let actors = actors();
    let at = standing(&actors, &[0.25, 1.5, 0.0, 0.0], B);
    let stopped = WedgeKind::Stopped;
    let text = "ExportControl(goods: \"rare_earths\", share: 0.8, approval: \"x0\", delay: 60, \
                sectors: [\"ELE\"])";
    assert_eq!(wedges(text, &at), [(0, 2, Sectors::One(1), stopped, 0.6)]);
    let control = build(text).unwrap();
    let supply = control.supply(&at, "rare_earths", ActorId(1)).unwrap();
    assert_eq!((supply.share, supply.approval, supply.delay), (0.8, 0.25, 60.0));
    assert_eq!(control.supply(&at, "gallium", ActorId(1)), None);
    assert_eq!(control.supply(&at, "rare_earths", ActorId(2)), None);
    let world = standing(&actors, &[0.25, 0.0, 0.0, 0.0], &[]);
    assert!(control.supply(&world, "rare_earths", ActorId(2)).is_some());
    assert_eq!(control.supply(&world, "rare_earths", ActorId(0)), None);
    assert!(wedges("ExportControl(goods: \"x\", approval: 0.1)", &at).is_empty());

    let twice = Standing { count: 2.0, ..at };
    let listing = "Listing(share: 0.1, affiliates: \"x1\")";
    assert_eq!(wedges(listing, &twice), [(0, 2, Sectors::Goods, stopped, 0.3)]);
    assert!(wedges("Listing(firms: [\"yard\"])", &at).is_empty());
    assert_eq!(build("Listing(firms: [\"yard\"])").unwrap().describe(&at), "a listing of yard");
}

#[test]
fn fees_probes_subsidies_and_purchases() {
    let actors = actors();
    let at = standing(&actors, &[], B);
    let goods = Sectors::Goods;
    assert_eq!(
        wedges("PortFee(cost: pct(0.5), share: 0.3)", &at),
        [(2, 0, goods, WedgeKind::Cost, 0.0015)]
    );
    assert!(wedges("Investigation", &at).is_empty());
    assert_eq!(wedges("Investigation(chill: pct(2))", &at), [(2, 0, goods, WedgeKind::Cost, 0.02)]);
    assert_eq!(wedges("Subsidy(rate: pct(10))", &at), [(0, 2, goods, WedgeKind::ExportTax, -0.1)]);
    let soy = build("Purchase(usd_bn: usd_bn(20), kept: 0.5)").unwrap();
    assert!(close(soy.direct(&at, ActorId(1)), 1.0, 1e-12));
    assert!(close(soy.direct(&at, ActorId(0)), 0.0, 0.0));
    assert!(close(soy.direct(&at, ActorId(2)), 0.0, 0.0));
    let both = standing(&actors, &[], &[]);
    assert!(close(soy.direct(&both, ActorId(2)), 0.5, 1e-12));
}

#[test]
fn mistakes_are_found() {
    let codes = |text| build(text).map(|_| ()).unwrap_err();
    assert_eq!(codes("Reserve(goods: \"rare_earths\", days: 30)"), ["E031"]);
    assert_eq!(codes("Tarif(rate: 10)"), ["E012"]);
    assert_eq!(codes("Tariff(rat: 10)"), ["E011"]);
    assert_eq!(codes("Tariff(rate: 10, coverage: 1.2)"), ["E023"]);
    assert_eq!(codes("Tariff(rate: \"nobody\")"), ["E020"]);
    assert_eq!(codes("Tariff(rate: 10, sectors: [\"elektronics\"], of_trade: 1)"), ["E020"]);
    assert_eq!(codes("Tariff(rate: 10, sectors: [\"AGR\"])"), ["E013"]);
    assert_eq!(codes("Tariff(rate: 10, sectors: [\"AGR\", \"AGR\"], of_trade: 1)"), ["E021"]);
    assert_eq!(codes("Tariff(rate: ByLevel({\"tight\": 1, \"eased\": 7}))"), ["E035"]);
    assert_eq!(
        codes("Tariff(rate: ByLevel({\"tight\": 1, \"eased\": 7, \"loose\": 1, \"100\": 2}))"),
        ["E035"]
    );
    assert_eq!(codes("ExportControl(goods: \"x\", approval: Level)"), ["E023"]);
    assert_eq!(codes("ExportControl(goods: \"x\", approval: Fixed(1))"), ["E022"]);
    assert_eq!(codes("Listing()"), ["E013"]);
    assert_eq!(codes("Listing(firms: [\"nobody\"])"), ["E020"]);
    assert_eq!(codes("Subsidy(rate: 96)"), ["E023"]);
    assert_eq!(codes("Purchase(usd_bn: -1)"), ["E023"]);
}

#[test]
fn inputs_are_told() {
    let mut read = Vec::new();
    let text = "ExportControl(goods: \"x\", share: \"x3\", \
                approval: ByLevel({\"tight\": \"x1\", \"eased\": 0.5, \"100\": 1}), delay: \"x0\")";
    build(text).unwrap().inputs(&mut |id| read.push(id));
    assert_eq!(read, [InputId(3), InputId(1), InputId(0)]);
}

/// Every kind with inputs in all its numbers, and levels where it can follow them.
const WILD: [&str; 9] = [
    "Tariff(rate: Level, coverage: \"x0\")",
    "Tariff(rate: \"x1\", sectors: [\"AGR\"], of_trade: \"x2\")",
    "ExportControl(goods: \"x\", share: \"x0\", approval: \"x1\", delay: \"x2\", sectors: [\"ELE\"])",
    "Listing(share: \"x0\", affiliates: \"x1\")",
    "PortFee(cost: \"x0\", share: \"x1\")",
    "Investigation(chill: \"x0\")",
    "Purchase(usd_bn: \"x0\", kept: \"x1\", margin: \"x2\")",
    "Subsidy(rate: \"x0\")",
    "Subsidy(rate: ByLevel({\"tight\": \"x0\", \"eased\": \"x1\", \"100\": \"x2\"}))",
];

fn strength(instrument: &dyn Instrument, at: &Standing<'_>) -> f64 {
    let mut out = Wedges::new();
    instrument.wedges(at, &mut out);
    out.iter().map(|(_, x)| x.abs()).sum::<f64>() + instrument.direct(at, ActorId(1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Nothing in force adds nothing; more of it never does less; nothing is not a number, whatever
    /// the inputs' distributions give.
    #[test]
    fn instruments_are_neutral_monotone_and_finite(
        inputs in prop::collection::vec(-1e3f64..1e3, INPUTS),
        low in 0f64..200.0, more in 0f64..200.0, count in 1u8..5, which in 0usize..9,
    ) {
        let actors = actors();
        let instrument = build(WILD[which]).unwrap();
        let at = standing(&actors, &inputs, &[]);
        // The kernel does not call it at level 0; a count of 0 is its nearest kin.
        let none = Standing { level: 0.0, count: 0.0, ..at };
        prop_assert!(close(strength(&*instrument, &none), 0.0, 1e-9));
        let at_low = Standing { level: low, ..at };
        let at_high = Standing { level: low + more, ..at };
        let often = Standing { count: f64::from(count), ..at_high };
        let (a, b, c) = (
            strength(&*instrument, &at_low),
            strength(&*instrument, &at_high),
            strength(&*instrument, &often),
        );
        prop_assert!(a.is_finite() && b.is_finite() && c.is_finite());
        prop_assert!(a <= b + 1e-9, "{a} {b}");
        // A negative rate, which only an input can give, is no measure to repeat.
        if which != 1 {
            prop_assert!(b <= c + 1e-9, "{b} {c}");
        }
        if let Some((rate, coverage)) = instrument.tariff(&often) {
            prop_assert!(rate > -100.0 && (0.0..=1.0).contains(&coverage));
        }
        if let Some(supply) = instrument.supply(&often, "x", ActorId(1)) {
            prop_assert!((0.0..=1.0).contains(&supply.share));
            prop_assert!((0.0..=1.0).contains(&supply.approval));
            prop_assert!(supply.delay >= 0.0);
        }
        prop_assert!(!instrument.describe(&often).is_empty());
    }

    /// The order in which measures came into force changes no bit.
    #[test]
    fn order_of_enactment_changes_no_bit(
        inputs in prop::collection::vec(0f64..1.0, INPUTS),
        order in Just((0usize..9).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let actors = actors();
        let at = standing(&actors, &inputs, B);
        let key = |order: &[usize]| {
            let mut out = Wedges::new();
            for &k in order {
                build(WILD[k]).unwrap().wedges(&at, &mut out);
            }
            out.key()
        };
        prop_assert_eq!(key(&order), key(&(0..9).collect::<Vec<_>>()));
    }
}
