//! What a set of trade measures costs whom: real income, revenue and prices by region.
//!
//! The module is pure: it knows regions, sectors, wedges between producer and purchaser prices, and
//! rates. It knows no actor and no measure; whoever does translates measures in force to [`Wedges`]
//! and asks an [`Economy`] for their [`Effects`].
//!
//! [`FirstStorey`] answers in closed form, in microseconds; [`Trade`] solves the full general
//! equilibrium ([`solver`]) and keeps its answers; [`Surrogate`] stands in for either over continuous
//! intensities; [`Emulator`] stands in for it over everything that a scenario can reach.
//!
//! [`stock`] holds what happens in weeks rather than years: a critical input runs out.

#![allow(clippy::needless_range_loop, reason = "indices as in the equations")]

pub mod aggregate;
pub mod base;
pub mod carve;
pub mod case;
mod chebyshev;
pub mod elasticity;
pub mod emulator;
pub mod first_storey;
pub mod policy;
pub mod reading;
pub mod shipped;
pub mod solver;
pub mod stock;
pub mod surrogate;
pub mod tables;
pub mod trade;
pub mod wedges;

pub use base::{Base, BaseError};
pub use elasticity::ElasticityBasis;
pub use emulator::{Emulator, Lever, Reach};
pub use first_storey::{FirstStorey, Memory};
pub use policy::{Deficits, Policy, Quota, Rent};
pub use reading::Reading;
pub use solver::{Critical, Equilibrium, Model, Settings, SolveError};
pub use surrogate::Surrogate;
pub use trade::Trade;
pub use wedges::{Sectors, WedgeKind, Wedges};

/// A model of trade: wedges in force to effects by region.
///
/// Effects are compared with the base at its own tariffs, once all have adjusted as far as the horizon
/// allows. The same arguments give the same bits whatever was asked before and on any thread.
pub trait Economy: Send + Sync {
    /// The regions, sectors and flows the model is calibrated to.
    fn base(&self) -> &Base;

    /// Effects of the wedges `horizon_years` after they came into force.
    ///
    /// `elasticity` is the uncertain number of the trade elasticity: what it means (a level in the
    /// first year for all sectors, or a multiplier on a set by sector) is the model's
    /// [`ElasticityBasis`].
    ///
    /// # Errors
    /// An elasticity or horizon out of range, a wedge that names no region of the base, or a model
    /// that finds no equilibrium.
    fn effects(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
    ) -> Result<Effects, EconomyError>;

    /// The same, with a memory that makes the next call cheaper and changes no bit.
    ///
    /// # Errors
    /// As [`Economy::effects`].
    fn effects_with(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
        _memory: &mut Memory,
    ) -> Result<Effects, EconomyError> {
        self.effects(wedges, horizon_years, elasticity)
    }

    /// What its answers hold beside income, revenue and prices, in the order of [`Effects::more`].
    fn more(&self) -> &[Reading] {
        &[]
    }

    /// The model as something that can be solved ahead, if it is.
    fn emulator(&self) -> Option<&Emulator> {
        None
    }
}

/// What wedges do, by region in the order of [`Base::regions`].
#[derive(Debug, Clone, PartialEq)]
pub struct Effects {
    /// Change of real income, % of the region's GDP a year.
    pub income: Vec<f64>,
    /// Change of tariff and export-tax revenue, % of the region's GDP a year.
    pub revenue: Vec<f64>,
    /// Change of consumer prices, %; the unit of account is world value added.
    pub prices: Vec<f64>,
    /// Goods trade over its baseline, `[importer][exporter]` row by row, at border prices (before
    /// tariff): 1 is no change; 1 where the baseline has no trade.
    pub trade: Vec<f64>,
    /// What else the model was asked to read off, in that order; empty for most.
    pub more: Vec<f64>,
}

impl Effects {
    /// No change at all, for `regions` regions.
    #[must_use]
    pub fn none(regions: usize) -> Effects {
        Effects {
            income: vec![0.0; regions],
            revenue: vec![0.0; regions],
            prices: vec![0.0; regions],
            trade: vec![1.0; regions * regions],
            more: Vec::new(),
        }
    }
}

/// Why an economy gives no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EconomyError {
    /// The trade elasticity is not a positive number, or out of any estimate's range.
    #[error("trade elasticity {value}: must lie between {low} and {high}")]
    Elasticity {
        /// What was given.
        value: f64,
        /// Smallest accepted level.
        low: f64,
        /// Largest accepted level.
        high: f64,
    },
    /// The horizon is negative or not a number.
    #[error("horizon of {years} years: must be a number, 0 or more")]
    Horizon {
        /// What was given.
        years: f64,
    },
    /// A wedge refers to a region or sector the base does not have.
    #[error("a wedge names {what} {index}, but the base has {count}")]
    OutOfBase {
        /// `region` or `sector`.
        what: &'static str,
        /// The index given.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A wedge that leaves no price: a tariff or subsidy of -100 % or below.
    #[error(
        "the wedge of {importer} on {exporter}, {sector}, is {percent} %: must stay above -100 %"
    )]
    Wedge {
        /// Importing region.
        importer: String,
        /// Exporting region.
        exporter: String,
        /// Sector.
        sector: String,
        /// The wedge in percent.
        percent: f64,
    },
    /// Policies could not be solved ahead.
    #[error("solving policies ahead {0}")]
    Work(String),
    /// The full model found no equilibrium.
    #[error(transparent)]
    Solve(#[from] SolveError),
}
