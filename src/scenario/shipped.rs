//! Scenarios that come with the program, for `new`.

/// A shipped scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// Name, which is also the file's stem.
    pub name: &'static str,
    /// One line for lists.
    pub about: &'static str,
    /// The file, comments included.
    pub text: &'static str,
}

/// The shipped scenarios, the one to start with first.
pub const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "tutorial",
        about: "two governments, one tariff threat with a deadline, one round of talks: read this first",
        text: include_str!("../../scenarios/tutorial.ron"),
    },
    Shipped {
        name: "october-2025",
        about: "rare-earth curbs against a 100 % tariff: the crisis of October 2025, with its branches",
        text: include_str!("../../scenarios/october-2025.ron"),
    },
    Shipped {
        name: "trade-war",
        about: "a tariff of 100 % in general equilibrium: incomes, prices, revenue, flows and output by sector",
        text: include_str!("../../scenarios/trade-war.ron"),
    },
    Shipped {
        name: "escalation-toy",
        about: "the speed benchmark: two rungs that climb, answers, talks, an absorbing end",
        text: include_str!("../../scenarios/escalation-toy.ron"),
    },
    Shipped {
        name: "markov-ladder",
        about: "a birth-death ladder between truce and decoupling, with an exact answer",
        text: include_str!("../../scenarios/markov-ladder.ron"),
    },
];

/// A shipped scenario by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.name == name)
}
