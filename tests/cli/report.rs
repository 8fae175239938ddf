//! `report`: one file that shows every text as text, asks for nothing, and claims no more than it knows.

use crate::{call, err, out, run_json, scenario};
use std::fs;

/// Markup, script and a formula as names that a reader sees.
const HOSTILE: &str =
    "</title><script>alert(1)</script><img src=x onerror=alert(1)> =cmd|' /C calc'!A0";

fn report(text: &str, trials: &str) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("case.ron");
    fs::write(&file, text).unwrap();
    let run = run_json(home.path(), &file, &["--trials", trials]);
    let folder = run["run"].as_str().unwrap().to_owned();
    let output = call(home.path(), &["report", &folder]);
    assert!(output.status.success(), "{}", err(&output));
    let page = fs::read_to_string(home.path().join(out(&output).trim())).unwrap();
    (home, page)
}

fn tutorial() -> String {
    fs::read_to_string(scenario("tutorial.ron")).unwrap()
}

#[test]
fn texts_of_a_scenario_are_shown_as_text() {
    let text = tutorial();
    // Every title that a reader sees.
    let hostile: Vec<String> = text
        .split("say: \"")
        .enumerate()
        .map(|(k, part)| if k == 0 { part.to_owned() } else { format!("{HOSTILE} {part}") })
        .collect();
    let (home, page) = report(&hostile.join("say: \""), "200");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<img").count(), 0);
    let folder = fs::read_dir(home.path().join("output")).unwrap().next().unwrap().unwrap().path();
    let output = call(home.path(), &["report", folder.to_str().unwrap(), "--markdown"]);
    let words = out(&output);
    assert!(output.status.success(), "{}", err(&output));
    // Lines of code, four blanks in, are shown as they are.
    let marked = words.lines().filter(|line| !line.starts_with("    ") && line.contains("<script"));
    assert_eq!(marked.count(), 0);
}

#[test]
fn a_report_has_its_parts_in_order_and_needs_nothing() {
    let (_home, page) = report(&tutorial(), "400");
    let mut last = 0;
    for part in [
        "answer", "scope", "decision", "charts", "drivers", "failures", "stories", "inputs",
        "manifest",
    ] {
        let at =
            page.find(&format!("<section id=\"{part}\"")).unwrap_or_else(|| unreachable!("{part}"));
        assert!(at > last, "{part}");
        last = at;
    }
    let answer = &page[page.find("id=\"answer\"").unwrap()..page.find("id=\"scope\"").unwrap()];
    let sentences = answer.matches("<li>").count();
    assert!((3..=5).contains(&sentences), "{sentences}");
    for outside in ["https://", "http://", " src=", "@import", "NaN", "inf "] {
        assert!(!page.replace("http://www.w3.org", "").contains(outside), "{outside}");
    }
    assert!(page.len() < 5_000_000);
    // Each id once.
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|r| r.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn nothing_is_claimed_of_a_handful_of_trials() {
    let (_home, page) = report(&tutorial(), "4");
    let text = page.to_lowercase();
    for claim in ["is the best of", "is better than", "with 95% confidence;", "dominates</td>"] {
        assert!(!text.contains(claim), "{claim}");
    }
    for word in [" will ", "proves", "optimal", "predicts", "certainly", "significant"] {
        assert!(!text.split("id=\"stories\"").next().unwrap().contains(word), "{word}");
    }
}
