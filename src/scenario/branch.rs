//! Branches: typed changes to a copy of the written file.
//!
//! Changes are applied in order to a copy of the document, which is then checked again as a whole under
//! the branch's name. A name that a change refers to and that the file does not have is error E028. A
//! change that leaves the copy as it was is warning W006, unless the branch `says_same`.

use super::spec::actor::ByWhom;
use super::spec::chance::ClockLawSpec;
use super::spec::change::{BranchSpec, ChangeSpec, ElementSpec, StartValue};
use super::spec::diplomacy::MeetingWhen;
use super::spec::element::Element;
use super::spec::measure::{MeasureSpec, StartSpec};
use super::spec::{Document, ForcedFire, ForcedPlan, rows, rows_mut};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::written::LevelText;
use crate::syntax::{
    DateText, Items, LawSpec, Lenient, Name, Num, Quantity, Spanned, When, did_you_mean,
};

/// The document under a branch. Findings are marked with its name.
pub(super) fn apply(file: &Document, branch: &BranchSpec, out: &mut Diagnostics) -> Document {
    let mut doc = file.clone();
    let mut found = Diagnostics::new();
    for change in &branch.change {
        let before = doc.clone();
        let errors = found.errors().count();
        change.value.apply(&mut doc, change.span, &mut found);
        if doc == before && found.errors().count() == errors && !branch.says_same {
            found.push(
                Diagnostic::warning("W006", "this change leaves everything as it was")
                    .at(change.span)
                    .label("no effect")
                    .help("drop it, or write says_same: true in the branch if that is meant"),
            );
        }
    }
    if branch.change.0.is_empty() && !branch.says_same {
        found.push(
            Diagnostic::warning("W007", "this branch equals the baseline")
                .at(branch.id.span)
                .label("changes nothing")
                .help("write says_same: true if that is meant"),
        );
    }
    for finding in found {
        out.push(finding.context(branch.id.value.clone()));
    }
    doc
}

/// E028: a change refers to what the file does not have.
fn missing<'a>(
    kind: &str,
    name: &Name,
    known: impl IntoIterator<Item = &'a str>,
    out: &mut Diagnostics,
) {
    let error = Diagnostic::error(
        "E028",
        format!("the branch changes {kind} `{}`, which does not exist", name.value),
    )
    .at(name.span)
    .label("unknown name");
    out.push(match did_you_mean(&name.value, known) {
        Some(help) => error.help(help),
        None => error.help("a branch can only change what the file or an earlier change defines"),
    });
}

/// The element of a section by name, or E028.
fn find<'a, T: Element>(
    section: &'a mut Lenient<Items<T>>,
    kind: &str,
    name: &Name,
    out: &mut Diagnostics,
) -> Option<&'a mut T> {
    let all = rows_mut(section);
    let Some(k) = all.iter().position(|row| row.id().value == name.value) else {
        missing(kind, name, all.iter().map(|row| row.id().value.as_str()), out);
        return None;
    };
    Some(&mut all[k].value)
}

impl ChangeSpec {
    fn apply(&self, doc: &mut Document, span: Span, out: &mut Diagnostics) {
        match self {
            ChangeSpec::SetInput(name, value) => {
                if let Some(input) = find(&mut doc.inputs, "input", name, out) {
                    input.value = value.clone();
                }
            }
            ChangeSpec::SetLaw(name, law) => {
                if let Some(row) = find(&mut doc.laws, "law", name, out) {
                    row.law = law.clone();
                }
            }
            ChangeSpec::SetRule(name, rule) => {
                if let Some(actor) = find(&mut doc.actors, "actor", name, out) {
                    actor.rule = Some(rule.clone());
                }
            }
            ChangeSpec::SetType(name, kind) => {
                let Some(actor) = find(&mut doc.actors, "actor", name, out) else { return };
                let mut types = actor.types.iter().map(|(name, _)| name.value.as_str());
                if !types.clone().any(|known| known == kind.value) {
                    missing("type", kind, &mut types, out);
                    return;
                }
                doc.forced.natures.push((name.clone(), kind.clone()));
            }
            ChangeSpec::SetPrior(name, prior) => set_prior(doc, name, prior, out),
            ChangeSpec::SetDate(name, date) => set_date(doc, name, date, out),
            ChangeSpec::SetLevel(name, level) => set_level(doc, name, level, out),
            ChangeSpec::SetStart(name, start) => set_start(doc, name, start, out),
            ChangeSpec::SetTerm(name, terms) => {
                if let Some(package) = find(&mut doc.packages, "package", name, out) {
                    package.terms = terms.clone();
                }
            }
            ChangeSpec::Plan { actor, steps, then, known } => {
                if find(&mut doc.actors, "actor", actor, out).is_none() {
                    return;
                }
                for name in steps.iter().flat_map(|step| &step.moves) {
                    known_move(doc, name, out);
                }
                doc.forced.plans.push(ForcedPlan {
                    actor: actor.clone(),
                    steps: steps.clone(),
                    then: then.clone(),
                    known: *known,
                });
            }
            ChangeSpec::Forbid(name) => {
                if known_move(doc, name, out) && !doc.forced.forbidden.contains(name) {
                    doc.forced.forbidden.push(name.clone());
                }
            }
            ChangeSpec::Only(name, moves) => {
                if find(&mut doc.actors, "actor", name, out).is_none() {
                    return;
                }
                for name in moves {
                    known_move(doc, name, out);
                }
                doc.forced.only.push((name.clone(), moves.clone()));
            }
            ChangeSpec::Fire { id, on, effects } => {
                if effects.is_empty() {
                    out.push(
                        Diagnostic::error("E027", format!("`{}` fires nothing", id.value))
                            .at(id.span)
                            .label("its `do` is empty"),
                    );
                }
                doc.forced.fires.push(ForcedFire {
                    id: id.clone(),
                    on: *on,
                    effects: effects.clone(),
                });
            }
            ChangeSpec::Add(element) => add(doc, element, span),
            ChangeSpec::Remove(name) => remove(doc, name, out),
        }
    }
}

/// Whether a move is written; a name `move@actor` names one row of an `Each`.
fn known_move(doc: &Document, name: &Name, out: &mut Diagnostics) -> bool {
    let moves = rows(&doc.moves);
    let known = moves.iter().any(|row| {
        row.id.value == name.value
            || matches!(&row.by, ByWhom::Each(actors) if actors.iter().any(|actor| {
                name.value == format!("{}@{}", row.id.value, actor.value)
            }))
    });
    if !known {
        missing("move", name, moves.iter().map(|row| row.id.value.as_str()), out);
    }
    known
}

/// What others believe of an actor's type; the draw stays as it was.
fn set_prior(doc: &mut Document, name: &Name, prior: &[(Name, Num)], out: &mut Diagnostics) {
    let Some(actor) = find(&mut doc.actors, "actor", name, out) else { return };
    for (kind, _) in prior {
        if !actor.types.iter().any(|(known, _)| known.value == kind.value) {
            let known = actor.types.iter().map(|(known, _)| known.value.as_str());
            missing("type", kind, known, out);
            return;
        }
    }
    if actor.nature.is_empty() {
        actor.nature.clone_from(&actor.types);
    }
    // The order of types is the file's: positions stand in payoffs and draws.
    for (known, p) in &mut actor.types {
        let new = prior.iter().find(|(kind, _)| kind.value == known.value);
        *p = new.map_or_else(|| zero(p.span), |(_, new)| new.clone());
    }
}

fn zero(span: Span) -> Num {
    Spanned::new(Quantity::number(0.0), span)
}

/// A measure or one of its steps: the place of its state at the start.
fn start_of<'a>(doc: &'a mut Document, name: &str) -> Option<&'a mut Spanned<StartSpec>> {
    for measure in rows_mut(&mut doc.measures) {
        let measure: &mut MeasureSpec = measure;
        if measure.id.value == name {
            return measure.steps.0.is_empty().then_some(&mut measure.start);
        }
        let Some(step) = name.strip_prefix(measure.id.value.as_str()) else { continue };
        let Some(step) = step.strip_prefix('.') else { continue };
        if let Some(step) = measure.steps.0.iter_mut().find(|row| row.id.value == step) {
            return Some(&mut step.value.start);
        }
    }
    None
}

/// All names that a date, level or start can be set of.
fn dated_names(doc: &Document) -> Vec<String> {
    let mut names = Vec::new();
    for measure in rows(&doc.measures) {
        names.push(measure.id.value.clone());
        for step in &measure.steps {
            names.push(format!("{}.{}", measure.id.value, step.id.value));
        }
    }
    names.extend(rows(&doc.meetings).iter().map(|row| row.id.value.clone()));
    names.extend(rows(&doc.truces).iter().map(|row| row.id.value.clone()));
    names.extend(rows(&doc.shocks).iter().map(|row| row.id.value.clone()));
    names.extend(rows(&doc.clocks).iter().map(|row| row.id.value.clone()));
    names
}

/// Moves the date of what has one: a pending or suspended measure, a meeting, a truce, a dated shock.
fn set_date(doc: &mut Document, name: &Name, date: &Spanned<When>, out: &mut Diagnostics) {
    let undated = |what: &str| {
        Diagnostic::error("E022", format!("{what} `{}` has no date to set", name.value))
            .at(name.span)
            .label("no date at the start")
            .help("SetStart gives it another state, with a date")
    };
    if let Some(start) = start_of(doc, &name.value) {
        match &mut start.value {
            StartSpec::Announced { on, .. } => *on = *date,
            StartSpec::Suspended(until) | StartSpec::SuspendedAt(_, until) => *until = *date,
            _ => out.push(undated("measure")),
        }
        return;
    }
    if rows(&doc.measures).iter().any(|row| row.id.value == name.value) {
        out.push(undated("measure with steps").help("name one step, as \"measure.step\""));
        return;
    }
    let meetings = rows_mut(&mut doc.meetings);
    if let Some(row) = meetings.iter_mut().find(|row| row.id.value == name.value) {
        row.value.on = Some(Spanned::new(MeetingWhen::On(date.value), date.span));
        return;
    }
    let truces = rows_mut(&mut doc.truces);
    if let Some(row) = truces.iter_mut().find(|row| row.id.value == name.value) {
        row.value.ends = *date;
        return;
    }
    let clocks = rows_mut(&mut doc.shocks).iter_mut();
    let shock = clocks.chain(rows_mut(&mut doc.clocks)).find(|row| row.id.value == name.value);
    if let Some(row) = shock {
        let When::Date(day) = date.value else {
            out.push(
                Diagnostic::error("E022", "the date of a shock is a whole day")
                    .at(date.span)
                    .label("not a date")
                    .help("write \"2025-11-05\""),
            );
            return;
        };
        let law = &mut row.value.law.value;
        if let ClockLawSpec::Law(num) = law
            && let Quantity::Law(spec) = &mut num.value
            && let LawSpec::Dates(dates) = spec.as_mut()
        {
            *dates = vec![DateText { date: day, span: date.span }];
        } else {
            out.push(undated("shock"));
        }
        return;
    }
    let known = dated_names(doc);
    missing("the date of", name, known.iter().map(String::as_str), out);
}

/// The level that a measure has, or threatens, at the start.
fn set_level(doc: &mut Document, name: &Name, level: &LevelText, out: &mut Diagnostics) {
    let Some(start) = start_of(doc, &name.value) else {
        let known = dated_names(doc);
        missing("the level of", name, known.iter().map(String::as_str), out);
        return;
    };
    let new = match &start.value {
        StartSpec::Announced { on, order, .. } => {
            StartSpec::Announced { level: Some(level.clone()), on: *on, order: *order }
        }
        StartSpec::InForce | StartSpec::InForceAt(_) => StartSpec::InForceAt(level.clone()),
        StartSpec::Suspended(until) | StartSpec::SuspendedAt(_, until) => {
            StartSpec::SuspendedAt(level.clone(), *until)
        }
        StartSpec::Idle => {
            out.push(
                Diagnostic::error(
                    "E022",
                    format!("measure `{}` has no level at the start", name.value),
                )
                .at(name.span)
                .label("starts idle")
                .help("SetStart puts it in force or announces it, at a level"),
            );
            return;
        }
    };
    start.value = new;
}

/// The state or number that an element starts with.
fn set_start(doc: &mut Document, name: &Name, start: &Spanned<StartValue>, out: &mut Diagnostics) {
    let wrong = |what: &str, wanted: &str| {
        Diagnostic::error("E022", format!("{what} `{}` does not start like this", name.value))
            .at(start.span)
            .label(format!("{wanted} is wanted"))
    };
    if let Some(place) = start_of(doc, &name.value) {
        match &start.value {
            StartValue::Measure(new) => *place = Spanned::new(new.clone(), start.span),
            _ => out.push(wrong("measure", "Idle, InForce, Announced(..) or Suspended(..)")),
        }
        return;
    }
    if let Some(row) = rows_mut(&mut doc.channels).iter_mut().find(|row| row.id.value == name.value)
    {
        match &start.value {
            StartValue::Channel(word) => row.value.start = *word,
            _ => out.push(wrong("channel", "Open, Strained or Closed")),
        }
        return;
    }
    if let Some(row) = rows_mut(&mut doc.gauges).iter_mut().find(|row| row.id.value == name.value) {
        match &start.value {
            StartValue::Number(num) => row.value.start = Some(num.clone()),
            _ => out.push(wrong("gauge", "a number")),
        }
        return;
    }
    if let Some(row) = rows_mut(&mut doc.stocks).iter_mut().find(|row| row.id.value == name.value) {
        match &start.value {
            StartValue::Number(num) => row.value.start = num.clone(),
            _ => out.push(wrong("stock", "a number of days")),
        }
        return;
    }
    if let Some(row) = rows_mut(&mut doc.counters).iter_mut().find(|row| row.id.value == name.value)
    {
        match &start.value {
            StartValue::Number(Spanned {
                value: Quantity::Number { value, unit: None }, ..
            }) if whole(*value).is_some() => {
                let n = whole(*value).unwrap_or_default();
                row.value.start = Spanned::new(n, start.span);
            }
            _ => out.push(wrong("counter", "a whole number")),
        }
        return;
    }
    let mut known = dated_names(doc);
    known.extend(rows(&doc.gauges).iter().map(|row| row.id.value.clone()));
    known.extend(rows(&doc.counters).iter().map(|row| row.id.value.clone()));
    known.extend(rows(&doc.channels).iter().map(|row| row.id.value.clone()));
    known.extend(rows(&doc.stocks).iter().map(|row| row.id.value.clone()));
    missing("the start of", name, known.iter().map(String::as_str), out);
}

/// A number that is a whole one within a counter's range.
#[allow(clippy::cast_possible_truncation, reason = "the value is checked to be whole and in range")]
fn whole(x: f64) -> Option<i32> {
    let near = x.round();
    let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&near);
    (fits && crate::math::close(x, near, 0.0)).then_some(near as i32)
}

/// Adds an element at the end of its list.
fn add(doc: &mut Document, element: &ElementSpec, span: Span) {
    fn push<T: Clone>(section: &mut Lenient<Items<T>>, element: &T, span: Span) {
        rows_mut(section).push(Spanned::new(element.clone(), span));
        // The section exists now, even if the file left it out.
        section.1 = section.1.or(Some(span));
    }
    match element {
        ElementSpec::Input(x) => push(&mut doc.inputs, x, span),
        ElementSpec::Law(x) => push(&mut doc.laws, x, span),
        ElementSpec::Actor(x) => push(&mut doc.actors, x, span),
        ElementSpec::Firm(x) => push(&mut doc.firms, x, span),
        ElementSpec::Stock(x) => push(&mut doc.stocks, x, span),
        ElementSpec::Measure(x) => push(&mut doc.measures, x, span),
        ElementSpec::Gauge(x) => push(&mut doc.gauges, x, span),
        ElementSpec::Counter(x) => push(&mut doc.counters, x, span),
        ElementSpec::Coalition(x) => push(&mut doc.coalitions, x, span),
        ElementSpec::Channel(x) => push(&mut doc.channels, x, span),
        ElementSpec::Meeting(x) => push(&mut doc.meetings, x, span),
        ElementSpec::Package(x) => push(&mut doc.packages, x, span),
        ElementSpec::Truce(x) => push(&mut doc.truces, x, span),
        ElementSpec::Move(x) => push(&mut doc.moves, x, span),
        ElementSpec::Eve(x) => push(&mut doc.eves, x, span),
        ElementSpec::Pending(x) => push(&mut doc.pending, x, span),
        ElementSpec::Rule(x) => push(&mut doc.rules, x, span),
        ElementSpec::Clock(x) => push(&mut doc.clocks, x, span),
        ElementSpec::Shock(x) => push(&mut doc.shocks, x, span),
        ElementSpec::Regime(x) => push(&mut doc.regimes, x, span),
        ElementSpec::Series(x) => push(&mut doc.series, x, span),
        ElementSpec::Metric(x) => push(&mut doc.metrics, x, span),
    }
}

/// Removes the element of a name, wherever it stands; what refers to it is then an error.
fn remove(doc: &mut Document, name: &Name, out: &mut Diagnostics) {
    fn take<T: Element>(
        section: &mut Lenient<Items<T>>,
        kind: &'static str,
        name: &str,
        known: &mut Vec<String>,
        found: &mut Vec<&'static str>,
    ) {
        let all = rows_mut(section);
        known.extend(all.iter().map(|row| row.id().value.clone()));
        if all.iter().any(|row| row.id().value == name) {
            found.push(kind);
            all.retain(|row| row.id().value != name);
        }
    }
    let mut known = Vec::new();
    let mut found = Vec::new();
    let mut copy = doc.clone();
    macro_rules! take_all {
        ($($section:ident $kind:literal),* $(,)?) => {
            $(take(&mut copy.$section, $kind, &name.value, &mut known, &mut found);)*
        };
    }
    take_all!(
        inputs "input", laws "law", actors "actor", firms "firm", stocks "stock",
        measures "measure", gauges "gauge", counters "counter", coalitions "coalition",
        channels "channel", meetings "meeting", packages "package", truces "truce",
        moves "move", rules "rule", clocks "clock", shocks "shock", regimes "regime",
        series "series", metrics "metric",
    );
    if found.len() > 1 {
        out.push(
            Diagnostic::error(
                "E028",
                format!("`{}` names a {} and a {}", name.value, found[0], found[1]),
            )
            .at(name.span)
            .label("which one?")
            .help("give the two different names in the file"),
        );
        return;
    }
    if found.len() == 1 {
        *doc = copy;
        return;
    }
    // A step of a measure has a name of its own.
    for measure in rows_mut(&mut doc.measures) {
        let owner = measure.id.value.clone();
        let steps = &mut measure.value.steps.0;
        let full = |step: &str| format!("{owner}.{step}");
        if let Some(k) = steps.iter().position(|step| full(&step.id.value) == name.value) {
            steps.remove(k);
            return;
        }
        known.extend(steps.iter().map(|step| full(&step.id.value)));
    }
    missing("element", name, known.iter().map(String::as_str), out);
}
