//! The answer as text for a reader: what was done, what was found, and how good it is.

use super::answer::{Answer, LogitOut};
use std::fmt::Write as _;

/// Rows of a path shown; the JSON has all of them.
const PATH_ROWS: usize = 25;
/// Equilibria shown; the JSON has all of them.
const SHOWN: usize = 100;

pub(super) fn text(answer: &Answer) -> String {
    let mut out = String::new();
    let title = if answer.title.is_empty() { "game" } else { &answer.title };
    let _ = writeln!(out, "{title}: {} form, players {}", answer.kind, answer.players.join(", "));
    let _ = writeln!(out, "method     {}", answer.method);
    let _ = writeln!(out, "selection  {}", answer.selection);
    let complete = if answer.complete { "yes" } else { "not claimed" };
    let _ = writeln!(out, "complete   {complete}");
    if answer.partial {
        out.push_str("PARTIAL    the search did not end; what was found so far follows\n");
    }
    for note in &answer.notes {
        let _ = writeln!(out, "note       {note}");
    }
    if let Some(value) = answer.value {
        let exact = answer.value_exact.as_ref().map_or(String::new(), |v| format!(" = {v}"));
        let _ = writeln!(out, "value      {}{exact} to {}", number(value), answer.players[0]);
    }
    if let Some(values) = &answer.state_values {
        for (s, v) in values.iter().enumerate() {
            let _ = writeln!(out, "value      {} in state {s}", number(*v));
        }
    }
    equilibria(&mut out, answer);
    if answer.components.len() > 1 || answer.components.iter().any(|c| c.len() > 1) {
        for (k, list) in answer.components.iter().enumerate().filter(|(_, c)| c.len() > 1) {
            let members: Vec<String> = list.iter().map(|e| (e + 1).to_string()).collect();
            let _ = writeln!(out, "\ncomponent {}: equilibria {}", k + 1, members.join(", "));
        }
    }
    if let Some(found) = &answer.correlated {
        out.push_str("\ncorrelated equilibrium\n");
        let sizes: Vec<usize> = answer.actions.iter().map(Vec::len).collect();
        for (cell, p) in found.distribution.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let mut rest = cell;
            let names: Vec<&str> = sizes
                .iter()
                .zip(&answer.actions)
                .map(|(n, names)| {
                    let a = rest % n;
                    rest /= n;
                    names[a].as_str()
                })
                .collect();
            let shown = found.exact.as_ref().map_or_else(|| number(*p), |e| e[cell].clone());
            let _ = writeln!(out, "  {shown:>12}  {}", names.join(", "));
        }
        let _ = writeln!(
            out,
            "  payoffs {}   largest gain from disobeying {}",
            list(&found.payoffs),
            number(found.max_gain)
        );
    }
    for found in &answer.qre {
        logit(&mut out, answer, found);
    }
    path(&mut out, answer);
    out
}

fn equilibria(out: &mut String, answer: &Answer) {
    if answer.equilibria.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{} equilibria", answer.equilibria.len());
    for (k, e) in answer.equilibria.iter().enumerate().take(SHOWN) {
        let payoffs = e.payoffs_exact.as_ref().map_or_else(|| list(&e.payoffs), |p| p.join(", "));
        let regret =
            if e.max_regret.is_nan() { String::from("not offered") } else { number(e.max_regret) };
        let _ = writeln!(out, "\n#{}  payoffs {payoffs}   max regret {regret}", k + 1);
        for (r, row) in e.profile.iter().enumerate() {
            let parts: Vec<String> = row
                .iter()
                .enumerate()
                .filter(|(_, p)| **p > 0.0)
                .map(|(a, p)| {
                    let p = e.exact.as_ref().map_or_else(|| number(*p), |x| x[r][a].clone());
                    format!("{} {p}", answer.actions[r][a])
                })
                .collect();
            let _ = writeln!(out, "  {:<24} {}", row_name(answer, r), parts.join(", "));
        }
    }
    if answer.equilibria.len() > SHOWN {
        let _ =
            writeln!(out, "\n... and {} more (--json has all)", answer.equilibria.len() - SHOWN);
    }
}

fn logit(out: &mut String, answer: &Answer, found: &LogitOut) {
    let _ = writeln!(out, "\nlogit equilibrium at lambda {}", number(found.lambda));
    let _ = writeln!(out, "  rule            {}", found.selection);
    let _ = writeln!(out, "  residual        {}", number(found.residual));
    match found.exploitability {
        Some(x) => {
            let _ = writeln!(out, "  exploitability  {}", number(x));
        }
        None => out.push_str("  exploitability  not offered without perfect recall\n"),
    }
    if let (Some(folds), Some(pitchforks)) = (found.folds, found.pitchforks) {
        let _ = writeln!(out, "  history         {folds} folds, {pitchforks} pitchforks");
    }
    let others = match (found.unique, found.others_found) {
        (true, _) => "none: lambda lies below the bound of uniqueness".to_owned(),
        (false, Some(n)) => format!("{n} found from {} random starts", found.starts),
        (false, None) => "not searched".to_owned(),
    };
    let _ = writeln!(out, "  others          {others}");
    if let Some(values) = &found.values {
        for (s, row) in values.iter().enumerate().take(SHOWN) {
            let _ = writeln!(out, "  value           state {s}: {}", list(row));
        }
    } else {
        let _ = writeln!(out, "  payoffs         {}", list(&found.payoffs));
    }
    for (r, row) in found.profile.iter().enumerate().take(4 * SHOWN) {
        let parts: Vec<String> = row
            .iter()
            .zip(&answer.actions[r])
            .map(|(p, name)| format!("{name} {}", number(*p)))
            .collect();
        let _ = writeln!(out, "  {:<24} {}", row_name(answer, r), parts.join(", "));
    }
}

fn path(out: &mut String, answer: &Answer) {
    if answer.path.is_empty() {
        return;
    }
    let count = answer.path.len();
    let _ = writeln!(out, "\nbranch of logit equilibria, {count} points");
    let every = count.div_ceil(PATH_ROWS);
    for (k, point) in answer.path.iter().enumerate() {
        if k % every == 0 || k + 1 == count {
            let rows: Vec<String> = point.profile.iter().take(6).map(|r| list(r)).collect();
            let _ = writeln!(out, "  {:>12}  {}", number(point.lambda), rows.join(" | "));
        }
    }
}

/// Name of a row of a profile: a player, an information set, or a player in a state.
fn row_name(answer: &Answer, row: usize) -> String {
    match &answer.infosets {
        Some(sets) => {
            let set = &sets[row];
            let label =
                if set.label.is_empty() { (row + 1).to_string() } else { set.label.clone() };
            format!("{} at {label}", set.player)
        }
        None if answer.kind == "stochastic" => {
            let players = answer.players.len();
            format!("state {} {}", row / players, answer.players[row % players])
        }
        None => answer.players[row].clone(),
    }
}

fn list(values: &[f64]) -> String {
    values.iter().map(|v| number(*v)).collect::<Vec<_>>().join(", ")
}

/// Six significant digits, as short as they allow.
fn number(x: f64) -> String {
    if x.abs() > 0.0 && (x.abs() < 1e-4 || x.abs() >= 1e9) {
        return format!("{x:.3e}");
    }
    let text = format!("{x:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}
