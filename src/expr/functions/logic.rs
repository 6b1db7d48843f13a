//! Conditions, and what chooses between values.

use super::{Call, Function, row, special};
use crate::expr::value::{Truth, Value};

pub(super) const TABLE: &[Function] = &[
    row!("if", 3..=3, [Boolean, Any, Any] -> Any, "条件成立取第二项,否则取第三项", "the second if the first holds, else the third",
        "if(${x} = 3, 'yes', 'no')" => "yes", "if(0, 1, 2)" => "2", if_),
    row!("not", 1..=1, [Boolean] -> Boolean, "反过来", "true if it is false", "not(1 = 2)" => "true", "not(${x})" => "false", not),
    row!("true", 0..=0, [] -> Boolean, "真", "true", "true()" => "true", "string(true())" => "true", |_| Value::Bool(true)),
    row!("false", 0..=0, [] -> Boolean, "假", "false", "false()" => "false", "not(false())" => "true", |_| Value::Bool(false)),
    row!("boolean", 1..=1, [Any] -> Boolean, "非零的数、非空的文本为真", "true for a number but 0, for a text but the empty one",
        "boolean('0')" => "true", "boolean(0)" => "false", |c| c.truth(0).into()),
    row!("boolean-from-string", 1..=1, [Text] -> Boolean, "文本是 true 或 1 时为真", "true for the texts true and 1",
        "boolean-from-string('true')" => "true", "boolean-from-string('yes')" => "false", boolean_from_string),
    row!("coalesce", 1.., [Any] -> Any, "第一个不空的值", "the first that is not empty",
        "coalesce(${empty}, 'x')" => "x", "coalesce(${x}, 0)" => "3", coalesce),
    row!("once", 1..=1, [Any] -> Any, "只算一次:已有值则保留", "kept once it has a value", "once(${x})" => "3", "once('')" => "", special),
    row!("checklist", 2.., [Number, Number, Boolean] -> Boolean, "成立的项数在下限与上限之间(-1 为不限)",
        "as many hold as the two bounds say (-1: no bound)",
        "checklist(1, 2, 1 = 1, 1 = 2)" => "true", "checklist(2, -1, 1 = 1, 1 = 2)" => "false", checklist),
    row!("weighted-checklist", 2.., [Number, Number, Any] -> Boolean, "成立的项的权数之和在下限与上限之间",
        "the weights of those that hold add up to within the bounds",
        "weighted-checklist(2, 5, true(), 3, false(), 4)" => "true", "weighted-checklist(4, -1, true(), 3)" => "false", weighted),
    row!("depend", 1.., [Any] -> Any, "取第一项;其余各项变动时重算", "the first; computed again when another changes",
        "depend(${x}, ${many})" => "3", "depend('a')" => "a", |c| c.value(0)),
    row!("empty", 1..=1, [Any] -> Boolean, "没有值时为真", "true if there is no value", "empty(${empty})" => "true", "empty(${x})" => "false",
        |c| Value::Bool(c.value(0).is_empty())),
];

fn if_<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    match call.truth(0) {
        Truth::Yes => call.raw(1),
        Truth::No => call.raw(2),
        // Both ways lead to the same: whatever the unknown is, it changes nothing.
        Truth::Unknown => {
            let (yes, no) = (call.raw(1), call.raw(2));
            if yes == no { yes } else { Value::Unknown }
        }
    }
}

fn not<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    (!call.truth(0)).into()
}

fn boolean_from_string<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let text = call.text(0);
    Value::Bool(text == "1" || text.eq_ignore_ascii_case("true"))
}

fn coalesce<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    for i in 0..call.len() {
        let value = call.raw(i);
        if !value.is_empty() {
            return value;
        }
    }
    Value::EMPTY
}

/// Between the two bounds; a negative bound is none.
fn within(call: &Call<'_, '_>, least: f64, most: f64) -> Truth {
    let (low, high) = (call.number(0), call.number(1));
    // `least` are sure, `most` possible.
    let above = if low < 0.0 || least >= low { Truth::Yes } else if most >= low { Truth::Unknown } else { Truth::No };
    let below = if high < 0.0 || most <= high { Truth::Yes } else if least <= high { Truth::Unknown } else { Truth::No };
    match (above, below) {
        (Truth::No, _) | (_, Truth::No) => Truth::No,
        (Truth::Yes, Truth::Yes) => Truth::Yes,
        _ => Truth::Unknown,
    }
}

fn checklist<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let (mut sure, mut possible) = (0.0, 0.0);
    for i in 2..call.len() {
        match call.truth(i) {
            Truth::Yes => {
                sure += 1.0;
                possible += 1.0;
            }
            Truth::Unknown => possible += 1.0,
            Truth::No => {}
        }
    }
    within(call, sure, possible).into()
}

fn weighted<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let mut sum = 0.0;
    for i in (2..call.len()).step_by(2) {
        match call.truth(i) {
            Truth::Yes => sum += call.number(i + 1),
            Truth::Unknown => return Value::Unknown,
            Truth::No => {}
        }
    }
    within(call, sum, sum).into()
}
