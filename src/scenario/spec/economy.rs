//! The trade model of a scenario, as written: `(base: …)` for the closed form, `Trade(base: …)` for the
//! full general equilibrium.

use crate::syntax::{Name, Num, RawNode, Spanned, reject, schema};
use serde::{Deserialize, Deserializer};

/// The trade model that the scenario uses.
#[derive(Debug, Clone, PartialEq)]
pub struct EconomySpec {
    /// Name of a shipped base.
    pub base: Name,
    /// Horizon at which effects are reported, in days.
    pub horizon: Num,
    /// Trade elasticity of the first year, or a factor on `elasticities`.
    pub elasticity: Num,
    /// What the full model takes beside; none for the closed form.
    pub full: Option<FullSpec>,
}

/// Choices of the full model.
#[derive(Debug, Clone, PartialEq)]
pub struct FullSpec {
    /// Elasticities by sector in the long run, a shipped set; `elasticity` multiplies them.
    pub elasticities: Option<Name>,
    /// What holds trade balances in place.
    pub deficits: DeficitsWord,
    /// Elasticity of substitution of rare earths, carved out as sector `RAR`.
    pub rare_earths: Option<Num>,
    /// Sets of parameters that the elasticity's range is cut into; the whole range if left out.
    pub sets: Option<Spanned<u8>>,
}

/// What holds trade balances in place, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
pub enum DeficitsWord {
    /// Constant in units of world value added.
    #[default]
    Fixed,
    /// Constant shares of own income.
    Scaled,
    /// None: trade is balanced first, and effects are measured from there.
    Zero,
}

/// Fields of the closed form.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename = "FirstStorey")]
struct ClosedForm {
    /// Name of a shipped base.
    base: Name,
    /// Horizon at which effects are reported, in days.
    horizon: Num,
    /// Trade elasticity of the first year.
    elasticity: Num,
}

/// Fields of the full model.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename = "Trade")]
struct FullForm {
    /// Name of a shipped base.
    base: Name,
    /// Horizon at which effects are reported, in days.
    horizon: Num,
    /// Trade elasticity of the first year, or a factor on `elasticities`.
    elasticity: Num,
    /// Elasticities by sector in the long run, a shipped set; `elasticity` multiplies them.
    #[serde(default)]
    elasticities: Option<Name>,
    /// What holds trade balances in place; Fixed by default.
    #[serde(default)]
    deficits: DeficitsWord,
    /// Elasticity of substitution of rare earths, carved out as sector RAR (assumed shares).
    #[serde(default)]
    rare_earths: Option<Num>,
    /// Parameter sets that the elasticity's range is cut into; its whole range if left out.
    #[serde(default)]
    sets: Option<Spanned<u8>>,
}

impl<'de> Deserialize<'de> for EconomySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EconomySpec, D::Error> {
        let raw = RawNode::deserialize(deserializer)?;
        if !raw.text().starts_with("Trade") {
            let form: ClosedForm = raw.parse().map_err(reject)?;
            let ClosedForm { base, horizon, elasticity } = form;
            return Ok(EconomySpec { base, horizon, elasticity, full: None });
        }
        let form: FullForm = raw.parse().map_err(reject)?;
        let FullForm { base, horizon, elasticity, elasticities, deficits, rare_earths, sets } =
            form;
        let full = Some(FullSpec { elasticities, deficits, rare_earths, sets });
        Ok(EconomySpec { base, horizon, elasticity, full })
    }
}

schema::form!(EconomySpec, "Economy", |generator| {
    let forms = [
        generator.subschema_for::<ClosedForm>(),
        schema::around("Trade", &generator.subschema_for::<FullForm>()),
    ];
    schema::either("A closed form of the trade model, or the full one", forms)
});
