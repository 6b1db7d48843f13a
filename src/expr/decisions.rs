//! Where the field's engines differ (ODK Web Forms, the engine of ODK Collect, the specification), what is done here,
//! and why. One table: the yardstick test takes its answers from it, and so does the manual.

/// One question on which engines differ.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    pub topic: &'static str,
    /// What is done here.
    pub ours: &'static str,
    pub why: &'static str,
    /// Rows of the yardstick (`expressions.tsv`) that it settles, and the value each has here.
    pub rows: &'static [(u32, &'static str)],
}

pub const DECISIONS: &[Decision] = &[
    Decision {
        topic: "a reference as a condition",
        ours: "its value counts: an empty answer and the number 0 are false",
        why: "what authors mean by if(${x}, …); Collect does so",
        rows: &[(11, "f"), (518, "false"), (519, "false"), (528, "true"), (529, "true")],
    },
    Decision {
        topic: "selected() with a space in the name",
        ours: "false: a name has no spaces",
        why: "the specification: the list is split at spaces",
        rows: &[(36, "false")],
    },
    Decision {
        topic: "selected() with a number",
        ours: "taken as its text",
        why: "the specification takes strings; Collect refuses, which helps nobody",
        rows: &[(39, "true"), (40, "true")],
    },
    Decision {
        topic: "indexed-repeat with row 0",
        ours: "empty",
        why: "there is no row 0; authors write position(..) - 1 for the row before",
        rows: &[(82, "")],
    },
    Decision {
        topic: "a repeat named from inside one of its rows",
        ours: "all its rows",
        why: "count(${r}) is how many there are, wherever it stands; Web Forms does so",
        rows: &[(89, "3")],
    },
    Decision {
        topic: "a predicate with ${x} of the row",
        ours: "${x} is that of the row looked at",
        why: "what authors mean; Collect does so",
        rows: &[(91, "2"), (93, "2")],
    },
    Decision {
        topic: "empty answers in sum, min, max",
        ours: "passed over; a sum of nothing is 0, a least or largest of nothing is empty",
        why: "one empty row must not empty a total; Collect does so",
        rows: &[(100, "0"), (102, "0"), (103, "4.666666666666667"), (105, "0"), (120, "4"), (124, "3"), (126, "1"), (686, "14")],
    },
    Decision {
        topic: "max of negative numbers",
        ours: "the largest of them",
        why: "Collect begins at 0, which is a fault",
        rows: &[(114, "-1"), (116, "-7")],
    },
    Decision {
        topic: "regex()",
        ours: "the whole text must match",
        why: "the specification; Collect does so",
        rows: &[(131, "false"), (139, "false"), (143, "false"), (146, "false")],
    },
    Decision {
        topic: "faults that both engines refuse",
        ours: "told when the form is loaded, with their place",
        why: "an author must hear of them before a surveyor does",
        rows: &[(147, "#ERROR"), (278, "#ERROR"), (440, "#ERROR"), (447, "#ERROR"), (646, "#ERROR"), (708, "#ERROR"), (709, "#ERROR"), (710, "#ERROR"), (711, "#ERROR"), (678, "#ERROR")],
    },
    Decision {
        topic: "a text that is no day",
        ours: "told when the form is loaded if it is a literal, else empty",
        why: "Web Forms goes on with the text Invalid Date",
        rows: &[(441, "#ERROR"), (454, "#ERROR")],
    },
    Decision {
        topic: "many nodes where one text is wanted",
        ours: "concat and join take them all",
        why: "Web Forms does so; Collect refuses",
        rows: &[(219, "xzed!"), (220, "410,xzed"), (234, "4, 10, , x, , zed"), (680, "410")],
    },
    Decision {
        topic: "many nodes in a comparison",
        ours: "true if it is true for one of them",
        why: "XPath 1.0 3.4; Collect refuses",
        rows: &[(585, "true"), (587, "false"), (606, "false")],
    },
    Decision {
        topic: "boolean-from-string('TRUE')",
        ours: "true",
        why: "spreadsheets write it so; Collect does so",
        rows: &[(240, "true")],
    },
    Decision {
        topic: "string() of a moment",
        ours: "with its time",
        why: "nothing is lost; Web Forms does so",
        rows: &[(264, "2024-02-29T13:45:30.000+00:00")],
    },
    Decision {
        topic: "base64 without its padding",
        ours: "is read",
        why: "nothing is in doubt",
        rows: &[(283, "hello")],
    },
    Decision {
        topic: "functions that only one engine has",
        ours: "work",
        why: "the specification has them",
        rows: &[(284, ""), (489, "1238998"), (502, "true"), (702, "2"), (703, "-3"), (704, ""), (430, ""), (455, "0.5"), (457, "0.999988425925926"), (458, ""), (460, "0.125"), (461, "0.5416666666666666")],
    },
    Decision {
        topic: "round of a half",
        ours: "goes up, toward plus infinity",
        why: "XPath 1.0 4.4; Collect does so",
        rows: &[(286, "-2"), (289, "0"), (305, "-10")],
    },
    Decision {
        topic: "round to places",
        ours: "as the decimal text says: 1.005 to two places is 1.01",
        why: "what a clerk gets on paper; Collect does so",
        rows: &[(301, "1.01")],
    },
    Decision {
        topic: "number() of 1,000 and +5",
        ours: "no number",
        why: "XPath 1.0 4.4: digits, one point, a minus",
        rows: &[(323, ""), (333, "")],
    },
    Decision {
        topic: "number() of a text that is a day",
        ours: "days since 1970-01-01",
        why: "authors compare with days in quotes; Web Forms does so",
        rows: &[(337, "19782"), (338, "0"), (339, "-1")],
    },
    Decision {
        topic: "number() of a time of day",
        ours: "no number",
        why: "it has no day",
        rows: &[(341, "")],
    },
    Decision {
        topic: "number() of a day or a moment",
        ours: "whole days",
        why: "what Collect does; decimal-date-time keeps the time of day",
        rows: &[(410, "20254"), (421, "0")],
    },
    Decision {
        topic: "a moment in arithmetic and comparisons",
        ours: "with its time of day",
        why: "now() - today() is half a day at noon; Web Forms does so",
        rows: &[(424, "0.5"), (612, "true")],
    },
    Decision {
        topic: "date() of a number with a fraction",
        ours: "the day",
        why: "a date has no time; Collect does so",
        rows: &[(439, "2024-02-29")],
    },
    Decision {
        topic: "a day in quotes in a comparison",
        ours: "is a day",
        why: "what authors mean by ${date} > '2024-01-01'; Web Forms does so",
        rows: &[(603, "true")],
    },
    Decision {
        topic: "format-date of a number",
        ours: "days since 1970-01-01",
        why: "as everywhere else; Collect does so",
        rows: &[(471, "2024-02-29")],
    },
    Decision {
        topic: "format-date with %W, %j, %%",
        ours: "week, day of the year, a percent sign",
        why: "Collect knows the first and the last",
        rows: &[(473, "9"), (474, "060"), (475, "100%")],
    },
    Decision {
        topic: "area of fewer than three points",
        ours: "0",
        why: "nothing is enclosed",
        rows: &[(486, "0"), (487, "0")],
    },
    Decision {
        topic: "distance",
        ours: "not rounded; of fewer than two points 0",
        why: "Collect does so; an empty answer must not refuse a form",
        rows: &[(490, "2226.2073503657994"), (492, "0"), (493, "0")],
    },
    Decision {
        topic: "0.1 + 0.2 = 0.3",
        ours: "false",
        why: "numbers are IEEE 754, XPath 1.0 3.5; money is whole fen",
        rows: &[(589, "false")],
    },
    Decision {
        topic: "a number as a predicate",
        ours: "the item at that place",
        why: "XPath 1.0 2.4; Web Forms does so",
        rows: &[(696, "b"), (698, "2")],
    },
];

/// The decision that settles a row, and the row's value.
pub fn of_row(id: u32) -> Option<(&'static Decision, &'static str)> {
    DECISIONS.iter().find_map(|d| d.rows.iter().find(|(row, _)| *row == id).map(|(_, value)| (d, *value)))
}
