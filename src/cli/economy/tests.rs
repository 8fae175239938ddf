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

/// The table of docs/economics.md by one command, to the digits printed there.
#[test]
fn the_table_is_one_command() {
    let text = answer(&["--table"]).unwrap();
    for (tariffs, theta, numbers) in [
        ("USA:CHN:goods:+100%", "default", "-0.272 -0.375 +0.237 0.148"),
        ("USA:CHN:goods:+145% CHN:USA:goods:+125%", "default", "-0.432 -0.528 +0.195 0.089"),
        ("USA:CHN:goods:+30% CHN:USA:goods:+10%", "default", "-0.062 -0.229 +0.120 0.449"),
        ("USA:*:goods:+10%", "default", "+0.272 -0.112 -1.168 0.851"),
        ("USA:CHN:goods:+100%", "4", "-0.264 -0.418 +0.336 0.044"),
        ("USA:CHN:goods:+100%", "2", "-0.222 -0.622 +0.442 0.161"),
        ("USA:CHN:goods:+100%", "0.76", "-0.009 -0.926 +0.527 0.347"),
        ("USA:CHN:goods:+145% CHN:USA:goods:+125%", "0.76", "-0.311 -0.987 +0.423 0.241"),
        ("USA:CHN:goods:+100%", "caliendo-parro", "-0.230 -0.252 +0.164 0.037"),
    ] {
        let row = format!("{tariffs} {theta} {numbers}");
        let found = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") == row;
        assert!(text.lines().any(found), "{row} is not in\n{text}");
    }
    assert!(answer(&["--table", "--theta", "4"]).is_err());
}

#[test]
fn bad_tables_name_the_cell_and_the_remedy_and_exit_with_2() {
    const FLOWS: &str = "importer,exporter,sector,value_musd,tariff\nA,A,S,35,0\nA,B,S,15,0\nB,A,S,15,0\nB,B,S,35,0\n";
    const INPUTS: &str = "region,input_sector,using_sector,cost_share\nA,S,S,0.2\nB,S,S,0.2\n";
    const VALUES: &str =
        "region,sector,gross_output_musd,value_added_share\nA,S,50,0.8\nB,S,50,0.8\n";
    let try_with = |flows: &str, inputs: &str, values: &str, more: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put("flows_tariffs.csv", flows);
        put("io.csv", inputs);
        put("va.csv", values);
        put("elasticities.csv", "sector,theta\nS,4\n");
        answer(&[&["--base", folder.path().to_str().unwrap()], more].concat())
    };
    assert!(try_with(FLOWS, INPUTS, VALUES, &[]).is_ok());
    for (flows, inputs, values, more, cell, remedy) in [
        // A negative flow.
        (
            FLOWS.replace("15,0\nB,B", "-15,0\nB,B"),
            INPUTS.into(),
            VALUES.into(),
            &[][..],
            "purchases of B from A, S",
            "0 or more",
        ),
        // Rows that do not balance: output, and cost shares.
        (
            FLOWS.into(),
            INPUTS.into(),
            VALUES.replace("50,0.8\nB", "60,0.8\nB"),
            &[],
            "line 2",
            "rows must balance",
        ),
        (
            FLOWS.into(),
            INPUTS.into(),
            VALUES.replace("0.8\n", "0.9\n"),
            &[],
            "line 2",
            "rows must balance",
        ),
        (
            FLOWS.into(),
            INPUTS.replace("A,S,S,0.2", "A,S,S,1.2"),
            VALUES.into(),
            &[],
            "cost share of S in S of A",
            "between 0 and 1",
        ),
        // A region that is missing, and one that nobody knows.
        (
            FLOWS.replace("B,A,S,15,0\n", ""),
            INPUTS.into(),
            VALUES.into(),
            &[],
            "B",
            "give every cell",
        ),
        (
            FLOWS.into(),
            INPUTS.replace("B,S,S", "C,S,S"),
            VALUES.into(),
            &[],
            "`C`",
            "use one of A, B",
        ),
        // A region that buys nothing: no shares to work with.
        (
            FLOWS.replace("A,A,S,35", "A,A,S,0").replace("A,B,S,15", "A,B,S,0"),
            INPUTS.into(),
            VALUES.into(),
            &[],
            "A, S",
            "merge the sector",
        ),
        // Tariffs that leave no price, in the base and in the policy.
        (
            FLOWS.replace("15,0\nB,A", "15,-1\nB,A"),
            INPUTS.into(),
            VALUES.into(),
            &[],
            "tariff of A from B, S",
            "above -1",
        ),
        (
            FLOWS.into(),
            INPUTS.into(),
            VALUES.into(),
            &["--tariff", "A:B:S:-100%"],
            "tariff of A on B, S",
            "use an embargo",
        ),
        // Quotas that cannot bind.
        (
            FLOWS.into(),
            INPUTS.into(),
            VALUES.into(),
            &["--quota", "A:B:S:1.5:exporter"],
            "quota of A on B, S",
            "leave the quota out",
        ),
        (
            FLOWS.replace("A,B,S,15", "A,B,S,0").replace("B,A,S,15", "B,A,S,0"),
            INPUTS.into(),
            VALUES.replace(",50,", ",35,"),
            &["--quota", "A:B:S:0.5:exporter"],
            "quota of A on B, S",
            "drop it",
        ),
    ] {
        let failure = try_with(&flows, &inputs, &values, more).unwrap_err();
        let said = failure.to_string();
        assert_eq!(failure.exit(), 2, "{said}");
        assert!(said.contains(cell) && said.contains(remedy), "{cell}, {remedy}: {said}");
    }
}
