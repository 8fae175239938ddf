//! A small scenario-like document, right and wrong, and texts that nobody would write.

use super::*;
use crate::diagnostic::{Diagnostics, Span};
use proptest::prelude::*;
use serde::Deserialize;
use std::fmt::Write;
use std::time::Instant;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename = "Scenario", deny_unknown_fields, default)]
struct Doc {
    title: Lenient<String>,
    actors: Lenient<Items<Actor>>,
    shares: Lenient<Entries<Num>>,
    tail: Lenient<Num>,
    start: Lenient<When>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Actor {
    id: Name,
    #[serde(default)]
    gdp: Option<Num>,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    on: OneOrMany<Name>,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    moves: Items<Move>,
    #[serde(default)]
    since: Option<DateText>,
    #[serde(default)]
    kinds: Vec<(Name, f64)>,
}

#[derive(Debug, Deserialize, PartialEq)]
enum Move {
    Wait,
    Tariff(Tariff),
    Both(Box<Spanned<Move>>, Box<Spanned<Move>>),
    Not(Box<Spanned<Move>>),
    All(Vec<Spanned<Move>>),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Tariff {
    on: Name,
    rate: Num,
    #[serde(default)]
    lag_days: Option<Spanned<f64>>,
}

const GOOD: &str = "#![enable(implicit_some)]
// A comment, then the document.
Scenario(
  title: \"ü € \\\"x\\\"\", /* nested /* comment */ */
  actors: [
    (id: \"US\", gdp: usd_bn(29_200), on: \"CN\", moves: [
      Wait, // nothing
      Tariff(on: \"CN\", rate: pct(57.6), lag_days: 2),
      Not(Both(Wait, Tariff(on: \"EU\", rate: \"rate\"))),
      All([Wait, Not(Wait),]),
    ]),
    (id: r#\"C\"N\"#, gdp: None, on: [\"US\", \"EU\"], active: true, since: \"2025-10-14\"),
  ],
  shares: {\"US\": 0.5, \"CN\": Triangular(0, \"mode\", months(3))},
  tail: -2.5e3,
  start: \"2025-11-01T14:30\",
)
";

fn read(text: &str) -> (Source, Option<Doc>, Diagnostics) {
    let source = Source::new("x.ron", text);
    let mut out = Diagnostics::new();
    let doc = parse_document(&source, &mut out);
    out.sort();
    // Whatever was found can be shown.
    let shown = out.render("x.ron", text, false);
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(out.to_json(text).is_object());
    assert!(doc.is_some() || out.has_errors(), "refused without a reason: {text:?}");
    (source, doc, out)
}

/// Code, message and underlined text of each finding.
fn found(text: &str) -> Vec<(&'static str, String, String)> {
    let (source, _, out) = read(text);
    out.into_iter()
        .map(|d| (d.code, d.message, source.slice(d.span.expect("a place")).to_string()))
        .collect()
}

fn actors(text: &str) -> String {
    format!("(actors: [{text}])")
}

#[test]
fn a_good_document_keeps_its_places() {
    let (source, doc, out) = read(GOOD);
    assert!(out.is_empty(), "{}", out.render("x.ron", GOOD, false));
    let doc = doc.unwrap();
    assert_eq!(doc.title.get().unwrap(), "ü € \"x\"");
    assert_eq!(doc.tail.get().unwrap().value, Quantity::number(-2500.0));
    assert_eq!(source.slice(doc.tail.1.unwrap()), "-2.5e3");
    let actors = doc.actors.into_option().unwrap();
    let [us, cn] = &actors.0[..] else { panic!("two actors") };
    assert!(source.slice(us.span).starts_with("(id: \"US\""));
    assert!(source.slice(us.span).ends_with("]),\n    ])"), "{}", source.slice(us.span));
    assert_eq!(source.slice(us.gdp.as_ref().unwrap().span), "usd_bn(29_200)");
    assert_eq!(cn.id.value, "C\"N");
    assert_eq!(source.slice(cn.id.span), "r#\"C\"N\"#");
    assert_eq!(cn.gdp, None);
    assert_eq!(cn.on.iter().map(|n| n.value.as_str()).collect::<Vec<_>>(), ["US", "EU"]);
    assert_eq!(us.on.0.len(), 1);
    let places: Vec<_> = us.moves.iter().map(|m| source.slice(m.span)).collect();
    assert_eq!(places[0], "Wait", "without the comment after it");
    assert_eq!(places[1], "Tariff(on: \"CN\", rate: pct(57.6), lag_days: 2)");
    let Move::Not(inner) = &us.moves.0[2].value else { panic!("a Not") };
    assert_eq!(source.slice(inner.span), "Both(Wait, Tariff(on: \"EU\", rate: \"rate\"))");
    let Move::Both(_, second) = &inner.value else { panic!("a Both") };
    let Move::Tariff(tariff) = &second.value else { panic!("a Tariff") };
    assert_eq!(source.slice(tariff.rate.span), "\"rate\"");
    let shares = doc.shares.into_option().unwrap();
    assert_eq!(shares.iter().map(|(n, _)| n.value.as_str()).collect::<Vec<_>>(), ["US", "CN"]);
    let Some(Quantity::Law(law)) = shares.get("CN").map(|n| &n.value) else { panic!("a law") };
    let LawSpec::Triangular(_, mode, _) = &**law else { panic!("triangular") };
    assert_eq!(source.slice(mode.span), "\"mode\"");
}

#[test]
fn absent_wrong_and_right_fields_differ() {
    let (_, doc, out) = read("(tail: true, start: 3)");
    let doc = doc.unwrap();
    assert!(out.has_errors());
    assert!(doc.title.is_absent());
    assert!(!doc.tail.is_absent() && doc.tail.get().is_none());
    assert_eq!(doc.start.get(), Some(&When::Days(3.0)));
}

#[test]
fn every_bad_element_is_reported_and_the_good_ones_kept() {
    let text = actors(
        "(id: \"a\"), (id: 3), (gdp: 3), (id: \"b\", gdp: tail), (id: \"c\", moves: [Wait, Wiat, Tariff(on: \"x\", rat: 3), Wait])",
    );
    let codes: Vec<_> = found(&text).into_iter().map(|f| (f.0, f.2)).collect();
    assert_eq!(
        codes,
        [("E015", "3"), ("E013", "("), ("E012", "tail"), ("E012", "Wiat"), ("E011", "rat")]
            .map(|(code, at)| (code, at.to_string()))
    );
    let doc = read(&text).1.unwrap();
    let actors = doc.actors.into_option().unwrap();
    assert_eq!(actors.0.iter().map(|a| a.id.value.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(actors.0[1].moves.0.len(), 2);
}

#[test]
fn slips_are_explained_where_they_stand() {
    let tail = |value: &str| format!("(tail: {value})");
    let actor = |field: &str| actors(&format!("(id: \"a\", {field})"));
    let moves = |value: &str| actor(&format!("moves: [{value}]"));
    for (text, code, words, at) in [
        // E010: not well-formed
        (
            tail("3 title: 4"),
            "E010",
            "a comma or the end of the list, found the word `title`",
            "title",
        ),
        (tail("pct(3%)"), "E010", "found `%`", "%"),
        ("(tail: 3, title: \"x".into(), "E010", "text in quotes is not closed", "\"x"),
        ("(tail: 3, /* x".into(), "E010", "the comment is not closed", "/*"),
        ("(tail: [1, 2)".into(), "E010", "found `)`", ")"),
        ("(tail: 3))".into(), "E010", "unexpected text after the end", ")"),
        ("(tail 3)".into(), "E010", "expected a colon", "3"),
        ("(title: \"\\q\")".into(), "E010", "unknown escape", "\"\\q\""),
        ("(tail: 3, \0title: 3)".into(), "E010", "expected a field name", "\0"),
        (tail("Triangular(1, 2, 3, 4)"), "E010", "expected `)`, found the number `4`", "4"),
        // E011, E012, E013, E014
        (moves("Tariff(on: \"x\", rat: 3)"), "E011", "unknown field `rat` in `Tariff(...)`", "rat"),
        (
            tail("Exponential(meen: 3)"),
            "E011",
            "unknown field `meen` in `Exponential(...)`",
            "meen",
        ),
        (moves("Not(Wiat)"), "E012", "unknown word `Wiat`", "Wiat"),
        (tail("Sum([1, Trangular(1, 2, 3)])"), "E012", "unknown quantity `Trangular`", "Trangular"),
        (moves("Tariff(on: \"x\")"), "E013", "field `rate` is missing in `Tariff(...)`", "Tariff("),
        (moves("Tariff()"), "E013", "field `on` is missing", "Tariff("),
        (moves("Not(Tariff(rate: 3))"), "E013", "field `on` is missing", "Tariff("),
        (actors("(gdp: (3))"), "E015", "expected a quantity", "("),
        (moves("Tariff(on: \"x\", rate: 3, rate: 4)"), "E014", "`rate` is written twice", "rate"),
        // E015: another kind of value
        (tail("[1]"), "E015", "expected a quantity", "["),
        (
            moves("Tariff(on: 3, rate: 3)"),
            "E015",
            "expected text in quotes, found the number `3`",
            "3",
        ),
        (
            moves("Tariff(on: \"x\", rate: 3, lag_days: \"two\")"),
            "E015",
            "expected a number, found text in quotes",
            "\"two\"",
        ),
        (actor("count: 3.5"), "E015", "expected a whole number, found `3.5`", "3.5"),
        (actor("count: \"three\""), "E015", "expected a whole number, found text", "\"three\""),
        (actor("active: yes"), "E015", "expected `true` or `false`, found the word `yes`", "yes"),
        (actor("moves: 3"), "E015", "expected a list", "3"),
        (actor("since: 'x'"), "E015", "found a character in single quotes", "'x'"),
        (actor("kinds: [\"a\"]"), "E015", "expected fields in parentheses", "\"a\""),
        (actor("kinds: [(\"a\")]"), "E015", "expected 2 values, found 1", "("),
        (tail("Triangular(1, 2)"), "E015", "expected 3 values, found 2", "Triangular("),
        (tail("Exponential"), "E015", "expected fields in parentheses", "Exponential"),
        ("Scenaro(tail: 3)".into(), "E015", "expected `Scenario(...)`, found `Scenaro`", "Scenaro"),
        ("(title: unquoted)".into(), "E015", "found the word `unquoted`", "unquoted"),
        ("[]".into(), "E015", "expected fields in parentheses", "["),
        // E017: a value that cannot be
        (actor("count: -3"), "E017", "a whole number that is not negative, found `-3`", "-3"),
        (actor("count: 99999999999"), "E017", "too large", "99999999999"),
        (tail("NaN"), "E017", "not a finite number", "NaN"),
        (tail("-inf"), "E017", "not a finite number", "-inf"),
        (tail("1e999"), "E017", "not a finite number", "1e999"),
        (tail("pct(1e999)"), "E017", "not a finite number", "1e999"),
        (tail("years(1e308)"), "E017", "not a finite number", "years(1e308)"),
        (tail("pct(\"x\")"), "E017", "`pct` takes one plain number", "\"x\""),
        (tail("pct(Fixed(3))"), "E017", "`pct` takes one plain number", "Fixed(3)"),
        (tail("pct(1, 2)"), "E017", "`pct` takes one plain number", "1, 2"),
        (tail("pct()"), "E017", "`pct` takes one plain number", "pct()"),
        (tail("pct"), "E017", "`pct` takes one plain number", "pct"),
        (tail("Exponential(mean: 3, per_day: 3)"), "E017", "exactly one of", "Exponential"),
        (tail("Shifted(by: 1, law: Exponential())"), "E017", "exactly one of", "Exponential"),
        // E018, E019
        ("(shares: {\"a\": 1, \"a\": 2})".into(), "E018", "`a` is written twice", "\"a\""),
        (actor("since: \"2025-02-30\""), "E019", "is not a date", "\"2025-02-30\""),
        (tail("Dates([\"2025-01-01\", \"soon\"])"), "E019", "`soon` is not a date", "\"soon\""),
    ] {
        let found = found(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let (got_code, got_words, got_at) = &found[0];
        assert_eq!((*got_code, got_at.as_str()), (code, at), "{text}: {got_words}");
        assert!(got_words.contains(words), "{text}: {got_words}");
        for word in ["serde", "f64", "u32", "usize", "alloc", "struct", "enum"] {
            assert!(!got_words.contains(word), "{text}: {got_words}");
        }
    }
}

#[test]
fn remedies_name_the_nearest_word() {
    for (text, help) in [
        ("(taill: 3)", "did you mean `tail`?"),
        ("(tail: Lognormel(median: 1, sigma: 1))", "did you mean `Lognormal`?"),
        ("(tail: weks(2))", "did you mean `weeks`?"),
        ("(tail: stock)", "the name of an input is written in quotes: \"stock\""),
        (
            "(actors: [(id: \"a\", moves: [Wiat])])",
            "known here: `Wait`, `Tariff`, `Both`, `Not`, `All`",
        ),
        ("Scenaro()", "did you mean `Scenario`?"),
    ] {
        let (.., out) = read(text);
        let helps: Vec<_> = out.iter().flat_map(|d| d.help.clone()).collect();
        assert!(helps.iter().any(|h| h == help), "{text}: {helps:?}");
    }
}

#[test]
fn wrong_fields_of_the_document_do_not_hide_each_other() {
    let text = "(taill: [1, (2)], actor: {\"a\": 1}, tail: x, tail: 4, shares: {\"a\": 3, 3: 4, \"a\": 4})";
    let codes: Vec<_> = found(text).into_iter().map(|f| (f.0, f.2)).collect();
    let want = [
        ("E011", "taill"),
        ("E011", "actor"),
        ("E012", "x"),
        ("E014", "tail"),
        ("E015", "3"),
        ("E018", "\"a\""),
    ];
    assert_eq!(codes, want.map(|(code, at)| (code, at.to_string())));
}

#[test]
fn the_first_of_equal_keys_stays() {
    let text = "(shares: {\"a\": 1, \"b\": 2, \"a\": 3})";
    let (source, doc, out) = read(text);
    let shares = doc.unwrap().shares.into_option().unwrap();
    assert_eq!(shares.0.len(), 2);
    assert_eq!(shares.get("a").unwrap().value, Quantity::number(1.0));
    let first = out.iter().next().unwrap();
    assert_eq!(first.span.unwrap().start as usize, text.rfind("\"a\"").unwrap());
    assert_eq!(source.slice(first.related[0].0), "\"a\"");
    assert_eq!(first.related[0].0.start as usize, text.find("\"a\"").unwrap());
}

#[test]
fn a_forgotten_quote_is_traced_to_its_start() {
    let text = "(\n  title: \"x,\n  tail: \"y\",\n)";
    let (_, _, out) = read(text);
    let first = out.iter().next().unwrap();
    assert_eq!(first.code, "E010");
    assert!(first.related.iter().any(|(span, _)| span.start as usize == text.find('"').unwrap()));
}

#[test]
fn pieces_know_their_place_in_a_larger_text() {
    let text = "header\n[1, x]";
    let mut out = Diagnostics::new();
    let items: Items<Quantity> = parse_within(text, &text[7..], &mut out).unwrap();
    assert_eq!(items.0[0].span, Span::new(8, 9));
    assert_eq!(out.iter().next().unwrap().span, Some(Span::new(11, 12)));
    let mut out = Diagnostics::new();
    assert!(parse::<f64>("  // c\n \"x\"", &mut out).is_none());
    assert_eq!(out.iter().next().unwrap().span, Some(Span::new(8, 11)));
}

#[test]
fn our_own_words_pass_through_unchanged() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "f64")]
    struct Even;
    impl TryFrom<f64> for Even {
        type Error = &'static str;
        fn try_from(value: f64) -> Result<Even, Self::Error> {
            if value % 2.0 == 0.0 { Ok(Even) } else { Err("this must be even") }
        }
    }
    let mut out = Diagnostics::new();
    let kept: Items<Spanned<Even>> = parse("[2, 3, 4]", &mut out).unwrap();
    assert_eq!(kept.0.len(), 2);
    let found = out.into_iter().next().unwrap();
    assert_eq!((found.code, found.message.as_str()), ("E017", "this must be even"));
    assert_eq!(found.span, Some(Span::new(4, 5)));
}

#[test]
fn hostile_texts_are_refused_in_time() {
    let big = 4 << 20;
    let wide = |unit: &str| unit.repeat(big / unit.len());
    let deep = |open: &str, close: &str, levels: usize| {
        format!(
            "(actors: [(id: \"a\", moves: [{}Wait{}])])",
            open.repeat(levels),
            close.repeat(levels)
        )
    };
    let mut bad_items = String::from("(actors: [");
    while bad_items.len() < big - 100 {
        write!(bad_items, "(id: 3), (\n\"{}\"), ", bad_items.len()).unwrap();
    }
    bad_items.push_str("])");
    let texts = [
        "[".repeat(100_000),
        "(".repeat(100_000),
        "Not(".repeat(100_000),
        format!("(tail: {}", "Fixed(".repeat(100_000)),
        deep("Not(", ")", 100_000),
        deep("All([", "])", 100_000),
        deep("Not(", ")", 50),
        deep("All([", "])", 20),
        wide("x"),
        wide("\""),
        wide("\\"),
        wide("/*"),
        wide("\0"),
        wide("€"),
        wide("'"),
        wide("(a:1,"),
        wide("\n"),
        wide("{\"a\":"),
        format!("(title: \"{}", wide("a")),
        format!("(title: {})", wide("a")),
        format!("(tail: {})", wide("9")),
        format!("(tail: pct({}))", wide("9")),
        format!("(shares: {{{}}})", wide("\"a\": 1,")),
        format!("({})", wide("a: 1,")),
        format!("(tail: Sum([{}]))", wide("x,")),
        bad_items,
        "\u{feff}".into(),
        "#![enable(".into(),
        "#![enable(unknown)] #![x] (tail: 3".into(),
    ];
    for text in &texts {
        let head: String = text.chars().take(30).collect();
        let began = Instant::now();
        let (.., out) = read(text);
        let took = began.elapsed().as_secs_f64();
        println!("{took:.3} s, {:5} findings: {head:?}", out.len());
        // Unoptimised and shared machines are slow; quadratic behaviour would take minutes.
        assert!(took < 10.0, "{took} s for {head:?}");
    }
    // Every depth up to the limit of the parser fits the small stack of a test.
    for levels in 0..70 {
        let texts = [
            deep("Not(", ")", levels),
            deep("Both(Wait, ", ")", levels),
            deep("All([", "])", levels),
            format!("(tail: {}1{})", "Shifted(by: 1, law: ".repeat(levels), ")".repeat(levels)),
            format!("(tail: {}1{})", "Sum([".repeat(levels), "])".repeat(levels)),
        ];
        for text in texts {
            let (_, _, out) = read(&text);
            assert!(out.iter().all(|d| d.code == "E016"), "{levels}: {text}");
        }
    }
    assert!(!read(&deep("Not(", ")", 20)).2.has_errors());
    assert_eq!(read(&deep("Not(", ")", 100_000)).2.iter().next().unwrap().code, "E016");
}

#[test]
fn every_cut_and_every_deletion_is_survived() {
    let length = GOOD.trim_end().len();
    for (at, _) in GOOD.char_indices().take_while(|(at, _)| *at < length) {
        let (_, doc, out) = read(&GOOD[..at]);
        assert!(doc.is_none() && out.has_errors(), "{}", &GOOD[..at]);
        let mut shorter = GOOD.to_string();
        shorter.remove(at);
        read(&shorter);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_text_never_panics(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_marks_never_panic(text in "[()\\[\\]{}:,\"'/*#!r0-9a-c.+\\- \n\\\\]{0,60}") {
        read(&text);
        read(&format!("(tail: {text})"));
        read(&format!("(actors: [(id: \"a\", moves: [{text}])])"));
    }

    #[test]
    fn mutated_documents_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4usize, "[()\\[\\]{}:,\"'/*#0-9a-cü€\0. ]{1,4}"), 1..6),
    ) {
        let mut chars: Vec<char> = GOOD.chars().collect();
        for (index, kind, insert) in edits {
            let at = index.index(chars.len());
            match kind {
                0 => { chars.remove(at); }
                1 => { chars.splice(at..at, insert.chars()); }
                2 => { let end = (at + 9).min(chars.len()); chars.splice(at..end, insert.chars()); }
                _ => { let other = (at * 7 + 3) % chars.len(); chars.swap(at, other); }
            }
        }
        read(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn numbers_keep_their_bits(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
        let text = format!("(tail: {value:e})");
        let doc = read(&text).1.unwrap();
        let Some(Quantity::Number { value: got, unit: None }) = doc.tail.0.map(|n| n.value) else {
            panic!("a number");
        };
        prop_assert_eq!(got.to_bits(), value.to_bits());
    }
}
