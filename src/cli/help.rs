//! The grammar of the command line in the reader's language: help, wrong usage, completions, manual pages.
//! English stands in the code, as the doc comments of `args`; `data/help/zh.toml` has the Chinese of each of them.

use super::args::{Args, Help};
use super::context::Context;
use crate::command::Failure;
use crate::domain::{Arg as Words, Message};
use crate::lang::{self, Lang};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::process::ExitCode;

/// What is to be printed instead of doing something.
pub struct Said {
    /// Wrong usage, for standard error.
    pub error: bool,
    pub text: String,
}

impl Said {
    /// Exit 2 for wrong usage, 0 for what was asked for.
    pub fn code(&self) -> u8 {
        if self.error { 2 } else { 0 }
    }
}

/// What was typed, understood.
///
/// Errors: the help that was asked for, or what is wrong with what was typed.
pub fn parse<W: Into<OsString>>(typed: impl IntoIterator<Item = W>) -> Result<Args, Said> {
    let typed: Vec<OsString> = typed.into_iter().map(Into::into).collect();
    parse_in(typed.clone(), lang_of(&typed))
}

/// The same for whoever reads `lang` where nothing else was asked for.
pub fn parse_in<W: Into<OsString>>(typed: impl IntoIterator<Item = W>, lang: Lang) -> Result<Args, Said> {
    let typed: Vec<OsString> = typed.into_iter().map(Into::into).collect();
    let lang = named(&typed).unwrap_or(lang);
    let typed = without_lang_of_help(typed);
    let mut grammar = grammar(lang);
    let matches = grammar.try_get_matches_from_mut(typed).map_err(|error| said(&error, &grammar, lang))?;
    Args::from_arg_matches(&matches).map_err(|error| said(&error, &grammar, lang))
}

/// The language of the environment.
pub fn lang_of_environment() -> Option<Lang> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|value| Lang::from_code(&value))
}

fn lang_of(typed: &[OsString]) -> Lang {
    named(typed).or_else(lang_of_environment).unwrap_or_default()
}

/// The language that the words ask for: looked for before they are understood, since what is wrong with them is said in it.
fn named(typed: &[OsString]) -> Option<Lang> {
    let mut words = typed.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some(("--lang", code)) => return Lang::from_code(code),
            _ if word == "--lang" => return words.next().and_then(Lang::from_code),
            _ => {}
        }
    }
    None
}

/// `help show --lang en`: the library's own command takes names of commands and nothing else, and the language was read already.
fn without_lang_of_help(mut typed: Vec<OsString>) -> Vec<OsString> {
    let is_help = typed.get(1).is_some_and(|word| word == "help");
    while is_help && let Some(at) = typed.iter().position(|word| word.to_string_lossy().starts_with("--lang")) {
        let takes_next = typed.remove(at) == "--lang" && at < typed.len();
        if takes_next {
            typed.remove(at);
        }
    }
    typed
}

/// The whole grammar, its texts in `lang`.
pub fn grammar(lang: Lang) -> clap::Command {
    let mut whole = Args::command();
    // What the library adds by itself is there only after this.
    whole.build();
    worded(whole, lang)
}

fn worded(command: clap::Command, lang: Lang) -> clap::Command {
    let word = |key| lang::word(key, lang);
    let about = command.get_about().map(|about| translated(about, lang));
    let command = command
        .mut_args(|arg| {
            let help = arg.get_help().map(|help| translated(help, lang));
            let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            let takes = arg.get_action().takes_values();
            let help = match (help, default.is_empty() || !takes) {
                (help, true) => help,
                (help, false) => {
                    let note = Message::new("cli.help.default").with("value", default.join(" "));
                    Some(format!("{}{}", help.unwrap_or_default(), lang::say(&note, lang)))
                }
            };
            let heading = match (arg.get_help_heading(), arg.is_positional()) {
                (Some(heading), _) => translated(heading, lang),
                (None, true) => word("cli.help.arguments"),
                (None, false) => word("cli.help.options"),
            };
            let arg = arg.hide_default_value(true).hide_possible_values(true).help_heading(heading);
            match help {
                Some(help) => arg.help(help),
                None => arg,
            }
        })
        .mut_subcommands(|sub| worded(sub, lang))
        .subcommand_help_heading(word("cli.help.commands"))
        .help_template(format!(
            "{{about-with-newline}}\n{}{{usage}}\n\n{{all-args}}{{after-help}}",
            word("cli.help.usage")
        ));
    match about {
        Some(about) => command.about(about.clone()).long_about(about),
        None => command,
    }
}

fn translated(english: impl std::fmt::Display, lang: Lang) -> String {
    let english = english.to_string();
    match lang {
        Lang::En => english,
        Lang::Zh => lang::help(&english).map_or(english, str::to_owned),
    }
}

/// Placeholders that the library words itself.
fn placed(text: &str, lang: Lang) -> String {
    [
        ("[OPTIONS]", "cli.help.place_options"),
        ("<COMMAND>", "cli.help.place_command"),
        ("[COMMAND]", "cli.help.place_command_or_none"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (place, key)| text.replace(place, &lang::word(key, lang)))
    .lines()
    .map(|line| match (lang, line.strip_suffix(':')) {
        // The library's colon behind a heading.
        (Lang::Zh, Some(heading)) if !line.starts_with(' ') => format!("{heading}："),
        _ => line.to_owned(),
    })
    .collect::<Vec<_>>()
    .join("\n")
}

/// What the library says of what was typed, in our words. What was typed comes back in it, made safe.
fn said(error: &clap::Error, grammar: &clap::Command, lang: Lang) -> Said {
    let clean = |text: &str| text.lines().map(lang::clean).collect::<Vec<_>>().join("\n");
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Said { error: error.use_stderr(), text: placed(clean(&error.to_string()).trim_end(), lang) };
    }
    let get = |kind| error.get(kind).map(shown).unwrap_or_default();
    let (arg, value) = (get(ContextKind::InvalidArg), get(ContextKind::InvalidValue));
    let message = match error.kind() {
        ErrorKind::UnknownArgument => Message::new("cli.usage.unknown").with("typed", arg),
        ErrorKind::InvalidSubcommand => {
            Message::new("cli.usage.no_such_command").with("typed", get(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => Message::new("cli.usage.missing").with("what", arg),
        ErrorKind::MissingSubcommand => {
            Message::new("cli.usage.missing_command").with("command", get(ContextKind::InvalidSubcommand))
        }
        ErrorKind::ArgumentConflict => {
            let other = get(ContextKind::PriorArg);
            match other.is_empty() || other == arg {
                true => Message::new("cli.usage.twice").with("what", arg),
                false => Message::new("cli.usage.not_together").with("what", arg).with("other", other),
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => Message::new("cli.usage.no_value").with("what", arg),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            Message::new("cli.usage.bad_value").with("what", arg).with("typed", value)
        }
        ErrorKind::TooManyValues => Message::new("cli.usage.too_many").with("what", arg).with("typed", value),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            Message::new("cli.usage.no_value").with("what", arg)
        }
        ErrorKind::InvalidUtf8 => Message::new("cli.usage.not_utf8"),
        _ => Message::new("cli.usage.not_understood").with("typed", error.to_string()),
    };
    let mut lines = vec![lang::say(&message, lang)];
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    // The likest stands last.
    let likest = |kind| match error.get(kind)? {
        ContextValue::Strings(all) => all.last().cloned(),
        one => Some(shown(one)),
    };
    let near = near.into_iter().find_map(likest);
    lines.extend(near.map(|near| lang::say(&Message::new("cli.usage.meant").with("near", near), lang)));
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start().strip_prefix("Usage:").unwrap_or(&usage).trim();
        let heading = lang::word("cli.help.usage", lang);
        let below = " ".repeat(lang::cells(&heading));
        for (place, line) in usage.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
            let before = if place == 0 { &heading } else { &below };
            lines.push(format!("{before}{}", placed(&lang::clean(line), lang)));
        }
    }
    lines.push(lang::say(&Message::new("cli.usage.more").with("program", grammar.get_name()), lang));
    Said { error: true, text: lines.join("\n") }
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(" "),
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Completions for a shell, and manual pages: both from the grammar, in the reader's language.
pub fn run(context: &Context, asked: &Help) -> Result<ExitCode, Failure> {
    match written(asked, context.lang()) {
        Ok(text) => {
            context.terminal.line(text.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Err(message) => {
            context.terminal.error(&context.say(&message));
            Ok(ExitCode::from(2))
        }
    }
}

/// Errors: there is no such command.
fn written(asked: &Help, lang: Lang) -> Result<String, Message> {
    let mut grammar = grammar(lang);
    let mut out = Vec::new();
    let page = match asked {
        Help::Completion { shell } => {
            clap_complete::generate(*shell, &mut grammar, "dossier", &mut out);
            return Ok(String::from_utf8_lossy(&out).into_owned());
        }
        Help::Man { command } => {
            let mut page = &grammar;
            for name in command {
                let typed = || Words::from(command.join(" "));
                let no_such = || Message::new("cli.usage.no_such_command").with("typed", typed());
                page = page.find_subcommand(name).ok_or_else(no_such)?;
            }
            let name = ["dossier"].into_iter().chain(command.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
            page.clone().name(name)
        }
    };
    // A vector takes every byte.
    let _ = clap_mangen::Man::new(page).render(&mut out);
    // Headings that the library has in English only.
    let headings = [
        ("NAME", "cli.man.name"),
        ("SYNOPSIS", "cli.man.synopsis"),
        ("DESCRIPTION", "cli.man.description"),
        ("VERSION", "cli.man.version"),
    ];
    let line = |line: &str| {
        let heading = line.strip_prefix(".SH ").and_then(|own| headings.iter().find(|(english, _)| *english == own));
        match heading {
            Some((_, key)) => format!(".SH {}\n", lang::word(key, lang)),
            None => format!("{line}\n"),
        }
    };
    Ok(String::from_utf8_lossy(&out).lines().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::super::args::Command;
    use super::*;

    /// Every text of the grammar that a person may read, by the command line it belongs to.
    fn texts(command: &clap::Command, under: &str, out: &mut Vec<(String, Option<String>)>) {
        if command.is_hide_set() {
            return;
        }
        let name = format!("{under} {}", command.get_name());
        out.push((name.clone(), command.get_about().map(ToString::to_string)));
        // What the library adds repeats the others.
        if command.get_name() == "help" {
            return;
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            out.push((format!("{name} {}", arg.get_id()), arg.get_help().map(ToString::to_string)));
            out.extend(arg.get_help_heading().map(|heading| (name.clone(), Some(heading.to_owned()))));
        }
        command.get_subcommands().for_each(|sub| texts(sub, &name, out));
    }

    fn built() -> clap::Command {
        let mut command = Args::command();
        command.build();
        command
    }

    #[test]
    fn everything_that_can_be_typed_says_what_it_is_in_both_languages() {
        let mut all = Vec::new();
        texts(&built(), "", &mut all);
        let dumb: Vec<&String> = all.iter().filter(|(_, text)| text.is_none()).map(|(place, _)| place).collect();
        assert_eq!(dumb, Vec::<&String>::new(), "without a help text");
        let english: std::collections::BTreeSet<String> = all.into_iter().filter_map(|(_, text)| text).collect();
        let untranslated: Vec<&String> = english.iter().filter(|text| lang::help(text).is_none()).collect();
        assert_eq!(untranslated, Vec::<&String>::new(), "data/help/zh.toml lacks them");
        let unused: Vec<&str> = lang::help_texts().filter(|text| !english.contains(*text)).collect();
        assert_eq!(unused, Vec::<&str>::new(), "data/help/zh.toml has texts that nothing asks for");
    }

    #[test]
    fn the_manual_page_of_a_command_below_another_is_there_and_help_takes_a_language() {
        let page = |words: &[&str]| {
            let command = words.iter().map(|word| (*word).to_owned()).collect();
            written(&Help::Man { command }, Lang::En)
        };
        let text = page(&["aid", "propose"]).unwrap();
        assert!(text.contains("aid") && text.contains("propose"), "{text}");
        for nowhere in [&["aid", "nothing"][..], &["nothing"], &["aid", "propose", "more"]] {
            assert!(page(nowhere).is_err(), "{nowhere:?}");
        }
        let shown = |words: &str| parse(words.split(' ')).err().map(|said| (said.error, said.text));
        let (english, chinese) = (shown("dossier show --help --lang en"), shown("dossier show --help --lang zh"));
        assert_ne!(english, chinese);
        for typed in ["dossier help show --lang en", "dossier help --lang en show", "dossier help show --lang=en"] {
            assert_eq!(shown(typed), english, "{typed}");
        }
        assert_eq!(shown("dossier help show --lang zh"), chinese);
    }

    fn refused(words: &str) -> String {
        let said = parse(words.split(' ')).err().expect(words);
        assert!(said.error, "{}", said.text);
        assert_eq!(said.code(), 2);
        said.text
    }

    /// Its letters and digits: what shells and man pages put around and between them differs.
    fn letters(text: &str) -> String {
        text.chars().filter(|c| c.is_alphanumeric()).collect()
    }

    fn names(command: &clap::Command, out: &mut Vec<String>) {
        out.push(command.get_name().to_owned());
        out.extend(command.get_arguments().filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")));
        command.get_subcommands().filter(|sub| !sub.is_hide_set()).for_each(|sub| names(sub, out));
    }

    /// Help texts of what is typed without a name.
    fn unnamed(command: &clap::Command, out: &mut Vec<String>) {
        out.extend(command.get_positionals().filter_map(|arg| arg.get_help()).map(ToString::to_string));
        command.get_subcommands().for_each(|sub| unnamed(sub, out));
    }

    #[test]
    fn completions_and_manual_pages_hold_every_command_and_say_it_in_the_readers_language() {
        let mut all = Vec::new();
        names(&built(), &mut all);
        let mut sentences = Vec::new();
        texts(&built(), "", &mut sentences);
        let mut positional = Vec::new();
        unnamed(&built(), &mut positional);
        // In long ones no name of an option can be hidden.
        let of_all = built().get_about().map(ToString::to_string);
        let long = sentences.into_iter().filter_map(|(_, text)| text).filter(|text| letters(text).len() > 20);
        // What the whole is for stands on its manual page alone.
        let long = long.filter(|text| Some(text) != of_all.as_ref());
        let sentences: std::collections::BTreeSet<String> = long.collect();
        let in_chinese = |english: &str| lang::help(english).unwrap().to_owned();
        let says = |text: &str, sentence: &str| text.contains(&letters(sentence));
        for lang in Lang::ALL {
            for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
                let text = written(&Help::Completion { shell: shell.parse().unwrap() }, lang).unwrap();
                let long = |name: &str| if shell == "fish" { name.replace("--", "-l ") } else { name.to_owned() };
                let missing: Vec<&String> = all.iter().filter(|name| !text.contains(&long(name))).collect();
                assert!(missing.is_empty(), "{shell}: {missing:?}");
                // This one shows names only.
                if shell == "bash" {
                    continue;
                }
                let text = letters(&text);
                for english in &sentences {
                    let chinese = in_chinese(english);
                    let (own, other) = if lang == Lang::Zh { (&chinese, english) } else { (english, &chinese) };
                    // Words to be typed are the same in both.
                    let differs = letters(own) != letters(other);
                    // Of what has no name, most shells say nothing.
                    let is_silent = shell != "zsh" && positional.contains(english);
                    assert!((is_silent || says(&text, own)) && !(differs && says(&text, other)), "{shell}: {own}");
                }
            }
        }
        let built = built();
        let pages = built.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help");
        let pages: Vec<Option<&clap::Command>> = std::iter::once(None).chain(pages.map(Some)).collect();
        for (lang, page) in Lang::ALL.into_iter().flat_map(|lang| pages.iter().map(move |page| (lang, *page))) {
            let command = page.map(|page| page.get_name().to_owned()).into_iter().collect();
            let text = written(&Help::Man { command }, lang).unwrap();
            let page = page.unwrap_or(&built);
            // As a page writes hyphens and apostrophes.
            let plain = text.replace("\\-", "-").replace("\\*(Aq", "'").replace("\\(aq", "'");
            for sub in page.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                assert!(plain.contains(sub.get_name()), "{}: {}", page.get_name(), sub.get_name());
            }
            for long in page.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(|arg| arg.get_long()) {
                assert!(plain.contains(&format!("--{long}")), "{}: --{long}", page.get_name());
            }
            if lang == Lang::Zh {
                let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
                assert!(
                    headings.len() >= 3 && headings.iter().all(|one| !one.contains(|c: char| c.is_ascii_alphabetic())),
                    "{headings:?}"
                );
                assert!(!text.contains("COMMAND]") && !text.contains("COMMAND>"), "{text}");
                let bare = letters(&plain);
                let differs = |english: &&String| letters(english) != letters(&in_chinese(english));
                let english = sentences.iter().filter(differs).filter(|sentence| says(&bare, sentence));
                let english: Vec<&String> = english.collect();
                assert!(english.is_empty(), "{}: {english:?}", page.get_name());
            }
            assert!(says(&letters(&plain), &translated(page.get_about().unwrap(), lang)), "{}", page.get_name());
        }
    }

    #[test]
    fn wrong_usage_is_told_in_the_language_that_was_asked_for() {
        for (typed, zh, en) in [
            ("loookup 王", "没有「loookup」这个命令", "no command “loookup”"),
            ("lookup 王 --limt 3", "没有「--limt」这个选项", "no option “--limt”"),
            ("lookup", "缺少 <QUERY>", "<QUERY>... is missing"),
            ("lookup 王 --limit", "--limit", "wants a value"),
            ("lookup 王 --limit many", "「many」", "“many”"),
            ("survey 1 --new", "不能与", "cannot stand together"),
            ("draft hand-over 1 2", "--why <WHY>", "--why <WHY>"),
        ] {
            let (in_zh, in_en) =
                (refused(&format!("dossier --lang zh {typed}")), refused(&format!("dossier --lang=en {typed}")));
            assert!(in_zh.contains(zh), "{typed}: {in_zh}");
            assert!(in_en.contains(en), "{typed}: {in_en}");
            assert!(in_zh.contains("--help") && in_en.contains("--help"), "{in_zh}\n{in_en}");
            assert!(!in_zh.contains("error:") && !in_zh.contains("Usage"), "{in_zh}");
        }
    }

    #[test]
    fn help_is_what_was_asked_for_and_no_error() {
        for (lang, commands, none) in [("zh", "命令：", "Commands:"), ("en", "Commands:", "命令")] {
            for typed in ["--help", "-h", "help", "lookup --help", "help roll"] {
                let words = format!("dossier --lang {lang} {typed}");
                let said = parse(words.split(' ')).err().expect(typed);
                assert!(!said.error && said.code() == 0, "{}", said.text);
                assert!(!said.text.contains(none), "{typed}: {}", said.text);
                assert!(
                    typed.contains("lookup") || typed.contains("roll") || said.text.contains(commands),
                    "{}",
                    said.text
                );
                if lang == "zh" {
                    assert!(!said.text.contains("Usage") && !said.text.contains("Print help"), "{}", said.text);
                }
            }
        }
    }

    #[test]
    fn escape_sequences_in_what_was_typed_never_come_back() {
        assert!(!refused("dossier --lang zh look\u{1b}[2Jup").contains('\u{1b}'));
        assert!(!refused("dossier --lang zh lookup x --limit \u{1b}]0;x\u{7}").contains('\u{1b}'));
    }

    #[test]
    fn the_command_that_runs_does_not_depend_on_the_language() {
        for lang in Lang::ALL {
            let args = parse_in(["dossier", "lookup", "王", "--limit", "3"], lang).ok().expect("understood");
            assert!(matches!(args.command, Some(Command::Lookup(lookup)) if lookup.limit == 3));
        }
    }
}
