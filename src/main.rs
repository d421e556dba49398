//! The `fundwatch` binary: reads the command line and calls the library.

use std::process::ExitCode;

/// Millions of small records are made and dropped on several threads, which the system's allocator
/// is several times slower at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fundwatch::cli::main()
}
