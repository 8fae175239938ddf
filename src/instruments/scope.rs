//! Which trade an instrument covers: sectors by name, and the wedges of one pair of sides.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::economy::{Sectors, WedgeKind, Wedges};
use crate::model::lookup::Lookup;
use crate::sim::contract::Standing;
use crate::syntax::{self, Name};

/// Words for the sector codes of the shipped bases.
const WORDS: [(&str, &str); 16] = [
    ("agriculture", "AGR"),
    ("mining", "MIN"),
    ("food", "FOO"),
    ("textiles", "TEX"),
    ("wood_and_paper", "WPP"),
    ("petroleum", "PET"),
    ("chemicals", "CHM"),
    ("metals", "MET"),
    ("machinery", "MCH"),
    ("electronics", "ELE"),
    ("vehicles", "TRQ"),
    ("transport_equipment", "TRQ"),
    ("other_goods", "OMF"),
    ("utilities_and_construction", "UTC"),
    ("trade_and_transport", "TRD"),
    ("services", "SRV"),
];

/// The sectors that an instrument covers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scope(Box<[Sectors]>);

impl Scope {
    /// All goods, without a name for them.
    pub(super) fn goods() -> Scope {
        Scope(Box::new([Sectors::Goods]))
    }

    /// Sectors by code or word; none written is every goods sector. Unknown ones are error E020.
    pub(super) fn build(names: &[Name], lookup: &Lookup, out: &mut Diagnostics) -> Option<Scope> {
        if names.is_empty() {
            return Some(Scope::goods());
        }
        let mut found: Vec<Sectors> = Vec::with_capacity(names.len());
        let mut whole = true;
        for name in names {
            let Some(sector) = sector(&name.value, lookup) else {
                whole = false;
                out.push(unknown(name, lookup));
                continue;
            };
            if found.contains(&sector) {
                whole = false;
                out.push(
                    Diagnostic::error("E021", format!("sector `{}` is named twice", name.value))
                        .at(name.span)
                        .label("would count twice"),
                );
            }
            found.push(sector);
        }
        whole.then(|| Scope(found.into()))
    }

    /// Whether it is every goods sector.
    pub(super) fn is_all_goods(&self) -> bool {
        *self.0 == [Sectors::Goods]
    }

    /// Adds a wedge on what the owner buys from its targets.
    pub(super) fn on_imports(
        &self,
        at: &Standing<'_>,
        kind: WedgeKind,
        amount: f64,
        out: &mut Wedges,
    ) {
        let Some(home) = at.home() else { return };
        for &sectors in &self.0 {
            at.each_target(|from| out.add(home, from, sectors, kind, amount));
        }
    }

    /// Adds a wedge on what the owner sells to its targets.
    pub(super) fn on_exports(
        &self,
        at: &Standing<'_>,
        kind: WedgeKind,
        amount: f64,
        out: &mut Wedges,
    ) {
        let Some(home) = at.home() else { return };
        for &sectors in &self.0 {
            at.each_target(|to| out.add(to, home, sectors, kind, amount));
        }
    }
}

/// The position of a sector in the trade base, by code or word; an unknown one is error E020.
pub(crate) fn named(name: &Name, lookup: &Lookup, out: &mut Diagnostics) -> Option<usize> {
    match sector(&name.value, lookup) {
        Some(Sectors::One(j)) => Some(usize::from(j)),
        _ => {
            out.push(unknown(name, lookup));
            None
        }
    }
}

fn sector(word: &str, lookup: &Lookup) -> Option<Sectors> {
    let code = |wanted: &str| lookup.sectors.iter().position(|s| s.eq_ignore_ascii_case(wanted));
    let row = code(word).or_else(|| {
        let (_, shipped) = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
        code(shipped)
    })?;
    u16::try_from(row).ok().map(Sectors::One)
}

fn unknown(name: &Name, lookup: &Lookup) -> Diagnostic {
    let error = Diagnostic::error("E020", format!("there is no sector `{}`", name.value))
        .at(name.span)
        .label("unknown sector");
    if lookup.sectors.is_empty() {
        return error.help("sectors are those of the trade base: give the scenario an `economy`");
    }
    let words = WORDS.iter().filter(|(_, code)| lookup.sectors.iter().any(|s| s == code));
    let known = lookup.sectors.iter().map(String::as_str).chain(words.map(|(word, _)| *word));
    match syntax::did_you_mean(&name.value, known) {
        Some(question) => error.help(question),
        None => error.help(format!("the base's sectors: {}", lookup.sectors.join(", "))),
    }
}
