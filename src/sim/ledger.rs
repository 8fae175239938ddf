//! Payoffs as they accrue in a trial or in a sketch, discounted.

use crate::math;
use crate::units::{DAYS_PER_YEAR, MINUTES_PER_DAY, Tick};

/// Payoffs as they accrue: flows integrated exactly, once terms added, both discounted.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// By term of all actors ([`Program::term`]): discounted years of flow, or sums of once terms.
    pub(crate) features: Vec<f64>,
    /// By term: what flows at this moment, per year and unit of weight.
    pub(crate) rates: Vec<f64>,
    /// By actor: prices and breaches, payoff units.
    pub(crate) prices: Vec<f64>,
    /// Flows are counted up to here.
    pub(crate) at: Tick,
    /// Values are discounted to this moment.
    pub(crate) origin: Tick,
    /// Yearly rate.
    pub(crate) discount: f64,
    /// Discounted years to a moment as last worked out: moment, origin, rate, years.
    known: Option<(Tick, Tick, f64, f64)>,
    /// What has changed since flows were set, beside what is marked on the engine.
    pub(crate) due: u64,
    /// Identity of the policy that trade effects at hand belong to.
    pub(crate) policy: Option<(u64, u64)>,
    /// In a sketch: discounting by whole days, at the same rate.
    pub(crate) days: std::rc::Rc<Days>,
}

/// Discounting over whole days, worked out once: dates in sketches fall on a grid of days.
#[derive(Debug, Default)]
pub(crate) struct Days {
    rate: f64,
    /// By number of days: discounted years, and the present value of one unit paid then.
    known: Vec<(f64, f64)>,
}

impl Days {
    /// Whether this table is for a rate.
    pub(crate) fn is_for(&self, rate: f64) -> bool {
        !self.known.is_empty() && math::same(self.rate, rate)
    }

    /// The table for a yearly rate, over so many days.
    pub(crate) fn new(rate: f64, days: usize) -> Days {
        let at = |day: usize| {
            let days = Tick(day as i64 * MINUTES_PER_DAY).days();
            (discounted(rate, days), present(rate, days))
        };
        Days { rate, known: (0..=days).map(at).collect() }
    }

    #[inline]
    fn of(&self, span: Tick) -> Option<(f64, f64)> {
        let day = usize::try_from(span.0 / MINUTES_PER_DAY).ok()?;
        if span.0 % MINUTES_PER_DAY == 0 { self.known.get(day).copied() } else { None }
    }
}

/// Years of a flow of one unit for so many days, discounted at a yearly rate.
fn discounted(rate: f64, days: f64) -> f64 {
    let years = days / DAYS_PER_YEAR;
    if rate > 0.0 { -math::expm1(-rate * years) / rate } else { years }
}

/// Present value of one unit paid after so many days.
fn present(rate: f64, days: f64) -> f64 {
    if rate > 0.0 { math::exp(-rate * days / DAYS_PER_YEAR) } else { 1.0 }
}

impl Clone for Ledger {
    fn clone(&self) -> Ledger {
        let mut copy = Ledger::default();
        copy.clone_from(self);
        copy
    }

    // Field by field, as for the world.
    fn clone_from(&mut self, from: &Ledger) {
        self.features.clone_from(&from.features);
        self.rates.clone_from(&from.rates);
        self.prices.clone_from(&from.prices);
        self.at = from.at;
        self.origin = from.origin;
        self.discount = from.discount;
        self.known = from.known;
        self.due = from.due;
        self.policy = from.policy;
        if !std::rc::Rc::ptr_eq(&self.days, &from.days) {
            self.days = std::rc::Rc::clone(&from.days);
        }
    }
}

impl Ledger {
    /// Discounted years from the origin to a moment.
    pub(crate) fn years(&self, at: Tick) -> f64 {
        self.years_from(self.origin, at)
    }

    /// Discounted years from one moment to another, valued at the first.
    pub(crate) fn years_from(&self, from: Tick, at: Tick) -> f64 {
        match self.days.of(at - from) {
            Some((years, _)) => years,
            None => discounted(self.discount, (at - from).days()),
        }
    }

    /// Counts flows up to a moment.
    pub(crate) fn advance(&mut self, to: Tick) {
        if to <= self.at {
            return;
        }
        let before = match self.known {
            Some((at, origin, discount, years))
                if at == self.at
                    && origin == self.origin
                    && math::same(discount, self.discount) =>
            {
                years
            }
            _ => self.years(self.at),
        };
        let after = self.years(to);
        self.known = Some((to, self.origin, self.discount, after));
        let years = after - before;
        for (feature, rate) in self.features.iter_mut().zip(&self.rates) {
            *feature += rate * years;
        }
        self.at = to;
    }

    /// Present value of one unit paid at a moment.
    pub(crate) fn present(&self, at: Tick) -> f64 {
        match self.days.of(at - self.origin) {
            Some((_, value)) => value,
            None => present(self.discount, (at - self.origin).days()),
        }
    }
}
