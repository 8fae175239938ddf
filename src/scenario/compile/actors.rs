//! Actors, their payoff terms, plans and moves.

use super::Compiler;
use super::names::MoveRow;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::Unanswered;
use crate::model::actor::{Actor, Move, PayoffTerm, Plan, React, Reviews, Seen, TermKind, Values};
use crate::model::bridge::Scope;
use crate::model::condition::Condition;
use crate::model::effect::Effect;
use crate::model::ids::{
    ActorId, ClockId, CoalitionId, GaugeId, MeasureId, MoveId, RuleId, StockId,
};
use crate::model::lookup::{Dim, Table};
use crate::model::value::{Lag, Value};
use crate::model::written::CondSpec;
use crate::scenario::spec::actor::{
    ActorSpec, ByType, PriceSpec, ReactSpec, ReviewsSpec, SeenSpec, TermSpec, ValuesSpec,
};
use crate::scenario::spec::rows;
use crate::syntax::{Name, Num, Spanned};
use crate::units::Tick;

/// Days for which the values of a deal follow events, unless the file says otherwise.
const VALUE_HORIZON: f64 = 90.0;

/// Rank in the lag's distribution after which silence counts as an answer.
const WINDOW_RANK: f64 = 0.9;

/// Regions of the shipped bases by the names authors give their actors.
const REGIONS: [(&str, &str); 15] = [
    ("US", "USA"),
    ("CN", "CHN"),
    ("EU", "EU"),
    ("JP", "JPN"),
    ("KR", "KOR"),
    ("IN", "IND"),
    ("MX", "MEX"),
    ("CA", "CAN"),
    ("GB", "GBR"),
    ("UK", "GBR"),
    ("AU", "AUS"),
    ("BR", "BRA"),
    ("ID", "IDN"),
    ("RU", "RUS"),
    ("TR", "TUR"),
];

impl Compiler<'_> {
    /// Position of an actor's region in the trade base, without a message.
    pub(super) fn region_of(&self, spec: &ActorSpec) -> Option<usize> {
        let code = match &spec.region {
            Some(name) => name.value.as_str(),
            None => {
                let id = spec.id.value.as_str();
                REGIONS.iter().find(|(name, _)| *name == id).map_or(id, |(_, code)| code)
            }
        };
        self.lookup.regions.iter().position(|region| region == code)
    }

    /// Actors in file order. `file_rules` is the number of rules of the file; the rule to hold follows.
    pub(super) fn actors(&mut self, moves: &[Move], file_rules: usize) -> Vec<Actor> {
        let specs = self.rows.actors.clone();
        let mut actors = Vec::with_capacity(specs.len());
        for (k, spec) in specs.into_iter().enumerate() {
            let own = moves.iter().enumerate().filter(|(_, m)| m.by.index() == k);
            let own: Vec<_> = own.map(|(row, _)| MoveId::at(row)).collect();
            actors.extend(self.actor(ActorId::at(k), spec, own, file_rules));
        }
        actors
    }

    fn actor(
        &mut self,
        id: ActorId,
        spec: &ActorSpec,
        moves: Vec<MoveId>,
        file_rules: usize,
    ) -> Option<Actor> {
        self.lookup.enter(format!("actor:{}", spec.id.value));
        if let Some(region) = &spec.region
            && self.region_of(spec).is_none()
        {
            let known: Vec<_> = self.lookup.regions.iter().map(String::as_str).collect();
            let mut error =
                Diagnostic::error("E020", format!("there is no region `{}`", region.value))
                    .at(region.span)
                    .label("not in the trade base");
            error = match crate::syntax::did_you_mean(&region.value, known.iter().copied()) {
                Some(help) => error.help(help),
                None if known.is_empty() => error.help("the file has no `economy`"),
                None => error.help(format!("known: {}", known.join(", "))),
            };
            self.out.push(error);
        }
        let gdp = self.constant_or(spec.gdp.as_ref(), Dim::Money, 0.0);
        let prior = self.prior(id, spec, &spec.types);
        let nature = self.nature(id, spec, &prior);
        let terms = self.terms(id, spec);
        self.lookup.terms.push(terms.iter().map(|term| term.name.clone()).collect());
        let mut reacts = Vec::new();
        for react in &spec.reacts {
            self.react(id, react, &mut reacts);
        }
        let reviews = spec.reviews.as_ref().and_then(|spec| self.reviews(spec));
        let rule = match &spec.rule {
            Some(name) => self.lookup.rules.find(name, self.out).map(RuleId::at),
            None => Some(RuleId::at(file_rules)),
        };
        let values = self.values(id, spec);
        let plan = self.plan(id, spec);
        Some(Actor {
            name: spec.id.value.clone(),
            title: spec.name.clone().unwrap_or_else(|| spec.id.value.clone()),
            region: self.region_of(spec),
            gdp: gdp?,
            types: self.lookup.types.get(id.index())?.clone(),
            prior,
            nature,
            terms,
            reacts,
            reviews,
            rule: rule?,
            values: values?,
            plan,
            moves,
        })
    }

    /// Probabilities by type. They must sum to 1.
    fn prior(&mut self, id: ActorId, spec: &ActorSpec, given: &[(Name, Num)]) -> Vec<Value> {
        let count = self.lookup.types.get(id.index()).map_or(1, Vec::len);
        if given.is_empty() {
            #[allow(clippy::cast_precision_loss, reason = "a handful of types")]
            return vec![Value::Const(1.0 / count as f64); count];
        }
        let mut prior = vec![Value::Const(0.0); count];
        let mut sum = 0.0;
        let mut whole = true;
        for (name, p) in given {
            let position = self.lookup.actor_type(id, name, self.out);
            let p = self.lookup.constant(p, Dim::Share, self.out);
            match (position, p) {
                (Some(k), Some(p)) => {
                    prior[usize::from(k)] = Value::Const(p);
                    sum += p;
                }
                _ => whole = false,
            }
        }
        if whole && !crate::math::close(sum, 1.0, 1e-9) {
            let places = given.iter().map(|(name, p)| name.span.join(p.span));
            let span = places.reduce(Span::join).unwrap_or(spec.id.span);
            self.out.push(
                Diagnostic::error("E024", "the probabilities of the types do not sum to 1")
                    .at(span)
                    .label(format!("sum to {}", shown(sum)))
                    .help("change one of them so that they do"),
            );
        }
        prior
    }

    /// From what a trial draws the type: as forced by a branch, as written, or as believed.
    fn nature(&mut self, id: ActorId, spec: &ActorSpec, prior: &[Value]) -> Vec<Value> {
        let doc = self.doc;
        let forced = doc.forced.natures.iter().rfind(|(actor, _)| actor.value == spec.id.value);
        if let Some((_, kind)) = forced {
            let mut nature = vec![Value::Const(0.0); prior.len()];
            if let Some(k) = self.lookup.actor_type(id, kind, self.out) {
                nature[usize::from(k)] = Value::Const(1.0);
            }
            return nature;
        }
        if spec.nature.is_empty() {
            return prior.to_vec();
        }
        self.prior(id, spec, &spec.nature)
    }

    fn terms(&mut self, id: ActorId, spec: &ActorSpec) -> Vec<PayoffTerm> {
        let mut names = Table::new("payoff term");
        let mut terms = Vec::new();
        for term in &spec.payoff {
            let Some(term) = self.term(id, spec, term, &mut names) else { continue };
            terms.push(term);
        }
        terms
    }

    fn term(
        &mut self,
        id: ActorId,
        actor: &ActorSpec,
        spec: &Spanned<TermSpec>,
        names: &mut Table,
    ) -> Option<PayoffTerm> {
        let parts = TermParts::of(&spec.value);
        let name = match parts.name {
            Some(name) => name.clone(),
            None => Spanned::new(parts.usual, spec.span),
        };
        names.add(&name, self.out);
        let weight = self.lookup.weight(parts.weight, self.out);
        let by_type = self.factors(id, parts.by_type);
        let kind = self.term_kind(id, actor, spec);
        Some(PayoffTerm { name: name.value, kind: kind?, weight: weight?, by_type: by_type? })
    }

    fn term_kind(
        &mut self,
        id: ActorId,
        actor: &ActorSpec,
        spec: &Spanned<TermSpec>,
    ) -> Option<TermKind> {
        Some(match &spec.value {
            TermSpec::Income { .. } | TermSpec::Revenue { .. } => {
                if self.doc.economy.is_absent() || self.region_of(actor).is_none() {
                    let help = if self.doc.economy.is_absent() {
                        "write economy: (base: \"hybrid2023\", horizon: months(3), elasticity: 0.76)"
                    } else {
                        "give the actor a `region` of the trade base, such as region: \"USA\""
                    };
                    self.out.push(
                        Diagnostic::error("E029", "nothing tells this actor's income")
                            .at(spec.span)
                            .label("read from the trade model")
                            .help(help),
                    );
                }
                match &spec.value {
                    TermSpec::Income { .. } => TermKind::Income,
                    _ => TermKind::Revenue,
                }
            }
            TermSpec::Audience { face, .. } => {
                let face = self.number_or(face.as_ref(), Dim::Share, 1.0);
                TermKind::Audience { face: face? }
            }
            TermSpec::Unanswered { after, min_weight, .. } => {
                let after = self.lookup.number(after, Dim::Days, self.out);
                let min_weight = self.constant_or(min_weight.as_ref(), Dim::Free, 1.0);
                TermKind::Unanswered { after: after?, min_weight: min_weight? }
            }
            TermSpec::Win { of, .. } => TermKind::Win(self.members(of)?.into()),
            TermSpec::Lobby { condition, .. } => match condition {
                CondSpec::StockedOut(name) if name.value != "any" => {
                    TermKind::LobbyStock(StockId::at(self.lookup.stocks.find(name, self.out)?))
                }
                condition => {
                    let scope = Scope { actor: Some(id), ..Scope::default() };
                    TermKind::LobbyWhile(self.lookup.condition(condition, scope, self.out)?)
                }
            },
            TermSpec::Leverage { of, .. } => TermKind::Leverage(self.members(of)?.into()),
            TermSpec::Supplier { of, coalition, .. } => {
                let members = self.members(of);
                let coalition = match coalition {
                    Some(name) => {
                        Some(CoalitionId::at(self.lookup.coalitions.find(name, self.out)?))
                    }
                    None => None,
                };
                TermKind::Supplier(members?.into(), coalition)
            }
            TermSpec::Coalition { of, .. } => {
                TermKind::Coalition(CoalitionId::at(self.lookup.coalitions.find(of, self.out)?))
            }
            TermSpec::Stress { shock, .. } => {
                TermKind::Stress(ClockId::at(self.lookup.clocks.find(shock, self.out)?))
            }
        })
    }

    /// Factors by type; 1 for a type that is not named.
    fn factors(&mut self, id: ActorId, map: &ByType) -> Option<Vec<f64>> {
        let values = self.by_type(map, id, Dim::Free, 1.0)?;
        let mut factors = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::Const(x) => factors.push(x),
                Value::Input(_) => {
                    let span = map.iter().next().map_or(Span::default(), |(name, _)| name.span);
                    self.out.push(
                        Diagnostic::error("E022", "factors by type are plain numbers")
                            .at(span)
                            .label("one of them names an input")
                            .help("let the term's weight be the input"),
                    );
                    return None;
                }
            }
        }
        Some(factors)
    }

    /// An actor's answers to another, or to each member of a coalition.
    fn react(&mut self, id: ActorId, spec: &ReactSpec, out: &mut Vec<React>) {
        let lag = self.lookup.lag(&spec.after, self.out);
        let min_weight = self.constant_or(spec.min_weight.as_ref(), Dim::Free, 1.0);
        let window = match (&spec.window, lag) {
            (Some(num), _) => self.lookup.constant(num, Dim::Days, self.out),
            (None, Some(lag)) => Some(self.usual_window(lag)),
            (None, None) => None,
        };
        let mut to = Vec::new();
        if let Some(row) = self.lookup.coalitions.get(&spec.to.value) {
            let coalition = self.rows.coalitions[row];
            for (member, _) in &coalition.members {
                to.extend(self.lookup.actors.get(&member.value).map(ActorId::at));
            }
            let lead = coalition.lead.as_ref().and_then(|lead| self.lookup.actors.get(&lead.value));
            to.extend(lead.map(ActorId::at));
        } else {
            to.extend(self.lookup.actor(&spec.to, self.out));
        }
        if to == [id] {
            self.out.push(
                Diagnostic::error("E022", "an actor does not answer itself")
                    .at(spec.to.span)
                    .label("the actor's own name"),
            );
        }
        let (Some(lag), Some(min_weight), Some(window)) = (lag, min_weight, window) else { return };
        for to in to {
            // The first line that names an actor counts.
            if to != id && out.iter().all(|react| react.to != to) {
                out.push(React { to, lag, min_weight, window });
            }
        }
    }

    /// The 0.9 quantile of a lag, with inputs at their medians.
    fn usual_window(&self, lag: Lag) -> f64 {
        match lag {
            Lag::Days(value) => value.of(&self.medians),
            Lag::Law(id) => {
                let laws = &self.lookup.law_rows;
                let Some(law) = laws.get(id.index()) else { return 0.0 };
                let dist = law.recipe.dist(&self.medians, laws);
                if dist.validate().is_err() {
                    return 0.0;
                }
                dist.quantile(WINDOW_RANK).max(0.0)
            }
        }
    }

    fn reviews(&mut self, spec: &ReviewsSpec) -> Option<Reviews> {
        Some(match spec {
            ReviewsSpec::Every(period) => {
                Reviews::Every(self.lookup.number(period, Dim::Positive, self.out)?)
            }
            ReviewsSpec::Gaps(law) => Reviews::Gaps(self.lookup.lag(law, self.out)?),
            ReviewsSpec::Dates(dates) => {
                let mut ticks = Vec::with_capacity(dates.len());
                for date in dates {
                    ticks.push(self.lookup.dated(&date.value, date.span, self.out));
                }
                ticks.sort_unstable();
                Reviews::Dates(ticks)
            }
        })
    }

    fn values(&mut self, id: ActorId, spec: &ActorSpec) -> Option<Values> {
        let Some(values) = &spec.values else {
            if let Some(package) = self.dealing(id) {
                self.out.push(
                    Diagnostic::error("E037", "a party to deals must say how it values them")
                        .at(spec.id.span)
                        .label("has no `values`")
                        .related(package, "can be party to this package")
                        .help("write values: (precision: 30), in 1 over the payoff unit"),
                );
            }
            return Some(Values {
                horizon: VALUE_HORIZON,
                precision: Value::Const(1.0),
                hurdle: Value::Const(0.0),
                trust: None,
            });
        };
        self.rollouts(values);
        let horizon = self.constant_or(values.horizon.as_ref(), Dim::Positive, VALUE_HORIZON);
        let precision = self.lookup.weight(&values.precision, self.out);
        let hurdle = self.weight_or(values.hurdle.as_ref(), 0.0);
        let trust = match &values.trust {
            Some((gauge, factor)) => {
                let row = self.lookup.gauges.find(gauge, self.out);
                let factor = self.lookup.constant(factor, Dim::Free, self.out);
                Some((GaugeId::at(row?), factor?))
            }
            None => None,
        };
        Some(Values { horizon: horizon?, precision: precision?, hurdle: hurdle?, trust })
    }

    fn rollouts(&mut self, values: &ValuesSpec) {
        if let Some(k) = &values.rollouts
            && k.value > 0
        {
            self.out.push(
                Diagnostic::error("E031", "rollouts for the values of deals are not supported yet")
                    .at(k.span)
                    .label("only 0 is")
                    .help("leave it out: the announced world needs no rollouts"),
            );
        }
    }

    /// A package to which an actor can be party.
    fn dealing(&self, id: ActorId) -> Option<Span> {
        let name = self.lookup.actors.name(id.index());
        let principal = self.principals().contains(&id);
        let party = |package: &&super::super::spec::diplomacy::PackageSpec| {
            package.parties.iter().any(|party| party.value == name)
                || (package.parties.0.is_empty() && principal)
        };
        self.rows.packages.iter().find(|p| party(p)).map(|package| package.id.span)
    }

    fn plan(&mut self, id: ActorId, spec: &ActorSpec) -> Option<Plan> {
        let doc = self.doc;
        let forced = doc.forced.plans.iter().rfind(|plan| plan.actor.value == spec.id.value)?;
        let then = match &forced.then {
            Some(name) => self.lookup.rules.find(name, self.out).map(RuleId::at),
            None => None,
        };
        let mut steps = Vec::with_capacity(forced.steps.len());
        let mut last = Tick::BEFORE_ALL;
        for step in &forced.steps {
            let on = self.lookup.dated(&step.on.value, step.on.span, self.out);
            if on < last {
                self.out.push(
                    Diagnostic::error("E025", "the steps of a plan are out of order")
                        .at(step.on.span)
                        .label("earlier than the step before"),
                );
            }
            last = on;
            let mut moves = Vec::with_capacity(step.moves.len());
            for name in &step.moves {
                let Some(rows) = self.lookup.move_rows_of(name, self.out) else { continue };
                let own = rows.into_iter().find(|m| self.rows.moves[m.index()].by == id);
                if own.is_none() {
                    self.out.push(
                        Diagnostic::error(
                            "E028",
                            format!("`{}` is no move of `{}`", name.value, spec.id.value),
                        )
                        .at(name.span)
                        .label("another actor's move"),
                    );
                }
                moves.extend(own);
            }
            steps.push((on, moves));
        }
        Some(Plan { steps, known: forced.known, then })
    }

    /// Moves, one row for each actor that has it.
    pub(super) fn moves(&mut self) -> Vec<Move> {
        let rows = self.rows.moves.clone();
        rows.iter().filter_map(|row| self.action(row)).collect()
    }

    fn action(&mut self, row: &MoveRow<'_>) -> Option<Move> {
        let spec = row.spec;
        self.lookup.enter(format!("move:{}", row.name));
        if spec.effects.value.is_empty() {
            self.out.push(
                Diagnostic::error("E027", format!("move `{}` does nothing", spec.id.value))
                    .at(spec.effects.span)
                    .label("empty")
                    .help("a statement pushes a gauge or signals: do: [Signal(\"...\")]; to hold is built in"),
            );
        }
        let scope = Scope { actor: Some(row.by), ..Scope::default() };
        let effects = self.lookup.effects(&spec.effects.value, scope, self.out);
        let name = &row.name;
        let guard = self.guard(|| format!("move `{name}`"), spec.when.as_ref(), scope);
        let guard = if self.is_forbidden(row) {
            Some(Condition::Not(Box::new(Condition::Always)))
        } else {
            guard
        };
        let seen = match &spec.seen {
            SeenSpec::Public => Seen::Public,
            SeenSpec::Parties => Seen::Parties,
            SeenSpec::Delayed(num) => Seen::Delayed(self.lookup.lag(num, self.out)?),
            SeenSpec::Never => Seen::Never,
        };
        let weight = self.constant_or(spec.weight.as_ref(), Dim::Free, 0.0);
        let price = self.price(row);
        let once_per = match &spec.once_per {
            Some(num) => Some(self.lookup.number(num, Dim::Days, self.out)?),
            None => None,
        };
        let voice = self.voice(row);
        let effects = effects?;
        let mut escalates = Vec::new();
        self.escalated(&effects, &mut escalates);
        Some(Move {
            name: row.name.clone(),
            by: row.by,
            guard: guard?,
            effects,
            seen,
            weight: weight?,
            price: price?,
            once_per,
            story: spec
                .story
                .clone()
                .unwrap_or_else(|| format!("{{actor}}: {}.", spec.id.value.replace('_', " "))),
            voice,
            escalates: escalates.into(),
        })
    }

    /// Whether the branch forbids a move.
    fn is_forbidden(&self, row: &MoveRow<'_>) -> bool {
        let forced = &self.doc.forced;
        let named = |name: &Name| name.value == row.spec.id.value || name.value == row.name;
        let actor = self.lookup.actors.name(row.by.index());
        forced.forbidden.iter().any(named)
            || forced.only.iter().any(|(who, moves)| who.value == actor && !moves.iter().any(named))
    }

    fn price(&mut self, row: &MoveRow<'_>) -> Option<Vec<Value>> {
        let types = self.lookup.types.get(row.by.index()).map_or(1, Vec::len);
        match &row.spec.price {
            None => Some(vec![Value::Const(0.0); types]),
            Some(PriceSpec::All(num)) => Some(vec![self.lookup.weight(num, self.out)?; types]),
            Some(PriceSpec::ByType(map)) => {
                for (_, num) in map {
                    self.lookup.weight(num, self.out)?;
                }
                self.by_type(map, row.by, Dim::Free, 0.0)
            }
        }
    }

    fn voice(&mut self, row: &MoveRow<'_>) -> Option<String> {
        let name = row.spec.voice.as_ref()?;
        let actor = self.rows.actors[row.by.index()];
        let known = actor.voices.iter().find(|(voice, _)| voice.value == name.value);
        if known.is_none() {
            let mut error = Diagnostic::error(
                "E020",
                format!("`{}` has no voice `{}`", actor.id.value, name.value),
            )
            .at(name.span)
            .label("unknown name");
            let voices = actor.voices.iter().map(|(voice, _)| voice.value.as_str());
            if let Some(help) = crate::syntax::did_you_mean(&name.value, voices) {
                error = error.help(help);
            }
            self.out.push(error);
        }
        known.map(|(_, title)| title.clone())
    }

    /// Measures that effects put in force, raise or bring nearer.
    fn escalated(&self, effects: &[Effect], out: &mut Vec<MeasureId>) {
        let mut add = |id: MeasureId| {
            if !out.contains(&id) {
                out.push(id);
            }
        };
        for effect in effects {
            match effect {
                Effect::Announce { measure, .. } => add(*measure),
                Effect::Enact(m, _)
                | Effect::Start(m, _)
                | Effect::Repeat(m)
                | Effect::Reschedule(m, _) => add(*m),
                Effect::SetLevel(m, level) => {
                    let facts = self.lookup.facts.iter().find(|facts| facts.members == [*m]);
                    let top = facts.map_or(1, |facts| facts.levels.len());
                    if top > 1 && usize::from(*level) == top {
                        add(*m);
                    }
                }
                _ => {}
            }
        }
        for effect in effects {
            match effect {
                Effect::Chance { then, otherwise, .. } | Effect::If { then, otherwise, .. } => {
                    self.escalated(then, out);
                    self.escalated(otherwise, out);
                }
                _ => {}
            }
        }
    }

    /// Past acts still unanswered.
    pub(super) fn unanswered(&mut self, actors: &[Actor]) -> Vec<Unanswered> {
        let doc = self.doc;
        let mut all = Vec::new();
        for spec in rows(&doc.pending) {
            let who = self.lookup.actor(&spec.who, self.out);
            let facts = self.lookup.measure(&spec.to, self.out).cloned();
            let (Some(who), Some(facts)) = (who, facts) else { continue };
            let since = self.lookup.epoch.start_of(spec.since.date);
            if since >= Tick::ZERO {
                self.out.push(
                    Diagnostic::error("E025", "a pending act is an act of history")
                        .at(spec.since.span)
                        .label("after `as_of`")
                        .help("write the day on which the act was made, `as_of` or earlier"),
                );
            }
            let answers = actors.iter().find(|actor| actor.name == spec.who.value);
            let answers =
                answers.is_some_and(|actor| actor.reacts.iter().any(|r| r.to == facts.owner));
            if !answers {
                let owner = self.lookup.actors.name(facts.owner.index()).to_owned();
                self.out.push(
                    Diagnostic::error(
                        "E029",
                        format!("`{}` answers no acts of `{owner}`", spec.who.value),
                    )
                    .at(spec.who.span)
                    .label("has no lag for an answer")
                    .help(format!("add reacts: [(to: \"{owner}\", after: 2)] to the actor")),
                );
            }
            let to = facts.owner;
            for measure in facts.members {
                all.push(Unanswered { who, to, measure, since });
            }
        }
        all
    }
}

/// What all forms of a payoff term have.
struct TermParts<'a> {
    weight: &'a Num,
    by_type: &'a ByType,
    name: Option<&'a Name>,
    usual: String,
}

impl<'a> TermParts<'a> {
    fn of(spec: &'a TermSpec) -> TermParts<'a> {
        let (weight, by_type, name, usual) = match spec {
            TermSpec::Income { weight, by_type, name } => {
                (weight, by_type, name, "Income".to_owned())
            }
            TermSpec::Revenue { weight, by_type, name } => {
                (weight, by_type, name, "Revenue".to_owned())
            }
            TermSpec::Audience { once, by_type, name, .. } => {
                (once, by_type, name, "Audience".to_owned())
            }
            TermSpec::Unanswered { once, by_type, name, .. } => {
                (once, by_type, name, "Unanswered".to_owned())
            }
            TermSpec::Win { once, of, by_type, name } => {
                (once, by_type, name, format!("Win:{}", of.value))
            }
            TermSpec::Lobby { flow, by_type, name, .. } => {
                (flow, by_type, name, "Lobby".to_owned())
            }
            TermSpec::Leverage { flow, of, by_type, name } => {
                (flow, by_type, name, format!("Leverage:{}", of.value))
            }
            TermSpec::Supplier { flow, of, by_type, name, .. } => {
                (flow, by_type, name, format!("Supplier:{}", of.value))
            }
            TermSpec::Coalition { flow, of, by_type, name } => {
                (flow, by_type, name, format!("Coalition:{}", of.value))
            }
            TermSpec::Stress { once, shock, by_type, name } => {
                (once, by_type, name, format!("Stress:{}", shock.value))
            }
        };
        TermParts { weight, by_type, name: name.as_ref(), usual }
    }
}

/// A number as a reader wants it: at most six decimals.
fn shown(x: f64) -> String {
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
