//! The pages of the repository: generated ones are fresh, examples are read by the program, what a page
//! shows of the program is what it prints, and links lead somewhere.
//!
//! `UPDATE_GOLDEN=1` writes generated pages and transcripts anew; read the difference before committing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing set-up should stop a test")]

use countermove::diagnostic::Diagnostics;
use countermove::model::written::{ClauseSpec, CondSpec, EFFECTS, EffectSpec, EventSpec};
use countermove::registry::Info;
use countermove::scenario::codes::CODES;
use countermove::scenario::spec::actor::TermSpec;
use countermove::scenario::spec::change::ChangeSpec;
use countermove::scenario::spec::observe::SeriesKindSpec;
use countermove::syntax::{LawSpec, parse};
use countermove::{chart, instruments, metrics, rules};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_default()
}

fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// The pages that people write, as opposed to the generated ones.
fn pages() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/reference"] {
        for entry in std::fs::read_dir(repository(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                found.push(if folder.is_empty() { name } else { format!("{folder}/{name}") });
            }
        }
    }
    found.sort();
    found
}

/// Fenced blocks of a page whose first line begins with a word, as (rest of that line, text).
fn blocks<'a>(page: &'a str, word: &str) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("\n```") {
        let (head, body) = rest[at + 4..].split_once('\n').unwrap();
        let end = if body.starts_with("```") { 0 } else { body.find("\n```").unwrap() + 1 };
        if let Some(about) = head.strip_prefix(word) {
            found.push((about.trim(), &body[..end]));
        }
        rest = &body[end + 3..];
    }
    found
}

/// Whether a text is a `T` of the language; the finding if it is not.
fn reads<T: for<'a> serde::Deserialize<'a> + std::fmt::Debug>(text: &str) -> Result<(), String> {
    let mut out = Diagnostics::new();
    match parse::<T>(text, &mut out) {
        Some(_) if out.is_empty() => Ok(()),
        _ => Err(out.render("example", text, false)),
    }
}

fn reads_as(kind: &str, text: &str) -> Result<(), String> {
    match kind {
        "conditions" => reads::<CondSpec>(text),
        "events" => reads::<EventSpec>(text),
        "effects" => reads::<EffectSpec>(text),
        "terms" => reads::<ClauseSpec>(text),
        "payoffs" => reads::<TermSpec>(text),
        "changes" => reads::<ChangeSpec>(text),
        "series" => reads::<SeriesKindSpec>(text),
        "laws" => reads::<LawSpec>(text),
        "instruments" => reads::<instruments::InstrumentSpec>(text),
        "rules" => reads::<rules::RuleSpec>(text),
        "metrics" => reads::<metrics::MetricSpec>(text),
        other => panic!("no kind of example is called `{other}`"),
    }
}

/// Variants of an enum, from its source.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let text = read(file);
    let body = text.split(&format!("pub enum {name} {{")).nth(1).unwrap();
    let body = body.split("\n}").next().unwrap();
    body.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}

#[test]
fn the_language_page_shows_every_form_and_each_is_read() {
    let page = read("docs/model.md");
    let mut shown: std::collections::BTreeMap<&str, BTreeSet<String>> = Default::default();
    for (kind, text) in blocks(&page, "ron") {
        for line in text.lines() {
            let example = line.split(" //").next().unwrap().trim();
            if let Err(why) = reads_as(kind, example) {
                panic!("docs/model.md, {kind}: {why}");
            }
            let word = example.chars().take_while(char::is_ascii_alphanumeric).collect();
            shown.entry(kind).or_default().insert(word);
        }
    }
    let names = |all: &[Info]| all.iter().map(|info| info.name.to_owned()).collect();
    let written = "src/model/written.rs";
    let wanted: [(&str, BTreeSet<String>); 10] = [
        ("conditions", variants(written, "CondSpec")),
        ("events", variants(written, "EventSpec")),
        ("terms", variants(written, "ClauseSpec")),
        ("payoffs", variants("src/scenario/spec/actor.rs", "TermSpec")),
        ("changes", variants("src/scenario/spec/change.rs", "ChangeSpec")),
        ("series", variants("src/scenario/spec/observe.rs", "SeriesKindSpec")),
        ("laws", variants("src/syntax/quantity.rs", "LawSpec")),
        ("instruments", names(instruments::ALL)),
        ("rules", names(rules::ALL)),
        ("metrics", names(metrics::ALL)),
    ];
    for (kind, all) in wanted {
        assert!(all.len() >= 5, "{kind}: {all:?}");
        assert_eq!(shown[kind], all, "{kind}: shown on the left, in the language on the right");
    }
}

#[test]
fn every_kind_has_a_sentence_and_an_example_that_is_read() {
    for (kind, all) in [
        ("instruments", instruments::ALL),
        ("rules", rules::ALL),
        ("metrics", metrics::ALL),
        ("effects", EFFECTS),
    ] {
        let mut names = BTreeSet::new();
        for info in all {
            assert!(info.doc.len() > 10 && !info.doc.contains('\n'), "{}: {}", info.name, info.doc);
            assert!(info.example.starts_with(info.name), "{}: {}", info.name, info.example);
            if let Err(why) = reads_as(kind, info.example) {
                panic!("{kind}: {why}");
            }
            assert!(names.insert(info.name), "{} is listed twice", info.name);
        }
    }
    assert_eq!(
        EFFECTS.iter().map(|info| info.name.to_owned()).collect::<BTreeSet<_>>(),
        variants("src/model/written.rs", "EffectSpec")
    );
    for info in chart::ALL {
        assert!(info.question.ends_with('?') && info.doc.ends_with('.'), "{}", info.name);
    }
}

/// A sentence with a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().unwrap().to_uppercase();
    let dot = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{dot}", letters.as_str())
}

/// A page about the kinds of a set.
fn page_of(title: &str, about: &str, all: &[Info]) -> String {
    let mut page = format!("# {title}\n\n{about}\n");
    for Info { name, doc, example } in all {
        write!(page, "\n## {name}\n\n{}\n\n```ron\n{example}\n```\n", sentence(doc)).unwrap();
    }
    page
}

fn generated() -> Vec<(&'static str, String)> {
    let mut charts = "# Charts\n\nEach is drawn where a scenario has what it needs: a fan wants a series, occupancy wants \
                      regimes, incidence\nwants times or probabilities of events, exceedance wants numbers. A timeline shows one trial.\n"
        .to_owned();
    for info in chart::ALL {
        write!(charts, "\n## {}\n\n{} {}\n", info.name, info.question, info.doc).unwrap();
    }
    let mut codes = "# Codes of mistakes and warnings\n\n`countermove explain CODE` prints the same. Errors begin with E and stop a \
                     run, warnings begin with W and do\nnot.\n"
        .to_owned();
    for row in CODES {
        write!(
            codes,
            "\n## {}: {}\n\n{}\n\n| | |\n| --- | --- |\n| wrong | `{}` |\n| remedy | {} |\n",
            row.code,
            row.title,
            row.about,
            row.wrong.replace('|', "\\|"),
            if row.remedy.ends_with('.') {
                row.remedy.to_owned()
            } else {
                format!("`{}`", row.remedy.replace('`', "").replace('|', "\\|"))
            },
        )
        .unwrap();
    }
    vec![
        (
            "instruments",
            page_of(
                "Instruments",
                "What measures consist of, in the `effects` of a measure. `Level` stands for the number of the level in force.",
                instruments::ALL,
            ),
        ),
        (
            "effects",
            page_of("Effects", "What moves, clocks, shocks, meetings and deals do.", EFFECTS),
        ),
        ("rules", page_of("Rules", "How actors decide, in `rules`.", rules::ALL)),
        ("metrics", page_of("Metrics", "What is read off a trial, in `metrics`.", metrics::ALL)),
        ("charts", charts),
        ("codes", codes),
    ]
}

#[test]
fn reference_pages_are_fresh() {
    let mut stale = Vec::new();
    for (name, text) in generated() {
        let path = format!("docs/reference/{name}.md");
        if updating() {
            std::fs::create_dir_all(repository("docs/reference")).unwrap();
            std::fs::write(repository(&path), text).unwrap();
        } else if read(&path) != text {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; UPDATE_GOLDEN=1 writes them anew");
}

/// What differs from run to run on one machine: the time taken.
fn without_time(text: &str) -> String {
    let steady = |line: &str| match (line.starts_with("Work:"), line.find(" events in ")) {
        (true, Some(at)) => {
            let rest = line[at..].split_once(" s").map_or("", |(_, rest)| rest);
            format!("{} events{rest}\n", &line[..at])
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(steady).collect()
}

/// Words of a command line; single quotes hold blanks together.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let mut all = Vec::new();
    for (k, part) in parts {
        if k % 2 == 1 {
            all.push(part.to_owned());
        } else {
            all.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    all
}

/// Runs the commands of a page's `console` blocks in one folder, and gives the page as it should be.
fn replayed(page: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("scenarios")).unwrap();
    for entry in std::fs::read_dir(repository("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap();
            std::fs::copy(&path, home.path().join("scenarios").join(name)).unwrap();
        }
    }
    let mut fresh = page.to_owned();
    for (_, text) in blocks(page, "console") {
        let mut now = String::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let mut words = words(line).into_iter();
            assert_eq!(words.next().as_deref(), Some("countermove"), "{line}");
            let output = Command::new(env!("CARGO_BIN_EXE_countermove"))
                .args(words)
                .current_dir(home.path())
                .env("NO_COLOR", "1")
                .output()
                .unwrap();
            let quiet = output.status.success();
            let said = if quiet { output.stdout } else { [output.stderr, output.stdout].concat() };
            write!(now, "$ {line}\n{}", String::from_utf8(said).unwrap()).unwrap();
        }
        if without_time(&now) != without_time(text) {
            fresh = fresh.replace(text, &now);
        }
    }
    fresh
}

#[test]
fn transcripts_are_what_the_program_prints() {
    let mut count = 0;
    let mut stale = Vec::new();
    for path in pages() {
        let page = read(&path);
        count += blocks(&page, "console").len();
        let fresh = replayed(&page);
        if fresh != page {
            if updating() {
                std::fs::write(repository(&path), &fresh).unwrap();
            } else {
                let now = fresh.lines().zip(page.lines()).find(|(a, b)| a != b);
                stale.push(format!("{path}: {now:?}"));
            }
        }
    }
    assert!(count >= 3, "{count} transcripts");
    assert!(stale.is_empty(), "{stale:#?}; UPDATE_GOLDEN=1 writes them anew");
}

#[test]
fn pieces_of_scenarios_stand_in_a_scenario() {
    // A block `ron in FILE` of the README shows lines of that file.
    let page = read("README.md");
    let mut count = 0;
    for (about, text) in blocks(&page, "ron") {
        let file = about.strip_prefix("in ").unwrap_or_else(|| panic!("`{about}` names no file"));
        let lines: BTreeSet<String> =
            read(file).lines().map(|line| line.trim().to_owned()).collect();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            assert!(lines.contains(line.trim()), "{file} has no line `{}`", line.trim());
            count += 1;
        }
    }
    assert!(count >= 12, "{count} lines");
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut count = 0;
    for path in pages() {
        let page = read(&path);
        let folder = Path::new(&path).parent().unwrap();
        for part in page.split("](").skip(1) {
            let target = part.split([')', ' ']).next().unwrap();
            if target.starts_with("http") || target.is_empty() {
                continue;
            }
            count += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let place = if file.is_empty() {
                repository(&path)
            } else {
                Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(file)
            };
            let text = std::fs::read_to_string(&place).unwrap_or_default();
            let anchored = |line: &str| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
                line.starts_with('#')
                    && title.chars().filter(kept).collect::<String>().replace(' ', "-") == anchor
            };
            if !place.exists() || (!anchor.is_empty() && !text.lines().any(anchored)) {
                broken.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(count >= 10, "{count} links");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_readme_names_every_verb_and_exit_code() {
    let page = read("README.md");
    let help = Command::new(env!("CARGO_BIN_EXE_countermove")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let verbs: Vec<&str> = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.split_whitespace().next().unwrap())
        .filter(|verb| *verb != "help")
        .collect();
    assert!(verbs.len() >= 7, "{verbs:?}");
    for verb in verbs {
        assert!(page.contains(&format!("| `{verb} ")), "the table of verbs lacks `{verb}`");
    }
    for code in ["| 0 |", "| 1 |", "| 2 |", "| 130 |"] {
        assert!(page.contains(code), "{code}");
    }
}

#[test]
fn the_ci_runs_the_readmes_test_command() {
    let page = read("README.md");
    let commands: Vec<&str> =
        blocks(&page, "sh").into_iter().flat_map(|(_, text)| text.lines()).collect();
    let test = commands.iter().find(|line| line.starts_with("cargo test")).unwrap();
    let test = test.split(" #").next().unwrap().trim();
    assert!(read(".ci/run").lines().any(|line| line.trim().ends_with(test)), "{test}");
}
