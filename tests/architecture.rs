//! The shape of the source, held by a test: who may import whom, how long files are, what they say.
//!
//! Tests are left out of these rules: a module named behind `#[cfg(test)]`, in place or as a file.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing set-up should stop a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Pure groundwork: numbers, dates, messages, threads.
const GROUND: &[&str] = &["units", "math", "diagnostic", "work"];
/// Pure subjects that know nothing of each other.
const PURE: &[&str] = &["syntax", "stats", "game", "economy"];
/// Nouns and verbs of the simulation; one layer in two folders.
const CORE: &[&str] = &["model", "sim"];
/// The open sets.
const SETS: &[&str] = &["instruments", "rules", "metrics"];

/// What each module may import, the lowest layer first; itself always. ARCHITECTURE.md says why.
const LAYERS: &[(&str, &[&[&str]])] = &[
    ("units", &[]),
    ("math", &[]),
    ("diagnostic", &[]),
    ("work", &[]),
    ("draws", &[&["math", "units"]]),
    // A macro for the open sets: its text names what those import.
    ("registry", &[&["diagnostic", "syntax"]]),
    ("syntax", &[GROUND]),
    ("stats", &[GROUND]),
    ("game", &[GROUND]),
    ("economy", &[GROUND]),
    ("model", &[GROUND, PURE, &["draws", "registry", "sim"]]),
    ("sim", &[GROUND, PURE, &["draws", "model"]]),
    ("instruments", &[GROUND, CORE, &["draws", "registry", "syntax", "stats", "economy"]]),
    ("rules", &[GROUND, CORE, &["draws", "registry", "syntax", "stats", "game"]]),
    ("metrics", &[GROUND, CORE, &["draws", "registry", "syntax", "stats", "economy"]]),
    ("scenario", &[GROUND, PURE, CORE, SETS, &["draws", "registry"]]),
    // Never text: neither what was written nor how it is read.
    ("study", &[GROUND, CORE, &["draws", "stats"]]),
    ("chart", &[GROUND, &["stats"]]),
    ("report", &[GROUND, CORE, &["stats", "game", "economy", "study", "chart"]]),
    ("output", &[GROUND, &["report"]]),
];

/// Modules that may import anything and that nobody imports.
const TOP: &[&str] = &["cli", "lib", "main"];

/// Files that may be longer than [`LINES`], with the reason.
const LONG: &[(&str, &str)] = &[];

/// Lines of a file at most.
const LINES: usize = 800;

/// Places outside of tests where a process may stop, with the reason; text of the line.
const MAY_STOP: &[(&str, &str, &str)] = &[];

/// Files in which an unordered map is allowed, because nothing ever iterates over it.
const UNORDERED: &[(&str, &str)] =
    &[("src/sim/memo.rs", "a memo of pure functions, looked up and never gone through")];

/// A source file.
struct File {
    /// Path from the repository, with `/`.
    path: String,
    /// Its top module.
    top: String,
    /// Depth of its module under the crate: 1 for `src/sim/mod.rs`, 2 for `src/sim/world.rs`.
    depth: usize,
    /// Its text.
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file under a folder, sorted.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<File> {
    let mut paths = Vec::new();
    walk(&root().join("src"), &mut paths);
    let file = |path: PathBuf| {
        let inside = path.strip_prefix(root().join("src")).unwrap().to_path_buf();
        let mut parts: Vec<String> =
            inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let last = parts.pop().unwrap();
        let stem = last.strip_suffix(".rs").unwrap();
        if stem != "mod" {
            parts.push(stem.to_owned());
        }
        File {
            path: format!("src/{}", inside.to_string_lossy().replace('\\', "/")),
            top: parts[0].clone(),
            depth: parts.len(),
            text: std::fs::read_to_string(&path).unwrap(),
        }
    };
    let all: Vec<File> = paths.into_iter().map(file).collect();
    assert!(all.len() > 100, "{} files", all.len());
    all
}

/// Files that are modules of tests alone: `#[cfg(test)] mod name;` in their parent, or with a path.
fn test_files(all: &[File]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in all {
        let folder = match file.path.strip_suffix("/mod.rs") {
            Some(folder) => folder,
            None => file.path.strip_suffix(".rs").unwrap(),
        };
        let beside = file.path.rsplit_once('/').unwrap().0;
        let mut lines = file.text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line != "#[cfg(test)]" {
                continue;
            }
            let mut next = lines.next().unwrap_or_default();
            let given = next.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]"));
            if given.is_some() {
                next = lines.next().unwrap_or_default();
            }
            let name = next.split("mod ").nth(1).and_then(|rest| rest.strip_suffix(';'));
            match (given, name) {
                (Some(path), _) => found.insert(format!("{beside}/{path}")),
                (None, Some(name)) => found.insert(format!("{folder}/{name}.rs")),
                (None, None) => false,
            };
        }
    }
    for path in &found {
        assert!(all.iter().any(|file| file.path == *path), "{path} is no file");
    }
    found
}

/// The lines of a file outside of tests and comments, with their numbers.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim() == "#[cfg(test)]" {
            // The item ends with a line of the same indent: `}`, or one that ends in `;`.
            for (_, line) in lines.by_ref() {
                let same = line.len() > indent.len()
                    && line.starts_with(indent)
                    && !line[indent.len()..].starts_with(' ');
                let rest = line.trim();
                if same && (rest == "}" || rest.ends_with(';') || rest.ends_with("{}")) {
                    break;
                }
            }
        } else if !line.trim_start().starts_with("//") {
            kept.push((number + 1, line));
        }
    }
    kept
}

/// Lines of a file before its tests, which come last.
fn untested(text: &str) -> usize {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap().lines().count()
}

/// The code of all files that are not tests.
fn program(all: &[File]) -> Vec<(&File, Vec<(usize, &str)>)> {
    let tests = test_files(all);
    all.iter()
        .filter(|file| !tests.contains(&file.path))
        .map(|file| (file, code(&file.text)))
        .collect()
}

/// Top modules that a piece of code names: `crate::x`, `crate::{x, y::z}`, and `super` up to the crate.
fn imports(code: &str, depth: usize) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let supers = "super::".repeat(depth);
    let mut found = BTreeSet::new();
    for start in ["crate::", supers.as_str()] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &code[at + start.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                // Names at the first level of the braces.
                let (mut level, mut first) = (1, true);
                for (at, c) in group.char_indices() {
                    if first && c.is_ascii_alphabetic() {
                        found.insert(word(&group[at..]));
                        first = false;
                    }
                    match c {
                        '{' => level += 1,
                        '}' => level -= 1,
                        ',' if level == 1 => first = true,
                        _ => {}
                    }
                    if level == 0 {
                        break;
                    }
                }
            } else {
                found.insert(word(rest));
            }
        }
    }
    found
}

#[test]
fn imports_are_read_as_rust_reads_them() {
    let names = |code: &str, depth| imports(code, depth).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names("use crate::model::{Model, path::Path};", 2), "model");
    assert_eq!(names("use crate::{chart, model::{self, ids}, sim};", 1), "chart model sim");
    assert_eq!(names("f(crate::units::Tick(0), $crate::syntax::x)", 1), "syntax units");
    assert_eq!(names("use super::world::World;", 2), "");
    assert_eq!(names("use super::scenario::load;", 1), "scenario");
    assert_eq!(names("use super::super::cli::run;", 2), "cli");
    let text = "a\n#[cfg(test)]\nmod tests {\n    b\n}\nc\n#[cfg(test)]\nuse d;\n// e\nf";
    let kept: Vec<&str> = code(text).into_iter().map(|(_, line)| line).collect();
    assert_eq!(kept, ["a", "c", "f"]);
}

#[test]
fn modules_import_only_lower_layers() {
    let all = sources();
    let tops: BTreeSet<&str> = all.iter().map(|file| file.top.as_str()).collect();
    let layers: BTreeMap<&str, &[&[&str]]> = LAYERS.iter().copied().collect();
    for top in &tops {
        assert!(layers.contains_key(top) || TOP.contains(top), "`{top}` has no layer yet");
    }
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (file, lines) in program(&all) {
        if TOP.contains(&file.top.as_str()) {
            continue;
        }
        let text: Vec<&str> = lines.iter().map(|(_, line)| *line).collect();
        for name in imports(&text.join("\n"), file.depth) {
            // Macros and constants at the crate's root are no modules.
            if name == file.top || !tops.contains(name.as_str()) {
                continue;
            }
            seen += 1;
            let may = layers[file.top.as_str()];
            if !may.iter().any(|group| group.contains(&name.as_str())) {
                wrong.push(format!("{} imports `{name}`", file.path));
            }
        }
    }
    assert!(seen > 200, "only {seen} imports were found");
    assert!(wrong.is_empty(), "not allowed by the layers:\n{}", wrong.join("\n"));
}

#[test]
fn layers_have_no_circle_but_the_one_that_is_meant() {
    // Removing modules that import nothing that is left must empty the table; `model` and `sim` are one.
    let mut left: BTreeMap<&str, BTreeSet<&str>> = LAYERS
        .iter()
        .map(|(name, may)| {
            let may = may.iter().flat_map(|group| group.iter().copied());
            (*name, may.filter(|other| !(*name == "model" && *other == "sim")).collect())
        })
        .collect();
    while !left.is_empty() {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, may)| !may.iter().any(|other| left.contains_key(other)))
            .map(|(name, _)| *name)
            .collect();
        assert!(!free.is_empty(), "a circle among {:?}", left.keys());
        left.retain(|name, _| !free.contains(name));
    }
}

#[test]
fn files_are_short_and_begin_with_what_they_are() {
    let all = sources();
    let tests = test_files(&all);
    let mut wrong = Vec::new();
    for file in &all {
        let lines = file.text.lines().count();
        if lines > LINES && !LONG.iter().any(|(path, _)| *path == file.path) {
            wrong.push(format!("{} has {lines} lines", file.path));
        }
        if !file.text.starts_with("//! ") && !tests.contains(&file.path) {
            wrong.push(format!("{} does not begin with `//!`", file.path));
        }
    }
    for (path, _) in LONG {
        let file = all.iter().find(|file| file.path == *path);
        assert!(file.is_some_and(|file| file.text.lines().count() > LINES), "{path} is not long");
    }
    let mut lengths: Vec<usize> =
        program(&all).iter().map(|(file, _)| untested(&file.text)).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    if median > 200 {
        wrong.push(format!("the median file has {median} lines without its tests"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_outside_of_tests_stops_the_process() {
    let all = sources();
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (file, lines) in program(&all) {
        for (at, (number, line)) in lines.iter().enumerate() {
            // A reader's own `expect(&Token)` is no stop: the one that stops takes a text.
            let stops = [".unwrap()", ".expect(\"", ".expect(&format!", ".unwrap_err()", "panic!("]
                .iter()
                .any(|word| line.contains(word))
                || line.trim_end().ends_with(".expect(");
            let unfinished = ["todo!(", "unimplemented!("].iter().any(|word| line.contains(word));
            // A broken invariant is our own mistake, and says in a sentence what was broken.
            let wordless = line.contains("unreachable!(")
                && !line.contains("unreachable!(\"")
                && !lines.get(at + 1).is_some_and(|(_, next)| next.trim().starts_with('"'));
            let allowed = MAY_STOP
                .iter()
                .position(|(path, text, _)| *path == file.path && line.contains(text));
            match allowed {
                Some(k) => {
                    used.insert(k);
                }
                None if stops || unfinished || wordless => {
                    wrong.push(format!("{}:{number}: {}", file.path, line.trim()));
                }
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(used.len(), MAY_STOP.len(), "an entry of MAY_STOP allows nothing any more");
}

#[test]
fn maps_have_an_order() {
    let all = sources();
    let mut wrong = Vec::new();
    for (file, lines) in program(&all) {
        for (number, line) in lines {
            if (line.contains("HashMap") || line.contains("HashSet"))
                && !UNORDERED.iter().any(|(path, _)| *path == file.path)
            {
                wrong.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
