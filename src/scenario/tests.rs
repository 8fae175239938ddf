//! What a file compiles to, and what each kind of change does.

use super::*;
use crate::model::condition::Condition;
use crate::model::diplomacy::{Clause, MeetingDate};
use crate::model::ids::{ActorId, MeasureId};
use crate::model::measure::Start;
use crate::model::value::{Lag, Value};
use crate::stats::dist::Dist;
use crate::units::Tick;

const FILE: &str = r#"(
  title: "Two sides", as_of: "2025-01-01", until: "2025-03-31", source: "a test", tail: 30,
  inputs: [(id: "wait", value: Triangular(1, 2, 6), unit: days)],
  laws: [(id: "lag", law: Sum(["slow", Exponential(mean: 2)])), (id: "slow", law: Uniform(1, "wait"))],
  actors: [
    (id: "A", name: "Atria", types: [("hawk", 0.25), ("dove", 0.75)], rule: "r", voices: [("pm", "the Premier")],
      values: (precision: 20), reviews: Every(7),
      payoff: [Win(once: 0.1, of: "curbs", by_type: {"dove": 2}), Lobby(flow: 0.1, while: StockedOut("ore"))]),
    (id: "B", rule: "r", values: (precision: 20), reacts: [(to: "A", after: "lag")]),
    (id: "C", decides: Third, rule: "r", reviews: Gaps("lag")),
  ],
  stocks: [(id: "ore", of: "ore", user: "A", start: 20)],
  measures: [
    (id: "tariff", by: "A", on: "B", levels: [10, 25, 50], weight: 4, lead: "lag", legal: "act",
      start: Announced(level: 25, on: "2025-02-01", order: false)),
    (id: "curbs", by: "B", on: "World", levels: ["tight", "eased"], weight: 3, steps: [
      (id: "one", start: InForce), (id: "two", start: Announced(on: 40, order: true), weight: 2)]),
    (id: "old", by: "B", on: "A", start: Suspended("2025-12-01")),
  ],
  gauges: [(id: "tone", start: 0.2, within: (-1, 1), half_life: 10)],
  counters: [(id: "n", start: 1)],
  channels: [(id: "line")],
  meetings: [(id: "talks", channel: "line", on: "2025-01-20", agenda: ["truce"])],
  packages: [(id: "truce", lasts: 30, terms: [Drop("tariff"), Suspend("curbs", Lasts)])],
  truces: [(id: "may", ends: "2025-03-01", holds: ["old"])],
  moves: [
    (id: "sign", by: "A", voice: "pm", do: [Enact("tariff")], when: Is("tariff", Pending), weight: 4),
    (id: "talk", by: Each(["A", "B"]), do: [Push("tone", 0.1), If(if: Always, do: [Repeat("curbs")])],
      price: {"all": -0.01}, story: "{actor} talks."),
    (id: "wait_and_see", by: "C", do: [Signal("waits")]),
  ],
  eves: [(of: "curbs", before: 2, decides: ["B"])],
  rules: [(id: "r", is: Random), (id: "s", is: Table([]))],
  shocks: [(id: "hearing", law: Dates(["2025-02-10"]), do: [Push("tone", -0.1)])],
  metrics: [(id: "p", is: Happens(Effective("tariff")))],
  expect: [(say: "a fact", is: Ever(Is("curbs", InForce)), within: (0, 1), source: "somewhere")],
  branches: [CHANGES],
)"#;

fn scenario(changes: &str) -> Result<Scenario, String> {
    let text = FILE.replace("CHANGES", changes);
    let source = Source::new("two-sides.ron", text.as_str());
    load(&source).map_err(|found| found.render(&source.name, source.text(), false))
}

/// The model of a branch with some changes.
fn changed(changes: &str) -> Model {
    let scenario = scenario(&format!("(id: \"b\", change: [{changes}])")).unwrap();
    scenario.model("b").unwrap()
}

/// Codes found in a branch with some changes.
fn refused(changes: &str) -> Vec<&'static str> {
    let text = FILE.replace("CHANGES", &format!("(id: \"b\", change: [{changes}])"));
    let found = load(&Source::new("two-sides.ron", text)).unwrap_err();
    assert!(found.iter().all(|one| one.context.as_deref() == Some("b")), "{found:?}");
    found.iter().map(|one| one.code).collect()
}

fn baseline() -> Model {
    scenario("").unwrap().model(BASELINE).unwrap()
}

#[test]
fn names_become_ids_in_the_order_of_the_file() {
    let model = baseline();
    assert_eq!(model.scenario, "two-sides");
    let names: Vec<_> = model.measures.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["tariff", "curbs.one", "curbs.two", "old"]);
    let groups: Vec<_> = model.groups.iter().map(|g| (g.name.as_str(), g.members.len())).collect();
    assert_eq!(groups, [("tariff", 1), ("curbs", 2), ("old", 1)]);
    let moves: Vec<_> = model.moves.iter().map(|m| (m.name.as_str(), m.by.0)).collect();
    assert_eq!(moves, [("sign", 0), ("talk@A", 0), ("talk@B", 1), ("wait_and_see", 2)]);
    assert_eq!(model.actors[0].moves.len(), 2);
    let laws: Vec<_> = model.laws.iter().take(2).map(|l| l.name.as_str()).collect();
    assert_eq!(laws, ["lag", "slow"]);
    assert_eq!(model.horizon, Tick(89 * 1440 - 1), "the last day is run");
    let metrics: Vec<_> = model.metrics.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(metrics, ["p", "expect-1"]);
}

#[test]
fn starts_levels_and_weights_are_read_as_meant() {
    let model = baseline();
    let on = |day: i64| Tick(day * 1440);
    assert_eq!(
        model.measures[0].start,
        Start::Announced { level: 2, on: on(30), ordered: false },
        "1 February is the 31st day after 1 January"
    );
    assert_eq!(model.measures[1].start, Start::InForce(1), "words start at the first");
    assert_eq!(model.measures[2].start, Start::Announced { level: 1, on: on(40), ordered: true });
    assert_eq!(
        model.measures[3].start,
        Start::Suspended { level: 1, until: on(333) },
        "a suspension may outlast the run"
    );
    let weights: Vec<_> = model.measures.iter().map(|m| m.weight).collect();
    assert_eq!(weights, [4.0, 1.5, 2.0, 0.0], "an equal part unless said");
    assert!(model.measures[1].targets.is_empty(), "the world");
    assert_eq!(model.eves.len(), 2, "one for each step");
    assert_eq!(model.measures[2].eves.len(), 1);
}

#[test]
fn actors_parties_and_prices_get_their_defaults() {
    let model = baseline();
    assert_eq!(model.packages[0].parties, [ActorId(0), ActorId(1)], "the principals");
    assert_eq!(model.meetings[0].parties, [ActorId(0), ActorId(1)]);
    assert_eq!(model.meetings[0].first, Some(ActorId(0)));
    assert_eq!(model.actors[0].terms[0].by_type, [1.0, 2.0]);
    let names: Vec<_> = model.actors[0].terms.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["Win:curbs", "Lobby"]);
    assert_eq!(model.moves[1].price, [Value::Const(-0.01), Value::Const(-0.01)]);
    assert_eq!(model.moves[1].escalates.as_ref(), [MeasureId(1), MeasureId(2)]);
    assert_eq!(model.moves[0].voice.as_deref(), Some("the Premier"));
    // lag = Uniform(1, wait at its median) + Exponential(2): its 0.9 quantile.
    let window = model.actors[1].reacts[0].window;
    assert!((5.0..8.0).contains(&window), "{window}");
    assert_eq!(model.actors[2].types, [""], "one nameless type");
    assert_eq!(model.inputs[0].bins.len(), 5);
    assert!(!model.inputs[0].weight);
}

#[test]
fn inputs_laws_and_rules_can_be_set() {
    assert_eq!(changed("SetInput(\"wait\", 3)").inputs[0].dist, Dist::Fixed(3.0));
    let model = changed("SetLaw(\"slow\", Uniform(1, 2)), SetRule(\"A\", \"s\")");
    assert_eq!(model.laws[1].fixed, Some(Dist::Uniform { low: 1.0, high: 2.0 }));
    assert_eq!(model.actors[0].rule.0, 1);
    assert_eq!(refused("SetInput(\"wiat\", 3)"), ["E028"]);
    assert!(!refused("SetInput(\"wait\", -3)").is_empty());
}

#[test]
fn a_type_is_the_draw_and_a_prior_is_the_belief() {
    let c = Value::Const;
    let model = changed("SetType(\"A\", \"hawk\")");
    assert_eq!(model.actors[0].nature, [c(1.0), c(0.0)]);
    assert_eq!(model.actors[0].prior, [c(0.25), c(0.75)]);
    let model = changed("SetPrior(\"A\", [(\"dove\", 0.1), (\"hawk\", 0.9)])");
    assert_eq!(model.actors[0].nature, [c(0.25), c(0.75)]);
    assert_eq!(model.actors[0].prior, [c(0.9), c(0.1)]);
    assert_eq!(refused("SetPrior(\"A\", [(\"hawk\", 0.9)])"), ["E024"]);
    assert_eq!(refused("SetType(\"A\", \"owl\")"), ["E028"]);
}

#[test]
fn dates_levels_and_starts_can_be_set() {
    let on = |day: i64| Tick(day * 1440);
    let model = changed(
        "SetDate(\"tariff\", 10), SetLevel(\"tariff\", 50), SetDate(\"talks\", \"2025-01-25\"), \
         SetDate(\"may\", \"2025-02-01\"), SetDate(\"hearing\", \"2025-02-11\"), \
         SetDate(\"curbs.two\", 41)",
    );
    assert_eq!(model.measures[0].start, Start::Announced { level: 3, on: on(10), ordered: false });
    assert_eq!(model.measures[2].start, Start::Announced { level: 1, on: on(41), ordered: true });
    assert_eq!(model.meetings[0].date, MeetingDate::On(on(23)));
    assert_eq!(model.truces[0].ends, on(30));
    let model = changed(
        "SetStart(\"curbs.one\", Idle), SetStart(\"tone\", -0.5), SetStart(\"n\", 7), \
         SetStart(\"line\", Closed), SetStart(\"ore\", 3), SetLevel(\"old\", 1)",
    );
    assert_eq!(model.measures[1].start, Start::Idle);
    assert_eq!(model.gauges[0].start, Value::Const(-0.5));
    assert_eq!(model.counters[0].start, 7);
    assert_eq!(model.channels[0].start, 2);
    assert_eq!(model.stocks[0].start, Value::Const(3.0));
    assert_eq!(refused("SetDate(\"curbs\", 10)"), ["E022"]);
    assert_eq!(refused("SetDate(\"tone\", 10)"), ["E028"]);
    assert_eq!(refused("SetStart(\"n\", 1.5)"), ["E022"]);
    assert_eq!(refused("SetLevel(\"tariff\", 30)"), ["E035"]);
    assert_eq!(refused("SetDate(\"tariff\", 1000)"), ["E025"]);
}

#[test]
fn terms_plans_and_bans_can_be_set() {
    let never = Condition::Not(Box::new(Condition::Always));
    let model = changed("SetTerm(\"truce\", [NoNew(\"tariff\")]), Forbid(\"sign\")");
    assert_eq!(model.packages[0].clauses, [Clause::NoNew(MeasureId(0))]);
    assert_eq!(model.moves[0].guard, never);
    let model = changed("Only(\"A\", [\"sign\"]), Forbid(\"talk@B\")");
    assert_ne!(model.moves[0].guard, never);
    assert_eq!((&model.moves[1].guard, &model.moves[2].guard), (&never, &never));
    let model =
        changed("Plan(actor: \"B\", steps: [(on: 5, do: [\"talk\"])], then: \"s\", known: true)");
    let plan = model.actors[1].plan.as_ref().unwrap();
    assert_eq!(plan.steps[0].1[0].0, 2, "the actor's own row of an `Each`");
    assert!(plan.known && plan.then.is_some());
    assert_eq!(refused("Plan(actor: \"B\", steps: [(on: 5, do: [\"sign\"])])"), ["E028"]);
    assert_eq!(refused("Forbid(\"sing\")"), ["E028"]);
}

#[test]
fn elements_can_be_added_fired_and_removed() {
    let model = changed(
        "Add(Counter(id: \"m\")), Add(Move(id: \"count\", by: \"C\", do: [Add(\"m\", 1)])), \
         Fire(id: \"bang\", on: 3, do: [Add(\"m\", 2)])",
    );
    assert_eq!(model.counters.last().unwrap().name, "m");
    assert_eq!(model.moves.last().unwrap().name, "count");
    assert_eq!(model.fires[0].on, Tick(3 * 1440));
    assert_eq!(changed("Remove(\"hearing\")").clocks.len(), 0);
    assert_eq!(changed("Remove(\"p\")").metrics.len(), 1, "the expectation stays");
}

#[test]
fn what_a_branch_takes_away_is_missed() {
    assert_eq!(refused("Remove(\"tariff\")").iter().filter(|c| **c == "E028").count(), 4);
    assert_eq!(refused("Remove(\"nothing\")"), ["E028"]);
    assert_eq!(refused("Add(Counter(id: \"n\"))"), ["E021"]);
}

#[test]
fn changes_without_effect_are_said() {
    let say = |branch: &str| {
        let text = FILE.replace("CHANGES", branch);
        let (_, found) = check(&Source::new("x.ron", text));
        found.iter().map(|one| one.code).collect::<Vec<_>>()
    };
    let usual = say("");
    let more = |branch: &str| say(branch).len() - usual.len();
    assert_eq!(more("(id: \"b\", change: [SetRule(\"A\", \"r\")])"), 1);
    assert_eq!(more("(id: \"b\", says_same: true, change: [SetRule(\"A\", \"r\")])"), 0);
    assert_eq!(more("(id: \"b\")"), 1);
}

#[test]
fn unknown_branches_are_named() {
    let scenario = scenario("(id: \"calm\", change: [SetInput(\"wait\", 3)])").unwrap();
    assert_eq!(scenario.branches(), ["baseline", "calm"]);
    let found = scenario.model("clam").unwrap_err();
    assert!(found.iter().any(|one| one.help[0].contains("calm")));
    assert_eq!(scenario.expectations()[0].metric, "expect-1");
}

#[test]
fn lags_and_leads_keep_their_laws() {
    let model = baseline();
    let Lag::Law(id) = model.measures[0].lead else { panic!("a law") };
    assert_eq!(model.laws[id.index()].name, "lag");
    assert!(model.laws[0].fixed.is_none(), "reads an input through another law");
}
