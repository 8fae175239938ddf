//! Where numbers come from, whether they fit their places, and what nothing uses.

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::lookup::{Dim, Table};
use crate::scenario::compile::Compiled;
use crate::scenario::spec::chance::UnitWord;
use crate::scenario::spec::element::{Element, Origin};
use crate::scenario::spec::{Document, rows};

/// Runs over the origins of all elements that bear numbers.
fn each_origin<'a>(doc: &'a Document, mut visit: impl FnMut(&'static str, Origin<'a>)) {
    macro_rules! sections {
        ($($section:ident $kind:literal),* $(,)?) => {
            $(rows(&doc.$section).iter().for_each(|row| visit($kind, row.value.origin()));)*
        };
    }
    sections!(
        inputs "input",
        laws "law",
        actors "actor",
        firms "firm",
        stocks "stock",
        measures "measure",
        gauges "gauge",
        counters "counter",
        coalitions "coalition",
        channels "channel",
        meetings "meeting",
        packages "package",
        truces "truce",
        moves "move",
        rules "rule",
        clocks "clock",
        shocks "shock",
        branches "branch",
    );
}

/// E030: a number observed after the last day of history; and dates of history itself.
pub(in crate::scenario) fn origins(doc: &Document, out: &mut Diagnostics) {
    let Some(as_of) = doc.as_of.get() else { return };
    each_origin(doc, |kind, origin| {
        if let Some(observed) = origin.observed
            && observed.date > as_of.date
        {
            out.push(
                Diagnostic::error(
                    "E030",
                    format!("{kind} `{}` was observed after `as_of`", origin.id.value),
                )
                .at(observed.span)
                .label("later than the knowledge of this scenario")
                .related(as_of.span, "knowledge ends here")
                .help("use what was known then, or move `as_of`"),
            );
        }
    });
    let mut last = None;
    for row in rows(&doc.history) {
        let date = row.value.0;
        if date.date > as_of.date {
            out.push(
                Diagnostic::error("E025", "history ends with `as_of`")
                    .at(date.span)
                    .label("later than `as_of`")
                    .related(as_of.span, "the last day of history"),
            );
        }
        if last.is_some_and(|before| date.date < before) {
            out.push(
                Diagnostic::error("E025", "history is out of order")
                    .at(date.span)
                    .label("earlier than the row before")
                    .help("sort the rows by date"),
            );
        }
        last = Some(date.date);
    }
}

/// W004: a number without a source.
pub(super) fn unsourced(doc: &Document, out: &mut Diagnostics) {
    if doc.source.get().is_some() {
        return;
    }
    // What an actor, move or rule is worth is mostly named by inputs; these bear numbers themselves.
    const BEARERS: [&str; 8] =
        ["input", "law", "stock", "measure", "gauge", "coalition", "clock", "shock"];
    each_origin(doc, |kind, origin| {
        if origin.source.is_none() && BEARERS.contains(&kind) {
            out.push(
                Diagnostic::warning(
                    "W004",
                    format!("{kind} `{}` has numbers without a source", origin.id.value),
                )
                .at(origin.id.span)
                .label("where do they come from?")
                .help("write source: \"...\"; \"judgement\" is an answer, too"),
            );
        }
    });
}

/// Kind, name, place and remedy of an element that nothing refers to.
pub(super) type Unused = (&'static str, String, Span, &'static str);

/// Elements that nothing refers to in one branch.
pub(super) fn unused(compiled: &Compiled) -> Vec<Unused> {
    let lookup = &compiled.lookup;
    let tables: [(&Table, &'static str); 9] = [
        (&lookup.inputs, "name it where a number is wanted, or remove it"),
        (&lookup.laws, "name it where a duration is wanted, or remove it"),
        (&lookup.rules, "let an actor or a branch decide by it, or remove it"),
        (&lookup.packages, "put it on an agenda, or let a move offer it, or remove it"),
        (&lookup.gauges, "ask for it in a condition or show it as a series, or remove it"),
        (&lookup.counters, "ask for it in a condition or show it as a series, or remove it"),
        (&lookup.channels, "let a meeting or a condition use it, or remove it"),
        (&lookup.coalitions, "ask for it in a condition or let a move join it, or remove it"),
        (&lookup.firms, "name it in a listing, or remove it"),
    ];
    let rows = tables.into_iter().flat_map(|(table, help)| {
        table.unused().map(move |(name, span)| (table.kind, name.to_owned(), span, help))
    });
    rows.collect()
}

/// W005 for elements that nothing refers to in any branch.
pub(super) fn report_unused(rows: Vec<Unused>, out: &mut Diagnostics) {
    for (kind, name, span, help) in rows {
        out.push(
            Diagnostic::warning("W005", format!("{kind} `{name}` is never used"))
                .at(span)
                .label("nothing refers to it")
                .help(help),
        );
    }
}

/// E022 and E023: inputs whose unit or range does not fit where they are used; E033: laws that are
/// wrong at the medians of the inputs they read.
pub(in crate::scenario) fn ranges(compiled: &Compiled, out: &mut Diagnostics) {
    let (model, lookup) = (&compiled.model, &compiled.lookup);
    for (id, dim, span) in &lookup.uses {
        let Some(input) = model.inputs.get(id.index()) else { continue };
        let wanted = match dim {
            Dim::Days => "days",
            Dim::Share => "share",
            Dim::Percent => "%",
            Dim::Money => "USD bn",
            Dim::Free | Dim::NotNegative | Dim::Positive => "",
        };
        let given = input.unit.as_str();
        let same = given == wanted
            || given.is_empty()
            || wanted.is_empty()
            || (wanted == "share" && given == UnitWord::Probability.words());
        if !same {
            out.push(
                Diagnostic::error(
                    "E022",
                    format!("`{}` has another unit than is wanted here", input.name),
                )
                .at(*span)
                .label(format!("{wanted} wanted, `{}` is in {given}", input.name))
                .help("correct the input's `unit`, or use another input"),
            );
        }
        let (low, high) = (input.dist.quantile(1e-9), input.dist.quantile(1.0 - 1e-9));
        let wrong = match dim {
            Dim::Share if low < 0.0 || high > 1.0 => Some("must lie between 0 and 1"),
            Dim::Days | Dim::NotNegative if low < 0.0 => Some("must not be negative"),
            Dim::Positive if low <= 0.0 => Some("must be above 0"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            out.push(
                Diagnostic::error("E023", format!("`{}` {wrong} here", input.name))
                    .at(*span)
                    .label(format!("ranges from {low:.4} to {high:.4}"))
                    .help("narrow the input's distribution: a Triangular has ends"),
            );
        }
    }
    // A law that reads inputs is tried at five equally likely values of all of them together.
    for law in model.laws.iter().filter(|law| law.fixed.is_none()) {
        for rank in [0.001, 0.25, 0.5, 0.75, 0.999] {
            let inputs: Vec<f64> = model.inputs.iter().map(|i| i.dist.quantile(rank)).collect();
            if let Err(why) = law.recipe.dist(&inputs, &model.laws).validate() {
                let mut error = Diagnostic::error(
                    "E033",
                    format!("law `{}` fails for some values of its inputs: {why}", law.name),
                );
                let named = lookup.laws.iter().find(|(name, _)| *name == law.name);
                let clock = law.name.strip_prefix("clock:");
                let clock = clock.and_then(|name| lookup.clocks.iter().find(|(n, _)| *n == name));
                if let Some((_, span)) = named.or(clock) {
                    error = error.at(span).label("this law");
                }
                out.push(error.help("narrow the inputs, or write the parameter as a number"));
                break;
            }
        }
    }
}
