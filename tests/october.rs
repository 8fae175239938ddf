//! `scenarios/october-2025.ron` against its sources: everything that the two source articles name is in
//! the model, and changes some result, or is listed with a reason as context.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on stops"
)]

use countermove::draws::TrialKey;
use countermove::scenario;
use countermove::sim::program::Program;
use countermove::sim::trial::{Workspace, run_trial};
use countermove::syntax::Source;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const FILE: &str = include_str!("../scenarios/october-2025.ron");
const ROWS: &str = include_str!("october_rows.ron");
const PAGE: &str = include_str!("../docs/october-2025.md");

/// Trials in which a difference must show up, by habit and with look-ahead.
const TRIALS: u64 = 1_000;
const TRIALS_AHEAD: u64 = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    row: usize,
    what: String,
    #[serde(default)]
    ahead: bool,
    held: Held,
}

#[derive(Debug, Deserialize)]
enum Held {
    Strike(Vec<String>),
    Change(String),
    Replace(String, String),
    Context(String),
}

fn rows() -> Vec<Row> {
    ron::from_str(ROWS).unwrap()
}

// ---------------------------------------------------------------- copies of the file

/// An item of a list or map of the file.
#[derive(Clone, Copy)]
struct Item {
    start: usize,
    end: usize,
    list: usize,
}

/// A list or map of the file: what stands before it, and the item that it stands in.
struct List {
    key: String,
    inside: Option<usize>,
    open: usize,
    close: usize,
}

/// The file's brackets: every list with its items, and every quoted text with the item it stands in.
#[derive(Default)]
struct Shape {
    lists: Vec<List>,
    items: Vec<Item>,
    words: Vec<(String, Option<usize>)>,
}

/// The word before an opening bracket: `do: [` and `All([` give `do` and `All`.
fn key(before: &str) -> String {
    let head = before.trim_end().trim_end_matches([':', '(']).trim_end();
    let tail: Vec<char> =
        head.chars().rev().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    tail.into_iter().rev().collect()
}

impl Shape {
    fn read(text: &str) -> Shape {
        let mut shape = Shape::default();
        // Open brackets: the list and its item at hand, or nothing for a parenthesis.
        let mut stack: Vec<Option<(usize, Option<usize>)>> = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let c = bytes[at];
            if text[at..].starts_with("//") {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                continue;
            }
            let closes = matches!(c, b']' | b'}' | b')');
            if !c.is_ascii_whitespace() && c != b',' && !closes {
                // The first sign of an item.
                if let Some(Some((list, item @ None))) = stack.last_mut() {
                    *item = Some(shape.items.len());
                    shape.items.push(Item { start: at, end: at, list: *list });
                }
            }
            let inside = stack.iter().rev().find_map(|open| open.map(|(_, item)| item)).flatten();
            match c {
                b'"' => {
                    let length = text[at + 1..].find('"').unwrap();
                    shape.words.push((text[at + 1..at + 1 + length].to_owned(), inside));
                    at += length + 1;
                }
                b'[' | b'{' => {
                    stack.push(Some((shape.lists.len(), None)));
                    let list = List { key: key(&text[..at]), inside, open: at, close: at };
                    shape.lists.push(list);
                }
                b'(' => stack.push(None),
                b']' | b'}' | b')' => {
                    if let Some(Some((list, item))) = stack.pop() {
                        shape.lists[list].close = at;
                        if let Some(item) = item {
                            shape.items[item].end = at;
                        }
                    }
                }
                b',' => {
                    if let Some(Some((_, item))) = stack.last_mut()
                        && let Some(item) = item.take()
                    {
                        shape.items[item].end = at;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        shape
    }

    /// The item to take out for another: a list that must not be empty goes with its last item.
    fn whole(&self, mut item: usize) -> usize {
        const FULL: [&str; 8] =
            ["do", "All", "Any", "AnyOf", "decides", "terms", "members", "steps"];
        loop {
            let list = self.items[item].list;
            let alone = self.items.iter().filter(|other| other.list == list).count() == 1;
            match self.lists[list].inside {
                Some(outer) if alone && FULL.contains(&self.lists[list].key.as_str()) => {
                    item = outer;
                }
                _ => return item,
            }
        }
    }
}

/// A copy without the elements of these names and without all that refers to them: the smallest item
/// of a list around each mention goes; where that is a whole element, what refers to it goes, too.
fn strike(text: &str, names: &[String]) -> String {
    let mut text = text.to_owned();
    let mut names = names.to_vec();
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        text = strike_one(&text, &name, &mut names);
    }
    text
}

fn strike_one(text: &str, name: &str, names: &mut Vec<String>) -> String {
    let mut text = text.to_owned();
    loop {
        let shape = Shape::read(&text);
        let (whole, step) = match name.split_once('.') {
            Some((measure, step)) => (measure, Some(step)),
            None => (name, None),
        };
        let mentions =
            |word: &str| word == name || step.is_none() && word.starts_with(&format!("{name}."));
        let mention = shape.words.iter().find(|(word, inside)| {
            let own_step = || {
                // The step itself is called by its short name, inside of its measure.
                let item = inside.map(|k| shape.items[k])?;
                let list = &shape.lists[item.list];
                let outer = shape.items[list.inside?];
                let measure = format!("(id: \"{whole}\"");
                (list.key == "steps" && text[outer.start..].starts_with(&measure)).then_some(())
            };
            mentions(word) || step == Some(word) && own_step().is_some()
        });
        let Some((_, Some(item))) = mention else {
            return text;
        };
        let item = shape.items[shape.whole(*item)];
        if shape.lists[item.list].inside.is_none()
            && let Some(id) = text[item.start..item.end].strip_prefix("(id: \"")
            && let Some((id, _)) = id.split_once('"')
            && !names.iter().any(|known| known == id)
        {
            names.push(id.to_owned());
        }
        let comma = usize::from(text.as_bytes().get(item.end) == Some(&b','));
        text.replace_range(item.start..item.end + comma, "");
    }
}

/// A copy with one branch of these changes, or none.
fn with_branch(text: &str, changes: Option<&str>) -> String {
    let shape = Shape::read(text);
    let list = shape.lists.iter().find(|list| list.key == "branches").unwrap();
    let branch = changes.map(|c| format!("(id: \"row\", change: [{c}])")).unwrap_or_default();
    format!("{}{branch}{}", &text[..=list.open], &text[list.close..])
}

/// A copy in which governments decide by habit, without looking ahead.
fn by_habit(text: &str) -> String {
    text.replace("rule: \"us_ahead\"", "rule: \"us_habit\"")
        .replace("rule: \"cn_ahead\"", "rule: \"cn_habit\"")
}

// ---------------------------------------------------------------- runs

/// A compiled copy and its metrics by name.
struct Copy {
    program: Program,
}

impl Copy {
    fn new(text: &str, branch: &str) -> Result<Copy, String> {
        let source = Source::new("october-2025.ron", text);
        let render = |d: countermove::diagnostic::Diagnostics| {
            d.render("october-2025.ron", source.text(), false)
        };
        let loaded = scenario::load(&source).map_err(render)?;
        let model = loaded.model(branch).map_err(render)?;
        Ok(Copy { program: Program::new(model) })
    }

    /// Metrics of one trial by name, as bits: not-a-number equals itself.
    fn trial(&self, work: &mut Workspace, trial: u64) -> BTreeMap<&str, u64> {
        let key = TrialKey::new(1, trial);
        let mut inputs = Vec::new();
        self.program.inputs(key, &mut inputs);
        let path = run_trial(&self.program, &inputs, key, work).unwrap();
        let metrics = self.program.model.metrics.iter();
        metrics
            .map(|m| {
                let x = m.metric.measure(&self.program, path);
                (m.name.as_str(), if x.is_nan() { u64::MAX } else { x.to_bits() })
            })
            .collect()
    }
}

/// The first trial and metric in which two copies differ.
fn difference(base: &Copy, copy: &Copy, trials: u64) -> Option<(u64, String)> {
    let (mut a, mut b) = (Workspace::new(), Workspace::new());
    for trial in 0..trials {
        let (left, right) = (base.trial(&mut a, trial), copy.trial(&mut b, trial));
        let other = left.iter().find(|(name, x)| right.get(*name).is_some_and(|y| y != *x));
        if let Some((name, _)) = other {
            return Some((trial, (*name).to_owned()));
        }
    }
    None
}

/// Why a row is not modelled after all, if so.
fn fault(row: &Row, habit: &Copy, ahead: &Copy) -> Option<String> {
    let (plain, branch) = match &row.held {
        Held::Context(_) => return None,
        Held::Strike(names) => {
            for name in names {
                let id = name.rsplit('.').next().unwrap_or(name);
                assert!(FILE.contains(&format!("\"{id}\"")), "row {}: no `{name}`", row.row);
            }
            let struck = strike(FILE, names);
            (with_branch(&struck, None), "baseline")
        }
        Held::Change(changes) => (with_branch(FILE, Some(changes)), "row"),
        Held::Replace(from, to) => {
            assert!(FILE.contains(from), "row {}: `{from}` is not in the file", row.row);
            (with_branch(&FILE.replace(from, to), None), "baseline")
        }
    };
    let text = if row.ahead { plain } else { by_habit(&plain) };
    let copy = match Copy::new(&text, branch) {
        Ok(copy) => copy,
        Err(why) => return Some(why),
    };
    let (base, trials) = if row.ahead { (ahead, TRIALS_AHEAD) } else { (habit, TRIALS) };
    match difference(base, &copy, trials) {
        Some((trial, metric)) => {
            println!("row {}: {metric} differs in trial {trial}", row.row);
            None
        }
        None => Some(format!("no metric differs in {trials} trials")),
    }
}

#[test]
fn every_row_is_modelled_or_context() {
    let rows = rows();
    let numbers: Vec<usize> = rows.iter().map(|row| row.row).collect();
    assert_eq!(numbers, (1..=94).collect::<Vec<_>>(), "every row once, in order");
    let context = rows.iter().filter(|row| matches!(row.held, Held::Context(_))).count();
    assert!(context <= 35, "{context} rows are context");
    for row in &rows {
        assert!(!row.what.is_empty());
        if let Held::Context(reason) = &row.held {
            assert!(reason.split(' ').count() > 3, "row {} has no reason", row.row);
        }
    }
}

#[test]
fn the_page_lists_every_row() {
    for row in rows() {
        let kind = if matches!(row.held, Held::Context(_)) { "context" } else { "modelled" };
        let line = PAGE.lines().find(|line| line.starts_with(&format!("| {} |", row.row)));
        let line = line.unwrap_or_else(|| panic!("row {} is not on the page", row.row));
        assert!(line.contains(kind), "row {} is {kind}, but the page says: {line}", row.row);
    }
}

#[test]
fn without_a_modelled_row_results_differ() {
    let rows = rows();
    let plain = with_branch(FILE, None);
    assert_ne!(by_habit(&plain), plain);
    let habit = Copy::new(&by_habit(&plain), "baseline").unwrap();
    let ahead = Copy::new(&plain, "baseline").unwrap();
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(why) = fault(row, &habit, &ahead) {
                        faults
                            .lock()
                            .unwrap()
                            .push(format!("row {} ({}): {why}", row.row, row.what));
                    }
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The comparison finds nothing where there is nothing to find.
#[test]
fn without_what_has_no_effect_results_are_the_same() {
    let plain = with_branch(FILE, None);
    let habit = Copy::new(&by_habit(&plain), "baseline").unwrap();
    let told = "story: \"Share prices fall.\"";
    assert!(FILE.contains(told));
    let untold = Copy::new(&by_habit(&plain.replace(told, "story: \"\"")), "baseline").unwrap();
    assert_eq!(difference(&habit, &untold, 20), None);
    let same = "SetInput(\"stock_chips\", Triangular(45, 90, 150))";
    let branch =
        with_branch(FILE, Some(same)).replace("(id: \"row\"", "(id: \"row\", says_same: true");
    let same = Copy::new(&by_habit(&branch), "row").unwrap();
    assert_eq!(difference(&habit, &same, 20), None);
}

#[test]
fn the_file_has_no_error_and_no_warning() {
    let source = Source::new("october-2025.ron", FILE);
    let (scenario, found) = scenario::check(&source);
    assert!(found.is_empty(), "{}", found.render("october-2025.ron", FILE, false));
    let scenario = scenario.unwrap();
    for name in ["follow_through", "drop_threat", "suspend_curbs", "allies_join", "base_rates"] {
        assert!(scenario.branches().iter().any(|branch| branch == name), "{name}");
    }
}

#[test]
fn striking_takes_out_the_smallest_item() {
    let text = r#"S(a: [(id: "x"), (id: "y", when: All([Is("x", P), B]), do: [C("x"), D])], m: {"x": 1, "z": 2}, n: [(id: "w", do: [C("x")])], o: ["w", "v"])"#;
    let struck = strike(text, &["x".to_owned()]);
    assert_eq!(
        struck,
        r#"S(a: [ (id: "y", when: All([ B]), do: [ D])], m: { "z": 2}, n: [], o: [ "v"])"#
    );
}
