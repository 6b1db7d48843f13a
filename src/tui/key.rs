//! One key, after all the ways in which terminals spell it.

use crate::domain::money::narrow_char;

/// What was pressed. Modified arrows and function keys arrive as the plain ones, since no two clients agree on them;
/// there is no Alt, which on a slow line is an Esc that came early.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Char(char),
    /// Ctrl and a lower-case letter.
    Ctrl(char),
    F(u8),
    Enter,
    Tab,
    BackTab,
    Esc,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    /// Bytes that are no character: the terminal sends another encoding than UTF-8.
    Unreadable,
    /// A pasted text: line ends are `\n`, all other control characters are gone.
    Paste(String),
}

impl std::fmt::Debug for Key {
    /// What is typed may be somebody's name or number; only the kind of key is printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Char(_) => f.write_str("a character"),
            Key::Paste(_) => f.write_str("a pasted text"),
            named => f.write_str(&named.label()),
        }
    }
}

impl Key {
    /// The key as a command reads it: full-width letters and digits are their plain twins, and so are the marks that a
    /// Chinese input method puts in place of the key's own. Capitals count as small.
    pub fn plain(&self) -> Key {
        match self {
            Key::Char(c) => Key::Char(plain_char(*c)),
            other => other.clone(),
        }
    }

    /// How the key is called on screen, the same in every language: `F6`, `Ctrl-G`, `Enter`, `a`.
    pub fn label(&self) -> String {
        match self {
            Key::Char(' ') => "Space".into(),
            Key::Char(c) => c.to_string(),
            Key::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            Key::F(n) => format!("F{n}"),
            Key::Unreadable => "?".into(),
            Key::Enter => "Enter".into(),
            Key::Tab => "Tab".into(),
            Key::BackTab => "Shift-Tab".into(),
            Key::Esc => "Esc".into(),
            Key::Backspace => "Backspace".into(),
            Key::Delete => "Del".into(),
            Key::Insert => "Ins".into(),
            Key::Left => "Left".into(),
            Key::Right => "Right".into(),
            Key::Up => "Up".into(),
            Key::Down => "Down".into(),
            Key::Home => "Home".into(),
            Key::End => "End".into(),
            Key::PageUp => "PgUp".into(),
            Key::PageDown => "PgDn".into(),
            Key::Paste(_) => "Paste".into(),
        }
    }
}

fn plain_char(c: char) -> char {
    let c = match c {
        '、' => '/',
        '【' | '「' => '[',
        '】' | '」' => ']',
        '《' => '<',
        '》' => '>',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '—' => '-',
        other => narrow_char(other),
    };
    c.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_its_full_width_twin() {
        for (typed, read) in [('ｇ', 'g'), ('Ｇ', 'g'), ('G', 'g'), ('３', '3'), ('？', '?'), ('、', '/'), ('林', '林')]
        {
            assert_eq!(Key::Char(typed).plain(), Key::Char(read));
        }
    }

    #[test]
    fn debug_prints_no_typed_text() {
        assert_eq!(
            format!("{:?}", [Key::Char('甲'), Key::Paste("甲".into()), Key::F(6)]),
            "[a character, a pasted text, F6]"
        );
    }
}
