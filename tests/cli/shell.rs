//! Completions and manual pages.

use crate::{call, err, out};

#[test]
fn shells_are_told_every_verb() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = call(home.path(), &["completions", shell]);
        let text = out(&output);
        assert!(output.status.success(), "{}", err(&output));
        for word in ["compare", "report", "schema", "until", "theme", "slides", "pdf"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(call(home.path(), &["completions", "cmd"]).status.code(), Some(2));
}

#[test]
fn manual_pages_are_those_of_the_verbs() {
    let home = tempfile::tempdir().unwrap();
    let page = out(&call(home.path(), &["man"]));
    assert!(page.contains(".TH countermove 1") && page.contains("SUBCOMMANDS"), "{page}");
    let run = out(&call(home.path(), &["man", "run"]));
    assert!(run.contains("half_width") && run.contains("countermove\\-run"), "{run}");
    let wrong = call(home.path(), &["man", "rum"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("run"), "{}", err(&wrong));
}
