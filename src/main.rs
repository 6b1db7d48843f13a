//! The way in from a shell. All it does is hand the arguments to [`dossier::cli`] and pass on the exit code.

fn main() -> std::process::ExitCode {
    dossier::cli::run(std::env::args_os())
}
