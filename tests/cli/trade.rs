//! The full trade model in a run: solved ahead, kept on disk, stated wherever results are.

use crate::{call, err, out, scenario};
use countermove::economy::{Economy, ElasticityBasis, Sectors, Trade, WedgeKind, Wedges, shipped};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn run(home: &Path, file: &Path, words: &[&str]) -> (Value, String) {
    let mut all = vec!["run", file.to_str().unwrap(), "--json", "--trials", "200"];
    all.extend(words);
    let output = call(home, &all);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    (serde_json::from_slice(&output.stdout).unwrap(), err(&output))
}

fn kept(folder: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

/// A file with another line for the economy.
fn with_economy(home: &Path, name: &str, economy: &str) -> PathBuf {
    let text = fs::read_to_string(scenario("trade-war.ron")).unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("economy:")).unwrap();
    let path = home.join(name);
    fs::write(&path, text.replace(line, economy)).unwrap();
    path
}

#[test]
fn policies_are_solved_once_and_files_are_never_trusted() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("trade-war.ron");
    let cache = home.path().join("kept");
    let keep = ["--cache", cache.to_str().unwrap()];
    let (first, said) = run(home.path(), &file, &[&keep[..], &["--threads", "1"]].concat());
    assert!(said.contains("trade policies solved"), "{said}");
    let hash = first["results_hash"].clone();
    let text = fs::read_to_string(kept(&cache)).unwrap();
    // Known from before, on other threads, without a file: the same bits.
    let again = |words: &[&str]| {
        let (found, said) = run(home.path(), &file, &[words, &["--out", "elsewhere"]].concat());
        assert_eq!(found["results_hash"], hash, "{said}");
        fs::remove_dir_all(home.path().join("elsewhere")).unwrap();
        said
    };
    assert!(!again(&keep).contains("solved"));
    assert!(again(&["--no-cache", "--threads", "2"]).contains("trade policies solved"));
    assert!(again(&["--no-cache", "--threads", "16"]).contains("trade policies solved"));
    // Cut off, changed, of another model: left out, said, and solved again.
    for damaged in [
        text[..text.len() / 2].to_owned(),
        text.replacen("bf", "3f", 40),
        text.replacen(text.lines().next().unwrap(), "0000", 1),
        "no file of this program".to_owned(),
    ] {
        fs::write(kept(&cache), &damaged).unwrap();
        let said = again(&keep);
        assert!(said.contains("damaged or not of this program"), "{said}");
        assert!(said.contains("trade policies solved"), "{said}");
        assert_eq!(fs::read_to_string(kept(&cache)).unwrap(), text);
    }
}

#[test]
fn a_run_states_its_trade_model() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("trade-war.ron");
    let words = ["run", file.to_str().unwrap(), "--trials", "200", "--no-cache", "--quiet"];
    let output = call(home.path(), &words);
    let text = out(&output);
    for part in [
        "hybrid2023",
        "year 2023",
        "trade_elasticity",
        "horizon 1.0 years",
        "deficits fixed",
        "off by",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().count() <= 15, "{text}");
    let folder = text.lines().find_map(|line| line.strip_prefix("Results: ")).unwrap();
    let folder = home.path().join(folder);
    for name in ["summary.json", "manifest.json"] {
        let json: Value =
            serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap();
        let economy = &json["economy"];
        assert_eq!(economy["model"], "general equilibrium", "{name}");
        assert!(economy["surrogate_error"].as_f64().unwrap() < 1e-3);
        assert!(economy["solved"].as_u64().unwrap() > 100);
    }
    let report = call(home.path(), &["report", folder.to_str().unwrap(), "--markdown"]);
    assert!(out(&report).contains("eneral equilibrium on hybrid2023"), "{}", err(&report));
}

#[test]
fn incomes_are_those_of_the_model_itself() {
    let home = tempfile::tempdir().unwrap();
    let economy = "  economy: Trade(base: \"hybrid2023\", horizon: months(12), elasticity: 0.9),";
    let text = fs::read_to_string(with_economy(home.path(), "one.ron", economy)).unwrap();
    let input = text.lines().find(|l| l.contains("trade_elasticity")).unwrap().to_owned();
    let source = text.lines().skip_while(|l| **l != *input).nth(1).unwrap().to_owned();
    let text = text
        .replace(&format!("{input}\n{source}\n"), "")
        .replace("coverage: \"coverage\"", "coverage: 1");
    let start = text.find("    (id: \"coverage\"").unwrap();
    let end = start + text[start..].find('\n').unwrap() + 1;
    let text = format!("{}{}", &text[..start], &text[end..]);
    let file = home.path().join("one.ron");
    fs::write(&file, text.replace("do: {\"answer\": 0.5}", "do: {\"answer\": 1}")).unwrap();
    let (found, _) = run(home.path(), &file, &["--no-cache"]);
    let mean = |id: &str| {
        let metrics = found["branches"][0]["metrics"].as_array().unwrap();
        metrics.iter().find(|m| m["id"] == id).unwrap()["mean"].as_f64().unwrap()
    };
    let base = shipped::base("hybrid2023").unwrap();
    let trade = Trade::new(base, ElasticityBasis::FirstYear).unwrap();
    let mut wedges = Wedges::new();
    wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, 1.0);
    wedges.add(1, 0, Sectors::Goods, WedgeKind::Tariff, 1.25);
    let years = 1.0;
    let exact = trade.effects(&wedges, years, 0.9).unwrap();
    for (id, region) in [("us_income_end", 0), ("cn_income_end", 1), ("mx_income_end", 6)] {
        assert!(
            (mean(id) - exact.income[region]).abs() < 2e-3,
            "{id}: {} {}",
            mean(id),
            exact.income[region]
        );
    }
    assert!((mean("us_prices_end") - exact.prices[0]).abs() < 1e-2);
    assert!(mean("us_from_cn_end") > 50.0 && mean("us_from_cn_end") < 250.0);
    // The loss is the income in dollars; over nearly a year at the full rate.
    let year = -mean("us_income_end") / 100.0 * 29_200.0;
    assert!(mean("us_lost") > 0.9 * year && mean("us_lost") < year, "{} {year}", mean("us_lost"));
}

#[test]
fn choices_of_the_full_model_change_results_and_mistakes_are_named() {
    let home = tempfile::tempdir().unwrap();
    let economy = |more: &str| {
        format!(
            "  economy: Trade(base: \"hybrid2023\", horizon: months(12), elasticity: \"trade_elasticity\"{more}),"
        )
    };
    let mut hashes = Vec::new();
    for (k, more) in [
        "",
        ", deficits: Zero",
        ", deficits: Scaled",
        ", elasticities: \"default\"",
        ", sets: 3",
        ", rare_earths: 0.2",
    ]
    .iter()
    .enumerate()
    {
        let file = with_economy(home.path(), &format!("file{k}.ron"), &economy(more));
        let (found, said) = run(home.path(), &file, &["--no-cache"]);
        assert!(!more.contains("sets") || said.contains("3 sets of parameters"), "{said}");
        hashes.push(found["results_hash"].as_str().unwrap().to_owned());
    }
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 6);
    for (more, code, part) in [
        (", elasticities: \"mine\"", "E020", "set of elasticities"),
        (", sets: 0", "E023", "between 1 and"),
        (", rare_earths: -1", "E023", "above 0"),
        (", deficits: Some", "E01", "deficits"),
        (", horizon_of: 3", "E01", "horizon_of"),
    ] {
        let file = with_economy(home.path(), "bad.ron", &economy(more));
        let output = call(home.path(), &["check", file.to_str().unwrap()]);
        let said = format!("{}{}", out(&output), err(&output));
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(code) && said.contains(part), "{more}: {said}");
    }
    let closed = "  economy: (base: \"hybrid2023\", horizon: months(12), elasticity: 0.76),";
    let output = call(
        home.path(),
        &["check", with_economy(home.path(), "closed.ron", closed).to_str().unwrap()],
    );
    let said = format!("{}{}", out(&output), err(&output));
    assert!(said.contains("E029") && said.contains("Trade(base:"), "{said}");
}
