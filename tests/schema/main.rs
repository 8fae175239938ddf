//! The JSON Schema of scenarios: what the program reads fits it, what is misspelt does not, and it holds every
//! word of the language.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::float_cmp,
    unreachable_pub,
    reason = "a test that cannot go on stops"
)]

mod checker;

use checker::check;
use countermove::model::written::EFFECTS;
use countermove::syntax::{Source, to_json};
use countermove::{instruments, metrics, rules, scenario};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The shipped scenarios, by path and text.
fn shipped() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["scenarios", "scenarios/kernel"] {
        for entry in std::fs::read_dir(repository(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "ron") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 8, "{} files", found.len());
    found
}

fn printed(words: &[&str]) -> Value {
    let output =
        Command::new(env!("CARGO_BIN_EXE_countermove")).arg("schema").args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_verb_prints_the_schema_and_files_that_fit_it() {
    let schema = printed(&[]);
    assert_eq!(schema, scenario::schema());
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for (path, text) in shipped() {
        let file = printed(&[&path]);
        assert_eq!(file, to_json(&text).unwrap());
        check(&schema, &schema, &file).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
    let wrong = Command::new(env!("CARGO_BIN_EXE_countermove"))
        .args(["schema", "no-such-file.ron"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

/// Variants of an enum of the language, and fields of its structs, from the source.
fn words_of(file: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(repository(file)).unwrap();
    let mut words = BTreeSet::new();
    let mut inside = false;
    let mut renamed = None;
    for line in text.lines() {
        let bare = line.trim();
        if bare.starts_with("pub enum") || bare.starts_with("pub struct") {
            // Types with a reader of their own have no written form of this shape.
            let name = bare.split_whitespace().nth(2).unwrap().trim_end_matches(['{', ';', '(']);
            inside =
                bare.ends_with('{') && !text.contains(&format!("Deserialize<'de> for {name} "));
        } else if line.trim_end() == "}" {
            inside = false;
        }
        if let Some(at) = bare.find("rename = \"") {
            renamed = bare[at + 10..].split('"').next().map(str::to_owned);
            continue;
        }
        if !inside || bare.starts_with("//") || bare.starts_with('#') {
            if bare.contains("serde(skip)") {
                renamed = Some(String::new());
            }
            continue;
        }
        let field = bare.strip_prefix("pub ").unwrap_or(bare);
        let name = field.trim_start_matches("r#");
        let end =
            name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        let is_field = rest.starts_with(": ") && name.starts_with(|c: char| c.is_ascii_lowercase());
        let is_variant = name.starts_with(|c: char| c.is_ascii_uppercase())
            && (rest.starts_with(['(', ',']) || rest.starts_with(" {"));
        if is_field || is_variant {
            words.insert(renamed.take().unwrap_or_else(|| name.to_owned()));
        }
    }
    words.remove("");
    words
}

/// Every word that the schema gives a meaning: keys of `properties`, and words that stand alone.
fn known(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(rules) => {
            for (key, rule) in rules {
                match (key.as_str(), rule) {
                    ("properties", Value::Object(fields)) => found.extend(fields.keys().cloned()),
                    ("const", Value::String(word)) => drop(found.insert(word.clone())),
                    ("enum", Value::Array(words)) => {
                        found.extend(words.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => {}
                }
                known(rule, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| known(one, found)),
        _ => {}
    }
}

#[test]
fn every_word_of_the_language_is_in_it() {
    let mut found = BTreeSet::new();
    known(&scenario::schema(), &mut found);
    let mut count = 0;
    for file in [
        "src/model/written.rs",
        "src/scenario/spec/mod.rs",
        "src/scenario/spec/actor.rs",
        "src/scenario/spec/chance.rs",
        "src/scenario/spec/change.rs",
        "src/scenario/spec/diplomacy.rs",
        "src/scenario/spec/element.rs",
        "src/scenario/spec/measure.rs",
        "src/scenario/spec/observe.rs",
    ] {
        let mut words = words_of(file);
        if file.ends_with("spec/mod.rs") {
            // What a branch sets beside the text is not written.
            for word in ["Scenario", "forbidden", "only", "natures", "plans", "fires", "forced"] {
                words.remove(word);
            }
        }
        if file.ends_with("element.rs") {
            words.remove("Origin");
        }
        count += words.len();
        let lacking: Vec<_> = words.difference(&found).collect();
        assert!(lacking.is_empty(), "{file}: {lacking:?}");
    }
    assert!(count > 250, "{count} words");
    for info in EFFECTS.iter().chain(instruments::ALL).chain(rules::ALL).chain(metrics::ALL) {
        assert!(found.contains(info.name), "{}", info.name);
    }
    for unit in ["pct", "pp", "days", "weeks", "months", "years", "usd_bn", "share", "Triangular"] {
        assert!(found.contains(unit), "{unit}");
    }
}

#[test]
fn every_example_fits() {
    let schema = scenario::schema();
    for (name, all) in [
        ("EffectSpec", EFFECTS),
        ("InstrumentSpec", instruments::ALL),
        ("RuleSpec", rules::ALL),
        ("MetricSpec", metrics::ALL),
    ] {
        let part = json!({ "$ref": format!("#/$defs/{name}") });
        for info in all {
            let value = to_json(&format!("[{}]", info.example)).unwrap()[0].clone();
            check(&schema, &part, &value).unwrap_or_else(|why| panic!("{}: {why}", info.name));
            // And is said what it is.
            let said = schema.to_string();
            assert!(said.contains(info.doc.trim_end_matches('.')), "{}", info.name);
        }
    }
    // The forms of docs/model.md, each read by the program in another test.
    let page = std::fs::read_to_string(repository("docs/model.md")).unwrap();
    let mut count = 0;
    for (kind, name) in [
        ("conditions", "CondSpec"),
        ("events", "EventSpec"),
        ("terms", "ClauseSpec"),
        ("payoffs", "TermSpec"),
        ("changes", "ChangeSpec"),
        ("series", "SeriesKindSpec"),
        ("laws", "LawSpec"),
    ] {
        let part = json!({ "$ref": format!("#/$defs/{name}") });
        for block in page.split(&format!("\n```ron {kind}\n")).skip(1) {
            for line in block.split("\n```").next().unwrap().lines() {
                let example = line.split(" //").next().unwrap().trim();
                let value = to_json(&format!("[{example}]")).unwrap()[0].clone();
                check(&schema, &part, &value).unwrap_or_else(|why| panic!("{example}: {why}"));
                count += 1;
            }
        }
    }
    assert!(count > 60, "{count} lines");
}

#[test]
fn broken_files_do_not_fit() {
    let schema = scenario::schema();
    let mut refused = BTreeSet::new();
    for entry in std::fs::read_dir(repository("tests/diagnostics")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "ron") {
            continue;
        }
        let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        let value = String::from_utf8(bytes).ok().and_then(|text| to_json(&text).ok());
        let fits = value.is_some_and(|value| check(&schema, &schema, &value).is_ok());
        if !fits {
            refused.insert(code);
        }
    }
    println!("do not fit: {refused:?}");
    // What is wrong with the form; names, dates and meaning are for `check`, and warnings are no errors.
    for code in ["E001", "E002", "E010", "E011", "E012", "E013", "E014", "E015", "E018"] {
        assert!(refused.contains(code), "{code}");
    }
    assert!(refused.iter().all(|code| code.starts_with('E')), "{refused:?}");
}

/// The places of all objects and lists of a value.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(all) => {
            found.push(path.to_owned());
            for (key, inner) in all {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(inner, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(all) => {
            for (k, inner) in all.iter().enumerate() {
                places(inner, &format!("{path}/{k}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_slip_anywhere_is_found() {
    let schema = scenario::schema();
    let text = std::fs::read_to_string(repository("scenarios/october-2025.ron")).unwrap();
    let whole = to_json(&text).unwrap();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    assert!(all.len() > 800, "{}", all.len());
    for place in &all {
        let mut wrong = whole.clone();
        let at = wrong.pointer_mut(place).unwrap().as_object_mut().unwrap();
        // No field, form or entry of any map.
        at.insert("wieght".to_owned(), json!({ "wieght": [] }));
        assert!(check(&schema, &schema, &wrong).is_err(), "{place}");
    }
}

#[test]
fn whatever_the_program_reads_fits() {
    // Words of the tutorial dropped, doubled and exchanged; those of the texts that are still scenarios fit.
    let schema = scenario::schema();
    let text = std::fs::read_to_string(repository("scenarios/tutorial.ron")).unwrap();
    let text: String =
        text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
    let mut cuts = vec![0];
    cuts.extend(text.char_indices().filter(|(_, c)| "(){}[],: \n".contains(*c)).map(|(k, _)| k));
    cuts.push(text.len());
    let words: Vec<&str> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
    let (mut read, mut seed) = (0, 1_u64);
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..6000 {
        let mut changed = words.clone();
        let at = next(words.len());
        match next(3) {
            0 => drop(changed.drain(at..(at + 1 + next(4)).min(words.len()))),
            1 => changed[at] = words[next(words.len())],
            _ => changed.insert(at, words[next(words.len())]),
        }
        let source = Source::new("t.ron", changed.concat());
        if scenario::load(&source).is_ok() {
            read += 1;
            let value =
                to_json(source.text()).unwrap_or_else(|why| panic!("{why}\n{}", source.text()));
            check(&schema, &schema, &value)
                .unwrap_or_else(|why| panic!("{why}\n{}", source.text()));
        }
    }
    println!("{read} of 6000 texts are scenarios");
    assert!(read > 300, "{read}");
}
