//! What titles and sentences say, held against the numbers that `compare --json` and the charts give: no
//! claim without a clear difference, no figure that is not there.

use crate::{call, err, out, run_json, scenario};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A run, with what is said of it and what is known.
struct Told {
    markdown: String,
    known: Value,
    titles: Vec<(String, String)>,
}

fn told(home: &Path, file: &Path, trials: &str, seed: &str) -> Told {
    let run = run_json(home, file, &["--trials", trials, "--seed", seed]);
    let folder = run["run"].as_str().unwrap();
    let said = |words: &[&str]| {
        let output = call(home, words);
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let markdown = said(&["report", folder, "--markdown"]);
    let known = serde_json::from_str(&said(&["compare", folder, "--json"])).unwrap();
    let charts = home.join(folder).join("charts");
    let mut titles = Vec::new();
    for entry in fs::read_dir(&charts).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "svg") {
            let svg = fs::read_to_string(&path).unwrap();
            let title = svg.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
            titles
                .push((title.to_owned(), fs::read_to_string(path.with_extension("csv")).unwrap()));
        }
    }
    Told { markdown, known, titles }
}

impl Told {
    /// The sentences of the answer.
    fn answer(&self) -> Vec<&str> {
        let part =
            self.markdown.split("## The answer").nth(1).unwrap().split("\n## ").next().unwrap();
        part.lines().filter_map(|line| line.strip_prefix("- ")).collect()
    }

    /// Measures, with branches that may be the best by each; none where it is not known.
    fn contenders(&self) -> Vec<(&Value, Option<usize>)> {
        let all = self.known["measures"].as_array().unwrap().iter();
        let count = |measure: &Value| {
            let rows = measure["branches"].as_array().unwrap();
            let may = |row: &Value| row["may_be_the_best"].as_bool();
            rows.iter()
                .map(may)
                .collect::<Option<Vec<_>>>()
                .map(|b| b.iter().filter(|x| **x).count())
        };
        all.map(|measure| (measure, count(measure))).collect()
    }
}

/// The tutorial, with ends that are worse, so that branches can be ranked.
fn ranked() -> String {
    let text = fs::read_to_string(scenario("tutorial.ron")).unwrap();
    let text = text.replace("InForce))),", "InForce)), worse: High),");
    let text =
        text.replace("Happens(Signed(\"truce\"))),", "Happens(Signed(\"truce\")), worse: Low),");
    assert_eq!(text.matches("worse:").count(), 2);
    text
}

/// Words that no simulation can stand behind, wherever it speaks for itself.
const BANNED: [&str; 11] = [
    " will ",
    "proves",
    "optimal",
    "predict",
    "certainly",
    "significant",
    "guarantee",
    "forecasts that",
    "always",
    "impossible",
    "cause",
];

fn holds(told: &Told, file: &str) {
    let answer = told.answer();
    assert!((3..=5).contains(&answer.len()), "{answer:?}");
    let contenders = told.contenders();
    for sentence in &answer {
        let lower = sentence.to_lowercase();
        for word in BANNED {
            assert!(!lower.contains(word), "{file}: {word}: {sentence}");
        }
        // One branch alone is called the best only by a measure where one alone contends.
        if sentence.contains("is the best of") {
            let measure = contenders.iter().find(|(measure, _)| {
                let title = measure["title"].as_str().unwrap().split(',').next().unwrap();
                sentence.contains(title)
            });
            assert_eq!(measure.unwrap().1, Some(1), "{file}: {sentence}");
        }
        // "…; 45% under X": X differs clearly. Without one, it is said that none does.
        if let Some((first, rest)) =
            sentence.split_once(" under ").filter(|_| sentence.contains(": "))
        {
            let title = first.split(": ").next().unwrap();
            let measure = contenders.iter().find(|(m, _)| {
                let known = m["title"].as_str().unwrap();
                known == title || known.split(',').next() == Some(title)
            });
            let Some((measure, _)) = measure else { continue };
            let rows = measure["branches"].as_array().unwrap();
            let clear = |row: &Value| row["difference"]["clear"] == true;
            let any = rows.iter().any(clear);
            let named = rest.contains(" under ");
            assert_eq!(any, named, "{file}: {sentence}");
            assert_eq!(!any, sentence.contains("no other branch differs"), "{file}: {sentence}");
        }
    }
    readings(told, file);
    titles(told, file);
}

/// Rows of tables under "less": the reading is that of the difference.
fn readings(told: &Told, file: &str) {
    let mut seen = 0;
    for (measure, contenders) in told.contenders() {
        let title = measure["title"].as_str().unwrap();
        let head = format!("### {}: differences", title.replace('_', "\\_"));
        let bare = format!("### {}: differences", title.split(',').next().unwrap());
        let part = told.markdown.split(&head).nth(1).or_else(|| told.markdown.split(&bare).nth(1));
        let Some(part) = part.map(|part| part.split("\n##").next().unwrap()) else { continue };
        let rows =
            measure["branches"].as_array().unwrap().iter().filter(|r| !r["difference"].is_null());
        let lines = part.lines().filter(|line| line.contains(" pt \\[") || line.contains(" \\["));
        let lines: Vec<&str> =
            lines.filter(|line| line.starts_with("| ") && !line.contains("95%")).collect();
        let rows: Vec<&Value> = rows.collect();
        if lines.len() < rows.len() {
            continue;
        }
        for (row, line) in rows.iter().zip(&lines) {
            let reading = line.split(" | ").nth(2).unwrap();
            let mean = row["difference"]["mean"].as_f64().unwrap();
            let wanted = match (row["difference"]["clear"] == true, measure["worse"].as_str()) {
                (false, _) => "indistinguishable",
                (true, None) => "different",
                (true, Some("high")) => {
                    if mean > 0.0 {
                        "worse"
                    } else {
                        "better"
                    }
                }
                (true, Some(_)) => {
                    if mean < 0.0 {
                        "worse"
                    } else {
                        "better"
                    }
                }
            };
            assert_eq!(reading, wanted, "{file}: {line}");
            // Dominance as the program knows it, and no more than the trials themselves show.
            let first = &row["trial_by_trial"]["first_order"];
            let sample = &row["trial_by_trial"]["in_these_trials"]["first_order"];
            if first == "dominates" || first == "dominated" {
                assert_eq!(first, sample, "{file}: {line}");
            }
            seen += 1;
        }
        // What is said of all inputs at once.
        let best_in = |row: &Value| row["over_inputs"]["best_in"].as_f64();
        let throughout = measure["branches"].as_array().unwrap().iter().filter_map(best_in);
        let throughout = throughout.filter(|share| *share >= 1.0).count();
        if part.contains("Best in expectation wherever") {
            assert!(throughout >= 1 && contenders == Some(1), "{file}: {part}");
        }
        if part.contains("luck averaged out: least largest regret") {
            assert_eq!(throughout, 0, "{file}: {part}");
        }
        let said = part.contains("Best on average: cannot be told.");
        assert_eq!(
            said,
            contenders == measure["branches"].as_array().map(Vec::len),
            "{file}: {part}"
        );
    }
    assert!(seen >= 2, "{file}: {seen}");
}

/// Every per cent and dollar of a title stands in the chart's numbers, to the digits shown.
fn titles(told: &Told, file: &str) {
    for (title, csv) in &told.titles {
        let lower = title.to_lowercase();
        for word in BANNED {
            assert!(!lower.contains(word), "{file}: {word}: {title}");
        }
        let cells: Vec<f64> = csv.split([',', '\n']).filter_map(|cell| cell.parse().ok()).collect();
        let words: Vec<&str> =
            title.split([' ', ';', ',', '\u{a0}']).filter(|w| !w.is_empty()).collect();
        for (k, word) in words.iter().enumerate() {
            let share = word.strip_suffix('%');
            let money = k > 0 && words[k - 1] == "USD";
            let Some(digits) = share.or(money.then_some(*word)) else { continue };
            let Ok(shown) = digits.replace('\u{2212}', "-").parse::<f64>() else { continue };
            let places = digits.split_once('.').map_or(0, |(_, rest)| rest.len());
            let half = 0.5001 * format!("1e-{places}").parse::<f64>().unwrap();
            let stands = |cell: &f64| {
                (cell - shown).abs() <= half
                    || (share.is_some() && (100.0 * cell - shown).abs() <= half)
            };
            // Money is an end of the axis between two points of the curve: interpolated.
            let between = |low: f64, high: f64| low <= shown + half && shown - half <= high;
            let inside = money && cells.windows(6).any(|w| between(w[0].min(w[3]), w[0].max(w[3])));
            assert!(cells.iter().any(stands) || inside, "{file}: {word} in `{title}`");
        }
    }
    assert!(told.titles.len() >= 2, "{file}");
}

#[test]
fn sentences_say_no_more_than_the_numbers() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ranked.ron");
    fs::write(&file, ranked()).unwrap();
    let (mut best, mut open) = (0, 0);
    for trials in ["4", "30", "200", "3000"] {
        for seed in ["1", "2", "3", "4", "5"] {
            let told = told(home.path(), &file, trials, seed);
            holds(&told, &format!("{trials} trials, seed {seed}"));
            let all = told.answer().join(" ");
            best += u32::from(all.contains("is the best of"));
            open += u32::from(all.contains("cannot tell which") || all.contains("is one of"));
            if trials == "4" {
                assert!(!all.contains("is the best of"), "{all}");
            }
        }
    }
    // Both are said, each where it is due.
    assert!(best >= 3 && open >= 3, "{best} {open}");
}

#[test]
fn equal_branches_are_never_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let text = ranked();
    let at = text.find("  branches: [").unwrap();
    let same = format!(
        "{}  branches: [(id: \"same\", say: \"Nothing changes\", says_same: true), (id: \"alike\", says_same: true)],\n)\n",
        &text[..at]
    );
    let file = home.path().join("same.ron");
    fs::write(&file, same).unwrap();
    for trials in ["30", "1000"] {
        let told = told(home.path(), &file, trials, "1");
        let all = told.answer().join(" ");
        assert!(all.contains("no other branch differs"), "{all}");
        assert!(!all.contains("is the best of") && all.contains("cannot tell which"), "{all}");
        for word in [" better |", " worse |", "| dominates", "may dominate", "**"] {
            assert!(!told.markdown.contains(word), "{word}");
        }
    }
}

#[test]
fn the_october_report_says_no_more_than_its_numbers() {
    let home = tempfile::tempdir().unwrap();
    for trials in ["40", "200"] {
        let told = told(home.path(), &scenario("october-2025.ron"), trials, "1");
        holds(&told, &format!("October, {trials} trials"));
    }
}
