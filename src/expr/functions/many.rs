//! Over many nodes: rows of a roster, items of a list.

use super::{Call, Function, row, special};
use crate::expr::value::Value;

pub(super) const TABLE: &[Function] = &[
    row!("position", 0..=1, [Nodes] -> Number, "行号:position(..) 是所在行,方括号内 position() 是正在看的行",
        "the row number: position(..) of this row; position() in a predicate of the row looked at",
        "instance('l')/root/item[position() = 2]/name" => "b", "position(..)" => "1", special),
    row!("last", 0..=0, [] -> Number, "方括号内:最后一行的行号", "in a predicate: the number of the last row",
        "instance('l')/root/item[position() = last()]/name" => "c", "count(${r}[position() < last()])" => "2", special),
    row!("indexed-repeat", 3..=9, [Nodes, Nodes, Number] -> Any, "某一行的答案(从 1 数)", "the answer in a row, counted from 1",
        "indexed-repeat(${n}, ${r}, 2)" => "10", "indexed-repeat(${n}, ${r}, 9)" => "", special),
    row!("count", 1..=1, [Nodes] -> Number, "有几个", "how many there are", "count(${r})" => "3", "count(${r}[${n} > 5])" => "1",
        |c| Value::Number(c.count(0) as f64)),
    row!("count-non-empty", 1..=1, [Nodes] -> Number, "有值的有几个", "how many have a value",
        "count-non-empty(${n})" => "2", "count-non-empty(${empty})" => "0", count_non_empty),
    row!("sum", 1..=1, [Nodes] -> Number, "总和;空的不算", "the sum; empty ones are passed over",
        "sum(${n})" => "14", "sum(${empty})" => "0", sum),
    row!("max", 1.., [Nodes] -> Number, "最大的;空的不算", "the largest; empty ones are passed over",
        "max(${n})" => "10", "max(1, 3, 2)" => "3", |c| extreme(c, f64::max)),
    row!("min", 1.., [Nodes] -> Number, "最小的;空的不算", "the least; empty ones are passed over",
        "min(${n})" => "4", "min(2, 1)" => "1", |c| extreme(c, f64::min)),
    row!("join", 2.., [Text, Nodes] -> Text, "用分隔符连起来", "joined with a separator between",
        "join(',', ${t})" => "x,,zed", "join('-', 'a', 'b')" => "a-b", join),
    row!("concat", 1.., [Nodes] -> Text, "连起来", "one behind the other",
        "concat('a', 1, true())" => "a1true", "concat(${t}, '!')" => "xzed!", concat),
    Function { gives_many: true, by_chance: true, ..row!("randomize", 1..=2, [Nodes, Number] -> Nodes, "打乱次序;给了种子则每次相同",
        "in a shuffled order; the same for the same seed",
        "count-non-empty(randomize(${n}, 7))" => "2", "string-length(join('', randomize(${t}, 1)))" => "4", |c| {
        shuffled(c).into_iter().next().unwrap_or(Value::EMPTY)
    }) },
    row!("count-if", 2..=2, [Nodes, Boolean] -> Number, "条件成立的行数", "how many rows the condition holds in",
        "count-if(${r}, ${n} > 3)" => "2", "count-if(${r}, ${t} = '')" => "1", special),
    row!("sum-if", 2..=2, [Nodes, Boolean] -> Number, "条件成立的行的总和", "the sum over the rows where the condition holds",
        "sum-if(${n}, ${t} = 'x')" => "4", "sum-if(${n}, ${t} = 'none')" => "0", special),
    row!("join-if", 3..=3, [Text, Nodes, Boolean] -> Text, "条件成立的行连起来", "joined over the rows where the condition holds",
        "join-if(',', ${t}, ${n} != 4)" => ",zed", "join-if(',', ${t}, ${t} != '')" => "x,zed", special),
    row!("index", 0..=0, [] -> Number, "所在行的行号(SurveyCTO 写法)", "this row's number, SurveyCTO's way",
        "index()" => "1", "index() + 1" => "2", special),
];

fn count_non_empty<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let mut count = 0.0;
    call.each(0, &mut |value| {
        if !value.is_empty() {
            count += 1.0;
        }
    });
    Value::Number(count)
}

/// What is no number is passed over: an author who sums a roster does not want one empty row to empty the sum.
pub(super) fn sum<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let mut sum = 0.0;
    call.each(0, &mut |value| {
        let number = value.number();
        if !number.is_nan() {
            sum += number;
        }
    });
    Value::Number(sum)
}

fn extreme<'a>(call: &Call<'_, 'a>, pick: fn(f64, f64) -> f64) -> Value<'a> {
    let mut so_far = f64::NAN;
    // `f64::max` and `min` take the other side of a NaN.
    call.each(0, &mut |value| so_far = pick(so_far, value.number()));
    Value::Number(so_far)
}

fn join<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let separator = call.text(0);
    let mut out = String::new();
    let mut first = true;
    call.each(1, &mut |value| {
        if !first {
            out.push_str(&separator);
        }
        first = false;
        out.push_str(&value.text());
    });
    Value::from(out)
}

fn concat<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let mut out = String::new();
    call.each(0, &mut |value| out.push_str(&value.text()));
    Value::from(out)
}

/// Fisher and Yates with the generator of Park and Miller, as the field's other programs do it, so that one seed gives
/// one order everywhere.
pub(super) fn shuffled<'a>(call: &Call<'_, 'a>) -> Vec<Value<'a>> {
    let Some(first) = call.arguments.first() else { return Vec::new() };
    let mut values = call.eval.all(first, call.frame);
    let seed = (call.len() > 1).then(|| call.number(1));
    shuffle(&mut values, seed, &mut || call.world().random());
    values
}

/// Puts `values` in the order that `seed` gives, or chance where there is none.
pub fn shuffle<T>(values: &mut [T], seed: Option<f64>, chance: &mut dyn FnMut() -> f64) {
    const M: i64 = 2_147_483_647;
    let mut state = seed.map(|seed| {
        let state = if seed.is_finite() { (seed.clamp(-9e15, 9e15) as i64) % M } else { 0 };
        if state <= 0 { state + M - 1 } else { state }
    });
    for i in (1..values.len()).rev() {
        let random = match &mut state {
            Some(state) => {
                *state = *state * 16_807 % M;
                (*state - 1) as f64 / (M - 1) as f64
            }
            None => chance(),
        };
        let j = ((random * (i + 1) as f64) as usize).min(i);
        values.swap(i, j);
    }
}
