//! What is typed to the roll: filters, groups, ways out.

use crate::command::roll::RollQuery;
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Roll {
    #[command(subcommand)]
    pub what: Option<RollCommand>,
    #[command(flatten)]
    pub asked: RollAsked,
    /// As it stood on this day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// A question that was saved; filters given besides are added to it
    #[arg(long, value_name = "NAME")]
    pub saved: Option<String>,
    /// Keep the question under a name
    #[arg(long, value_name = "NAME")]
    pub save: Option<String>,
    /// At most so many households on screen or in JSON (all of them in a file); more than 50 are a way out, and recorded
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
    /// Write a workbook
    #[arg(long, value_name = "FILE|-")]
    pub xlsx: Option<PathBuf>,
    /// Write csv
    #[arg(long, value_name = "FILE|-")]
    pub csv: Option<PathBuf>,
    /// With --xlsx and --csv: the counts alone, without households
    #[arg(long)]
    pub counts: bool,
    /// Write over a plain file of your own that stands there (never within the data folder)
    #[arg(long)]
    #[serde(default)]
    pub replace: bool,
}

/// Whole surveys, for analysis.
#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Export {
    /// One survey a line
    #[arg(long, value_name = "FILE|-", required_unless_present = "csv", conflicts_with = "csv")]
    pub jsonl: Option<PathBuf>,
    /// A new folder of tables: surveys, one for each roster, and a codebook
    #[arg(long, value_name = "FOLDER")]
    pub csv: Option<PathBuf>,
    /// Write over a plain file of your own that stands there (never within the data folder)
    #[arg(long, conflicts_with = "csv")]
    #[serde(default)]
    pub replace: bool,
    #[command(flatten)]
    pub asked: RollAsked,
    /// As it stood on this day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum RollCommand {
    /// What came and went between two days, by unit, category, month, quarter or year
    Movement(RollMovement),
    /// Questions kept by name
    Saved {
        /// Take one back
        #[arg(long, value_name = "NAME")]
        remove: Option<String>,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct RollMovement {
    /// The first day (else the first of January)
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The last day (else today)
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// all, unit, category, month, quarter, year
    #[arg(long, value_name = "BY", default_value = "unit")]
    pub by: String,
    /// Of this unit, with all below it
    #[arg(long, value_name = "UNIT", value_delimiter = ',')]
    pub unit: Vec<String>,
    /// Write a workbook
    #[arg(long, value_name = "FILE|-")]
    pub xlsx: Option<PathBuf>,
    /// Write csv
    #[arg(long, value_name = "FILE|-")]
    pub csv: Option<PathBuf>,
    /// Write over a plain file of your own that stands there (never within the data folder)
    #[arg(long)]
    #[serde(default)]
    pub replace: bool,
}

macro_rules! filters {
    ($($(#[$doc:meta])* $field:ident $name:literal $value:literal)*) => {
        /// Filters: codes or their words, several joined by commas; spans as `from..to`, either end open.
        #[derive(ClapArgs, Clone, Default, Serialize, Deserialize)]
        pub struct RollAsked {
            $($(#[$doc])* #[arg(long = $name, value_name = $value, value_delimiter = ',', help_heading = "Filters",
                allow_hyphen_values = true)]
            pub $field: Vec<String>,)*
            /// A condition over the answers, as in forms: "count(${members}) > 3"; again for another
            #[arg(long = "where", value_name = "CONDITION", help_heading = "Filters")]
            pub conditions: Vec<String>,
            /// The form whose answers --where reads (else the hardship form)
            #[arg(long, value_name = "FORM", help_heading = "Filters")]
            pub form: Option<String>,
            /// Count by: unit, category, status, level, upper, cause, need, division, members, per-head, opened, surveyed, age, sex, health, work, school, grade, skill, job, or any question
            #[arg(long, value_name = "BY")]
            pub group: Option<String>,
            /// And by this, crossed
            #[arg(long, value_name = "BY", requires = "group")]
            pub cross: Option<String>,
            /// number, unit, category, status, cause, members, per-head, income, opened, surveyed, due; -due: the last first
            #[arg(long, value_name = "BY", allow_hyphen_values = true)]
            pub sort: Option<String>,
        }

        impl RollAsked {
            /// Adds what is asked here to what was asked before.
            pub fn add_to(&self, asked: &mut RollQuery) {
                $(if !self.$field.is_empty() {
                    asked.filters.retain(|(name, _)| name != $name);
                    asked.filters.push(($name.to_owned(), self.$field.clone()));
                })*
                asked.conditions.extend(self.conditions.iter().cloned());
                asked.form = self.form.clone().or(asked.form.take());
                asked.group = self.group.clone().or(asked.group.take());
                asked.cross = self.cross.clone().or(asked.cross.take());
                asked.sort = self.sort.clone().or(asked.sort.take());
            }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),*];
    };
}

filters! {
    /// Units, with all below them on that day
    unit "unit" "UNIT"
    /// Category of hardship
    category "category" "CODE"
    /// on-file where nothing is said; all
    status "status" "STATUS"
    /// At which level a household is kept
    level "level" "CODE"
    /// What the union above says of a household
    upper "upper" "CODE"
    /// The main cause of hardship
    cause "cause" "CODE"
    /// Help wanted
    need "need" "CODE"
    /// Administrative division
    division "division" "CODE"
    /// Whether a phone is known: any, none
    phone "phone" "any|none"
    /// People in the household
    members "members" "N..N"
    /// Net income per head and month, in yuan
    per_head "per-head" "YUAN..YUAN"
    /// Yearly income of the household, in yuan
    income "income" "YUAN..YUAN"
    /// First day in the files
    opened "opened" "DATE..DATE"
    /// Closed or refused
    over "over" "DATE..DATE"
    /// Latest survey
    surveyed "surveyed" "DATE..DATE"
    /// Next survey due
    due "due" "DATE..DATE"
    /// Of one person, as all that follow
    age "age" "N..N"
    /// Sex
    sex "sex" "CODE"
    /// Relation to the worker
    relation "relation" "CODE"
    /// State of health
    health "health" "CODE"
    /// Illness
    disease "disease" "CODE"
    /// Work status
    work "work" "CODE"
    /// Capacity for labour
    labour "labour" "CODE"
    /// Stage of schooling
    school "school" "CODE"
    /// Year at school on that day, 1 to 12
    grade "grade" "N..N"
    /// Finishes school in that year
    leaves_school "leaves-school" "YEAR"
    /// Trade of somebody in the household
    skill "skill" "CODE"
    /// Work or training wanted
    job "job" "CODE"
}

#[cfg(test)]
mod tests {
    use crate::command::roll::FILTERS;

    #[test]
    fn every_filter_can_be_typed() {
        assert_eq!(super::NAMES, FILTERS.map(|kind| kind.name));
    }
}
