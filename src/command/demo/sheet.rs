//! What a household answers to each question of the hardship form, by the question's name.

use super::household::{Change, Household, Member, Money};
use crate::domain::event::SurveyKind;
use crate::domain::{Day, Fen, Given, State};

/// One survey on paper: the household as it is that day, and what belongs to the day alone.
pub struct PaperSurvey<'a> {
    pub household: &'a Household,
    pub money: &'a Money,
    pub kind: SurveyKind,
    pub on: Day,
    pub accepted_on: Day,
    /// As people type it: the code of the unit that stands for theirs on that day.
    pub unit: &'a str,
    pub investigators: &'a str,
    pub changes: &'a [Change],
    /// Code of list `trend`.
    pub trend: &'static str,
    pub cause_gone: bool,
}

fn yes(is: bool) -> &'static str {
    if is { "1" } else { "2" }
}

fn text(value: impl Into<String>) -> Option<Given> {
    Some(Given::Value(value.into())).filter(|g| *g != Given::Value(String::new()))
}

fn yuan(amount: Fen) -> Option<Given> {
    text(amount.yuan())
}

impl PaperSurvey<'_> {
    /// The answer to the question `name`, in row `row` (from 1) where it stands in a roster. `None`: nothing to say.
    pub fn answer(&self, name: &str, row: Option<u32>) -> Option<Given> {
        let index = row.and_then(|n| usize::try_from(n).ok()).and_then(|n| n.checked_sub(1));
        match (name.split_once('_').map_or("", |(head, _)| head), index) {
            ("m", Some(i)) => self.household.members.get(i).and_then(|m| self.of_member(m, name)),
            ("ch", Some(i)) => self.changes.get(i).and_then(|c| self.of_change(c, name)),
            ("sk", Some(i)) => self.of_skill(i, name),
            ("jn", _) => self.of_job_need(name),
            _ => self.of_visit(name).or_else(|| self.of_worker(name)).or_else(|| self.of_income(name)),
        }
    }

    fn of_visit(&self, name: &str) -> Option<Given> {
        let h = self.household;
        match name {
            "survey_type" => text(self.kind.code().unwrap_or("1")),
            "survey_date" | "applicant_sign_date" => text(self.on.to_string()),
            "investigators" => text(self.investigators),
            "consent_sensitive" => text("1"),
            "app_by" => text(if h.work_status == "51" { "3" } else { "1" }),
            "app_by_name" => text("基层工会"),
            "app_for_whom" => text("1"),
            "app_for" | "help_wanted" => text(h.helps),
            "app_channel" => text(if h.work_status == "51" { "4" } else { "1" }),
            "app_accepted_on" => text(self.accepted_on.to_string()),
            "has_change" => text(yes(!self.changes.is_empty())),
            "trend" => text(self.trend),
            "cause_gone" => text(yes(self.cause_gone)),
            "has_job_need" => text(yes(h.job_need)),
            "self_help" => text(yes(h.work_status != "51")),
            _ => None,
        }
    }

    fn of_worker(&self, name: &str) -> Option<Given> {
        let h = self.household;
        match name {
            "name" => text(&h.worker.name),
            "id_number" => text(&h.worker.id_number),
            "sex" => text(h.worker.sex.code()),
            "birth_date" => text(h.worker.birth.to_string()),
            "ethnicity" => text(h.ethnicity),
            "political_status" => text(h.political),
            "marital_status" => text(h.marital),
            "education" => text(h.education),
            "health_status" => text(h.health),
            "disease_name" => text(h.disease),
            "disability_category" => text(&h.health[h.health.len().min(1)..]),
            "disability_grade" => text(h.grade),
            "disability_cert_no" => {
                text(format!("{}{}{}", h.worker.id_number, &h.health[h.health.len().min(1)..], h.grade))
            }
            "model_worker" => text(h.model),
            "hukou_type" => text("1"),
            "hukou_division" => text(h.division),
            "address" => text(&h.address),
            "phone" => text(&h.phone),
            "union_member" => text("1"),
            "work_unit" => text(self.unit),
            "unit_nature" => text(h.unit_nature),
            "unit_condition" => text(h.unit_condition),
            "work_status" => text(h.work_status),
            "work_start" => text(h.work_start.to_string()),
            "contract_term" => text(h.contract),
            "bank_name" => text(h.bank),
            "bank_account" => text(&h.card),
            "single_parent" => text(yes(h.spouse().is_none() && h.has_children())),
            "housing_type" => text(h.housing),
            "housing_area" => text(h.area.to_string()),
            "housing_count" => text(if matches!(h.housing, "1" | "2" | "3") { "1" } else { "0" }),
            "has_vehicle" => text(h.vehicle),
            "has_business" => text("2"),
            "private_school_abroad" => text("2"),
            "cause_main" => text(h.cause),
            "cause_other" => text(h.other_cause),
            "cause_note" => text(h.cause_note),
            _ => None,
        }
    }

    fn of_income(&self, name: &str) -> Option<Given> {
        let m = self.money;
        let refused = |amount| if m.refused { Some(Given::State(State::Refused)) } else { yuan(amount) };
        match name {
            "dibao_status" => text(m.dibao),
            "income_period" => text("1"),
            "own_month_wage" => refused(m.own_month),
            "inc_wage" => refused(m.wage),
            "inc_business" => yuan(m.business),
            "inc_property" => yuan(m.property),
            "inc_pension" => yuan(m.pension),
            "inc_transfer" => yuan(m.transfer),
            "inc_other" => refused(m.other),
            "exp_med_total" => yuan(m.medical),
            "exp_med_reimb" => yuan(m.reimbursed),
            "exp_education" => yuan(m.education),
            "exp_disability" => yuan(m.disability),
            "exp_employment" => yuan(m.employment),
            "loss_accident" => yuan(m.loss),
            "loss_compensated" => yuan(m.compensated),
            "event_kind" if m.loss > Fen(0) => text(if self.household.cause == "07" { "1" } else { "2" }),
            "event_date" => {
                let change = self.changes.iter().find(|change| change.kind == "15");
                text(change.map_or(self.on.plus_days(-30), |change| change.on).to_string())
            }
            "event_harm" => text("3"),
            "event_renewal" => text("2"),
            "exp_living" => yuan(m.living),
            "debt" => yuan(m.debt),
            "financial_assets" => yuan(m.assets),
            _ => None,
        }
    }

    fn of_member(&self, m: &Member, name: &str) -> Option<Given> {
        let age = m.human.birth.age_on(self.on);
        let school = m.school(self.on);
        match name {
            "m_name" => text(&m.human.name),
            "m_relation" => text(m.relation),
            // A newborn has none yet.
            "m_id_number" if self.on.0 - m.human.birth.0 < 90 => None,
            "m_id_number" => text(&m.human.id_number),
            "m_sex" => text(m.human.sex.code()),
            "m_birth_date" => text(m.human.birth.to_string()),
            "m_health" => text(m.health),
            "m_disease" => text(m.disease),
            "m_person_status" => text(m.status),
            "m_school_stage" => text(school.map_or("5", |(stage, _)| stage)),
            "m_school" => text(match school.map(|(stage, _)| stage) {
                Some("2") => "林城小学",
                Some("3") => "林城中学",
                Some("4") => "林城高级中学",
                Some("6") => "北疆大学",
                _ => "北疆职业技术学院",
            }),
            "m_enrol_year" => school.and_then(|(_, year)| text(year.to_string())),
            "m_school_years" => school.and_then(|(stage, _)| {
                text(match stage {
                    "2" => "6",
                    "6" => "4",
                    _ => "3",
                })
            }),
            "m_unit" => text(if m.is_spouse() { "林城社区服务站" } else { "外地务工" }),
            "m_month_income" if age >= 16 => {
                let month = self.money.member_month.iter().find(|(key, _)| *key == m.human.key);
                yuan(month.map_or(Fen(0), |(_, amount)| *amount))
            }
            "m_medical_ins" => text(if matches!(m.status, "11" | "14") { "1" } else { "2" }),
            "m_labour" => text(match m.status {
                "51" => "3",
                "31" => "1",
                _ if m.health == "10" => "1",
                _ => "2",
            }),
            "m_lives_together" => text(yes(m.lives_together)),
            _ => None,
        }
    }

    fn of_change(&self, change: &Change, name: &str) -> Option<Given> {
        match name {
            "ch_date" => text(change.on.to_string()),
            "ch_type" => text(change.kind),
            "ch_person" => change.person.and_then(|key| self.household.place(key)).and_then(|n| text(n.to_string())),
            "ch_amount" => change.amount.and_then(yuan),
            "ch_evidence" => text(change.evidence),
            _ => None,
        }
    }

    fn of_skill(&self, index: usize, name: &str) -> Option<Given> {
        let h = self.household;
        let holder = h.skill_holders().get(index).copied()?;
        let own = holder == super::household::WORKER;
        match name {
            "sk_person" => h.place(holder).and_then(|n| text(n.to_string())),
            "sk_occupation" => text(if own { h.trade } else { "14" }),
            "sk_level" => text(if own { h.skill_level } else { "0" }),
            "sk_years" => {
                text(if own { h.work_start.age_on(self.on).clamp(0, 50).to_string() } else { "1".to_owned() })
            }
            "sk_use" => text("1"),
            _ => None,
        }
    }

    fn of_job_need(&self, name: &str) -> Option<Given> {
        match name {
            "jn_person" => text("0"),
            "jn_type" => text("1 3"),
            "jn_occupation" => text("04"),
            "jn_region" => text("1"),
            "jn_min_wage" => text("2000.00"),
            "jn_training" => text("食用菌栽培"),
            "jn_available" => text(self.on.plus_months(1).to_string()),
            _ => None,
        }
    }
}

impl Household {
    /// Whose skills are on file, in the order of the rows.
    pub fn skill_holders(&self) -> Vec<u32> {
        std::iter::once(super::household::WORKER)
            .filter(|_| self.trade != "99")
            .chain(self.skilled.iter().copied().filter(|key| self.place(*key).is_some()))
            .collect()
    }
}
