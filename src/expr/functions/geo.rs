//! Places on the earth, taken as a ball of 6,378,100 m radius, as the field's other programs take it.

use super::{Call, Function, row};
use crate::expr::value::{Value, text_number};

const RADIUS_M: f64 = 6_378_100.0;

pub(super) const TABLE: &[Function] = &[
    row!("distance", 1.., [Nodes] -> Number, "各点连成的线的长度(米)", "the length of a line through the points, in metres",
        "round(distance('0 0 0 0; 0 1 0 0'), 0)" => "111319", "distance('')" => "0", distance),
    row!("area", 1..=1, [Nodes] -> Number, "围成的面积(平方米)", "the area inside the points, in square metres",
        "round(area('1 1 0 0; 1 1.01 0 0; 1.01 1.01 0 0; 1.01 1 0 0; 1 1 0 0'), 0)" => "1238998", "area('')" => "0", area),
    row!("enclosed-area", 1..=1, [Nodes] -> Number, "同 area", "the same as area",
        "round(enclosed-area('1 1 0 0; 1 1.01 0 0; 1.01 1.01 0 0; 1.01 1 0 0'), 0)" => "1238998", "enclosed-area('0 0 0 0; 0 1 0 0')" => "0", area),
    row!("geofence", 2..=2, [Text, Text] -> Boolean, "点在区域之内", "the point lies inside the shape",
        "geofence('1.005 1.005', '1 1; 1 1.01; 1.01 1.01; 1.01 1; 1 1')" => "true", "geofence('2 2', '1 1; 1 1.01; 1.01 1.01; 1.01 1; 1 1')" => "false", geofence),
    row!("intersects", 1..=1, [Text] -> Boolean, "线与自己相交", "the line crosses itself",
        "intersects('1 1; 2 2; 1 2; 2 1')" => "true", "intersects('1 1; 2 2; 3 3')" => "false", intersects),
];

/// Latitude and longitude, in degrees.
type Point = (f64, f64);

/// Points of all texts, in order; what is no point is passed over.
fn points(text: &str) -> impl Iterator<Item = Point> {
    text.split(';').filter_map(|point| {
        let mut parts = point.split_ascii_whitespace().map(text_number);
        let (latitude, longitude) = (parts.next()?, parts.next()?);
        (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
    })
}

fn all_points(call: &Call<'_, '_>) -> Vec<Point> {
    let mut all = Vec::new();
    call.each(0, &mut |value| all.extend(points(&value.text())));
    all
}

fn distance<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let points = all_points(call);
    Value::Number(points.windows(2).map(|pair| between(pair[0], pair[1])).sum())
}

/// By the haversine, which stays exact for near points.
fn between(a: Point, b: Point) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (d_lat, d_lon) = ((b.0 - a.0).to_radians(), (b.1 - a.1).to_radians());
    let h = (d_lat / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (d_lon / 2.0).sin().powi(2);
    2.0 * RADIUS_M * h.sqrt().min(1.0).asin()
}

/// By the strips between each side and the pole.
fn area<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let points = all_points(call);
    if points.len() < 3 {
        return Value::Number(0.0);
    }
    let strips: f64 = sides(&points)
        .map(|(a, b)| (b.1 - a.1).to_radians() * (2.0 + a.0.to_radians().sin() + b.0.to_radians().sin()))
        .sum();
    Value::Number((strips * RADIUS_M * RADIUS_M / 2.0).abs())
}

/// Each side, the closing one included.
fn sides(points: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}

fn geofence<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let shape: Vec<Point> = points(&call.text(1)).collect();
    let inside = match points(&call.text(0)).next() {
        Some(point) if shape.len() >= 3 => holds(&shape, point),
        _ => false,
    };
    Value::Bool(inside)
}

/// A ray to the north crosses the border an odd number of times; the border itself counts as inside.
fn holds(shape: &[Point], point: Point) -> bool {
    let mut inside = false;
    for (a, b) in sides(shape) {
        if on(point, a, b) {
            return true;
        }
        if (a.1 > point.1) != (b.1 > point.1) {
            let latitude = a.0 + (point.1 - a.1) / (b.1 - a.1) * (b.0 - a.0);
            inside ^= latitude > point.0;
        }
    }
    inside
}

/// On which side of the line through `a` and `b` the point lies.
fn turn(a: Point, b: Point, point: Point) -> f64 {
    (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0)
}

fn on(point: Point, a: Point, b: Point) -> bool {
    let between = |p: f64, a: f64, b: f64| p >= a.min(b) && p <= a.max(b);
    turn(a, b, point) == 0.0 && between(point.0, a.0, b.0) && between(point.1, a.1, b.1)
}

/// Sides that are no neighbours meet; that first and last point are the same is how a shape closes, and no crossing.
fn intersects<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    /// Beyond it a trace is taken as not crossing: every pair of sides is looked at.
    const POINTS_MAX: usize = 3000;
    let trace: Vec<Point> = points(&call.text(0)).take(POINTS_MAX).collect();
    let closed = trace.len() > 2 && trace.first() == trace.last();
    let sides: Vec<(Point, Point)> = trace.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let crossing = sides.iter().enumerate().any(|(i, &(a, b))| {
        sides.iter().enumerate().skip(i + 2).any(|(j, &(c, d))| {
            let neighbours = closed && i == 0 && j + 1 == sides.len();
            !neighbours && meet(a, b, c, d)
        })
    });
    Value::Bool(crossing)
}

fn meet(a: Point, b: Point, c: Point, d: Point) -> bool {
    let across = |a, b, c, d| turn(a, b, c) * turn(a, b, d) < 0.0;
    (across(a, b, c, d) && across(c, d, a, b)) || on(c, a, b) || on(d, a, b) || on(a, c, d) || on(b, c, d)
}
