//! One bad scenario for each code, with the message it gives.
//!
//! `UPDATE_GOLDEN=1` writes the expected messages anew; read the difference before committing it.

use crate::{files, repository};
use countermove::scenario::check;
use countermove::scenario::codes::CODES;
use countermove::syntax::Source;

/// What is said about a file, and the codes in it.
fn said(path: &str) -> (String, Vec<&'static str>) {
    // Relative to the package, so that messages name no folder of this machine.
    let found = match Source::read(path) {
        Ok(source) => {
            let (_, found) = check(&source);
            return (
                found.render(&source.name, source.text(), false),
                found.iter().map(|one| one.code).collect(),
            );
        }
        Err(found) => found,
    };
    (found.render(path, "", false), found.iter().map(|one| one.code).collect())
}

#[test]
fn every_code_has_a_case_and_its_message() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for row in CODES.iter().filter(|row| row.code != "E003") {
        let path = format!("tests/diagnostics/{}.ron", row.code);
        assert!(repository(&path).exists(), "{} has no case", row.code);
        let (text, codes) = said(&path);
        assert!(codes.contains(&row.code), "{path} gives {codes:?}:\n{text}");
        let golden = format!("tests/diagnostics/{}.stderr", row.code);
        if update {
            std::fs::write(repository(&golden), &text).unwrap();
        } else if std::fs::read_to_string(repository(&golden)).unwrap_or_default() != text {
            wrong.push(format!("{golden} differs from:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_case_shows_its_code_alone() {
    // A case that trips over something else would go stale unseen.
    for path in files("tests/diagnostics") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (text, codes) = said(&format!("tests/diagnostics/{name}.ron"));
        assert!(codes.iter().all(|code| *code == name), "{name} gives {codes:?}:\n{text}");
    }
}

#[test]
fn a_file_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.ron");
    std::fs::write(&path, vec![b' '; (4 << 20) + 1]).unwrap();
    let found = Source::read(&path).unwrap_err();
    assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), ["E003"]);
}

#[test]
fn every_code_of_the_sources_is_explained() {
    fn walk(folder: &std::path::Path, visit: &mut dyn FnMut(&str)) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, visit);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && !path.ends_with("scenario/codes.rs")
            {
                visit(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut used = std::collections::BTreeSet::new();
    walk(&repository("src"), &mut |text| {
        for (at, _) in text.match_indices('"') {
            let Some(word) = text.get(at + 1..at + 6) else { continue };
            let digits = word.get(1..4).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
            if digits && word.ends_with('"') && (word.starts_with('E') || word.starts_with('W')) {
                used.insert(word[..4].to_owned());
            }
        }
    });
    assert!(used.len() >= 35, "{used:?}");
    for code in &used {
        assert!(CODES.iter().any(|row| row.code == *code), "{code} is not explained");
    }
    for row in CODES {
        assert!(used.contains(row.code), "{} is explained but never given", row.code);
    }
}
