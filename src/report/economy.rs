//! What a run states of its trade model: base, elasticities, horizon, closure, and how exact it is.

use super::number;
use crate::economy::emulator::Elasticities;
use crate::economy::{Economy, ElasticityBasis, Emulator, shipped};
use crate::model::Model;
use crate::model::value::Value;
use serde::{Deserialize, Serialize};

/// The trade model of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EconomyFacts {
    /// `general equilibrium` or `closed form`.
    pub model: String,
    /// Name of the base.
    pub base: String,
    /// Its year and size.
    pub about: String,
    /// What the trade elasticity is.
    pub elasticities: String,
    /// Years since the measures came into force at which effects are reported.
    pub horizon_years: f64,
    /// What holds trade balances in place.
    pub deficits: String,
    /// Whether answers are exact or interpolated; what the closed form leaves out.
    pub effects: String,
    /// Largest error of interpolation met at points of measurement, in percentage points of GDP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surrogate_error: Option<f64>,
    /// Policies solved, each at one elasticity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved: Option<usize>,
    /// The same as a sentence.
    pub say: String,
}

impl EconomyFacts {
    /// What a model's run states; none without a trade model.
    #[must_use]
    pub fn of(model: &Model) -> Option<EconomyFacts> {
        let link = model.economy.as_ref()?;
        let base = link.economy.base().name();
        let shipped = shipped::BASES.iter().find(|name| base.starts_with(**name));
        let number = match link.elasticity {
            Value::Const(x) => number::significant(x, 3),
            Value::Input(id) => {
                let input = &model.inputs[id.index()];
                let (low, high) = input.dist.support();
                let ends = (number::significant(low, 3), number::significant(high, 3));
                format!("`{}` ({} to {})", input.name, ends.0, ends.1)
            }
        };
        let mut facts = EconomyFacts {
            model: "closed form".to_owned(),
            base: base.to_owned(),
            about: shipped.map_or("", |name| shipped::about(name)).to_owned(),
            elasticities: format!("{number} in the first year, all sectors"),
            horizon_years: link.horizon.of(&[]),
            deficits: "as in the base, each region selling just its value added".to_owned(),
            effects: "without input-output links".to_owned(),
            surrogate_error: None,
            solved: None,
            say: String::new(),
        };
        if let Some(emulator) = link.economy.emulator() {
            facts.full(emulator, &number);
        }
        facts.say = format!(
            "{} on {} ({}), elasticity {}, horizon {} years, deficits {}; {}",
            facts.model,
            facts.base,
            facts.about,
            facts.elasticities,
            number::significant(facts.horizon_years, 2),
            facts.deficits,
            facts.effects
        );
        Some(facts)
    }

    fn full(&mut self, emulator: &Emulator, number: &str) {
        let trade = emulator.trade();
        "general equilibrium".clone_into(&mut self.model);
        trade.closure().clone_into(&mut self.deficits);
        let times = |set: &[f64]| {
            let sectors = trade.base().sectors();
            let named = shipped::ELASTICITY_SETS.iter().find(|name| {
                // A sector that was carved out stands in no set.
                sectors.iter().zip(set).all(|(sector, theta)| {
                    shipped::elasticities(name, std::slice::from_ref(sector))
                        .is_none_or(|own| own.iter().all(|x| crate::math::same(*x, *theta)))
                })
            });
            format!("{number} times set `{}`", named.unwrap_or(&"own"))
        };
        self.elasticities = match trade.basis() {
            ElasticityBasis::FirstYear => format!("{number} in the first year, all sectors"),
            ElasticityBasis::AtHorizon => format!("{number} at the horizon, all sectors"),
            ElasticityBasis::TimesLongRun(set) => format!("{} in the long run", times(set)),
            ElasticityBasis::TimesAtHorizon(set) => format!("{} at the horizon", times(set)),
        };
        if let Elasticities::Sets(sets) = &emulator.reach().elasticities {
            self.elasticities.push_str(&format!(", taken for the nearest of {}", sets.len()));
        }
        self.solved = Some(emulator.solved());
        let error = emulator.error();
        self.surrogate_error = error.map(|e| e.largest);
        self.effects = match error {
            _ if emulator.is_exact() => "every policy solved exactly".to_owned(),
            None => "interpolated between solved policies".to_owned(),
            Some(error) => format!(
                "interpolated between solved policies, off by {} points of income at most and {} on \
                 average at {} points of measurement, where incomes differ by {}",
                number::significant(error.largest, 2),
                number::significant(error.mean, 2),
                error.points,
                number::significant(error.range, 2)
            ),
        };
    }
}
