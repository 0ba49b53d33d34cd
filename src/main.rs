//! Arguments in, exit code out.

use std::process::ExitCode;

use dialctl::commands::{Surroundings, run};
use dialctl::genesys::Clock;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // reqwest is built without a TLS provider of its own and panics when none is installed. Fails
    // only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let surroundings = Surroundings { environment: |name| std::env::var(name).ok(), clock: Clock::real() };
    run(std::env::args_os(), &surroundings).into()
}
