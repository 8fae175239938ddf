//! What measures consist of: one file for each kind of instrument.
//!
//! An instrument translates one level in force to wedges between countries, to the supply of critical
//! inputs, or to a direct gain. It is pure and knows nothing of the other measures: rates add up
//! because wedges do. Amounts out of range, which only a distribution's tail can give, are taken at
//! the nearest bound.

pub mod export_control;
pub mod investigation;
pub mod listing;
mod number;
pub mod port_fee;
pub mod purchase;
mod scope;
pub mod subsidy;
pub mod tariff;
#[cfg(test)]
mod tests;

use crate::model::lookup::{Lookup, MeasureFacts};
use crate::registry::registry;
use crate::sim::contract::Instrument;
use std::sync::Arc;

pub use number::{LevelNumber, LevelNumberSpec};
pub(crate) use scope::named as sector_named;

registry! {
    /// An instrument as a measure's `effects` name it: `Tariff(rate: pct(24), coverage: 0.77)`.
    InstrumentSpec, InstrumentKind: "instrument";
    fn build(&self, measure: &MeasureFacts, lookup: &mut Lookup) -> Option<Arc<dyn Instrument>>;
    kinds {
        Tariff(tariff::TariffSpec),
        ExportControl(export_control::ExportControlSpec),
        Listing(listing::ListingSpec),
        PortFee(port_fee::PortFeeSpec),
        Purchase(purchase::PurchaseSpec),
        Subsidy(subsidy::SubsidySpec),
    }
    bare {
        Investigation(investigation::InvestigationSpec),
    }
    later {
        Reserve: "write the release as a larger `start` of the stock, or as a branch that sets it",
    }
}
