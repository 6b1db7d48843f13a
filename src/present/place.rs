//! A place of a survey being answered, as people know it. It needs no store: whoever tries a form has none.

use crate::domain::{Eyes, Mask, Message, Path};
use crate::form::model::ElementKind;
use crate::form::{At, Draft};
use crate::lang::{self, Lang};

/// Number and words of the question, and before them whose row it stands in: `李海峰：47 身份证号`; a row by its name alone.
pub fn called(draft: &Draft, at: At, lang: Lang) -> String {
    let path = draft.path(at);
    let rows = path.as_str().match_indices(']').filter_map(|(end, _)| draft.at(&Path::new(path.as_str().get(..=end)?)));
    let rows: Vec<At> = rows.collect();
    let own = if rows.last() == Some(&at) { None } else { Some(words(draft, at)) };
    let parts = rows.into_iter().map(|row| row_name(draft, row, lang)).chain(own);
    let joined = parts.reduce(|around, inside| {
        lang::say(&Message::new("present.in_row").with("row", around).with("label", inside), lang)
    });
    joined.unwrap_or_default()
}

/// Number and words; what has no words, by its name.
fn words(draft: &Draft, at: At) -> String {
    let node = draft.form().node(at.node);
    let words = draft.words(at);
    let words = if words.trim().is_empty() { node.name.as_str() } else { words.trim() };
    lang::clean(format!("{} {words}", node.number.as_deref().unwrap_or_default()).trim())
}

/// Whom or what a row is about: the member's name, and their number, since two may bear one name; of other rosters their words
/// and the first answer. A row that says nothing yet goes by its number.
fn row_name(draft: &Draft, row: At, lang: Lang) -> String {
    let form = draft.form();
    let number = draft.path(row).segments().last().and_then(|(_, index)| index).unwrap_or_default();
    let questions = || form.children(Some(row.node)).filter_map(|child| Some((child, form.question(child)?)));
    let is_person = matches!(form.node(row.node).kind, ElementKind::Repeat { person: true, .. })
        || questions().next().is_some_and(|(_, question)| question.masked == Some(Mask::Name));
    let answers = questions().filter(|(child, _)| !form.node(*child).label.is_empty()).map(|(child, question)| {
        let at = At { row: row.row, node: child };
        match question.masked {
            Some(mask) => mask.show(draft.value(at), Eyes::Duty),
            None => draft.shown(at),
        }
    });
    let mut answers = answers.filter(|answer| !answer.is_empty());
    match (answers.next(), is_person) {
        (None, _) => {
            let said = Message::new("present.row").with("roster", words(draft, row)).with("number", number);
            lang::say(&said, lang)
        }
        (Some(name), true) => lang::clean(&format!("{name} ({number})")),
        (Some(name), false) => lang::clean(&format!("{} {name}", words(draft, row))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Day, Stamp, Step};
    use crate::form::{Book, Supply, load};
    use std::collections::HashMap;
    use std::sync::Arc;

    const SURVEY: &str = "type,name,label,dossier::number,dossier::masked\n\
        begin group,family,Family,,\ntext,h_town,Town,7,\nbegin repeat,members,Members,44,\ntext,m_name,Name,45,name\n\
        text,m_id,ID number,47,id_number\nbegin repeat,jobs,Jobs,,\ntext,j_what,What,,\ntext,j_note,,,\nend repeat,,,,\n\
        end repeat,,,,\nend group,,,,\n";

    fn place(answers: &[(&str, &str)], path: &str) -> String {
        let book = Book::from_csv([("survey", SURVEY.as_bytes())]).unwrap();
        let form = Arc::new(load(&book, &HashMap::new()).unwrap().form);
        let mut draft = Draft::open(form, Supply::on(Stamp(0), Day(0)));
        for path in ["family/members", "family/members", "family/members[2]/jobs"] {
            draft.apply(&Step::Add { path: Path::new(path) });
        }
        for (path, text) in answers {
            let at = draft.at(&Path::new(*path)).unwrap_or_else(|| panic!("{path}"));
            draft.answer(at, text);
        }
        called(&draft, draft.at(&Path::new(path)).unwrap_or_else(|| panic!("{path}")), Lang::En)
    }

    #[test]
    fn a_question_is_called_by_number_and_words_and_a_group_by_its_words() {
        assert_eq!(place(&[], "family/h_town"), "7 Town");
        assert_eq!(place(&[], "family"), "Family");
        assert_eq!(place(&[], "family/members"), "44 Members");
    }

    #[test]
    fn a_row_is_called_by_its_member_and_without_a_name_by_its_number() {
        let named = [("family/members[2]/m_name", "Li Haifeng")];
        assert_eq!(place(&named, "family/members[2]"), "Li Haifeng (2)");
        assert_eq!(place(&named, "family/members[2]/m_id"), "Li Haifeng (2): 47 ID number");
        assert_eq!(place(&named, "family/members[1]/m_id"), "44 Members row 1: 47 ID number");
    }

    #[test]
    fn what_covers_an_answer_covers_it_in_the_name_of_a_row_too() {
        let only_id = [("family/members[1]/m_id", "152126196803150311")];
        let said = place(&only_id, "family/members[1]/m_name");
        assert!(!said.contains("19680315") && said.ends_with(": 45 Name"), "{said}");
    }

    #[test]
    fn a_row_inside_a_row_says_both_and_no_path_is_told() {
        let answers = [("family/members[2]/m_name", "Li Haifeng"), ("family/members[2]/jobs[1]/j_what", "welder")];
        assert_eq!(place(&answers, "family/members[2]/jobs[1]/j_what"), "Li Haifeng (2): Jobs welder: What");
        assert_eq!(place(&answers[..1], "family/members[2]/jobs[1]/j_what"), "Li Haifeng (2): Jobs row 1: What");
        // Nothing else is known of it than its name.
        assert_eq!(place(&answers, "family/members[2]/jobs[1]/j_note"), "Li Haifeng (2): Jobs welder: j_note");
    }
}
