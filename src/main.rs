//! The way in from a shell. All it does is hand the arguments to [`dossier::cli`] and pass on the exit code.

/// Memory that is given back is wiped first, whoever held it: a name that was decoded, an answer being typed, a buffer that
/// grew stay nowhere in the process once they are let go.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> std::process::ExitCode {
    dossier::cli::run(std::env::args_os())
}
