//! What foreseen payoffs depend on, worked out once: whose payoffs are asked for, which measures move
//! them, which terms hang on stocks, which inputs are read.
//!
//! Keys of remembered features are made of exactly this: too much of it and nothing is found again,
//! too little and a number would depend on which trial came first.

use super::contract::Standing;
use super::flows::Flow;
use super::marks::part;
use super::program::{bit, deps, timed};
use crate::economy::Wedges;
use crate::model::Model;
use crate::model::actor::TermKind;
use crate::model::condition::Condition;
use crate::model::diplomacy::Clause;
use crate::model::ids::{ActorId, InputId, TrackerId};
use crate::model::measure::Measure;
use crate::model::reads;
use crate::model::value::Value;

/// A payoff term that depends on whether stocks are used up.
#[derive(Debug, Clone)]
pub(crate) struct StockTerm {
    /// Place among the terms of all actors.
    pub(crate) term: usize,
    /// Place in a row of features.
    pub(crate) place: usize,
    /// Place among the flows.
    pub(crate) flow: usize,
    /// Stocks it reads, as bits.
    pub(crate) stocks: u64,
    /// Measures it reads, and those that control the supply of its stocks.
    pub(crate) measures: Vec<usize>,
}

/// What some conditions ask about.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Kinds of state, as [`bit`]s.
    pub(crate) deps: u64,
    /// Trackers.
    pub(crate) trackers: Vec<TrackerId>,
}

impl Asked {
    fn add(&mut self, condition: &Condition) {
        self.deps |= deps(condition);
        trackers_in(condition, &mut self.trackers);
    }
}

/// What foreseen payoffs depend on.
#[derive(Debug, Default)]
pub(crate) struct Relevance {
    /// By actor: whether its payoff is ever asked for in a sketch.
    pub(crate) valued: Vec<bool>,
    /// Prices of breaking packages, each once; features count breaches, so that they need not be rounded.
    pub(crate) fines: Vec<Value>,
    /// By package: which of them.
    pub(crate) fine_of: Vec<usize>,
    /// By actor: where its features stand in a row: its terms, then its breaches by fine.
    pub(crate) places: Vec<usize>,
    /// Number of features in a row.
    pub(crate) width: usize,
    /// By actor: where its weights stand among those of all types of valued actors.
    pub(crate) weights: Vec<usize>,
    /// By measure: who reads it, as [`part`](super::marks::part)s.
    pub(crate) reads: Vec<u8>,
    /// Measures whose statements are believed to some extent.
    pub(crate) stated: Vec<usize>,
    /// Measures with wedges or direct gains.
    pub(crate) trade_measures: Vec<usize>,
    /// Inputs that trade effects read.
    pub(crate) trade_inputs: Vec<InputId>,
    /// Inputs that flows read.
    pub(crate) flow_inputs: Vec<InputId>,
    /// Inputs that anything in a sketch reads.
    pub(crate) inputs: Vec<InputId>,
    /// The same without the tail, which matters only after what is followed.
    pub(crate) course_inputs: Vec<InputId>,
    /// Whether a valued actor's income or revenue counts.
    pub(crate) flows_trade: bool,
    /// Whether flows read more than measures, coalitions and stocks.
    pub(crate) wide_flows: bool,
    /// Valued terms that depend on stocks.
    pub(crate) stock_terms: Vec<StockTerm>,
    /// Stocks that anything in a sketch reads, as bits.
    pub(crate) stocks: u64,
    /// What is judged in a sketch in which nobody is asked again: inside moves' effects, and `bargains`.
    pub(crate) table: Asked,
    /// What is judged after a move: at the negotiating table, and by flows.
    pub(crate) bargains: Asked,
    /// What is judged where somebody is asked again: guards as well.
    pub(crate) guards: Asked,
}

impl Relevance {
    /// Works it out. `starts`: place of each actor's first term; `flowing`: terms that flow; `suppliers`: by stock, the measures
    /// that control its supply.
    pub(crate) fn of(
        model: &Model,
        starts: &[usize],
        flowing: &[Flow],
        suppliers: &[Vec<usize>],
    ) -> Relevance {
        let valued = valued(model);
        let trade_measures: Vec<usize> =
            (0..model.measures.len()).filter(|k| moves_trade(model, &model.measures[*k])).collect();
        let trade_inputs = trade_inputs(model);
        let mut out = Relevance { valued, trade_measures, trade_inputs, ..Relevance::default() };
        out.stated =
            (0..model.measures.len()).filter(|k| !model.measures[*k].believed.is_empty()).collect();
        out.flow_inputs.clone_from(&out.trade_inputs);
        for package in &model.packages {
            let fine = out.fines.iter().position(|x| *x == package.breach_once);
            out.fine_of.push(fine.unwrap_or(out.fines.len()));
            if fine.is_none() {
                out.fines.push(package.breach_once);
            }
        }
        let mut weights = 0;
        for (actor, valued) in model.actors.iter().zip(&out.valued) {
            out.places.push(out.width);
            out.weights.push(weights);
            if *valued {
                let features = actor.terms.len() + out.fines.len();
                out.width += features;
                weights += features * actor.types.len().max(1);
            }
        }
        let mut flows: Vec<usize> = Vec::new();
        let mut judged: Vec<usize> = Vec::new();
        for (a, actor) in model.actors.iter().enumerate().filter(|(a, _)| out.valued[*a]) {
            for (k, term) in actor.terms.iter().enumerate() {
                let mut stocks = 0_u64;
                let mut measures: Vec<usize> = Vec::new();
                match &term.kind {
                    TermKind::Income | TermKind::Revenue => {
                        flows.extend(&out.trade_measures);
                        out.flows_trade = true;
                    }
                    TermKind::Leverage(ids) | TermKind::Supplier(ids, _) => {
                        flows.extend(ids.iter().map(|m| m.index()));
                    }
                    TermKind::LobbyStock(id) => stocks |= 1 << (id.index() % 64),
                    TermKind::LobbyWhile(condition) => {
                        reads::measures_in(condition, &mut |m| measures.push(m.index()));
                        flows.extend(&measures);
                        judged.extend(&measures);
                        let who = Some(ActorId::at(a));
                        reads::stocks_in(model, who, condition, &mut |id| {
                            stocks |= 1 << (id.index() % 64);
                        });
                        reads::of_condition(condition, &mut |id| out.flow_inputs.push(id));
                        let usual = bit::MEASURES | bit::COALITION | bit::STOCK;
                        out.wide_flows |= deps(condition) & !usual != 0
                            || (stocks == 0 && timed(condition, model));
                    }
                    _ => {}
                }
                if stocks != 0 {
                    let of_stocks = suppliers
                        .iter()
                        .enumerate()
                        .filter(|(s, _)| stocks >> (s % 64) & 1 == 1)
                        .flat_map(|(_, list)| list.iter().copied());
                    measures.extend(of_stocks);
                    if let TermKind::LobbyWhile(condition) = &term.kind
                        && deps(condition) & bit::COALITION != 0
                    {
                        // A coalition dissolves with what it is against.
                        measures = (0..model.measures.len()).collect();
                    }
                    distinct(&mut measures);
                    let flow = flowing
                        .iter()
                        .position(|f| usize::from(f.actor) == a && usize::from(f.term) == k);
                    out.stock_terms.push(StockTerm {
                        term: starts[a] + k,
                        place: out.places[a] + k,
                        flow: flow.unwrap_or(0),
                        stocks,
                        measures,
                    });
                }
                out.stocks |= stocks;
            }
        }
        for (_, weight) in model.coalitions.iter().flat_map(|c| &c.members) {
            reads::of_value(*weight, &mut |id| out.flow_inputs.push(id));
        }
        distinct(&mut out.flow_inputs);
        out.read_guards(model);
        out.read_inputs(model);
        if out.wide_flows {
            // Conditions behind conditions (a channel's, a series') may read anything.
            flows = (0..model.measures.len()).collect();
            judged.clone_from(&flows);
            out.flow_inputs.clone_from(&out.course_inputs);
        }
        out.reads = vec![0; model.measures.len()];
        for (list, part) in
            [(&flows, part::FLOW), (&judged, part::JUDGED), (&out.trade_measures, part::TRADE)]
        {
            list.iter().for_each(|k| out.reads[*k] |= part);
        }
        out
    }

    /// Conditions that a sketch judges beside flows: guards and those inside effects.
    fn read_guards(&mut self, model: &Model) {
        let mut bargains: Vec<(Option<ActorId>, &Condition)> = Vec::new();
        let mut moves: Vec<(Option<ActorId>, &Condition)> = Vec::new();
        let mut guards: Vec<(Option<ActorId>, &Condition)> = Vec::new();
        for action in &model.moves {
            guards.push((Some(action.by), &action.guard));
            reads::conditions_in(&action.effects, &mut |c| moves.push((Some(action.by), c)));
        }
        for package in &model.packages {
            bargains.push((None, &package.guard));
            reads::conditions_in(&package.effects, &mut |c| bargains.push((None, c)));
        }
        for meeting in &model.meetings {
            reads::conditions_in(&meeting.cancelled, &mut |c| moves.push((None, c)));
        }
        for term in model.actors.iter().flat_map(|actor| &actor.terms) {
            if let TermKind::LobbyWhile(condition) = &term.kind {
                bargains.push((None, condition));
            }
        }
        let closes: Vec<&Condition> =
            model.channels.iter().filter_map(|c| c.closes.as_ref()).collect();
        let all = |lists: &[&[(Option<ActorId>, &Condition)]]| {
            let mut asked = Asked::default();
            lists.iter().copied().flatten().for_each(|(_, c)| asked.add(c));
            if asked.deps & bit::CHANNELS != 0 {
                closes.iter().for_each(|c| asked.add(c));
            }
            distinct(&mut asked.trackers);
            asked
        };
        self.bargains = all(&[&bargains]);
        self.table = all(&[&bargains, &moves]);
        self.guards = all(&[&bargains, &moves, &guards]);
        let closing = closes.iter().map(|c| (None, *c));
        for (actor, condition) in
            guards.iter().chain(&moves).chain(&bargains).copied().chain(closing)
        {
            // Guards of actors that never look ahead are not judged in a sketch.
            if actor.is_none_or(|a| self.valued[a.index()]) {
                reads::stocks_in(model, actor, condition, &mut |id| {
                    self.stocks |= 1 << (id.index() % 64);
                });
            }
            reads::of_condition(condition, &mut |id| self.inputs.push(id));
        }
    }

    fn read_inputs(&mut self, model: &Model) {
        let mut list = std::mem::take(&mut self.inputs);
        list.extend(&self.flow_inputs);
        let mut see = |id: InputId| list.push(id);
        reads::of_value(model.discount, &mut see);
        model.stocks.iter().for_each(|stock| reads::of_value(stock.thrift, &mut see));
        for measure in &model.measures {
            reads::of_lag(model, measure.lead, &mut see);
            if let Some(lag) = measure.expires {
                reads::of_lag(model, lag, &mut see);
            }
        }
        for package in &model.packages {
            reads::of_lag(model, package.lasts, &mut see);
            reads::of_value(package.breach_frees, &mut see);
            package.breach_push.iter().for_each(|(_, by)| reads::of_value(*by, &mut see));
            reads::of_effects(model, &package.effects, &mut see);
            for clause in &package.clauses {
                if let Clause::Postpone(_, term)
                | Clause::Suspend(_, term)
                | Clause::KeepSuspended(_, term) = clause
                {
                    reads::of_term(model, *term, &mut see);
                }
            }
        }
        for action in &model.moves {
            reads::of_effects(model, &action.effects, &mut see);
            action.once_per.iter().for_each(|span| reads::of_value(*span, &mut see));
        }
        for meeting in &model.meetings {
            reads::of_effects(model, &meeting.cancelled, &mut see);
        }
        for eve in &model.eves {
            reads::of_lag(model, eve.before, &mut see);
        }
        for actor in &model.actors {
            actor.reacts.iter().for_each(|r| reads::of_lag(model, r.lag, &mut see));
            for term in &actor.terms {
                if let TermKind::Audience { face } = term.kind {
                    reads::of_value(face, &mut see);
                }
            }
        }
        distinct(&mut list);
        self.course_inputs.clone_from(&list);
        reads::of_value(model.tail, &mut |id| list.push(id));
        distinct(&mut list);
        self.inputs = list;
    }
}

fn distinct<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// Whose payoffs are asked for: parties to packages, those who look ahead, and whom they answer.
fn valued(model: &Model) -> Vec<bool> {
    let looks = |actor: &crate::model::actor::Actor| {
        let written = model.rules.get(actor.rule.index()).map_or(0, |r| r.rule.moves_ahead());
        let planned = actor.plan.as_ref().and_then(|p| p.then);
        written.max(
            planned.and_then(|r| model.rules.get(r.index())).map_or(0, |r| r.rule.moves_ahead()),
        )
    };
    let mut valued = vec![false; model.actors.len()];
    for package in &model.packages {
        package.parties.iter().for_each(|a| valued[a.index()] = true);
    }
    for (a, actor) in model.actors.iter().enumerate() {
        let moves = looks(actor);
        valued[a] |= moves > 0;
        if moves > 1 {
            actor.reacts.iter().for_each(|r| valued[r.to.index()] = true);
        }
    }
    valued
}

/// Whether any level of a measure makes a wedge or a direct gain.
fn moves_trade(model: &Model, measure: &Measure) -> bool {
    let inputs: Vec<f64> = model.inputs.iter().map(|input| input.dist.median()).collect();
    let regions = model.economy.as_ref().map_or(0, |e| e.economy.base().regions().len());
    (0..measure.levels.len().max(1)).any(|position| {
        #[allow(clippy::cast_possible_truncation, reason = "levels are limited to 250")]
        let at = Standing {
            inputs: &inputs,
            position: position as u8 + 1,
            level: measure.levels.get(position).map_or(1.0, |(_, x)| *x),
            count: 1.0,
            owner: measure.owner,
            targets: &measure.targets,
            actors: &model.actors,
            regions,
        };
        measure.instruments.iter().any(|instrument| {
            let mut reads = false;
            instrument.inputs(&mut |_| reads = true);
            let mut wedges = Wedges::new();
            instrument.wedges(&at, &mut wedges);
            // One that reads inputs may be nothing at their medians.
            reads
                || !wedges.is_empty()
                || (0..model.actors.len())
                    .any(|a| instrument.direct(&at, ActorId::at(a)).abs() > 0.0)
        })
    })
}

/// Inputs that instruments and the trade model read.
fn trade_inputs(model: &Model) -> Vec<InputId> {
    let mut list = Vec::new();
    for instrument in model.measures.iter().flat_map(|m| &m.instruments) {
        instrument.inputs(&mut |id| list.push(id));
    }
    if let Some(link) = &model.economy {
        reads::of_value(link.horizon, &mut |id| list.push(id));
        reads::of_value(link.elasticity, &mut |id| list.push(id));
    }
    distinct(&mut list);
    list
}

/// Trackers a condition asks about.
fn trackers_in(condition: &Condition, list: &mut Vec<TrackerId>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|p| trackers_in(p, list));
        }
        Condition::Not(part) => trackers_in(part, list),
        Condition::Since(ids, _) | Condition::Happened(ids) => list.extend(ids.iter()),
        _ => {}
    }
}
