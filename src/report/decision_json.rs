//! The decision table as JSON: every measure, in file order.

use super::json::kind;
use crate::sim::contract::Worse;
use crate::stats::dominance::{Order, Relation};
use crate::stats::interval::Interval;
use crate::study::decision::{Decision, Duel, Measure, Robust, Row};
use crate::study::{LEVEL, Share};
use serde_json::{Value, json};

/// Version of the object's layout.
pub const SCHEMA: u32 = 1;

/// The object of `compare --json`, on one line. `inputs` are the names of the inputs of the branch
/// compared with.
#[must_use]
pub fn text(decision: &Decision, inputs: &[String]) -> String {
    let measures: Vec<Value> =
        decision.measures.iter().map(|m| measure(decision, m, inputs)).collect();
    let object = json!({
        "schema": SCHEMA,
        "branches": decision.branches,
        "against": decision.branches.get(decision.against),
        "trials": decision.trials,
        "paired": decision.paired,
        "level": LEVEL,
        "measures": measures,
    });
    format!("{object}\n")
}

fn measure(decision: &Decision, measure: &Measure, inputs: &[String]) -> Value {
    let rows = decision.branches.iter().enumerate().filter_map(|(b, name)| {
        let row = measure.rows.get(b)?.as_ref()?;
        let mut object = self::row(name, row);
        if let Some(standing) = measure.best.as_ref().map(|best| best[b]) {
            object["behind_the_best"] = interval(standing.behind);
            object["may_be_the_best"] = json!(standing.contends);
        }
        if let Some(robust) = measure.robust.as_ref().map(|robust| robust.rows[b]) {
            object["satisfied"] = share(robust.satisfied);
            object["regret_90"] = number(robust.regret_90);
            object["regret_90_interval"] = interval(robust.regret_90_interval);
            object["regret_most"] = robust.regret_most.map_or(Value::Null, number);
            object["regret_trial"] = number(robust.regret_trial);
        }
        let expected = measure.robust.as_ref().and_then(|robust| robust.expected.as_ref());
        if let Some(regrets) = expected.and_then(|expected| expected.rows.get(b)) {
            object["over_inputs"] = json!({
                "regret_most": number(regrets.largest),
                "regret_90": number(regrets.ninety),
                "best_in": number(regrets.best_in),
                "satisfied": number(regrets.satisfied),
            });
        }
        Some(object)
    });
    json!({
        "id": measure.head.id,
        "title": measure.head.title,
        "kind": kind(measure.head.kind),
        "unit": measure.head.unit,
        "worse": measure.head.worse.map(|worse| match worse {
            Worse::High => "high",
            Worse::Low => "low",
        }),
        "branches": rows.collect::<Vec<_>>(),
        "demand": measure.robust.as_ref().map_or(Value::Null, |robust| number(robust.demand)),
        "over_inputs": measure.robust.as_ref().and_then(|r| r.expected.as_ref()).map(|e| json!({
            "inputs": e.inputs.iter().map(|&k| inputs.get(k)).collect::<Vec<_>>(),
            "demand": number(e.demand),
        })),
        "futures": measure.robust.as_ref().map_or(Value::Null, |robust| futures(robust, inputs)),
    })
}

fn row(name: &str, row: &Row) -> Value {
    let estimate = &row.estimate;
    let quantiles = estimate.quantiles.iter().map(|q| (q.p.to_string(), q.value));
    let quantiles: serde_json::Map<String, Value> =
        quantiles.map(|(p, v)| (p, v.map_or(Value::Null, number))).collect();
    json!({
        "branch": name,
        "n": estimate.n,
        "mean": estimate.mean,
        "low": estimate.low,
        "high": estimate.high,
        "quantiles": quantiles,
        "never": estimate.never.map(share),
        "difference": row.difference.as_ref().map(|d| json!({
            "n": d.n, "mean": d.mean, "low": d.low, "high": d.high,
            "variance_factor": d.variance_factor, "clear": d.is_clear(),
        })),
        "trial_by_trial": row.duel.as_ref().map(duel),
    })
}

fn duel(duel: &Duel) -> Value {
    json!({
        "better": share(duel.better),
        "equal": share(duel.equal),
        "worse": share(duel.worse),
        "first_order": duel.first.map(|order| relation(order.relation)),
        "second_order": duel.second.map(|order| relation(order.relation)),
        "in_these_trials": json!({
            "first_order": duel.first.map(of_trials),
            "second_order": duel.second.map(of_trials),
        }),
    })
}

fn of_trials(order: Order) -> &'static str {
    super::decision::sample(order.sample)
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Dominates => "dominates",
        Relation::Favours => "may_dominate",
        Relation::Dominated => "dominated",
        Relation::Disfavours => "may_be_dominated",
        Relation::Crosses => "crosses",
        Relation::Open => "open",
        Relation::Equal => "equal",
    }
}

fn futures(robust: &Robust, inputs: &[String]) -> Value {
    let Some(futures) = &robust.futures else { return Value::Null };
    let names: Vec<Option<&String>> = futures.inputs.iter().map(|&k| inputs.get(k)).collect();
    let list = |rows: &[Vec<f64>]| {
        rows.iter()
            .map(|row| row.iter().copied().map(number).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    json!({
        "inputs": names,
        "parts": futures.parts,
        "trials": futures.table.trials,
        "regrets": list(&futures.table.regrets),
    })
}

fn share(share: Share) -> Value {
    json!({ "share": share.share, "low": share.low, "high": share.high })
}

/// Null where a number is none.
fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn interval(interval: Interval) -> Value {
    json!([number(interval.low), number(interval.high)])
}
