//! `aid`: the life of payouts.

use super::args::{Aid, AidCommand};
use super::context::{Context, How};
use super::script;
use crate::command::fund::{Control, NewPayout, bank_csv};
use crate::command::{Duty, Failure, Office};
use crate::domain::fund::PayoutState;
use crate::domain::{Explain, Fen, Message};
use crate::present::{aid, json, report};
use crate::views::fund::PayoutRow;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(aid: &Aid) -> Duty {
    match &aid.what {
        None | Some(AidCommand::Rules { .. } | AidCommand::Timeline { .. }) => Duty::Open,
        Some(AidCommand::Propose { .. }) => Duty::ProposeAid,
        Some(AidCommand::Check { .. } | AidCommand::Refuse { .. } | AidCommand::Post { .. }) => Duty::CheckAid,
        Some(AidCommand::Approve { .. } | AidCommand::Withdraw { .. }) => Duty::DecideAid,
        Some(_) => Duty::PayAid,
    }
}

/// The bank's answer may be a file of the machine that it is typed at.
pub fn file(aid: &mut Aid) -> Option<&mut PathBuf> {
    match &mut aid.what {
        Some(AidCommand::Answer { file, .. }) => Some(file),
        _ => None,
    }
}

pub fn names_a_file(aid: &Aid) -> bool {
    matches!(&aid.what, Some(AidCommand::Answer { .. }))
}

pub fn run(context: &Context, asked: &Aid) -> Result<ExitCode, Failure> {
    let amount = |typed: &str| {
        Fen::from_typed(typed).map_err(|_| {
            context.terminal.error(&context.say(&Message::new("cli.fund.amount").with("asked", typed)));
            ExitCode::from(2)
        })
    };
    // What was typed is read before anything is opened.
    let mut draws = Vec::new();
    let (mut papers_by, mut sum, mut said) = (None, Fen(0), String::new());
    match &asked.what {
        Some(AidCommand::Propose { from, papers_by: by, .. }) => {
            for typed in from {
                let Some((purse, yuan)) = typed.split_once('=') else {
                    context.terminal.error(&context.say(&Message::new("cli.aid.from").with("asked", typed.as_str())));
                    return Ok(ExitCode::from(2));
                };
                match amount(yuan) {
                    Ok(fen) => draws.push((purse.to_owned(), fen)),
                    Err(code) => return Ok(code),
                }
            }
            match by.as_deref().map(|text| context.day(text)).transpose() {
                Ok(day) => papers_by = day,
                Err(code) => return Ok(code),
            }
        }
        Some(AidCommand::Send { sum: typed, .. }) => match amount(typed) {
            Ok(fen) => sum = fen,
            Err(code) => return Ok(code),
        },
        Some(AidCommand::Answer { file, .. }) => said = script::read_said(context, file)?,
        _ => {}
    }
    let state = match asked.state.as_deref().map(|text| (text, PayoutState::from_code(text))) {
        None => None,
        Some((_, Some(state))) => Some(state),
        Some((text, None)) => {
            let known = PayoutState::ALL.map(PayoutState::code).join(", ");
            context
                .terminal
                .error(&context.say(&Message::new("cli.aid.state").with("asked", text).with("known", known)));
            return Ok(ExitCode::from(2));
        }
    };
    let now = context.now();
    context.in_office(How::default(), |office| {
        let one = |begins: &str| office.payout_named(begins, now);
        let row = match &asked.what {
            None => return list(context, office, state, asked.of.as_deref()),
            Some(AidCommand::Rules { number }) => {
                let household = office.find(number, now)?;
                let (rules, grants) = household.grants(now.today)?;
                let table = aid::grants(&context.words(office), &rules, &grants);
                if context.json {
                    context
                        .terminal
                        .json(&json!({"rules": rules.id, "sample": rules.is_sample, "grants": json::table(&table)}));
                } else {
                    context.terminal.table(&table);
                }
                return Ok(ExitCode::SUCCESS);
            }
            Some(AidCommand::Timeline { number }) => {
                let lines = office.find(number, now)?.aid_timeline()?;
                let table = report::timeline(&context.words(office), &lines);
                if context.json {
                    context.terminal.json(&json::table(&table));
                } else {
                    context.terminal.table(&table);
                }
                return Ok(ExitCode::SUCCESS);
            }
            Some(AidCommand::Propose { number, kind, event, why, .. }) => {
                let new = NewPayout {
                    aid: kind.clone(),
                    event: event.clone(),
                    draws: draws.clone(),
                    why: why.clone(),
                    papers_by,
                };
                office.find(number, now)?.propose_aid(&new)?
            }
            Some(AidCommand::Check { payout }) => office.check_payout(&one(payout)?, now)?,
            Some(AidCommand::Refuse { payout, why }) => office.refuse_payout(&one(payout)?, why, now)?,
            Some(AidCommand::Approve { payout, vote }) => office.approve_payout(&one(payout)?, vote.meeting(), now)?,
            Some(AidCommand::Post { payout, days }) => office.post_payout(&one(payout)?, *days, now)?,
            Some(AidCommand::Withdraw { payout, why }) => office.withdraw_payout(&one(payout)?, why, now)?,
            Some(AidCommand::Pay { payout, from, signed }) => office.pay_in_cash(&one(payout)?, from, signed, now)?,
            Some(AidCommand::Settle { payout, paper }) => office.settle_payout(&one(payout)?, paper, now)?,
            Some(AidCommand::Send { bank, count, payouts, .. }) => {
                let only = payouts.iter().map(|begins| one(begins).map(|row| row.id)).collect::<Result<Vec<_>, _>>()?;
                return send(context, office, bank, Control { count: *count, sum }, &only);
            }
            Some(AidCommand::File { batch }) => {
                let lines = office.bank_lines(&office.batch_named(batch, now)?, now)?;
                let csv = bank_csv(&lines, &context.word("aid.erased"));
                csv.lines().for_each(|x| context.terminal.line(x));
                return Ok(ExitCode::SUCCESS);
            }
            Some(AidCommand::Answer { batch, .. }) => return answer(context, office, batch, &said),
        };
        tell(context, office, &row)
    })
}

fn list(context: &Context, office: &Office, state: Option<PayoutState>, of: Option<&str>) -> Result<ExitCode, Failure> {
    let now = context.now();
    let rows: Vec<PayoutRow> = match of {
        Some(number) => office.find(number, now)?.payouts()?,
        None => office.payouts(state, now)?,
    };
    let table = aid::payouts(&context.words(office), &rows, now);
    if context.json {
        context.terminal.json(&json::table(&table));
    } else {
        context.terminal.table(&table);
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(context: &Context, office: &Office, row: &PayoutRow) -> Result<ExitCode, Failure> {
    let words = context.words(office);
    if context.json {
        context.terminal.json(&json::table(&aid::payouts(&words, std::slice::from_ref(row), context.now())));
    } else {
        let state = context.word(&format!("aid.state.{}", row.state().code()));
        let hex = row.id.hex();
        let said = Message::new("aid.stands").with("payout", hex.get(..8).unwrap_or(&hex)).with("state", state);
        context.terminal.line(&context.say(&said.with("amount", row.payout.amount())));
    }
    Ok(ExitCode::SUCCESS)
}

fn send(
    context: &Context,
    office: &Office,
    bank: &str,
    control: Control,
    only: &[crate::domain::EntryId],
) -> Result<ExitCode, Failure> {
    let sent = office.send_batch(bank, control, only, context.now())?;
    let hex = sent.batch.id.hex();
    if context.json {
        let stopped =
            sent.stopped.iter().map(|(row, why)| json!({"payout": row.id.hex(), "why": context.say(&why.explain())}));
        context.terminal.json(&json!({
            "batch": hex,
            "lines": sent.batch.batch.lines.len(),
            "stopped": stopped.collect::<Vec<_>>(),
        }));
    } else {
        let said = Message::new("aid.sent").with("batch", hex.get(..8).unwrap_or(&hex));
        context.terminal.line(&context.say(&said.with("lines", sent.batch.batch.lines.len())));
        for (row, why) in &sent.stopped {
            let hex = row.id.hex();
            context.terminal.line(&format!("  {}  {}", hex.get(..8).unwrap_or(&hex), context.say(&why.explain())));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(context: &Context, office: &Office, batch: &str, said: &str) -> Result<ExitCode, Failure> {
    let now = context.now();
    let came = office.take_answer(&office.batch_named(batch, now)?, said, now)?;
    if context.json {
        context.terminal.json(&json!({
            "paid": came.paid, "returned": came.returned, "known": came.known, "open": came.open,
        }));
    } else {
        let said = Message::new("aid.answered").with("paid", came.paid).with("returned", came.returned);
        context.terminal.line(&context.say(&said.with("known", came.known).with("open", came.open)));
    }
    Ok(ExitCode::SUCCESS)
}
