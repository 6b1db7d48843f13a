//! A campaign by command: begun, its list filled from the roll and from files (`filling.rs`), who is taken out and why (`judging.rs`),
//! checked by somebody else and granted (`grant.rs`), handed over, brought back and closed (`handing.rs`).

mod filling;
mod grant;
mod handing;
mod judging;
mod refusal;

pub use filling::{FilledFrom, NotAReceiver};
pub use handing::Signed;
pub use judging::{CampaignLine, LineState};
pub use refusal::NotInCampaign;

use super::code;
use crate::command::request::Request;
use crate::command::{Act, Duty, Failure, Office, Permit};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{
    CLASSES_MAX, Campaign, CampaignClass, CampaignState, CampaignStep, NotBooked, PlaceKind, RECEIVERS_MAX,
};
use crate::domain::{Day, EntryId, Fen, Now, Subject, UnitId};
use crate::store::{Expect, NotKept, Read};
use crate::views::fund::{self, CampaignRow, Hand, PlaceRow};
use crate::views::keyspaces::FUND_CAMPAIGNS;
use std::collections::BTreeSet;

/// A campaign to be begun, by the codes that people use.
#[derive(Clone, Debug)]
pub struct NewCampaign {
    pub code: String,
    pub aid: String,
    /// The festival, the school year.
    pub event: String,
    pub from: Day,
    pub until: Day,
    /// Code, standard, and the purse where it is another than the campaign's.
    pub classes: Vec<(String, Fen, Option<String>)>,
    pub purse: String,
    pub zh: String,
    pub en: String,
}

impl Office {
    /// Begins a campaign, with nobody on its list.
    pub fn begin_campaign(&self, new: &NewCampaign, now: Now) -> Result<CampaignRow, Failure> {
        let permit = self.may(Duty::ProposeAid, now)?;
        self.known_code("payout_kind", &new.aid)?;
        let code = code(&new.code)?;
        let event = super::document(&new.event)?;
        if event.is_empty() {
            return Err(Failure::NoName);
        }
        if new.until < new.from {
            return Err(Failure::Fund(NotBooked::Before { first: new.from }));
        }
        let mut classes: Vec<CampaignClass> = Vec::new();
        let mut purses = Vec::new();
        for (name, standard, purse) in &new.classes {
            let row = self.purse_named(purse.as_deref().unwrap_or(&new.purse))?;
            let name = self::code(name)?;
            let is_amount = standard.0 > 0 && standard.0 <= crate::domain::money::FEN_MAX;
            if !is_amount {
                return Err(Failure::Fund(NotBooked::Amount));
            }
            if classes.iter().any(|class| class.code == name) {
                return Err(Failure::Fund(NotBooked::CodeTaken { code: name }));
            }
            if !row.purse.may_pay(&new.aid) {
                return Err(Failure::Fund(NotBooked::PurposeDiffers { aid: new.aid.clone() }));
            }
            purses.push(row.entry);
            classes.push(CampaignClass { code: name, standard: *standard, purse: row.purse.purse });
        }
        if classes.is_empty() || classes.len() > CLASSES_MAX {
            return Err(NotInCampaign::Classes { most: CLASSES_MAX }.into());
        }
        let campaign = Campaign {
            code: code.clone(),
            aid: new.aid.clone(),
            event,
            from: new.from,
            until: new.until,
            classes,
            on: now.today,
        };
        let entry = match self.requested(&serde_json::json!(["campaign", campaign]))? {
            Request::New(entry) => entry,
            Request::Kept(entry) => return self.campaign(entry),
        };
        let known = fund::campaigns(&self.bureau.store, &self.bureau.keys)?;
        if known.iter().any(|row| row.campaign.code == code) {
            return Err(Failure::Fund(NotBooked::CodeTaken { code }));
        }
        let named = Person::Named { zh: crate::command::name(&new.zh)?, en: crate::command::name(&new.en)? };
        let act = Act::new(entry, now.at, Subject::Bureau, Ledger::CampaignOpened(campaign))
            .person(Subject::Bureau, named)
            .parents(purses);
        permit.keep(&act)?;
        self.campaign(entry)
    }

    fn campaign(&self, id: EntryId) -> Result<CampaignRow, Failure> {
        let row = fund::campaign(&self.bureau.store, &self.bureau.keys, id)?;
        row.ok_or_else(|| NotInCampaign::NoSuch { asked: id.hex() }.into())
    }

    /// Every campaign, in the order in which they were begun: what is to be handed to whom stands in its lines.
    pub fn campaigns(&self, now: Now) -> Result<Vec<CampaignRow>, Failure> {
        let _ = self.may(Duty::Open, now)?;
        Ok(fund::campaigns(&self.bureau.store, &self.bureau.keys)?)
    }

    /// The campaign of that code. Of two that stations began apart, the one whose id begins so.
    pub fn campaign_named(&self, asked: &str, now: Now) -> Result<CampaignRow, Failure> {
        let asked = asked.trim().to_lowercase();
        let is =
            |row: &CampaignRow| row.campaign.code == asked || (asked.len() >= 8 && row.id.hex().starts_with(&asked));
        let mut found = self.campaigns(now)?.into_iter().filter(is);
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row),
            _ => Err(NotInCampaign::NoSuch { asked }.into()),
        }
    }

    /// The campaign as it stands, whatever whoever acts had read before; and that it, its list and its steps, still are when what
    /// is decided on it is kept. The expectation is read first, so that what comes between the two is met by it.
    fn as_it_stands(&self, row: &CampaignRow) -> Result<(CampaignRow, Expect), Failure> {
        let unchanged = self.campaign_unchanged(row.id)?;
        Ok((self.campaign(row.id)?, unchanged))
    }

    /// That the campaign, its list and its steps, is still as it was read.
    fn campaign_unchanged(&self, id: EntryId) -> Result<Expect, Failure> {
        let value = self.bureau.store.get(FUND_CAMPAIGNS, &id.0)?;
        Ok(Expect { name: "campaign".into(), keyspace: FUND_CAMPAIGNS, key: id.0.to_vec(), value })
    }

    fn campaign_step(&self, row: &CampaignRow, to: CampaignState, on: Day) -> Result<CampaignStep, Failure> {
        let from = row.state();
        if !from.next().contains(&to) {
            return Err(NotInCampaign::State { from }.into());
        }
        let last = row.last().map_or(row.campaign.on, |row| row.step.on);
        if on < last {
            return Err(Failure::StepTooEarly { on, last });
        }
        Ok(CampaignStep {
            campaign: row.id,
            after: row.head(),
            to,
            on,
            count: 0,
            sum: Fen(0),
            meeting: None,
            lines: Vec::new(),
        })
    }

    /// Whoever has had a hand in it before does not take this step: who began it and filled its list, checked it, granted it.
    fn not_by_the_same(&self, hands: impl IntoIterator<Item = (crate::command::Did, Hand)>) -> Result<(), Failure> {
        for (did, hand) in hands {
            if self.is_same_person(hand.by, hand.session)? {
                return Err(Failure::SamePerson { did, on: hand.at.day() });
            }
        }
        Ok(())
    }

    /// The cash boxes and advances that something can be handed over from.
    pub fn places_by_hand(&self, now: Now) -> Result<Vec<PlaceRow>, Failure> {
        let _ = self.may(Duty::PayAid, now)?;
        let mut rows = fund::places(&self.bureau.store, &self.bureau.keys)?;
        rows.retain(|row| matches!(row.place.kind, PlaceKind::Cash | PlaceKind::Advance));
        Ok(rows)
    }

    /// The units whose lines whoever acts may see; `None`: all.
    fn lines_reach(&self, now: Now) -> Result<Option<BTreeSet<UnitId>>, Failure> {
        let _ = self.may(Duty::Open, now)?;
        self.reach(now)
    }
}

fn is_within(reach: &Option<BTreeSet<UnitId>>, unit: Option<UnitId>) -> bool {
    reach.as_ref().is_none_or(|reach| unit.is_some_and(|unit| reach.contains(&unit)))
}

/// Numbers of lines as people write them: `1-30,45`.
pub fn line_numbers(typed: &str) -> Option<Vec<usize>> {
    let mut out = Vec::new();
    for part in typed.split([',', '，', '、']).map(str::trim) {
        let (first, last) = part.split_once(['-', '－', '—']).unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if first == 0 || last < first || last > RECEIVERS_MAX {
            return None;
        }
        out.extend(first..=last);
    }
    Some(out)
}

/// Somebody else did something to it in between.
fn kept<T>(kept: Result<T, Failure>) -> Result<T, Failure> {
    match kept {
        Err(Failure::NotKept(NotKept::Lost(_))) => Err(NotInCampaign::Meanwhile.into()),
        other => other,
    }
}

/// Keeps a step with what belongs to it.
fn keep_step(permit: &Permit<'_>, act: &Act) -> Result<(), Failure> {
    kept(permit.keep(act)).map(drop)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_are_written_as_people_write_them() {
        for (typed, lines) in [
            ("3", Some(vec![3])),
            ("1-3,7", Some(vec![1, 2, 3, 7])),
            ("1－2、5", Some(vec![1, 2, 5])),
            ("", None),
            ("0", None),
            ("3-1", None),
            ("1-9999999", None),
            ("a", None),
        ] {
            assert_eq!(super::line_numbers(typed), lines, "{typed}");
        }
    }
}
