//! Solves a game file: `cargo run --example solve -- FILE [options]`.

use clap::Parser;
use countermove::cli::solve::{SolveArgs, run};
use std::process::ExitCode;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    solve: SolveArgs,
}

fn main() -> ExitCode {
    match run(&Args::parse().solve, &mut std::io::stdout().lock()) {
        Ok(code) => code.into(),
        Err(e) => {
            eprintln!("error: {e}");
            e.code().into()
        }
    }
}
