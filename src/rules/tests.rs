//! The written forms of rules: what is understood, what is refused.

#![allow(clippy::float_cmp, reason = "the expected values are exact")]

use super::*;
use crate::diagnostic::Diagnostics;
use crate::syntax::Spanned;
use crate::units::{Date, Epoch, Tick};

const US: ActorId = ActorId(0);
const CN: ActorId = ActorId(1);

fn lookup() -> Lookup {
    let mut out = Diagnostics::new();
    let mut lookup = Lookup::new(Epoch::new(Date::parse("2025-10-14").unwrap()), Tick(1440 * 90));
    let name = |text: &str| Spanned::synthetic(text.to_owned());
    for actor in ["US", "CN"] {
        lookup.actors.add(&name(actor), &mut out);
    }
    lookup.types = vec![vec!["hawk".into(), "dove".into()], vec!["hawk".into(), "clerk".into()]];
    for (row, written) in ["enact", "postpone", "talk@US", "talk@CN"]
        .iter()
        .zip(["enact", "postpone", "talk", "talk"])
    {
        let k = lookup.moves.add(&name(row), &mut out).unwrap();
        lookup.move_rows.entry(written.into()).or_default().push(k);
    }
    lookup.eve_names = vec!["tariff".into()];
    lookup.inputs.add(&name("chance"), &mut out);
    lookup.laws.add(&name("lag"), &mut out);
    assert!(out.is_empty());
    lookup
}

fn build(text: &str, users: &[ActorId]) -> Result<Arc<dyn Rule>, Vec<&'static str>> {
    let mut out = Diagnostics::new();
    let spec: Option<RuleSpec> = crate::syntax::parse(text, &mut out);
    let built = spec.and_then(|spec| spec.build(&mut lookup(), users, &mut out));
    let codes: Vec<_> = out.errors().map(|d| d.code).collect();
    if codes.is_empty() { Ok(built.unwrap()) } else { Err(codes) }
}

#[test]
fn every_kind_has_a_sentence_and_an_example_that_builds() {
    for info in ALL {
        assert!(info.doc.ends_with('.') && info.doc.len() > 20, "{}", info.name);
        assert!(info.example.starts_with(info.name), "{}", info.example);
        let built = build(info.example, &[US]);
        assert!(built.is_ok(), "{}: {built:?}", info.example);
        assert!(!built.unwrap().kind().is_empty());
    }
}

#[test]
fn tables_may_be_shared_and_empty() {
    assert_eq!(build("Table([])", &[]).unwrap().lines(), 0);
    let shared = "Table([(if: Always, for_types: [\"hawk\", \"clerk\"], do: {\"talk\": \"chance\"}), \
                  (do: {\"enact\": 0.5, \"hold\": 0.5}, next: true)])";
    assert_eq!(build(shared, &[US, CN]).unwrap().lines(), 2);
}

#[test]
fn mistakes_in_tables_are_all_found() {
    let codes = |text| build(text, &[US, CN]).map(|_| ()).unwrap_err();
    assert_eq!(codes("Table([(do: {\"enact\": 0.6, \"postpone\": 0.5})])"), ["E024"]);
    assert_eq!(codes("Table([(do: {\"enact\": 0.6, \"hold\": 0.5})])"), ["E024"]);
    assert_eq!(codes("Table([(do: {\"enact\": 1.6})])"), ["E023"]);
    assert_eq!(codes("Table([(for_types: [\"hawk\", \"hog\"], do: {})])"), ["E020"]);
    // The same name for types of several actors is fine; whose type `OwnType` means is not clear.
    assert_eq!(codes("Table([(if: OwnType(\"hawk\"), do: {})])"), ["E029"]);
    assert_eq!(
        codes("Table([(if: EveOf(\"x\"), do: {\"enakt\": 0.5}), (do: {\"postpon\": \"nobody\"})])"),
        ["E020"; 4]
    );
    assert!(build("Table([(if: OwnType(\"dove\"), do: {})])", &[US]).is_ok());
}

#[test]
fn mistakes_in_other_rules_are_found() {
    let codes = |text| build(text, &[US]).map(|_| ()).unwrap_err();
    assert_eq!(codes("LevelK(k: 2, precision: \"chance\")"), ["E031"]);
    assert_eq!(codes("Equilibrium"), ["E031"]);
    assert_eq!(codes("Random(weights: {\"hold\": 0.7})"), ["E022"]);
    assert_eq!(codes("Random(hold: 1.7)"), ["E023"]);
    assert_eq!(codes("Reciprocity(moves: [])"), ["E013"]);
    assert_eq!(codes("Reciprocity(moves: [\"enact\"], after: \"lag\")"), ["E022"]);
    assert_eq!(codes("Reciprocity(kind: Grim, moves: [\"enact\"], forgive: 0.1)"), ["E022"]);
    assert_eq!(codes("Reciprocity(moves: [\"enact\"], to: [\"XX\"])"), ["E020"]);
    assert_eq!(codes("Scripted([(on: \"2027-01-01\", do: [\"enact\"])])"), ["E025"]);
    assert_eq!(codes("Scripted([(on: \"2025-10-20\", do: [])])"), ["E027"]);
}

#[test]
fn plans_give_their_steps_in_order_of_time() {
    let text = "Scripted([(on: 3, do: [\"talk\"]), (on: \"2025-10-16\", do: \"enact\")])";
    let plan = build(text, &[US]).unwrap();
    let steps: Vec<_> = plan.steps().iter().map(|(on, moves)| (on.0, moves.len())).collect();
    assert_eq!(steps, [(1440, 1), (3 * 1440, 2)]);
    assert!(build("Random", &[US]).unwrap().steps().is_empty());
    assert_eq!(
        build("Reciprocity(moves: [\"talk\"], forgive: 0.2)", &[CN]).unwrap().kind(),
        "generous tit for tat"
    );
}
