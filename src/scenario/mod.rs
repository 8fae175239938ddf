//! From a scenario's text to models: read, check, make branches, compile.
//!
//! [`load`] reads a file and finds every mistake of its text and meaning, in the baseline and in every
//! branch, in one pass. [`Scenario::model`] gives the compiled model of a branch. [`check`] adds the
//! lints: what is legal but hardly meant.

mod branch;
mod check;
pub mod codes;
mod compile;
mod economy;
pub mod fuzz;
mod parse;
mod schema;
pub mod shipped;
pub mod spec;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::syntax::Source;
use crate::units::Date;
use compile::Titles;
use economy::Economies;
use spec::element::Element;
use spec::{Document, rows};

pub use check::check;
pub use parse::load;
pub use schema::schema;

/// Name of the branch that is the file as written.
pub const BASELINE: &str = "baseline";

/// More branches than this are refused.
const MOST_BRANCHES: usize = 100;

/// A scenario as written, read and free of errors.
#[derive(Debug)]
pub struct Scenario {
    name: String,
    document: Document,
    branches: Vec<String>,
    economies: Economies,
}

/// A fact of the file, printed beside the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Name of the metric made for it; it comes after the file's own.
    pub metric: String,
    /// What a reader sees.
    pub say: String,
    /// The observed range.
    pub within: (f64, f64),
    /// Where the fact comes from.
    pub source: Option<String>,
}

/// A dated act of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAct {
    /// When.
    pub date: Date,
    /// By whom.
    pub by: String,
    /// What.
    pub what: String,
    /// Where the fact comes from.
    pub source: String,
}

impl Scenario {
    /// The scenario's name: the file's stem.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a reader sees.
    #[must_use]
    pub fn title(&self) -> &str {
        self.document.title.get().map_or("", |title| &title.value)
    }

    /// Names of the branches in file order; the first is [`BASELINE`].
    #[must_use]
    pub fn branches(&self) -> &[String] {
        &self.branches
    }

    /// What a reader sees of a branch.
    #[must_use]
    pub fn branch_title(&self, branch: &str) -> &str {
        if branch == BASELINE {
            return "as written";
        }
        let spec = rows(&self.document.branches).iter().find(|row| row.id.value == branch);
        match spec {
            Some(spec) => spec.say.as_deref().unwrap_or(&spec.id.value),
            None => "",
        }
    }

    /// The facts of `expect`, in file order.
    #[must_use]
    pub fn expectations(&self) -> Vec<Expectation> {
        let specs = rows(&self.document.expect).iter().enumerate();
        specs
            .map(|(k, spec)| Expectation {
                metric: format!("{}{}", compile::EXPECTED, k + 1),
                say: spec.say.value.clone(),
                within: spec.within.value,
                source: spec.source.as_ref().map(|source| source.value.clone()),
            })
            .collect()
    }

    /// What happened up to `as_of`, in file order.
    #[must_use]
    pub fn history(&self) -> Vec<PastAct> {
        let acts = rows(&self.document.history).iter();
        acts.map(|row| {
            let (date, by, what, source) = &row.value;
            PastAct { date: date.date, by: by.clone(), what: what.clone(), source: source.clone() }
        })
        .collect()
    }

    /// The compiled model of a branch.
    ///
    /// # Errors
    /// Every mistake found under the branch's name; E028 if there is no such branch.
    pub fn model(&self, branch: &str) -> Result<Model, Diagnostics> {
        let mut out = Diagnostics::new();
        match self.compiled(branch, &mut out) {
            Some(compiled) if !out.has_errors() => {
                let mut model = compiled.model;
                self.link(&mut model, &mut out).map(|()| model).ok_or(out)
            }
            _ => {
                out.sort();
                Err(out)
            }
        }
    }

    /// Gives a compiled model the full trade model, if the file asks for it.
    fn link(&self, model: &mut Model, out: &mut Diagnostics) -> Option<()> {
        let Some(spec) = self.document.economy.get() else { return Some(()) };
        let compiled = |branch: &String| {
            self.compiled(branch, &mut Diagnostics::new()).map(|compiled| compiled.model)
        };
        let branches = || self.branches.iter().filter_map(compiled).collect();
        self.economies.link(spec, model, branches, out)
    }

    /// Compiles a branch; findings go to `out`, marked with the branch's name.
    fn compiled(&self, branch: &str, out: &mut Diagnostics) -> Option<compile::Compiled> {
        let economies = |spec: &_, out: &mut _| self.economies.get(spec, out);
        let titles =
            Titles { scenario: &self.name, branch, branch_title: self.branch_title(branch) };
        if branch == BASELINE {
            return compile::compile(&self.document, titles, &economies, out);
        }
        let Some(spec) = rows(&self.document.branches).iter().find(|row| row.id.value == branch)
        else {
            let known = self.branches.iter().map(String::as_str);
            let mut error = Diagnostic::error("E028", format!("there is no branch `{branch}`"));
            if let Some(help) = crate::syntax::did_you_mean(branch, known) {
                error = error.help(help);
            } else {
                error = error.help(format!("branches: {}", self.branches.join(", ")));
            }
            out.push(error);
            return None;
        };
        let changed = branch::apply(&self.document, spec, out);
        if out.has_errors() {
            return None;
        }
        let mut found = Diagnostics::new();
        let compiled = compile::compile(&changed, titles, &economies, &mut found);
        for mut finding in found {
            if finding.code == "E020" {
                // The baseline is sound, so the branch took away what is asked for here.
                finding.code = "E028";
                finding.help.push("the branch removed it, or never added it".to_owned());
            }
            out.push(finding.context(branch));
        }
        compiled
    }
}

/// The name of a scenario by its file: the stem.
fn stem(source: &Source) -> String {
    let path = std::path::Path::new(&source.name);
    path.file_stem().map_or_else(|| source.name.clone(), |stem| stem.to_string_lossy().into_owned())
}

/// Names of the branches of a document, the baseline first; duplicates are reported.
fn branch_names(document: &Document, out: &mut Diagnostics) -> Vec<String> {
    let mut table = crate::model::lookup::Table::new("branch");
    table.add(&crate::syntax::Spanned::synthetic(BASELINE.to_owned()), out);
    for spec in rows(&document.branches) {
        compile::named(spec.id(), &mut table, out);
    }
    if let Some(over) = rows(&document.branches).get(MOST_BRANCHES) {
        out.push(
            Diagnostic::error("E023", format!("more than {MOST_BRANCHES} branches"))
                .at(over.id().span)
                .label("with this one")
                .help("every branch is checked and run as a whole file; split the scenario"),
        );
    }
    table.iter().take(MOST_BRANCHES + 1).map(|(name, _)| name.to_owned()).collect()
}
