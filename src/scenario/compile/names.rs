//! Every name of the file, registered before anything refers to it.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::ids::{ActorId, MeasureId};
use crate::model::lookup::{Lookup, MeasureFacts, Table};
use crate::scenario::spec::actor::{ActorSpec, ByWhom, FirmSpec, MoveSpec, StockSpec};
use crate::scenario::spec::chance::{ClockSpec, InputSpec, LawRow};
use crate::scenario::spec::diplomacy::{
    ChannelSpec, CoalitionSpec, CounterSpec, EveSpec, GaugeSpec, MeetingSpec, PackageSpec,
    TruceSpec,
};
use crate::scenario::spec::element::Element;
use crate::scenario::spec::measure::{LevelRow, MeasureSpec};
use crate::scenario::spec::observe::{MetricRow, RegimeSpec, RuleRow, SeriesSpec};
use crate::scenario::spec::{Document, rows};
use crate::syntax::{Items, Lenient, Name, Spanned};

/// More elements than this in one list are refused.
const MOST: usize = 5_000;

/// Elements whose names were accepted, by kind, in the order of their ids.
pub(super) struct Rows<'a> {
    pub(super) inputs: Vec<&'a InputSpec>,
    pub(super) laws: Vec<&'a LawRow>,
    pub(super) actors: Vec<&'a ActorSpec>,
    pub(super) stocks: Vec<&'a StockSpec>,
    pub(super) measures: Vec<&'a MeasureSpec>,
    pub(super) gauges: Vec<&'a GaugeSpec>,
    pub(super) counters: Vec<&'a CounterSpec>,
    pub(super) coalitions: Vec<&'a CoalitionSpec>,
    pub(super) channels: Vec<&'a ChannelSpec>,
    pub(super) meetings: Vec<&'a MeetingSpec>,
    pub(super) packages: Vec<&'a PackageSpec>,
    pub(super) truces: Vec<&'a TruceSpec>,
    /// Moves, one row for each actor that has it.
    pub(super) moves: Vec<MoveRow<'a>>,
    pub(super) rules: Vec<&'a RuleRow>,
    pub(super) clocks: Vec<&'a ClockSpec>,
    pub(super) regimes: Vec<&'a RegimeSpec>,
    pub(super) series: Vec<&'a SeriesSpec>,
    pub(super) metrics: Vec<&'a MetricRow>,
    /// Eves, one row for each step of a measure with steps, with the name of the step.
    pub(super) eves: Vec<(&'a EveSpec, EveOf)>,
}

/// A move of one actor.
#[derive(Clone)]
pub(super) struct MoveRow<'a> {
    pub(super) spec: &'a MoveSpec,
    pub(super) name: String,
    pub(super) by: ActorId,
}

/// What an eve precedes: row of the table of its kind.
#[derive(Clone, Copy)]
pub(super) enum EveOf {
    Measure(MeasureId),
    Meeting(usize),
    Truce(usize),
}

/// Registers the names of a section.
fn accept<'a, T: Element>(
    section: &'a Lenient<Items<T>>,
    table: &mut Table,
    out: &mut Diagnostics,
) -> Vec<&'a T> {
    let all = rows(section);
    if let Some(first_over) = all.get(MOST) {
        out.push(
            Diagnostic::error("E023", format!("more than {MOST} elements of one kind"))
                .at(first_over.id().span)
                .label(format!("the {}th {}", MOST + 1, table.kind))
                .help("split the scenario, or use `Each` to write one move for several actors"),
        );
    }
    let some = all.iter().take(MOST);
    some.filter_map(|row| named(row.id(), table, out).map(|_| &row.value)).collect()
}

/// Registers a name; an empty one, or one with blanks, cannot be told apart in messages and files.
pub(in crate::scenario) fn named(
    name: &Name,
    table: &mut Table,
    out: &mut Diagnostics,
) -> Option<usize> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if name.value.is_empty() || name.value.len() > 80 || !name.value.chars().all(plain) {
        out.push(
            Diagnostic::error("E017", format!("this cannot name a {}", table.kind))
                .at(name.span)
                .label("not a name")
                .help("use letters, digits, `_` and `-`, at most 80 of them"),
        );
    }
    table.add(name, out)
}

fn too_many(name: &Name, what: &str) -> Diagnostic {
    Diagnostic::error("E023", format!("more than {MOST} {what} in all"))
        .at(name.span)
        .label("with this one")
        .help("`Each` and steps count once for each actor and step")
}

/// Registers a word that several elements may use.
fn intern(name: &Name, table: &mut Table, out: &mut Diagnostics) -> Option<usize> {
    if !table.iter().any(|(known, _)| known == name.value) {
        return table.add(name, out);
    }
    None
}

impl<'a> Rows<'a> {
    /// Registers all names of a document.
    pub(super) fn register(
        doc: &'a Document,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Rows<'a> {
        let inputs = accept(&doc.inputs, &mut lookup.inputs, out);
        let laws = accept(&doc.laws, &mut lookup.laws, out);
        for law in &laws {
            if let Some((_, first)) = lookup.inputs.iter().find(|(n, _)| *n == law.id.value) {
                out.push(
                    Diagnostic::error(
                        "E021",
                        format!("`{}` names both an input and a law", law.id.value),
                    )
                    .at(law.id.span)
                    .label("the law")
                    .related(first, "the input")
                    .help("give one of the two another name: both can stand for a duration"),
                );
            }
        }
        let actors = accept(&doc.actors, &mut lookup.actors, out);
        for actor in &actors {
            lookup.types.push(type_names(actor, out));
        }
        accept::<FirmSpec>(&doc.firms, &mut lookup.firms, out);
        let stocks = accept(&doc.stocks, &mut lookup.stocks, out);
        for stock in &stocks {
            intern(&stock.of, &mut lookup.goods, out);
        }
        let measures = accept(&doc.measures, &mut lookup.measures, out);
        let measures = register_measures(measures, lookup, out);
        let gauges = accept(&doc.gauges, &mut lookup.gauges, out);
        let counters = accept(&doc.counters, &mut lookup.counters, out);
        let coalitions = accept(&doc.coalitions, &mut lookup.coalitions, out);
        let channels = accept(&doc.channels, &mut lookup.channels, out);
        let meetings = accept(&doc.meetings, &mut lookup.meetings, out);
        let packages = accept(&doc.packages, &mut lookup.packages, out);
        let truces = accept(&doc.truces, &mut lookup.truces, out);
        let rules = accept(&doc.rules, &mut lookup.rules, out);
        let mut clocks = accept(&doc.clocks, &mut lookup.clocks, out);
        clocks.extend(accept(&doc.shocks, &mut lookup.clocks, out));
        let regimes = accept(&doc.regimes, &mut lookup.regimes, out);
        let series = accept(&doc.series, &mut lookup.series, out);
        let metrics = accept(&doc.metrics, &mut lookup.metrics, out);
        let moves = register_moves(rows(&doc.moves), lookup, out);
        let eves = register_eves(rows(&doc.eves), lookup, out);
        Rows {
            inputs,
            laws,
            actors,
            stocks,
            measures,
            gauges,
            counters,
            coalitions,
            channels,
            meetings,
            packages,
            truces,
            moves,
            rules,
            clocks,
            regimes,
            series,
            metrics,
            eves,
        }
    }
}

fn type_names(actor: &ActorSpec, out: &mut Diagnostics) -> Vec<String> {
    if actor.types.is_empty() {
        return vec![String::new()];
    }
    let mut table = Table::new("type");
    for (name, _) in actor.types.iter().take(255) {
        table.add(name, out);
    }
    if let Some((name, _)) = actor.types.get(255) {
        out.push(
            Diagnostic::error("E023", "an actor has at most 255 types")
                .at(name.span)
                .label("the 256th"),
        );
    }
    table.iter().map(|(name, _)| name.to_owned()).collect()
}

/// Names and numbers of a measure's levels, in rising order.
fn level_names(measure: &MeasureSpec, out: &mut Diagnostics) -> Vec<(String, f64)> {
    if measure.levels.is_empty() {
        return vec![("in force".to_owned(), 1.0)];
    }
    let mut table = Table::new("level");
    let mut last = f64::NEG_INFINITY;
    let mut levels = Vec::with_capacity(measure.levels.len());
    for (k, row) in measure.levels.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a rank is small")]
        let rank = (k + 1) as f64;
        let (name, number) = match row {
            LevelRow::Number(x) => (Spanned::new(format!("{}", x.value), x.span), x.value),
            LevelRow::Word(word) => (word.clone(), rank),
            LevelRow::Worth(word, x) => (word.clone(), x.value),
        };
        let wrong = if !number.is_finite() {
            Some("is not a finite number")
        } else if number <= last && matches!(row, LevelRow::Number(_)) {
            Some("is not above the one before")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            out.push(
                Diagnostic::error("E023", format!("the level {wrong}"))
                    .at(name.span)
                    .label("levels rise from left to right")
                    .help("off is implicit; write the mildest level first"),
            );
        }
        last = number;
        if table.add(&name, out).is_some() {
            levels.push((name.value, number));
        }
    }
    if measure.levels.len() > 200 {
        out.push(
            Diagnostic::error("E023", "a measure has at most 200 levels")
                .at(measure.id.span)
                .label(format!("this one has {}", measure.levels.len())),
        );
        levels.truncate(200);
    }
    levels
}

fn register_measures<'a>(
    accepted: Vec<&'a MeasureSpec>,
    lookup: &mut Lookup,
    out: &mut Diagnostics,
) -> Vec<&'a MeasureSpec> {
    // The table holds the groups; rows of steps follow, so ids of steps are counted here.
    let mut next = 0;
    let mut step_facts = Vec::new();
    for measure in &accepted {
        let owner = lookup.actors.find(&measure.by, out).map_or(ActorId(0), ActorId::at);
        let levels = level_names(measure, out);
        if let Some(legal) = &measure.legal {
            intern(legal, &mut lookup.legal, out);
        }
        let count = measure.steps.0.len().max(1);
        let members: Vec<_> = (next..next + count).map(MeasureId::at).collect();
        next += count;
        if next > MOST {
            out.push(
                Diagnostic::error("E023", format!("more than {MOST} measures and steps"))
                    .at(measure.id.span)
                    .label("with this one"),
            );
            next = 0;
        }
        for (step, member) in measure.steps.iter().zip(&members) {
            let name = step.id.clone().map(|id| format!("{}.{id}", measure.id.value));
            step_facts.push((
                name,
                MeasureFacts { members: vec![*member], levels: levels.clone(), owner },
            ));
        }
        lookup.facts.push(MeasureFacts { members, levels, owner });
    }
    for (name, facts) in step_facts {
        if lookup.measures.add(&name, out).is_some() {
            lookup.facts.push(facts);
        }
    }
    if lookup.legal.len() > 64 {
        out.push(Diagnostic::error("E023", "at most 64 legal bases can be told apart"));
    }
    accepted
}

fn register_moves<'a>(
    all: &'a [Spanned<MoveSpec>],
    lookup: &mut Lookup,
    out: &mut Diagnostics,
) -> Vec<MoveRow<'a>> {
    let mut written = Table::new("move");
    let mut kept = Vec::new();
    for spec in all.iter().take(MOST).map(|row| &row.value) {
        if named(&spec.id, &mut written, out).is_none() {
            continue;
        }
        let (names, each) = match &spec.by {
            ByWhom::One(name) => (std::slice::from_ref(name), false),
            ByWhom::Each(names) => (names.as_slice(), true),
        };
        let mut own = Vec::new();
        for actor in names {
            let Some(by) = lookup.actors.find(actor, out) else { continue };
            let name = if each {
                format!("{}@{}", spec.id.value, actor.value)
            } else {
                spec.id.value.clone()
            };
            if kept.len() >= MOST {
                out.push(too_many(&spec.id, "moves"));
                return kept;
            }
            if let Some(row) = lookup.moves.add(&Spanned::new(name.clone(), spec.id.span), out) {
                own.push(row);
                kept.push(MoveRow { spec, name, by: ActorId::at(by) });
            }
        }
        if each && names.is_empty() {
            out.push(
                Diagnostic::error("E022", format!("nobody can make move `{}`", spec.id.value))
                    .at(spec.id.span)
                    .label("`Each` names no actor"),
            );
        }
        lookup.move_rows.insert(spec.id.value.clone(), own);
    }
    kept
}

fn register_eves<'a>(
    all: &'a [Spanned<EveSpec>],
    lookup: &mut Lookup,
    out: &mut Diagnostics,
) -> Vec<(&'a EveSpec, EveOf)> {
    let mut kept = Vec::new();
    for spec in all.iter().take(MOST).map(|row| &row.value) {
        let name = &spec.of;
        if let Some(row) = lookup.measures.get(&name.value) {
            let Some(facts) = lookup.facts.get(row) else { continue };
            let members = facts.members.clone();
            for member in members {
                if kept.len() >= MOST {
                    out.push(too_many(name, "eves"));
                    return kept;
                }
                // A step's own name, so that a rule can ask for one step or for all.
                let own =
                    lookup.measures.iter().enumerate().find(|(row, _)| {
                        lookup.facts.get(*row).is_some_and(|f| f.members == [member])
                    });
                let own = own.map_or_else(|| name.value.clone(), |(_, (own, _))| own.to_owned());
                lookup.eve_names.push(own);
                kept.push((spec, EveOf::Measure(member)));
            }
            continue;
        }
        let of = lookup
            .meetings
            .get(&name.value)
            .map(EveOf::Meeting)
            .or_else(|| lookup.truces.get(&name.value).map(EveOf::Truce));
        if let Some(of) = of {
            lookup.eve_names.push(name.value.clone());
            kept.push((spec, of));
            continue;
        }
        let known = [&lookup.measures, &lookup.meetings, &lookup.truces];
        let known = known.iter().flat_map(|t| t.iter().map(|(n, _)| n));
        let mut error =
            Diagnostic::error("E020", format!("nothing dated is called `{}`", name.value))
                .at(name.span)
                .label("no measure, meeting or truce of this name");
        if let Some(help) = crate::syntax::did_you_mean(&name.value, known) {
            error = error.help(help);
        }
        out.push(error);
    }
    kept
}
