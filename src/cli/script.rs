//! Answers files: scripts of steps as JSON, one form for `--answers`, form scripts and tests.
//!
//! ```json
//! {"steps": [{"set": "name", "value": "示例甲"}, {"add": "members"}, {"remove": "members[2]"},
//!            {"state": "inc_wage", "is": "refused"}, {"confirm": "address"}, {"pass": "own_month_wage", "why": "…"},
//!            {"note": "debt", "text": "…"}]}
//! ```

use crate::command::Failure;
use crate::domain::answers::State;
use crate::domain::{Message, Path, Step};
use serde_json::Value;

/// An answers file is no larger than this; a survey of nineteen members is about 30 KB.
const BYTES_MAX: u64 = 8 << 20;

/// The text of a file, or of standard input for `-`.
pub fn read_text(path: &std::path::Path) -> Result<String, Failure> {
    use std::io::Read;
    let failed = |why: std::io::Error| Failure::Folder { folder: path.display().to_string(), why: why.to_string() };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Failure::Answers { line: 0, why: Message::new("cli.script.too_large").with("limit", BYTES_MAX) });
    }
    String::from_utf8(bytes).map_err(|_| Failure::Answers { line: 0, why: Message::new("cli.script.not_utf8") })
}

/// Reads a script. The first thing that is no step is named by its place.
pub fn steps(text: &str) -> Result<Vec<Step>, Failure> {
    let wrong = |line: usize, key: &'static str, detail: &str| Failure::Answers {
        line,
        why: Message::new(key).with("detail", detail),
    };
    let value: Value =
        serde_json::from_str(text).map_err(|e| wrong(e.line(), "cli.script.not_json", &e.to_string()))?;
    let list = match &value {
        Value::Array(list) => list,
        Value::Object(map) => match map.get("steps") {
            Some(Value::Array(list)) => list,
            _ => return Err(wrong(0, "cli.script.no_steps", "steps")),
        },
        _ => return Err(wrong(0, "cli.script.no_steps", "steps")),
    };
    list.iter().enumerate().map(|(i, step)| step_of(step).ok_or_else(|| wrong(i + 1, "cli.script.no_step", ""))).collect()
}

fn step_of(value: &Value) -> Option<Step> {
    let map = value.as_object()?;
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let path = |key: &str| text(key).map(Path::new);
    let step = if let Some(path) = path("set") {
        Step::Set { path, value: text("value")? }
    } else if let Some(path) = path("add") {
        Step::Add { path }
    } else if let Some(path) = path("insert") {
        Step::Insert { path }
    } else if let Some(path) = path("remove") {
        Step::Remove { path }
    } else if let Some(path) = path("state") {
        Step::State { path, is: State::from_code(&text("is")?)? }
    } else if let Some(path) = path("confirm") {
        Step::Confirm { path }
    } else if let Some(path) = path("pass") {
        Step::Pass { path, why: text("why")? }
    } else if let Some(path) = path("note") {
        Step::Note { path, text: text("text")? }
    } else {
        return None;
    };
    Some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_its_words() {
        let text = r#"{"steps": [{"set": "a", "value": "1"}, {"add": "r"}, {"insert": "r[1]"}, {"remove": "r[2]"},
            {"state": "b", "is": "refused"}, {"confirm": "c"}, {"pass": "d", "why": "w"}, {"note": "e", "text": "t"}]}"#;
        let steps = steps(text).unwrap();
        assert_eq!(steps.len(), 8);
        assert_eq!(steps[4], Step::State { path: Path::new("b"), is: State::Refused });
    }

    #[test]
    fn what_is_no_step_is_named_by_its_place() {
        for (text, place) in [
            (r#"{"steps": [{"set": "a", "value": "1"}, {"set": "a"}]}"#, 2),
            (r#"{"steps": [{"state": "a", "is": "nonsense"}]}"#, 1),
            ("{\"steps\": [\n{\n", 3),
            ("7", 0),
        ] {
            match steps(text) {
                Err(Failure::Answers { line, .. }) => assert_eq!(line, place, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
