//! Numbers and chance.

use super::{Call, Function, row};
use crate::expr::value::Value;

pub(super) const TABLE: &[Function] = &[
    row!("number", 0..=1, [Any] -> Number, "当作数;日期为 1970-01-01 起的天数", "as a number; a day counts from 1970-01-01", "number('12.50')" => "12.5", "number('x')" => "", number),
    row!("int", 1..=1, [Number] -> Number, "去掉小数", "without what stands behind the point", "int(-2.9)" => "-2", "int('3.7')" => "3", |c| Value::Number(c.number(0).trunc())),
    row!("round", 1..=2, [Number, Number] -> Number, "四舍五入(半数向上)到几位小数", "to so many places; halves go up",
        "round(2.355, 2)" => "2.36", "round(-2.5)" => "-2", round),
    row!("floor", 1..=1, [Number] -> Number, "不大于它的整数", "the whole number below", "floor(2.7)" => "2", "floor(-2.1)" => "-3", |c| Value::Number(c.number(0).floor())),
    row!("ceiling", 1..=1, [Number] -> Number, "不小于它的整数", "the whole number above", "ceiling(2.1)" => "3", "ceiling(-2.1)" => "-2", |c| Value::Number(c.number(0).ceil())),
    row!("abs", 1..=1, [Number] -> Number, "绝对值", "without its sign", "abs(-3)" => "3", "abs(2)" => "2", |c| Value::Number(c.number(0).abs())),
    row!("pow", 2..=2, [Number, Number] -> Number, "乘方", "to the power of", "pow(2, 10)" => "1024", "pow(4, 0.5)" => "2", |c| Value::Number(c.number(0).powf(c.number(1)))),
    row!("log", 1..=1, [Number] -> Number, "自然对数", "the natural logarithm", "log(1)" => "0", "log(-1)" => "", |c| Value::Number(c.number(0).ln())),
    row!("log10", 1..=1, [Number] -> Number, "常用对数", "the logarithm to base 10", "log10(1000)" => "3", "log10(1)" => "0", |c| Value::Number(c.number(0).log10())),
    row!("exp", 1..=1, [Number] -> Number, "e 的乘方", "e to the power of", "exp(0)" => "1", "round(exp(1), 3)" => "2.718", |c| Value::Number(c.number(0).exp())),
    row!("exp10", 1..=1, [Number] -> Number, "10 的乘方", "10 to the power of", "exp10(2)" => "100", "exp10(-1)" => "0.1", |c| Value::Number(10f64.powf(c.number(0)))),
    row!("sqrt", 1..=1, [Number] -> Number, "平方根", "the square root", "sqrt(16)" => "4", "sqrt(-1)" => "", |c| Value::Number(c.number(0).sqrt())),
    row!("sin", 1..=1, [Number] -> Number, "正弦(弧度)", "the sine of radians", "sin(0)" => "0", "sin(pi() div 2)" => "1", |c| Value::Number(c.number(0).sin())),
    row!("cos", 1..=1, [Number] -> Number, "余弦(弧度)", "the cosine of radians", "cos(0)" => "1", "cos(pi())" => "-1", |c| Value::Number(c.number(0).cos())),
    row!("tan", 1..=1, [Number] -> Number, "正切(弧度)", "the tangent of radians", "tan(0)" => "0", "round(tan(1), 3)" => "1.557", |c| Value::Number(c.number(0).tan())),
    row!("asin", 1..=1, [Number] -> Number, "反正弦", "the arc sine", "asin(0)" => "0", "asin(2)" => "", |c| Value::Number(c.number(0).asin())),
    row!("acos", 1..=1, [Number] -> Number, "反余弦", "the arc cosine", "acos(1)" => "0", "acos(2)" => "", |c| Value::Number(c.number(0).acos())),
    row!("atan", 1..=1, [Number] -> Number, "反正切", "the arc tangent", "atan(0)" => "0", "round(atan(1), 3)" => "0.785", |c| Value::Number(c.number(0).atan())),
    row!("atan2", 2..=2, [Number, Number] -> Number, "y 与 x 的方位角", "the angle of y and x", "atan2(0, 1)" => "0", "round(atan2(1, 1), 3)" => "0.785",
        |c| Value::Number(c.number(0).atan2(c.number(1)))),
    row!("pi", 0..=0, [] -> Number, "圆周率", "the circle's number", "round(pi(), 4)" => "3.1416", "pi() > 3" => "true", |_| Value::Number(std::f64::consts::PI)),
    Function { by_chance: true, ..row!("random", 0..=0, [] -> Number, "0 到 1 之间的随机数", "a number in [0, 1) by chance", "random() < 1" => "true", "random() >= 0" => "true",
        |c| Value::Number(c.world().random())) },
    Function { by_chance: true, ..row!("uuid", 0..=1, [Number] -> Text, "随机编号;可给长度", "an identity by chance; of a length if one is given",
        "string-length(uuid())" => "36", "string-length(uuid(8))" => "8", uuid) },
];

/// Of a moment the whole days, as the field's programs have it; `decimal-date-time` keeps the time of day.
fn number<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let value = call.value(0);
    let number = value.number();
    let days = match &value {
        Value::Moment { .. } => true,
        Value::Text(text) | Value::Numeral(text) => text.contains('T'),
        _ => false,
    };
    Value::Number(if days { number.floor() } else { number })
}

/// XPath 1.0 §4.4: halves go toward plus infinity.
pub(super) fn round_half_up(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 { floor + 1.0 } else { floor }
}

/// `number * 10^places`, taken from the decimal text: 1.005 is meant as 1.005, though no binary number is.
fn shifted(number: f64, places: i32) -> f64 {
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let exponent = exponent.parse::<i32>().unwrap_or(0).saturating_add(places);
            format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)
        }
        None => number,
    }
}

fn round<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let number = call.number(0);
    if call.len() < 2 || !number.is_finite() {
        return Value::Number(round_half_up(number));
    }
    let places = call.number(1);
    if places.is_nan() {
        return Value::Number(f64::NAN);
    }
    let places = places.trunc().clamp(-400.0, 400.0) as i32;
    let up = shifted(number, places);
    // So many places that there is nothing to round.
    if !up.is_finite() {
        return Value::Number(number);
    }
    Value::Number(shifted(round_half_up(up), -places))
}

fn uuid<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    const LENGTH_MAX: f64 = 1000.0;
    let nibble = || (call.world().random() * 16.0) as u8 & 15;
    let hex = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    if call.len() > 0 {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let length = call.number(0).clamp(0.0, LENGTH_MAX) as usize;
        let letter = || LETTERS.get((call.world().random() * 62.0) as usize).map_or('A', |&b| char::from(b));
        return Value::from((0..length).map(|_| letter()).collect::<String>());
    }
    let mut out = String::with_capacity(36);
    for i in 0..32 {
        if matches!(i, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(match i {
            12 => '4',
            16 => hex(8 | nibble() & 3),
            _ => hex(nibble()),
        });
    }
    Value::from(out)
}
