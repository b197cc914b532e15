//! The binary: hands arguments and streams to the library and returns its exit code.
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(dripline::main_with(std::env::args_os()))
}
