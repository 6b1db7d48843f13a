//! What an ID number tells besides.

use super::{At, Draft};
use crate::domain::id_number::Sex;
use crate::domain::{IdNumber, questions};

impl Draft {
    /// Sex and birth date stand in an ID number: what they are at the questions beside it that nothing stands at yet.
    pub fn implied_by_id(&self, at: At) -> Vec<(At, String)> {
        let form = &self.form;
        let node = form.node(at.node);
        let Some(prefix) = node.name.strip_suffix(questions::ID_NUMBER) else { return Vec::new() };
        let Ok(id) = IdNumber::from_typed(self.value(at)) else { return Vec::new() };
        let sex = if id.sex() == Sex::Male { "1" } else { "2" };
        let implied = [(questions::SEX, sex.to_owned()), (questions::BIRTH_DATE, id.birth().to_string())];
        let beside = implied.into_iter().filter_map(|(name, value)| {
            let of = form.by_name.get(&format!("{prefix}{name}")).and_then(|ids| ids.first());
            let of = of.filter(|of| form.node(**of).scope == node.scope && form.node(**of).parent == node.parent)?;
            let beside = At { row: at.row, node: *of };
            (self.given(beside).is_none() && self.relevant(beside)).then_some((beside, value))
        });
        beside.collect()
    }
}
