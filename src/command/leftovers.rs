//! What stopped programs, mended damage and cut backups left in a folder and beside it: named by `doctor`, since each
//! takes room, may hold something that is wanted, or looks like what it is not.

use super::backup::{is_being_filled, is_restored};
use super::contents;
use super::outputs::is_unfinished;
use crate::domain::Message;
use std::path::Path;

/// Leftovers in the folder and beside it: those that something was not finished by, which somebody has to see to, and those
/// that stand there by right.
pub(super) fn of(folder: &Path) -> (Vec<Message>, Vec<Message>) {
    let named = |key: &'static str, name: String| Message::new(key).with("file", name);
    let (mut unfinished, mut kept) = (Vec::new(), Vec::new());
    for below in ["", "drafts", "journal", "keys/a", "keys/b"] {
        for name in names(&folder.join(below)) {
            let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            if name.starts_with("sled.aside-") {
                kept.push(named("command.doctor.aside", path));
            } else if path == contents::BEGUN {
                unfinished.push(named("command.doctor.beginning", path));
            } else if is_unfinished(&name).is_some()
                || name.ends_with(".new")
                || name == "sled.again"
                || name == "sled.copy"
            {
                unfinished.push(named("command.doctor.unfinished", path));
            } else if name.ends_with(".damaged") {
                kept.push(named("command.doctor.damaged_kept", path));
            } else if below == "drafts" && super::draft_file::named_by(&path).is_none() {
                kept.push(named("command.doctor.no_draft", path));
            }
        }
    }
    for path in contents::beside(folder) {
        let name = path.display().to_string();
        if path.extension().is_some_and(|end| end == "restoring") {
            // What is restored knows that it is, until it is opened: by that one tells it from the store that stood here before.
            let key = match () {
                () if is_being_filled(&path) => "command.doctor.restoring",
                () if is_restored(&path) && !is_restored(folder) => "command.doctor.not_in_place",
                () => "command.doctor.replaced",
            };
            unfinished.push(named(key, name));
        } else if path.extension().is_some_and(|end| end.to_string_lossy().starts_with("restored-")) {
            kept.push(named("command.doctor.restored_copy", name));
        } else {
            kept.push(named("command.doctor.before_restore", name));
        }
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let around = names(parent);
    for name in &around {
        if let Some(of) = is_unfinished(name) {
            let path = parent.join(name).display().to_string();
            unfinished.push(named("command.doctor.unfinished_output", path).with("of", of));
        }
        // The keys get their name first; without the file that they are for, the backup was cut off.
        // Earlier programs wrote both under names of this kind.
        let cut_of_old = name.ends_with(".keys.part") && around.contains(&name.replace(".keys.part", ".part"));
        let cut = name
            .strip_suffix(".keys")
            .is_some_and(|file| is_bundle(&parent.join(name)) && !around.iter().any(|n| n == file));
        if cut || cut_of_old {
            unfinished.push(named("command.doctor.cut_backup", parent.join(name).display().to_string()));
        }
    }
    (unfinished, kept)
}

/// Whether a file is a bundle of keys, and not somebody's file of that ending.
fn is_bundle(path: &Path) -> bool {
    let mut begin = [0; 5];
    std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut begin)).is_ok()
        && &begin == b"DKEYS"
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
