//! screens
use super::args::Survey;
use super::desk::Desk;
use crate::command::Failure;
use std::process::ExitCode;
pub fn run(_: &Desk) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
pub fn survey(_: &Desk, _: &Survey) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
