//! The stock of a critical input: how many days until it is low, until it is out, and what then is
//! lost.
//!
//! A level is counted in days of normal use. It obeys dS/dt = inflow - use. Inflow is one less the
//! share of use whose supply is controlled and not approved; use is 1, and 1 - thrift while the level
//! is below [`LOW_DAYS`]. Rates change only when somebody changes them or the level crosses the
//! threshold, so the level is piecewise linear and every crossing has an exact date: [`next_event`].
//!
//! If the inflow lies between 1 - thrift and 1, normal use draws the stock down to the threshold and
//! thrift would build it up again: the level stays at the threshold and just what flows in is used.
//! At level 0 with an inflow below 1 - thrift, output falls to inflow / (1 - thrift): the Leontief
//! bound, shown beside Hulten's (Bachmann et al. 2022 on the two bounds).

use crate::units::DAYS_PER_YEAR;

/// Level below which users save, in days of normal use.
pub const LOW_DAYS: f64 = 30.0;

/// One control on the supply of the input, as it reaches the user.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Control {
    /// Share of normal use that needs a licence, 0 to 1.
    pub share: f64,
    /// Share of licences approved, 0 to 1; 0 for military users.
    pub approval: f64,
}

/// What flows in a day, in days of normal use: 1 - sum of share · (1 - approval), not below 0.
#[must_use]
pub fn inflow(controls: &[Control]) -> f64 {
    let stopped: f64 = controls.iter().map(|c| c.share * (1.0 - c.approval)).sum();
    (1.0 - stopped).max(0.0)
}

/// What is used a day at a level, in days of normal use, if the stock or inflow allows it.
#[must_use]
pub fn use_rate(level: f64, thrift: f64) -> f64 {
    if level < LOW_DAYS { 1.0 - thrift } else { 1.0 }
}

/// What a level reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StockEvent {
    /// Falls to [`LOW_DAYS`]: saving starts.
    Low,
    /// Is back at [`LOW_DAYS`]: saving ends.
    Recovered,
    /// Is used up.
    Out,
}

impl StockEvent {
    /// The level at the event; set it when the event's tick, rounded to a minute, is executed.
    #[must_use]
    pub fn level(self) -> f64 {
        match self {
            StockEvent::Low | StockEvent::Recovered => LOW_DAYS,
            StockEvent::Out => 0.0,
        }
    }
}

/// A stretch of constant slope: the slope, and where it ends if it does.
struct Leg {
    slope: f64,
    end: Option<(f64, StockEvent)>,
}

/// The stretch that starts at `level`; `level` is at least 0.
fn leg(level: f64, inflow: f64, thrift: f64) -> Leg {
    let normal = inflow - 1.0;
    let saving = inflow - (1.0 - thrift);
    let reach = |gap: f64, slope: f64, event| Leg { slope, end: Some((gap / slope.abs(), event)) };
    let still = Leg { slope: 0.0, end: None };
    if level > LOW_DAYS || (level >= LOW_DAYS && normal >= 0.0) {
        if normal < 0.0 {
            reach(level - LOW_DAYS, normal, StockEvent::Low)
        } else {
            Leg { slope: normal, end: None }
        }
    } else if level >= LOW_DAYS && saving >= 0.0 {
        // Normal use draws down, saving builds up: held at the threshold.
        still
    } else if saving > 0.0 {
        reach(LOW_DAYS - level, saving, StockEvent::Recovered)
    } else if saving < 0.0 && level > 0.0 {
        reach(level, saving, StockEvent::Out)
    } else {
        still
    }
}

/// Days until the level next reaches something, and what; `None` if it never does at these rates.
///
/// Thrift is a share of normal use, 0 to 1. Numbers out of range are taken at the nearest bound.
#[must_use]
pub fn next_event(level: f64, inflow: f64, thrift: f64) -> Option<(f64, StockEvent)> {
    let (level, inflow, thrift) = bounded(level, inflow, thrift);
    leg(level, inflow, thrift).end
}

/// The level after `days` at constant inflow and thrift, through any crossings on the way.
#[must_use]
pub fn advance(level: f64, inflow: f64, thrift: f64, days: f64) -> f64 {
    advance_with(level, inflow, thrift, days).level
}

/// What happened to a stock over a span of constant rates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Span {
    /// Level at the end, in days of normal use.
    pub level: f64,
    /// Used, in days of normal use: level before + inflow · days - level after.
    pub used: f64,
    /// Days on which the stock was empty and the inflow below what saving users need.
    pub out_days: f64,
}

/// Like [`advance`], with what was used and for how long the stock was out.
#[must_use]
pub fn advance_with(level: f64, inflow: f64, thrift: f64, days: f64) -> Span {
    let (mut level, inflow, thrift) = bounded(level, inflow, thrift);
    let mut left = if days > 0.0 { days } else { 0.0 };
    let mut span = Span::default();
    // A level crosses each threshold at most once at constant rates, so three stretches suffice.
    for _ in 0..4 {
        let Leg { slope, end } = leg(level, inflow, thrift);
        match end {
            Some((days, event)) if days <= left => {
                span.used += (inflow - slope) * days;
                left -= days;
                level = event.level();
            }
            _ => {
                span.used += (inflow - slope) * left;
                if output_factor(level, inflow, thrift) < 1.0 {
                    span.out_days = left;
                }
                level = (level + slope * left).max(0.0);
                break;
            }
        }
    }
    span.level = level;
    span
}

/// Output over plan while the level is `level`: 1 as long as there is stock, at 0 what the inflow
/// allows, min(1, inflow / (1 - thrift)).
#[must_use]
pub fn output_factor(level: f64, inflow: f64, thrift: f64) -> f64 {
    let (level, inflow, thrift) = bounded(level, inflow, thrift);
    let need = 1.0 - thrift;
    if level > 0.0 || inflow >= need { 1.0 } else { inflow / need }
}

/// Output lost a day at an output factor, in the unit of `output` (a year's): the Leontief bound.
#[must_use]
pub fn leontief_loss_per_day(output: f64, factor: f64) -> f64 {
    output / DAYS_PER_YEAR * (1.0 - factor)
}

/// Output lost a day by Hulten's theorem, in the unit of `output` (a year's): the input's share of cost
/// times its shortfall. The loss of output lies between this and the Leontief bound.
#[must_use]
pub fn hulten_loss_per_day(output: f64, cost_share: f64, factor: f64) -> f64 {
    output / DAYS_PER_YEAR * cost_share * (1.0 - factor)
}

fn bounded(level: f64, inflow: f64, thrift: f64) -> (f64, f64, f64) {
    // `max` and `min` turn a number that is none into the bound.
    (level.max(0.0), inflow.max(0.0), thrift.clamp(0.0, 1.0).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{close, same};
    use proptest::prelude::*;

    #[test]
    fn a_closed_tap_gives_exact_dates() {
        // 45 days of stock, nothing comes in, users save 20 % below 30 days.
        assert_eq!(next_event(45.0, 0.0, 0.2), Some((15.0, StockEvent::Low)));
        assert_eq!(next_event(30.0, 0.0, 0.2), Some((37.5, StockEvent::Out)));
        assert!(same(advance(45.0, 0.0, 0.2, 15.0), 30.0));
        assert!(same(advance(45.0, 0.0, 0.2, 52.5), 0.0));
        assert!(close(advance_with(45.0, 0.0, 0.2, 60.0).out_days, 7.5, 1e-12));
        assert!(same(output_factor(0.0, 0.4, 0.2), 0.5));
        assert!(same(output_factor(0.1, 0.0, 0.2), 1.0));
        // USD 170 bn a year, half of it stopped.
        assert!(close(leontief_loss_per_day(170.0, 0.5), 85.0 / 365.0, 1e-15));
        assert!(close(hulten_loss_per_day(170.0, 0.01, 0.5), 0.85 / 365.0, 1e-15));
    }

    #[test]
    fn half_open_taps_hold_or_refill() {
        // Between 1 - thrift and 1 the level falls to the threshold and stays there.
        assert_eq!(next_event(40.0, 0.9, 0.2).unwrap().1, StockEvent::Low);
        assert_eq!(next_event(LOW_DAYS, 0.9, 0.2), None);
        assert!(same(advance(40.0, 0.9, 0.2, 1e4), LOW_DAYS));
        // Refill goes to stock first and ends saving at the threshold.
        let (days, event) = next_event(0.0, 1.0, 0.2).unwrap();
        assert_eq!(event, StockEvent::Recovered);
        assert!(close(days, 150.0, 1e-12));
        assert_eq!(next_event(LOW_DAYS, 1.0, 0.2), None);
    }

    #[test]
    fn controls_add_up_and_do_not_go_below_nothing() {
        let half = Control { share: 0.9, approval: 0.5 };
        assert!(close(inflow(&[half]), 0.55, 1e-15));
        assert!(same(inflow(&[half, half, half]), 0.0));
        assert!(same(inflow(&[]), 1.0));
    }

    #[test]
    fn nonsense_does_not_panic() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
            let _ = next_event(wrong, wrong, wrong);
            let _ = next_event(10.0, 0.5, wrong);
            let _ = advance(10.0, 0.5, 0.1, wrong);
            let _ = advance(wrong, wrong, wrong, wrong);
        }
    }

    proptest! {
        /// What was there and came in was used or is there.
        #[test]
        fn nothing_is_lost(
            level in 0.0f64..120.0, inflow in 0.0f64..1.5, thrift in 0.0f64..0.9, days in 0.0f64..400.0,
        ) {
            let span = advance_with(level, inflow, thrift, days);
            prop_assert!(close(level + inflow * days, span.level + span.used, 1e-11));
            prop_assert!(span.level >= 0.0 && span.used >= -1e-12);
            prop_assert!(span.used <= days * 1.0f64.max(inflow) + 1e-9);
        }

        /// Advancing to an event lands on it exactly, and in pieces as in one go.
        #[test]
        fn crossings_are_exact(
            level in 0.0f64..120.0, inflow in 0.0f64..1.5, thrift in 0.0f64..0.9,
            days in 0.0f64..400.0, part in 0.0f64..1.0,
        ) {
            if let Some((until, event)) = next_event(level, inflow, thrift) {
                prop_assert!(until >= 0.0);
                prop_assert!(same(advance(level, inflow, thrift, until), event.level()));
                let after = next_event(event.level(), inflow, thrift);
                prop_assert!(after.is_none_or(|(gap, _)| gap > 0.0), "events must not repeat");
            }
            let half = advance(level, inflow, thrift, days * part);
            let pieces = advance(half, inflow, thrift, days * (1.0 - part));
            prop_assert!(close(pieces, advance(level, inflow, thrift, days), 1e-9));
        }

        /// More inflow never means a lower level, an earlier stock-out or less output.
        #[test]
        fn monotone_in_inflow(
            level in 0.0f64..120.0, inflow in 0.0f64..1.2, more in 0.0f64..0.3,
            thrift in 0.0f64..0.9, days in 0.0f64..400.0,
        ) {
            let low = advance_with(level, inflow, thrift, days);
            let high = advance_with(level, inflow + more, thrift, days);
            prop_assert!(high.level >= low.level - 1e-9);
            prop_assert!(high.out_days <= low.out_days + 1e-9);
            prop_assert!(
                output_factor(0.0, inflow + more, thrift) >= output_factor(0.0, inflow, thrift)
            );
        }
    }
}
