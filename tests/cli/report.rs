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

#[test]
fn spreadsheets_take_no_text_for_a_formula() {
    let text = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/hostile.ron"),
    );
    let (home, page) = report(&text.unwrap(), "200");
    // Every text of the file that looks like markup is shown, and none of it is markup.
    for number in [1, 2, 4, 5, 6, 7, 8, 11, 12] {
        let script = format!("alert({number})");
        assert!(page.contains(&script), "{script}");
    }
    for markup in ["<script>alert", "<img", "<svg onload", "<b>calm", "onload=\"alert", "<u>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    let folder = fs::read_dir(home.path().join("output")).unwrap().next().unwrap().unwrap().path();
    let files = [folder.clone(), folder.join("charts")].into_iter().flat_map(|place| {
        fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    });
    let (mut seen, mut quoted, mut negative) = (0, 0, 0);
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "csv")) {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&file).unwrap();
        for cell in reader
            .records()
            .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        {
            seen += 1;
            quoted += usize::from(cell.starts_with('\''));
            let number = cell.parse::<f64>().is_ok();
            negative += usize::from(number && cell.starts_with('-'));
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']);
            assert!(!formula || number, "{}: {cell}", file.display());
        }
    }
    assert!(seen > 2000 && quoted > 100 && negative > 100, "{seen} {quoted} {negative}");
}

#[test]
fn what_cannot_be_printed_is_said() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("tutorial.ron"), &["--trials", "60"]);
    let folder = run["run"].as_str().unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    let call = |chromium: Option<&str>, words: &[&str]| {
        let mut program = crate::program(home.path());
        program
            .args(["report", folder])
            .args(words)
            .env("PATH", nowhere.path())
            .env_remove("CHROMIUM");
        program.envs(chromium.map(|named| ("CHROMIUM", named))).output().unwrap()
    };
    let none = call(None, &["--pdf"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(err(&none).contains("no Chromium was found"), "{}", err(&none));
    let wrong = call(Some("/no/such/chromium"), &["--pdf"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(err(&wrong).contains("CHROMIUM names /no/such/chromium"), "{}", err(&wrong));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // One that fails, and one that writes what is no PDF: either way nothing is left.
        let fake = nowhere.path().join("fake");
        for (script, said) in [
            ("#!/bin/sh\necho 'no display' >&2\nexit 3\n", "no display"),
            (
                "#!/bin/sh\nfor a; do case $a in --print-to-pdf=*) echo half > \"${a#*=}\";; esac; done\n",
                "it wrote no PDF",
            ),
        ] {
            fs::write(&fake, script).unwrap();
            fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
            let failed = call(fake.to_str(), &["--pdf"]);
            assert_eq!(failed.status.code(), Some(1));
            assert!(err(&failed).contains(said), "{}", err(&failed));
            let mut left = fs::read_dir(home.path().join(folder)).unwrap();
            assert!(left.all(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                !name.ends_with(".pdf") && !name.starts_with('.')
            }));
        }
    }
    assert_eq!(call(None, &["--pdf", "--markdown"]).status.code(), Some(2));
}

#[test]
fn slides_show_a_chart_a_page() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("tutorial.ron"), &["--trials", "100"]);
    let folder = run["run"].as_str().unwrap();
    let output = call(home.path(), &["report", folder, "--slides"]);
    assert!(output.status.success(), "{}", err(&output));
    let page = fs::read_to_string(home.path().join(out(&output).trim())).unwrap();
    let slides: Vec<&str> = page.split("<section class=\"slide\"").skip(1).collect();
    assert!(slides.len() >= 6, "{}", slides.len());
    assert!(slides.iter().all(|slide| slide.matches("<figure").count() <= 1));
    assert!(slides.iter().filter(|slide| slide.contains("<figure")).count() >= 3);
    assert!(page.contains("1600") && page.contains("Not modelled"));
    assert!(!home.path().join(folder).join("report.html").exists());
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_file() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("tutorial.ron"), &["--trials", "200"]);
    let folder = home.path().join(run["run"].as_str().unwrap());
    let names = || {
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    // A disk that takes no more than 64 kB of a file: a write beyond fails, as on one that is full.
    let full = |words: &str| {
        let line = format!("trap '' XFSZ; ulimit -f 64; exec \"$0\" {words}");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_countermove")]).current_dir(home.path());
        shell.env("NO_COLOR", "1").output().unwrap()
    };
    let before = names();
    for flags in ["", "--slides"] {
        let output = full(&format!("report {} {flags}", folder.display()));
        assert_eq!(output.status.code(), Some(1), "{flags}: {}", err(&output));
        assert!(err(&output).contains("cannot write"), "{}", err(&output));
        assert_eq!(names(), before, "{flags}");
    }
    // What stood there before stays whole.
    let good = call(home.path(), &["report", folder.to_str().unwrap()]);
    assert!(good.status.success());
    let page = fs::read(folder.join("report.html")).unwrap();
    let before = names();
    let again = full(&format!("report {} --against no_talks", folder.display()));
    assert_eq!(again.status.code(), Some(1));
    assert_eq!((fs::read(folder.join("report.html")).unwrap(), names()), (page, before));
    // A run leaves nothing at all.
    let run =
        full(&format!("run {} --trials 4000 --out other", scenario("tutorial.ron").display()));
    assert_eq!(run.status.code(), Some(1), "{}", err(&run));
    assert!(err(&run).contains("cannot write"), "{}", err(&run));
    assert_eq!(fs::read_dir(home.path().join("other")).unwrap().count(), 0);
    // Standard output that takes nothing.
    if std::path::Path::new("/dev/full").exists() {
        let nothing = full(&format!("report {} --markdown > /dev/full", folder.display()));
        assert_eq!(nothing.status.code(), Some(1));
        assert!(err(&nothing).contains("cannot write to standard output"), "{}", err(&nothing));
    }
}
