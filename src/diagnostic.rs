//! What is wrong with a scenario, where, and how to put it right.
//!
//! A [`Diagnostic`] carries a stable code, one sentence, the place in the text and remedies. Nothing
//! stops at the first one: every phase pushes into one [`Diagnostics`], which is sorted by place and
//! shown once, as underlined source text for people or as JSON for scripts.
//!
//! Positions are byte offsets ([`Span`]); lines and columns are computed only when shown, 1-based and
//! counted in characters.

mod render;

use serde_json::{Value, json};

/// A range of bytes of the scenario text: `start` is included, `end` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte of the range.
    pub start: u32,
    /// One past the last byte of the range.
    pub end: u32,
}

impl Span {
    /// The range from byte `start` up to byte `end`; offsets beyond 4 GiB saturate.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: narrow(start), end: narrow(end.max(start)) }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn join(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Whether a scenario can still be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The scenario is refused.
    Error,
    /// The scenario runs, but the reader should know.
    Warning,
}

/// One finding about a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code: `E` and three digits for errors, `W` and three digits for warnings.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence without a full stop, in the words of the scenario's author.
    pub message: String,
    /// The place, if the finding has one.
    pub span: Option<Span>,
    /// What to write beside the underlined text; may be empty.
    pub label: String,
    /// Remedies, best first.
    pub help: Vec<String>,
    /// Other places that matter, each with what to write beside it.
    pub related: Vec<(Span, String)>,
    /// The branch in which it was found, if not in the common part.
    pub context: Option<String>,
}

impl Diagnostic {
    /// An error with its code and sentence, still without a place.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, message.into())
    }

    /// A warning with its code and sentence, still without a place.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Warning, message.into())
    }

    fn new(code: &'static str, severity: Severity, message: String) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            message,
            span: None,
            label: String::new(),
            help: Vec::new(),
            related: Vec::new(),
            context: None,
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.span = Some(span);
        self
    }

    /// Sets the words beside the underlined text.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label = text.into();
        self
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push((span, text.into()));
        self
    }

    /// Names the branch in which it was found.
    #[must_use]
    pub fn context(mut self, branch: impl Into<String>) -> Diagnostic {
        self.context = Some(branch.into());
        self
    }
}

/// A collection of findings.
///
/// It keeps the first [`Diagnostics::KEPT`] and counts the rest, so that a scenario of nothing but
/// mistakes needs bounded memory.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    dropped_errors: usize,
    dropped_warnings: usize,
}

impl Diagnostics {
    /// How many findings are kept; later ones are only counted.
    pub const KEPT: usize = 2000;

    /// An empty collection.
    #[must_use]
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < Diagnostics::KEPT {
            self.list.push(diagnostic);
        } else if diagnostic.severity == Severity::Error {
            self.dropped_errors += 1;
        } else {
            self.dropped_warnings += 1;
        }
    }

    /// Adds all findings of another collection, or of any list of them.
    pub fn extend(&mut self, others: impl Into<Diagnostics>) {
        let others: Diagnostics = others.into();
        self.dropped_errors += others.dropped_errors;
        self.dropped_warnings += others.dropped_warnings;
        for diagnostic in others.list {
            self.push(diagnostic);
        }
    }

    /// Whether anything forbids running the scenario.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.dropped_errors > 0 || self.errors().next().is_some()
    }

    /// The errors kept, in order.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().filter(|d| d.severity == Severity::Error)
    }

    /// The warnings kept, in order.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().filter(|d| d.severity == Severity::Warning)
    }

    /// All findings kept, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many findings there are, those that were only counted included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len() + self.dropped_errors + self.dropped_warnings
    }

    /// Sorts by place (findings without one come last), then by code, and drops those which repeat
    /// the code, place and sentence of another.
    pub fn sort(&mut self) {
        let key = |d: &Diagnostic| (d.span.is_none(), d.span, d.code);
        self.list.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
        self.list.dedup_by(|b, a| a.code == b.code && a.span == b.span && a.message == b.message);
    }

    /// The findings as text for a terminal: code, sentence, `name:line:column`, the underlined line,
    /// remedies. `text` is the text the spans point into. Control characters of the scenario never
    /// reach the output; long lines are cut around the place. At most 50 findings are shown.
    #[must_use]
    pub fn render(&self, name: &str, text: &str, colour: bool) -> String {
        render::render(&self.list, self.len(), name, text, colour)
    }

    /// The findings as `{"errors": [..], "warnings": [..]}`, each `{"code", "line", "column",
    /// "message", "help"}`; line and column are null without a place, help is one string or null.
    #[must_use]
    pub fn to_json(&self, text: &str) -> Value {
        let mut places = Places::new(text);
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for diagnostic in &self.list {
            let place = diagnostic.span.map(|span| places.line_column(span.start as usize));
            let help = (!diagnostic.help.is_empty()).then(|| diagnostic.help.join(" "));
            let message = match &diagnostic.context {
                Some(branch) => format!("{} (branch `{branch}`)", diagnostic.message),
                None => diagnostic.message.clone(),
            };
            let value = json!({
                "code": diagnostic.code,
                "line": place.map(|p| p.0),
                "column": place.map(|p| p.1),
                "message": message,
                "help": help,
            });
            match diagnostic.severity {
                Severity::Error => errors.push(value),
                Severity::Warning => warnings.push(value),
            }
        }
        json!({ "errors": errors, "warnings": warnings })
    }
}

impl From<Vec<Diagnostic>> for Diagnostics {
    fn from(list: Vec<Diagnostic>) -> Diagnostics {
        let mut all = Diagnostics::new();
        for diagnostic in list {
            all.push(diagnostic);
        }
        all
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        vec![diagnostic].into()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Turns byte offsets of one text into lines and columns; questions asked in ascending order cost
/// one pass over the text in all, however long its lines are.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
    /// Line index, byte offset and column (0-based) of the last answer.
    last: (usize, usize, usize),
}

impl<'a> Places<'a> {
    /// Indexes the lines of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Places<'a> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(i, _)| i + 1)).collect();
        Places { text, line_starts, last: (0, 0, 0) }
    }

    /// Line and column of a byte offset, both from 1, the column in characters. An offset past the
    /// end means the end; one inside a character means the start of that character.
    pub fn line_column(&mut self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line_of(offset);
        let (from, column) = match self.last {
            (last_line, last_offset, column) if last_line == line && last_offset <= offset => {
                (last_offset, column)
            }
            _ => (self.line_starts[line], 0),
        };
        let column = column + self.text[from..offset].chars().count();
        self.last = (line, offset, column);
        (line + 1, column + 1)
    }

    /// 0-based line of an offset within the text.
    fn line_of(&self, offset: usize) -> usize {
        // The first line starts at 0, so that at least one start is not beyond the offset.
        self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// Byte range of a 0-based line without its line break.
    fn line_range(&self, line: usize) -> (usize, usize) {
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        (start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let text = "a\r\nü€x\n";
        let mut places = Places::new(text);
        assert_eq!(places.line_column(0), (1, 1));
        assert_eq!(places.line_column(3), (2, 1));
        assert_eq!(places.line_column(5), (2, 2));
        assert_eq!(places.line_column(6), (2, 2), "inside a character");
        assert_eq!(places.line_column(8), (2, 3));
        assert_eq!(places.line_column(3), (2, 1), "going back");
        assert_eq!(places.line_column(9999), (3, 1));
        assert_eq!(Places::new("").line_column(7), (1, 1));
    }

    #[test]
    fn sorting_orders_by_place_and_drops_repeats() {
        let mut all = Diagnostics::new();
        all.push(Diagnostic::warning("W001", "nowhere"));
        all.push(Diagnostic::error("E015", "late").at(Span::new(9, 10)));
        all.push(Diagnostic::error("E015", "early").at(Span::new(1, 2)));
        all.push(Diagnostic::error("E011", "early").at(Span::new(1, 2)));
        all.push(Diagnostic::error("E015", "late").at(Span::new(9, 10)));
        all.sort();
        let seen: Vec<_> = all.iter().map(|d| (d.code, d.message.as_str())).collect();
        assert_eq!(
            seen,
            [("E011", "early"), ("E015", "early"), ("E015", "late"), ("W001", "nowhere")]
        );
        assert!(all.has_errors());
        assert_eq!(all.warnings().count(), 1);
    }

    #[test]
    fn a_flood_is_counted_and_still_an_error() {
        let mut all = Diagnostics::new();
        for _ in 0..Diagnostics::KEPT {
            all.push(Diagnostic::warning("W001", "drop"));
        }
        assert!(!all.has_errors());
        all.push(Diagnostic::error("E010", "the last straw"));
        assert!(all.has_errors());
        assert_eq!(all.len(), Diagnostics::KEPT + 1);
        let mut sum = Diagnostics::new();
        sum.extend(all);
        assert!(sum.has_errors());
        assert_eq!(sum.len(), Diagnostics::KEPT + 1);
    }

    #[test]
    fn json_has_places_and_one_help() {
        let mut all = Diagnostics::new();
        all.push(Diagnostic::error("E011", "no").at(Span::new(4, 5)).help("One.").help("Two."));
        all.push(Diagnostic::warning("W007", "hm").context("hold"));
        assert_eq!(
            all.to_json("ü\nab"),
            json!({
                "errors": [{"code": "E011", "line": 2, "column": 2, "message": "no", "help": "One. Two."}],
                "warnings": [{"code": "W007", "line": null, "column": null,
                    "message": "hm (branch `hold`)", "help": null}],
            })
        );
    }
}
