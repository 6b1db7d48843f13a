//! A synthetic bureau with years of history: what `demo` makes, so that everything can be tried on it. Every household is
//! surveyed, reviewed, helped and closed through the commands that a person uses, day by day from 2016, so whatever the demo
//! shows is what the program does.
//!
//! It writes no record itself and knows no rule: what becomes of a household is what the rule sets make of its answers.
//! Start reading at [`make`], then `play.rs` (the years go by), `scenario.rs` (which stories), `sheet.rs` (who answers
//! what), `fund/mod.rs` (the money).

mod dice;
mod fill;
mod fund;
mod household;
mod money;
mod people;
mod play;
mod scenario;
mod sheet;
mod story;

use super::opening::{self, OpenOffice};
use super::{Failure, Library};
use crate::domain::{Day, Now, Stamp};
use crate::seal::secret::SeededRandom;
use crate::seal::{Random, SealError, SystemRandom};
use dice::Dice;
use fund::{Fund, FundOfficers};
use people::Register;
use play::Play;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use story::Maker;

/// What is asked for. The same plan makes the same bureau.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    pub households: usize,
    pub seed: u64,
    /// The last day of the history.
    pub today: Day,
}

/// Where a demo's ids and keys come from: ids follow from the seed, so that the same plan makes the same bureau; keys never
/// do. A folder that somebody goes on to use in earnest, whatever it says of itself, opens to nobody who knows the seed.
struct DemoRandom(SeededRandom);

impl Random for DemoRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError> {
        // An id has 16 bytes.
        if out.len() <= 16 { self.0.fill(out) } else { SystemRandom.fill(out) }
    }
}

/// What was made, or found made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    pub plan: Plan,
    pub surveys: usize,
    pub records: u64,
    /// It was there already, and is as it was left.
    pub found: bool,
}

/// More would not fit on a disk that anybody tries things on.
pub const HOUSEHOLDS_MAX: usize = 100_000;

/// Says that a folder is a demo, and of which plan: `seed=…`, a line each. Written last of all but the move.
pub(super) const MARK: &str = "demo";

/// Officers of the demo; the last one reviews.
pub const OFFICERS: [&str; 6] = ["陈志强", "王秀兰", "包·图雅", "李海峰", "赵敏", "孙建国"];
/// Who approves in the demo: nobody approves what they surveyed or reviewed.
const APPROVER: &str = "周文华";
/// Who supervises in the demo.
const SUPERVISOR: &str = "郑立新";
/// Who keeps the fund's book, and who pays: never one person.
const ACCOUNTANT: &str = "马丽华";
const CASHIER: &str = "于春燕";

/// The first day of the history.
fn begins() -> Day {
    Day::from_ymd(2016, 1, 4).unwrap_or(Day(0))
}

/// The clock of the years that go by: it never goes back, and no two acts have one moment.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    fn at(day: Day) -> Clock {
        Clock(Arc::new(AtomicI64::new(morning(day))))
    }

    /// A moment of that day, later than every one before.
    fn go(&self, day: Day) -> Now {
        let at = (self.0.load(Ordering::Relaxed) + 60_000).max(morning(day));
        self.0.store(at, Ordering::Relaxed);
        Now { at: Stamp(at), today: day }
    }

    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Half past eight in the bureau.
fn morning(day: Day) -> i64 {
    i64::from(day.0) * 86_400_000 + 8 * 3_600_000 + 1_800_000 - crate::domain::date::ZONE_MS
}

/// Makes the bureau in `folder`, or finds it there. It is built beside and moved into place when it is whole.
///
/// Errors: the folder holds something that is no demo of that seed; what opening, surveying and keeping can meet.
pub fn make(
    folder: &Path,
    plan: Plan,
    library: Arc<Library>,
    machine: Vec<u8>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, Failure> {
    let failed = |at: &Path| {
        let folder = at.display().to_string();
        move |why: std::io::Error| Failure::Folder { folder, why: why.to_string() }
    };
    let foreign = || Failure::NotADemo { folder: folder.display().to_string(), seed: plan.seed };
    if let Some(made) = read_mark(folder) {
        return if made.plan.seed == plan.seed { Ok(made) } else { Err(foreign()) };
    }
    if !is_empty(folder).map_err(failed(folder))? {
        return Err(foreign());
    }
    let building = beside(folder);
    if !is_empty(&building).map_err(failed(&building))? {
        // Only what an earlier demo left unfinished is taken away.
        if !building.join(MARK).exists() {
            return Err(Failure::NotADemo { folder: building.display().to_string(), seed: plan.seed });
        }
        std::fs::remove_dir_all(&building).map_err(failed(&building))?;
    }
    crate::store::disk::create_private_folder(&building).map_err(failed(&building))?;
    std::fs::write(building.join(MARK), "unfinished\n").map_err(failed(&building))?;
    let made = build(&building, plan, library, machine, progress)?;
    std::fs::write(building.join(MARK), mark(&made)).map_err(failed(&building))?;
    std::fs::rename(&building, folder).map_err(failed(folder))?;
    Ok(made)
}

/// Where the bureau is built before it is whole.
fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_os_string();
    name.push(".unfinished");
    folder.with_file_name(name)
}

/// Missing counts as empty.
fn is_empty(folder: &Path) -> std::io::Result<bool> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether a folder is a demo: nobody's help depends on it.
pub fn is_one(folder: &Path) -> bool {
    folder.join(MARK).is_file()
}

fn mark(made: &Made) -> String {
    let Plan { households, seed, today } = made.plan;
    let (surveys, records) = (made.surveys, made.records);
    format!("seed={seed}\nhouseholds={households}\ntoday={today}\nsurveys={surveys}\nrecords={records}\n")
}

fn read_mark(folder: &Path) -> Option<Made> {
    let text = String::from_utf8(crate::store::disk::read_plain(&folder.join(MARK)).ok()?).ok()?;
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    Some(Made {
        plan: Plan {
            households: value("households")?.parse().ok()?,
            seed: value("seed")?.parse().ok()?,
            today: Day::from_iso(value("today")?)?,
        },
        surveys: value("surveys")?.parse().ok()?,
        records: value("records")?.parse().ok()?,
        found: true,
    })
}

fn build(
    folder: &Path,
    plan: Plan,
    library: Arc<Library>,
    machine: Vec<u8>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, Failure> {
    let clock = Clock::at(begins());
    let ticking = clock.clone();
    let first = OFFICERS.last().copied().unwrap_or("demo");
    let opened = opening::open(OpenOffice {
        clock: Box::new(move || ticking.now()),
        machine,
        user: first.to_owned(),
        ..OpenOffice::new(
            folder,
            library.clone(),
            Box::new(DemoRandom(SeededRandom::new(plan.seed))),
            clock.go(begins()),
        )
    })?;
    let mut office = opened.office;
    let reviewer = office.officer();
    office.mark_made_up(plan.seed, clock.go(begins()))?;
    let units = library.units();
    let mut surveyors = Vec::new();
    for name in OFFICERS.iter().take(OFFICERS.len() - 1) {
        surveyors.push(office.add_officer(name, name, &["surveyor"], &[], clock.go(begins()))?);
    }
    let approver = office.add_officer(APPROVER, APPROVER, &["approver"], &[], clock.go(begins()))?;
    let supervisor = office.add_officer(SUPERVISOR, SUPERVISOR, &["supervisor"], &[], clock.go(begins()))?;
    let accountant = office.add_officer(ACCOUNTANT, ACCOUNTANT, &["accountant"], &[], clock.go(begins()))?;
    let cashier = office.add_officer(CASHIER, CASHIER, &["cashier"], &[], clock.go(begins()))?;
    let proposers = surveyors.clone();
    let officers = FundOfficers { proposers, checker: reviewer, approver, cashier, accountant, supervisor };
    let mut dice = Dice::new(plan.seed);
    let mut reported = scenario::reported().into_iter();
    let mut stories = Vec::with_capacity(plan.households);
    let days = i64::from(plan.today.0) - i64::from(begins().0);
    for _ in 0..plan.households {
        let mut own = dice.apart();
        let scenario = reported.next().unwrap_or_else(|| scenario::drawn(&mut own));
        let named = scenario.first.and_then(|(year, month)| Day::from_ymd(year, month, own.between(2, 26) as u32));
        // Most came in the first years, some only now.
        let drawn = begins().plus_days(30 + own.between(0, days.max(1)).min(own.between(0, days.max(1))) as i32);
        stories.push((named.unwrap_or(drawn), scenario, own));
    }
    let form = library.hardship()?.clone();
    let mut register = Register::new();
    let mut maker = Maker { register: &mut register, units };
    let mut play = Play {
        office: &mut office,
        clock: &clock,
        form,
        units,
        surveyors,
        reviewer,
        approver,
        today: plan.today,
        fund: Fund::new(&plan, officers),
        surveys: 0,
        adopted: Vec::new(),
    };
    play.play(&mut maker, stories, progress)?;
    let surveys = play.surveys;
    let records = office.bureau.store.position();
    office.close()?;
    Ok(Made { plan, surveys, records, found: false })
}
