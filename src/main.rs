//! Command line of Countermove: parses arguments, calls the library, gives back an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    countermove::cli::main(std::env::args_os())
}
