//! How personal data is covered for eyes that need not see it. A covered line stays apart from its neighbours: enough is
//! left to tell two people of one unit from each other, too little to find either.

use unicode_segmentation::UnicodeSegmentation;

/// A way of covering a text. Its name stands in a form's `dossier::masked`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mask {
    /// 王芳 → 王*, 刘心红 → 刘*红; longer names keep first and last. A middle dot stays, it is no part of the name.
    Name,
    /// `1****************1`: first and last one only. A birth day stands beside it, and whoever has that and the county needs
    /// no more than four digits to know the rest.
    IdNumber,
    /// `138****1234`
    Phone,
    /// `****0018`
    BankCard,
    /// As far as the forest farm, else the town: what a public notice may say.
    Address,
    /// Why a household is in hardship, which often is an illness: nothing of it, unless to whoever has the duty to count by
    /// illnesses.
    Cause,
    /// Nothing at all: health, opinions, certificates.
    All,
}

/// Before whose eyes something is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Eyes {
    /// Of whoever has the duty in the household's unit: people must be told apart, so names stand in the clear.
    #[default]
    Duty,
    /// Of whoever works in the household's unit and has nothing to do with its illnesses (pays it, say): names in the clear,
    /// why it is in hardship not.
    Names,
    /// Of somebody of elsewhere, who opened it for a reason.
    Elsewhere,
    /// Of whoever asked to see what is covered, and left a record; or of whoever typed it.
    Revealed,
}

impl Mask {
    pub const ALL: [Mask; 7] =
        [Mask::Name, Mask::IdNumber, Mask::Phone, Mask::BankCard, Mask::Address, Mask::Cause, Mask::All];

    pub fn code(self) -> &'static str {
        match self {
            Mask::Name => "name",
            Mask::IdNumber => "id_number",
            Mask::Phone => "phone",
            Mask::BankCard => "bank_card",
            Mask::Address => "address",
            Mask::Cause => "cause",
            Mask::All => "all",
        }
    }

    pub fn from_code(code: &str) -> Option<Mask> {
        // What forms of before call strict is what every ID number has by now.
        let code = if code == "id_number_strict" { "id_number" } else { code };
        Mask::ALL.into_iter().find(|m| m.code() == code)
    }

    /// The text as those eyes may see it.
    pub fn show(self, text: &str, eyes: Eyes) -> String {
        if self.covers(eyes) { self.cover(text) } else { text.to_owned() }
    }

    /// Whether those eyes see less than the whole of it.
    pub fn covers(self, eyes: Eyes) -> bool {
        !matches!(
            (eyes, self),
            (Eyes::Revealed, _) | (Eyes::Duty, Mask::Name | Mask::Cause) | (Eyes::Names, Mask::Name)
        )
    }

    /// Whether nothing at all is left of what it covers. Before eyes that it covers from, an answer then looks the same
    /// whether there is one or not.
    pub fn is_whole(self) -> bool {
        matches!(self, Mask::Cause | Mask::All)
    }

    /// An empty text stays empty; whatever else comes in, in any shape, goes out covered.
    pub fn cover(self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        match self {
            Mask::Name => name(text),
            Mask::IdNumber => ends(text, 1, 1, 16),
            Mask::Phone => ends(text, 3, 4, 4),
            Mask::BankCard => ends(text, 0, 4, 4),
            Mask::Address => address(text),
            Mask::Cause | Mask::All => "***".to_owned(),
        }
    }
}

fn name(text: &str) -> String {
    let letters = text.graphemes(true).filter(|part| *part != DOT).count();
    let mut at = 0;
    let cover = |part| {
        if part == DOT {
            return part;
        }
        at += 1;
        let shown = at == 1 && letters > 1 || at == letters && letters > 2;
        if shown { part } else { "*" }
    };
    text.graphemes(true).map(cover).collect()
}

/// Stands between the parts of a name: 娜仁·格日勒.
const DOT: &str = "·";

/// The first and last few characters around a fixed number of stars. A text too short to hide as much as it shows is
/// hidden whole.
fn ends(text: &str, first: usize, last: usize, stars: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < first + last + 4 {
        return "*".repeat(stars);
    }
    let head = chars.iter().take(first);
    let tail = chars.iter().skip(chars.len() - last);
    head.copied().chain(std::iter::repeat_n('*', stars)).chain(tail.copied()).collect()
}

/// Where an address may end, the most wanted first.
const PLACES: [&str; 9] = ["林场", "贮木场", "管护所", "林业局", "镇", "乡", "苏木", "旗", "市"];

fn address(text: &str) -> String {
    let end = PLACES.iter().find_map(|place| text.find(place).map(|at| at + place.len()));
    format!("{}***", end.and_then(|end| text.get(..end)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_see() {
        for (mask, text, covered) in [
            (Mask::Name, "刘心红", "刘*红"),
            (Mask::Name, "王芳", "王*"),
            (Mask::Name, "王", "*"),
            (Mask::Name, "欧阳小红", "欧**红"),
            (Mask::Name, "娜仁·格日勒", "娜*·**勒"),
            (Mask::Name, "阿·乙", "阿·*"),
            (Mask::Name, "𠮷田花", "𠮷*花"),
            (Mask::IdNumber, "152126196803150311", "1****************1"),
            (Mask::IdNumber, "15212619680229011X", "1****************X"),
            (Mask::IdNumber, "152126680315031", "1****************1"),
            (Mask::IdNumber, "15212", "****************"),
            (Mask::Phone, "13800001234", "138****1234"),
            (Mask::Phone, "7651234", "****"),
            (Mask::BankCard, "6228480000000000018", "****0018"),
            (Mask::BankCard, "0018", "****"),
            (Mask::Address, "根河市金河镇河源林场3号楼2单元", "根河市金河镇河源林场***"),
            (Mask::Address, "金河镇中央街12号", "金河镇***"),
            (Mask::Address, "中央街12号", "***"),
            (Mask::Cause, "061", "***"),
            (Mask::All, "癌症", "***"),
            (Mask::Name, "", ""),
        ] {
            assert_eq!(mask.cover(text), covered, "{text}");
        }
    }

    #[test]
    fn names_are_clear_where_people_are_told_apart_and_nothing_else_is() {
        for mask in Mask::ALL {
            let text = "152126196803150311";
            assert_eq!(mask.show(text, Eyes::Revealed), text);
            assert_eq!(mask.show(text, Eyes::Elsewhere), mask.cover(text));
            assert_eq!(mask.show(text, Eyes::Names) == text, mask == Mask::Name, "{mask:?}");
            let of_duty = [Mask::Name, Mask::Cause].contains(&mask);
            assert_eq!(mask.show(text, Eyes::Duty) == text, of_duty, "{mask:?}");
        }
    }

    #[test]
    fn every_mask_is_found_by_its_name() {
        for mask in Mask::ALL {
            assert_eq!(Mask::from_code(mask.code()), Some(mask));
        }
        assert_eq!(Mask::from_code("yes"), None);
    }
}
