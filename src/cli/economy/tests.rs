use super::*;
use clap::Parser;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn answer(arguments: &[&str]) -> Result<String, EconomyFailure> {
    let line = Line::try_parse_from(std::iter::once(&"economy").chain(arguments))
        .map_err(|error| EconomyFailure::Wrong(error.to_string()))?;
    let mut out = Vec::new();
    run(&line.arguments, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// The table of docs/economics.md, to the digits printed there.
#[test]
fn published_rows() {
    let war = ["--tariff", "USA:CHN:goods:+145%", "--tariff", "CHN:USA:goods:+125%"];
    let truce = ["--tariff", "USA:CHN:goods:+0.3", "--tariff", "CHN:USA:goods:+0.1"];
    let us100 = ["--tariff", "USA:CHN:goods:+1.0"];
    let theta = |set: &'static str| ["--theta", set];
    for (arguments, usa, chn, mex, imports) in [
        (us100.to_vec(), -0.272, -0.375, Some(0.237), Some(0.148)),
        (war.to_vec(), -0.432, -0.528, Some(0.195), Some(0.089)),
        (truce.to_vec(), -0.062, -0.229, Some(0.120), Some(0.449)),
        (vec!["--tariff", "USA:*:goods:+10%"], 0.272, -0.112, None, None),
        ([&us100[..], &theta("4")].concat(), -0.264, -0.418, Some(0.336), Some(0.044)),
        ([&us100[..], &theta("2")].concat(), -0.222, -0.622, Some(0.442), Some(0.161)),
        ([&us100[..], &theta("0.76")].concat(), -0.009, -0.926, Some(0.527), Some(0.347)),
        ([&war[..], &theta("0.76")].concat(), -0.311, -0.987, Some(0.423), Some(0.241)),
    ] {
        let text = answer(&[&arguments[..], &["--json"]].concat()).unwrap();
        let world: Value = serde_json::from_str(&text).unwrap();
        let income = |n: usize| world["by_region"][n]["real_income_percent"].as_f64().unwrap();
        let near = |found: f64, printed: f64| (found - printed).abs() < 5.01e-4;
        assert!(near(income(0), usa) && near(income(1), chn), "{arguments:?}");
        assert!(mex.is_none_or(|mex| near(income(6), mex)), "{arguments:?}");
        // Goods at border prices.
        let base = shipped::base("hybrid2023").unwrap();
        let (mut old, mut new) = (0.0, 0.0);
        for j in 0..base.goods() {
            let cell = base.cell(0, 1, j);
            let added = if arguments[1] == war[1] {
                1.45
            } else if arguments[1] == truce[1] {
                0.3
            } else {
                1.0
            };
            let tariff = base.tariff()[cell];
            old += base.flows()[cell] / (1.0 + tariff);
            new += world["expenditure_flows"][0][1][j].as_f64().unwrap() / (1.0 + tariff + added);
        }
        assert!(imports.is_none_or(|ratio| near(new / old, ratio)), "{arguments:?} {}", new / old);
    }
}

#[test]
fn tables_say_who_gains_and_who_loses() {
    let text = answer(&["--tariff", "USA:CHN:goods:+100%", "--decompose"]).unwrap();
    for part in
        ["hybrid2023", "USA", "-0.272", "Real income, %", "█", "linearised", "USA from CHN, ELE"]
    {
        assert!(text.contains(part), "{part} missing in\n{text}");
    }
    let nothing = answer(&[]).unwrap();
    assert!(nothing.contains("+0.000") && !nothing.contains("█"), "{nothing}");
}

#[test]
fn options_change_the_answer() {
    let income = |extra: &[&str]| {
        let text =
            answer(&[&["--tariff", "USA:CHN:goods:+100%", "--json"], extra].concat()).unwrap();
        let world: Value = serde_json::from_str(&text).unwrap();
        world["real_income_hat"][0].as_f64().unwrap()
    };
    let plain = income(&[]);
    for extra in [
        &["--deficits", "scaled"][..],
        &["--deficits", "zero"],
        &["--horizon", "1"],
        &["--theta", "caliendo-parro"],
        &["--base", "wiod2011"],
        &["--embargo", "USA:CHN:ELE"],
        &["--cost", "USA:CHN:all:+5%"],
        &["--export-tax", "USA:CHN:ELE:+20%"],
        &["--quota", "USA:CHN:SRV:0.5:importer"],
        &["--rare-earths", "0.2", "--quota", "*:CHN:RAR:0.1:exporter"],
    ] {
        assert!((income(extra) - plain).abs() > 1e-7, "{extra:?}");
    }
}

#[test]
fn mistakes_are_named_and_exit_with_2() {
    for (arguments, part) in [
        (&["--tariff", "USA:CHN:goods"][..], "--tariff"),
        (&["--tariff", "USA:CHN:goods:+100"], "write +100% or +1.0"),
        (&["--tariff", "USA:CHX:goods:+1"], "did you mean CHN"),
        (&["--tariff", "USA:CHN:ELX:+1"], "no sector `ELX`"),
        (&["--tariff", "USA:USA:goods:+1"], "does not trade with itself"),
        (&["--tariff", "USA:CHN:goods:-150%"], "tariff of USA on CHN, AGR"),
        (&["--quota", "USA:CHN:ELE:1.2:exporter"], "cannot bind"),
        (&["--quota", "USA:CHN:ELE:-1:exporter"], "not a quantity ratio"),
        (&["--quota", "USA:CHN:ELE:0.5:me"], "exporter, importer"),
        (&["--embargo", "USA:CHN"], "a place is"),
        (&["--theta", "mine"], "no such set"),
        (&["--theta", "-1"], "elasticity of AGR"),
        (&["--horizon", "-1"], "--horizon"),
        (&["--base", "nowhere"], "not a shipped base"),
        (&["--case", "nowhere.json"], "nowhere.json"),
        (&["--case", "x.json", "--theta", "4"], "cannot be used with"),
        (&["--deficits", "some"], "possible values"),
    ] {
        let failure = answer(arguments).unwrap_err();
        assert_eq!(failure.exit(), 2, "{arguments:?}");
        assert!(failure.to_string().contains(part), "{arguments:?}: {failure}");
    }
}

#[test]
fn a_folder_of_tables_is_a_base() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(answer(&["--base", path]).unwrap_err().to_string().contains("no flows.csv"));
    put(
        "own_flows_tariffs.csv",
        "importer,exporter,sector,value_musd,tariff_2017\nA,A,S,35,0\nA,B,S,15,0\nB,A,S,15,0\nB,B,S,35,0\n",
    );
    put("own_io.csv", "region,input_sector,using_sector,cost_share\nA,S,S,0\nB,S,S,0\n");
    put("own_elasticities.csv", "sector,theta\nS,4.75\n");
    let text = answer(&["--base", path, "--tariff", "A:B:S:+25%", "--json"]).unwrap();
    let world: Value = serde_json::from_str(&text).unwrap();
    // The solved two-region case.
    assert!((world["real_income_hat"][0].as_f64().unwrap() - 1.016_473_200_27).abs() < 1e-9);
    put("more_flows.csv", "importer,exporter,sector,value_musd\n");
    assert!(answer(&["--base", path]).unwrap_err().to_string().contains("keep one"));
}

#[test]
fn a_case_prints_the_fields_of_its_result() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/economy/s02_2x1_noio_t25.json");
    let text = answer(&["--case", case.to_str().unwrap(), "--json"]).unwrap();
    let found: Value = serde_json::from_str(&text).unwrap();
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(&case).unwrap()).unwrap();
    for (field, value) in expected["result"].as_object().unwrap() {
        assert!(found.get(field).is_some(), "{field}");
        if field == "wage_hat" {
            assert_eq!(&found[field], value);
        }
    }
    assert!(answer(&["--case", case.to_str().unwrap()]).unwrap().contains("R0"));
}
