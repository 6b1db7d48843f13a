//! Through the bank: counted first, looked at once more on the day, sent in one record; the bank's file; and its answer,
//! matched line by line, taken whole or not at all.

use super::payout::{NotPayable, kept};
use crate::command::{Act, Duty, Failure, Office};
use crate::domain::event::Ledger;
use crate::domain::fund::{Batch, MovementKind, NotBooked, PayoutState, PlaceKind};
use crate::domain::{Arg, EntryId, Explain, Fen, Message, Now, PlaceId, Subject};
use crate::views::fund::{self, BatchRow, PayoutRow};

/// What is counted before anybody looks at the lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Control {
    pub count: usize,
    pub sum: Fen,
}

/// A batch that was sent.
pub struct Sent {
    pub batch: BatchRow,
    /// What no longer held, and why.
    pub stopped: Vec<(PayoutRow, Failure)>,
}

/// One line of the bank's file. Personal.
#[derive(Clone, PartialEq, Eq)]
pub struct BankLine {
    /// `4f1c09aa-3`: the batch, and the line in it.
    pub reference: String,
    pub payout: EntryId,
    /// `None`: erased since.
    pub name: Option<String>,
    pub account: Option<String>,
    pub amount: Fen,
}

/// What the bank's answer came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answered {
    pub paid: usize,
    pub returned: usize,
    /// Answered before, by this file or another.
    pub known: usize,
    /// On their way still.
    pub open: usize,
}

/// A line of an answer that does not match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotAnAnswer {
    /// Columns are missing: `reference`, `name`, `account`, `amount`, `result`.
    Columns,
    UnknownLine {
        row: usize,
        reference: String,
    },
    Twice {
        row: usize,
        reference: String,
    },
    OtherAmount {
        row: usize,
        sent: Fen,
        answered: String,
    },
    OtherName {
        row: usize,
    },
    OtherAccount {
        row: usize,
    },
    Result {
        row: usize,
        text: String,
    },
}

impl Explain for NotAnAnswer {
    fn explain(&self) -> Message {
        match self {
            NotAnAnswer::Columns => Message::new("aid.answer.columns"),
            NotAnAnswer::UnknownLine { row, reference } => {
                Message::new("aid.answer.unknown").with("row", *row).with("reference", reference.as_str())
            }
            NotAnAnswer::Twice { row, reference } => {
                Message::new("aid.answer.twice").with("row", *row).with("reference", reference.as_str())
            }
            NotAnAnswer::OtherAmount { row, sent, answered } => Message::new("aid.answer.amount")
                .with("row", *row)
                .with("sent", *sent)
                .with("answered", answered.as_str()),
            NotAnAnswer::OtherName { row } => Message::new("aid.answer.name").with("row", *row),
            NotAnAnswer::OtherAccount { row } => Message::new("aid.answer.account").with("row", *row),
            NotAnAnswer::Result { row, text } => {
                Message::new("aid.answer.result").with("row", *row).with("text", Arg::Text(text.clone()))
            }
        }
    }
}

impl Office {
    /// Sends what is decided and posted through a bank account. `control` is what was counted before: it has to equal what
    /// is here. What no longer holds on the day stays behind, and does not hold up the others. Sent again, the batch that was
    /// sent is answered.
    pub fn send_batch(&self, bank: &str, control: Control, only: &[EntryId], now: Now) -> Result<Sent, Failure> {
        let permit = self.may(Duty::PayAid, now)?;
        let content = serde_json::json!(["batch", bank, control.count, control.sum.0]);
        let entry = match self.requested(&content)? {
            crate::command::request::Request::New(entry) => entry,
            crate::command::request::Request::Kept(entry) => {
                return Ok(Sent { batch: self.batch(entry)?, stopped: Vec::new() });
            }
        };
        let bank = self.place_named(bank)?;
        let places = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let way = places.into_iter().find(|row| row.place.of == Some(bank.place.place));
        let Some(way) = way.filter(|_| bank.place.kind == PlaceKind::Bank) else {
            return Err(Failure::Fund(NotBooked::Direction { kind: MovementKind::Transfer }));
        };
        let is_ready = |row: &PayoutRow| match row.state() {
            PayoutState::Noticed | PayoutState::Returned => true,
            PayoutState::Approved => row.payout.is_emergency(),
            _ => false,
        };
        let mut ready = self.payouts(None, now)?;
        ready.retain(|row| if only.is_empty() { is_ready(row) } else { only.contains(&row.id) });
        let counted = Control { count: ready.len(), sum: total(&ready) };
        if counted != control {
            return Err(NotPayable::Control { count: counted.count, sum: counted.sum }.into());
        }
        let (mut lines, mut stopped) = (Vec::new(), Vec::new());
        let mut steps = Vec::new();
        let mut books = None;
        for row in ready {
            let looked_at = self.step_to(&row, PayoutState::Sent, now.today).and_then(|step| {
                self.not_the_same(&row, &[PayoutState::Approved])?;
                self.payable(&row, now.today, true)?;
                let own = self.books_of(&row)?;
                match books.is_none_or(|books| books == own) {
                    true => Ok((step, own)),
                    false => Err(NotPayable::OtherBooks.into()),
                }
            });
            match looked_at {
                Ok((step, own)) => {
                    books = Some(own);
                    steps.push(step);
                    lines.push(row);
                }
                Err(why) => stopped.push((row, why)),
            }
        }
        let Some(books) = books else {
            return Err(stopped.into_iter().next().map_or(Failure::NothingToSend, |(_, why)| why));
        };
        let code = |why: &Failure| match why {
            Failure::NotPayable(why) => why.code().to_owned(),
            Failure::SamePerson { .. } => "same_person".to_owned(),
            _ => "other".to_owned(),
        };
        let batch = Batch {
            books,
            on: now.today,
            count: u32::try_from(control.count).unwrap_or(u32::MAX),
            sum: control.sum,
            lines: lines.iter().map(|row| row.id).collect(),
            stopped: stopped.iter().map(|(row, why)| (row.id, code(why))).collect(),
        };
        let mut act = Act::new(entry, now.at, Subject::Bureau, Ledger::BatchSent(batch)).parents([bank.entry]);
        for (row, step) in lines.iter().zip(steps) {
            act = act.parents([row.id, row.head()]).and(Ledger::PayoutMoved(step));
            for movement in self.movements(row, MovementKind::Transfer, bank.place.place, way.place.place, now.today) {
                act = act.and(Ledger::FundMoved(movement));
            }
            act.expect.push(self.payout_unchanged(row.id)?);
            act.expect.push(self.unchanged(row.payout.dossier)?);
        }
        kept(permit.keep(&act))?;
        Ok(Sent { batch: self.batch(entry)?, stopped })
    }

    fn books_of(&self, row: &PayoutRow) -> Result<crate::domain::fund::Books, Failure> {
        let first = row.payout.draws.first().ok_or(Failure::Fund(NotBooked::Amount))?;
        Ok(self.purse_of(first.purse)?.purse.books)
    }

    fn batch(&self, id: EntryId) -> Result<BatchRow, Failure> {
        let mut rows = fund::batches(&self.bureau.store, &self.bureau.keys)?.into_iter();
        rows.find(|row| row.id == id).ok_or_else(|| Failure::NoSuchPayout { asked: id.hex() })
    }

    /// The batch whose id begins so.
    pub fn batch_named(&self, begins: &str, now: Now) -> Result<BatchRow, Failure> {
        let _ = self.may(Duty::PayAid, now)?;
        let asked = begins.trim().to_lowercase();
        let mut found = fund::batches(&self.bureau.store, &self.bureau.keys)?
            .into_iter()
            .filter(|row| row.id.hex().starts_with(&asked));
        match (found.next(), found.next()) {
            (Some(row), None) if asked.len() >= 4 => Ok(row),
            _ => Err(Failure::NoSuchPayout { asked }),
        }
    }

    /// The lines of the bank's file: the same bytes each time, but for who was erased since. Names and accounts leave the
    /// house, so a record comes first.
    pub fn bank_lines(&self, batch: &BatchRow, now: Now) -> Result<Vec<BankLine>, Failure> {
        let permit = self.may(Duty::PayAid, now)?;
        let lines = self.lines_of(batch)?;
        let rows: Result<Vec<PayoutRow>, Failure> = batch.batch.lines.iter().map(|id| self.payout(*id)).collect();
        let subjects = rows?.into_iter().map(|row| Subject::Dossier(row.payout.dossier)).collect();
        let look = Ledger::Looked { subjects, what: "bank_file".into(), important: false };
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, look))?;
        Ok(lines)
    }

    fn lines_of(&self, batch: &BatchRow) -> Result<Vec<BankLine>, Failure> {
        let line = |(at, id): (usize, &EntryId)| {
            let row = self.payout(*id)?;
            let payee = self.payee_checked(&row)?;
            let hex = batch.id.hex();
            Ok(BankLine {
                reference: format!("{}-{}", hex.get(..8).unwrap_or(&hex), at + 1),
                payout: *id,
                name: payee.as_ref().map(|payee| payee.name.clone()),
                account: payee.map(|payee| payee.account),
                amount: row.payout.amount(),
            })
        };
        batch.batch.lines.iter().enumerate().map(line).collect()
    }

    /// Takes the bank's answer in: csv with `reference`, `name`, `account`, `amount`, `result` (`ok`, `failed`). Every line
    /// matches one that was sent, or nothing is taken. Read a second time it changes nothing.
    pub fn take_answer(&self, batch: &BatchRow, csv: &str, now: Now) -> Result<Answered, Failure> {
        let permit = self.may(Duty::PayAid, now)?;
        let sent = self.lines_of(batch)?;
        let answers = read_answer(csv, &sent)?;
        let places = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let mut came = Answered::default();
        let mut act: Option<Act> = None;
        for (line, paid) in sent.iter().zip(answers) {
            let row = self.payout(line.payout)?;
            // What was sent again since stands in a later batch.
            let is_ours = row.step(PayoutState::Sent).is_some_and(|step| step.entry == batch.id);
            match paid {
                _ if row.state() != PayoutState::Sent || !is_ours => came.known += 1,
                None => came.open += 1,
                Some(paid) => {
                    let to = if paid { PayoutState::Paid } else { PayoutState::Returned };
                    *(if paid { &mut came.paid } else { &mut came.returned }) += 1;
                    let step = Ledger::PayoutMoved(self.step_to(&row, to, now.today)?);
                    let (bank, way) = self.places_of(&row, &places)?;
                    let movements = match paid {
                        true => self.movements(&row, MovementKind::Payout, way, PlaceId::OUTSIDE, now.today),
                        false => self.movements(&row, MovementKind::Transfer, way, bank, now.today),
                    };
                    let begun = match act.take() {
                        None => {
                            let mut begun = Act::new(self.new_entry()?, now.at, Subject::Bureau, step);
                            begun.series = self.voucher_series(&row, now.today)?.into_iter().collect();
                            begun
                        }
                        Some(begun) => begun.and(step),
                    };
                    let begun = movements.into_iter().fold(begun, |act, movement| act.and(Ledger::FundMoved(movement)));
                    let mut begun = begun.parents([row.id, row.head()]);
                    begun.expect.push(self.payout_unchanged(row.id)?);
                    act = Some(begun);
                }
            }
        }
        if let Some(mut act) = act {
            if came.paid == 0 {
                act.series.clear();
            }
            kept(permit.keep(&act))?;
        }
        Ok(came)
    }

    /// The bank account that a payout was sent through last, and what is under way through it.
    fn places_of(&self, row: &PayoutRow, places: &[fund::PlaceRow]) -> Result<(PlaceId, PlaceId), Failure> {
        let none = || Failure::Fund(NotBooked::NoSuchPlace);
        let sent = row.step(PayoutState::Sent).ok_or_else(none)?;
        let lines = fund::lines_of_record(&self.bureau.store, &self.bureau.keys, sent.entry)?;
        let reservations = row.reservations();
        let own = lines.iter().filter_map(|line| line.what.movement());
        let own = own.into_iter().find(|m| m.names.is_some_and(|id| reservations.contains(&id))).ok_or_else(none)?;
        let bank = places.iter().find(|place| place.place.place == own.from).ok_or_else(none)?;
        Ok((bank.place.place, own.to))
    }
}

fn total(rows: &[PayoutRow]) -> Fen {
    Fen(rows.iter().fold(0, |all, row| all + row.payout.amount().0))
}

/// What the bank says of each line that was sent; `None`: nothing yet.
///
/// Errors: every line that does not match, with its place in the file.
fn read_answer(text: &str, sent: &[BankLine]) -> Result<Vec<Option<bool>>, Failure> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let heads: Vec<String> =
        reader.headers().map(|heads| heads.iter().map(|head| head.trim().to_lowercase()).collect()).unwrap_or_default();
    let at = |names: [&str; 2]| heads.iter().position(|head| names.contains(&head.as_str()));
    let columns = (
        at(["reference", "参考号"]),
        at(["name", "户名"]),
        at(["account", "账号"]),
        at(["amount", "金额"]),
        at(["result", "结果"]),
    );
    let (Some(reference), Some(name), Some(account), Some(amount), Some(result)) = columns else {
        return Err(Failure::NotAnAnswer(vec![NotAnAnswer::Columns]));
    };
    let mut answers: Vec<Option<bool>> = vec![None; sent.len()];
    let mut wrong = Vec::new();
    for (row, record) in (2..).zip(reader.records()) {
        let Ok(record) = record else {
            wrong.push(NotAnAnswer::Columns);
            break;
        };
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let Some(place) = sent.iter().position(|line| line.reference == cell(reference)) else {
            wrong.push(NotAnAnswer::UnknownLine { row, reference: cell(reference).to_owned() });
            continue;
        };
        let line = &sent[place];
        if answers[place].is_some() {
            wrong.push(NotAnAnswer::Twice { row, reference: line.reference.clone() });
            continue;
        }
        if Fen::from_typed(cell(amount)) != Ok(line.amount) {
            wrong.push(NotAnAnswer::OtherAmount { row, sent: line.amount, answered: cell(amount).to_owned() });
        }
        // Of somebody erased since nobody can tell.
        if line.name.as_ref().is_some_and(|name_sent| name_sent != cell(name)) {
            wrong.push(NotAnAnswer::OtherName { row });
        }
        if line.account.as_ref().is_some_and(|account_sent| account_sent != cell(account)) {
            wrong.push(NotAnAnswer::OtherAccount { row });
        }
        match cell(result).to_lowercase().as_str() {
            "ok" | "成功" => answers[place] = Some(true),
            "failed" | "失败" | "退回" => answers[place] = Some(false),
            other => wrong.push(NotAnAnswer::Result { row, text: other.to_owned() }),
        }
    }
    match wrong.is_empty() {
        true => Ok(answers),
        false => Err(Failure::NotAnAnswer(wrong)),
    }
}

/// The bank's file as csv.
pub fn bank_csv(lines: &[BankLine], erased: &str) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(["reference", "name", "account", "amount"]);
    for line in lines {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| erased.to_owned());
        let _ =
            writer.write_record([line.reference.clone(), text(&line.name), text(&line.account), line.amount.yuan()]);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
