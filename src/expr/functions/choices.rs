//! Choice names in a text, labels, lists and tables.

use super::{Call, Function, row, special};
use crate::expr::value::Value;
use std::borrow::Cow;

pub(super) const TABLE: &[Function] = &[
    row!("selected", 2..=2, [Text, Text] -> Boolean, "多选答案中有这一项", "the name is among the choices",
        "selected(${many}, 'a')" => "true", "selected('ab abc', 'b')" => "false", selected),
    row!("is-selected", 2..=2, [Text, Text] -> Boolean, "同 selected", "the same as selected",
        "is-selected(${many}, 'c')" => "true", "is-selected(${many}, 'b')" => "false", selected),
    row!("selected-at", 2..=2, [Text, Number] -> Text, "第几项选择(从 0 数)", "the choice at a place, counted from 0",
        "selected-at(${many}, 1)" => "c", "selected-at(${many}, 9)" => "", selected_at),
    row!("count-selected", 1..=1, [Text] -> Number, "选了几项", "how many choices there are",
        "count-selected(${many})" => "2", "count-selected('')" => "0", |c| Value::Number(c.text(0).split_ascii_whitespace().count() as f64)),
    row!("jr:choice-name", 2..=2, [Text, Nodes] -> Text, "选项的标签", "the label of a choice",
        "jr:choice-name('b', '${many}')" => "Banana", "jr:choice-name('z', '${many}')" => "", special),
    row!("choice-label", 2..=2, [Nodes, Text] -> Text, "选项的标签(SurveyCTO 写法)", "the label of a choice, SurveyCTO's way",
        "choice-label(${many}, 'a')" => "Apple", "choice-label(${many}, 'z')" => "", special),
    row!("jr:itext", 1..=1, [Text] -> Text, "译文", "the text in the language of the screen", "jr:itext('Apple')" => "Apple", "jr:itext('')" => "", |c| c.value(0)),
    row!("instance", 1..=1, [Text] -> Nodes, "一个选项表或外部表,后接 /root/item[条件]/列", "a list or table; /root/item[…]/column follows",
        "instance('l')/root/item[name = 'c']/label" => "Cherry", "count(instance('l')/root/item)" => "3", special),
    row!("pulldata", 4..=4, [Text, Text, Text, Text] -> Text, "查表:表、要的列、查的列、查的值", "looks up: table, column wanted, column searched, value",
        "pulldata('l', 'label', 'name', 'b')" => "Banana", "pulldata('l', 'label', 'name', 'z')" => "", pulldata),
    row!("search", 1.., [Text] -> Text, "查表取选项(只用于 appearance 列)", "takes choices from a table (in appearance only)",
        "search('l')" => "", "concat('a', search('l'))" => "a", |_| Value::EMPTY),
    row!("property", 1..=1, [Text] -> Text, "设备或用户的属性", "a property of the device or user", "property('deviceid')" => "device-1", "property('none')" => "", |c| {
        Value::from(c.world().property(&c.text(0)).unwrap_or(""))
    }),
    row!("version", 0..=0, [] -> Text, "表单的版本", "the form's version", "version()" => "2025", "concat('v', version())" => "v2025", |c| {
        Value::from(c.world().property("version").unwrap_or(""))
    }),
    row!("current", 0..=0, [] -> Nodes, "表达式所在的题(在方括号内用)", "where the expression stands, inside a predicate",
        "instance('l')/root/item[name = current()/../one]/label" => "Banana", "count(${r}[n > current()/../x])" => "2", special),
    row!("item-at", 3..=3, [Text, Text, Number] -> Text, "按分隔符取第几项(从 0 数)", "the piece at a place, counted from 0",
        "item-at(',', 'a,b', 1)" => "b", "item-at(',', 'a,b', 2)" => "", item_at),
    row!("count-items", 2..=2, [Text, Text] -> Number, "按分隔符数项数", "how many pieces there are",
        "count-items(',', 'a,b')" => "2", "count-items(',', '')" => "0", |c| {
        Value::Number(pieces(&c.text(1), &c.text(0)).len() as f64)
    }),
    row!("de-duplicate", 2..=2, [Text, Text] -> Text, "去掉重复的项", "each piece once",
        "de-duplicate(' ', 'a b a')" => "a b", "de-duplicate(',', 'x,,x')" => "x", de_duplicate),
];

fn selected<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let wanted = call.text(1);
    let (wanted, text) = (wanted.trim(), call.text(0));
    if wanted.is_empty() {
        // Nothing is among nothing, as in the other engines.
        return Value::Bool(text.trim().is_empty());
    }
    Value::Bool(text.split_ascii_whitespace().any(|name| name == wanted))
}

fn selected_at<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    at(call.number(1), |n| match call.text(0) {
        Cow::Borrowed(text) => text.split_ascii_whitespace().nth(n).map(Value::from),
        Cow::Owned(text) => text.split_ascii_whitespace().nth(n).map(|name| Value::from(name.to_owned())),
    })
}

/// A place counted from 0; what is no whole number is cut, what lies before or behind is empty.
fn at<'a>(place: f64, take: impl FnOnce(usize) -> Option<Value<'a>>) -> Value<'a> {
    let place = place.trunc();
    if (0.0..1e9).contains(&place) { take(place as usize).unwrap_or(Value::EMPTY) } else { Value::EMPTY }
}

fn pieces<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    if separator.is_empty() {
        return text.split_inclusive(|_| true).collect();
    }
    text.split(separator).filter(|piece| !piece.trim().is_empty()).collect()
}

fn item_at<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let text = call.text(1);
    at(call.number(2), |n| pieces(&text, &call.text(0)).get(n).map(|piece| Value::from((*piece).to_owned())))
}

fn de_duplicate<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let (separator, text) = (call.text(0), call.text(1));
    let mut seen = std::collections::HashSet::new();
    let once: Vec<&str> = pieces(&text, &separator).into_iter().filter(|piece| seen.insert(*piece)).collect();
    Value::from(once.join(&separator))
}

/// Only where the table or a column is worked out; with literals the resolver has it resolved.
fn pulldata<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let scheme = call.world().scheme();
    let Some(list) = scheme.list(&call.text(0)) else { return Value::EMPTY };
    let (Some(wanted), Some(key)) = (scheme.column(list, &call.text(1)), scheme.column(list, &call.text(2))) else {
        return Value::EMPTY;
    };
    let mut found = Value::EMPTY;
    call.world().find_items(list, key, &call.text(3), &mut |item| {
        found = Value::Text(call.world().cell(list, item, wanted));
        false
    });
    found
}
