//! `demo`: a synthetic bureau to try everything on, and the screens on it.

use super::args::Demo;
use super::context::{self, Context};
use super::progress::Progress;
use super::screens;
use crate::command::Failure;
use crate::command::contents;
use crate::command::demo::{self, HOUSEHOLDS_MAX, Plan};
use crate::domain::Message;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Demo) -> Result<ExitCode, Failure> {
    if !(1..=HOUSEHOLDS_MAX).contains(&asked.households) {
        context.terminal.error(&context.say(&Message::new("cli.demo.how_many").with("most", HOUSEHOLDS_MAX)));
        return Ok(ExitCode::from(2));
    }
    // DOSSIER_DATA names the real data: a demo goes there only when told so.
    let folder = if context.folder_named {
        context.folder.clone()
    } else {
        context::user_data().unwrap_or_else(|| PathBuf::from(".")).join("dossier-demo")
    };
    let context = context.in_demo(folder);
    if let Some(trouble) = contents::moved_away(&context.folder).filter(|_| !context.folder.exists()) {
        return Err(trouble.into());
    }
    let plan = Plan { households: asked.households, seed: asked.seed, today: context.now().today };
    let machine = std::fs::read("/etc/machine-id").unwrap_or_default();
    let mut progress = Progress::new(&context, "cli.demo.progress");
    let made = demo::make(&context.folder, plan, context.library(), machine, &mut |done, all| progress.at(done, all))?;
    progress.done();
    let folder = context.folder.display().to_string();
    if context.json {
        context.terminal.json(&json!({
            "folder": folder,
            "households": made.plan.households,
            "seed": made.plan.seed,
            "today": made.plan.today.to_string(),
            "surveys": made.surveys,
            "records": made.records,
            "made": !made.found,
        }));
    } else {
        let said = Message::new(if made.found { "cli.demo.found" } else { "cli.demo.made" })
            .with("households", made.plan.households)
            .with("surveys", made.surveys)
            .with("records", made.records)
            .with("folder", folder);
        context.terminal.line(&context.say(&said));
    }
    // It is made; where nobody sits at a terminal there is nothing to open it on.
    if asked.no_open || context.is_without_terminal() { Ok(ExitCode::SUCCESS) } else { screens::run(&context) }
}
