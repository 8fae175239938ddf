//! The trade model of a scenario: the closed form, built once a base, or the full model over all that the
//! branches can reach, built once for all of them.

use super::spec::economy::{DeficitsWord, EconomySpec};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::economy::carve::Carve;
use crate::economy::{
    Critical, Deficits, Economy, ElasticityBasis, Emulator, FirstStorey, Reading, Trade, shipped,
};
use crate::model::Model;
use crate::model::observe::SeriesKind;
use crate::sim::reach;
use crate::syntax::{Name, Quantity, did_you_mean};
use std::sync::{Arc, OnceLock};

/// Parameter sets at most.
const MOST_SETS: u8 = 25;

/// Trade models of a scenario.
#[derive(Default)]
pub(super) struct Economies {
    closed: [OnceLock<Option<Arc<dyn Economy>>>; shipped::BASES.len()],
    full: OnceLock<Result<Arc<Emulator>, String>>,
}

impl std::fmt::Debug for Economies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Economies")
    }
}

impl Economies {
    /// The model that a branch is compiled with; what is wrong with it goes to `out`.
    pub(super) fn get(
        &self,
        spec: &EconomySpec,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Economy>> {
        let Some(k) = shipped::BASES.iter().position(|name| *name == spec.base.value) else {
            out.push(unknown("trade base", &spec.base, shipped::BASES));
            return None;
        };
        if spec.full.is_some() {
            // Solved as it is asked: runs are given what was solved ahead, by `link`.
            return trade(spec, out).map(|trade| Arc::new(trade) as Arc<dyn Economy>);
        }
        let built = self.closed[k].get_or_init(|| {
            let base = shipped::base(&spec.base.value)?;
            let model = FirstStorey::new(base, ElasticityBasis::FirstYear).ok()?;
            Some(Arc::new(model) as Arc<dyn Economy>)
        });
        built.clone()
    }

    /// Gives a model the full trade model over what all branches reach; none where that cannot be.
    pub(super) fn link(
        &self,
        spec: &EconomySpec,
        model: &mut Model,
        branches: impl FnOnce() -> Vec<Model>,
        out: &mut Diagnostics,
    ) -> Option<()> {
        let (Some(full), Some(link)) = (&spec.full, &mut model.economy) else { return Some(()) };
        let built = self.full.get_or_init(|| {
            let models = branches();
            let all: Vec<&Model> = models.iter().collect();
            let sets = full.sets.as_ref().map(|sets| sets.value);
            let reach = reach::of(&all, sets).ok_or("no branch has one")?;
            let trade = trade(spec, &mut Diagnostics::new()).ok_or("it cannot be built")?;
            let mut regions: Vec<usize> =
                all.iter().flat_map(|m| m.actors.iter().filter_map(|a| a.region)).collect();
            regions.sort_unstable();
            regions.dedup();
            let mut more: Vec<Reading> = Vec::new();
            for series in all.iter().flat_map(|m| &m.series) {
                if let SeriesKind::Trade(reading) = series.kind
                    && !more.contains(&reading)
                {
                    more.push(reading);
                }
            }
            let emulator = Emulator::new(trade, reach, &regions, &more);
            emulator.map(Arc::new).map_err(|error| error.to_string())
        });
        match built {
            Ok(emulator) => {
                link.economy = Arc::clone(emulator) as Arc<dyn Economy>;
                Some(())
            }
            Err(error) => {
                out.push(
                    Diagnostic::error("E023", format!("the trade model: {error}"))
                        .at(spec.elasticity.span)
                        .label("over the range of this number")
                        .help("narrow its range, or name a set of `elasticities` by sector"),
                );
                None
            }
        }
    }
}

fn unknown<const N: usize>(what: &str, name: &Name, known: [&str; N]) -> Diagnostic {
    let error = Diagnostic::error("E020", format!("there is no {what} `{}`", name.value))
        .at(name.span)
        .label("unknown name");
    match did_you_mean(&name.value, known) {
        Some(help) => error.help(help),
        None if what == "trade base" => error.help(format!("shipped bases: {}", known.join(", "))),
        None => error.help(format!("shipped sets: {}", known.join(", "))),
    }
}

/// The full model as written.
fn trade(spec: &EconomySpec, out: &mut Diagnostics) -> Option<Trade> {
    let full = spec.full.as_ref()?;
    let mut base = shipped::base(&spec.base.value)?.clone();
    if let Some(sets) = &full.sets
        && !(1..=MOST_SETS).contains(&sets.value)
    {
        out.push(
            Diagnostic::error("E023", format!("`sets` must lie between 1 and {MOST_SETS}"))
                .at(sets.span)
                .label("out of range"),
        );
        return None;
    }
    let mut set = None;
    if let Some(name) = &full.elasticities {
        set = shipped::elasticities(&name.value, base.sectors());
        if set.is_none() {
            out.push(unknown("set of elasticities", name, shipped::ELASTICITY_SETS));
            return None;
        }
    }
    let mut critical = None;
    if let Some(sigma) = &full.rare_earths {
        let value = match sigma.value {
            Quantity::Number { value, unit: None } => Some(value),
            _ => None,
        };
        let value = value.filter(|x| *x > 0.0 && *x <= 10.0);
        let (Some(value), Some(carve)) = (value, Carve::rare_earths(&base)) else {
            out.push(
                Diagnostic::error("E023", "`rare_earths` must be a number above 0, at most 10")
                    .at(sigma.span)
                    .label("elasticity of substitution"),
            );
            return None;
        };
        let sector = base.goods();
        base = carve.apply(&base).ok()?;
        if let Some(set) = &mut set {
            // Sources of the input replace each other no better than those of its parent.
            set.insert(sector, set[carve.parent].min(1.0));
        }
        critical = Some(Critical { sector, sigma: vec![value; base.sector_count()] });
    }
    let basis = set.map_or(ElasticityBasis::FirstYear, ElasticityBasis::TimesLongRun);
    let mut trade = Trade::new(&base, basis).ok()?;
    if let Some(critical) = critical {
        trade = trade.with_critical(critical);
    }
    Some(match full.deficits {
        DeficitsWord::Fixed => trade,
        DeficitsWord::Scaled => trade.with_deficits(Deficits::Scaled),
        DeficitsWord::Zero => trade.balanced(),
    })
}
