//! Sixteen named colours over the terminal's own two. No meaning by colour alone: each style below also differs by a
//! glyph, a word, bold or reverse, and with `colour` off nothing is lost.

use ratatui::style::{Color, Modifier, Style};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Theme {
    /// Off: bold and reverse only.
    pub colour: bool,
    /// Lines and marks from ASCII only, for terminals that draw the ambiguous ones two cells wide.
    pub ascii: bool,
}

impl Default for Theme {
    fn default() -> Theme {
        Theme { colour: true, ascii: false }
    }
}

impl Theme {
    fn coloured(self, style: Style, colour: Color) -> Style {
        if self.colour { style.fg(colour) } else { style }
    }

    pub fn plain(self) -> Style {
        Style::new()
    }

    /// Headings, and the value that matters in a line.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The row or the choice the keys act on; a `>` stands before it too.
    pub fn focus(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Hints and explanations. Not *dim*, which some terminals draw invisibly.
    pub fn quiet(self) -> Style {
        self.coloured(Style::new(), Color::Cyan)
    }

    /// A refusal or a hard problem; its text begins with `!`.
    pub fn wrong(self) -> Style {
        self.coloured(self.strong(), Color::Red)
    }

    /// A soft problem, a thing to look at; its text begins with `?`.
    pub fn doubt(self) -> Style {
        self.coloured(Style::new(), Color::Yellow)
    }

    /// Done, kept; its text says so.
    pub fn good(self) -> Style {
        self.coloured(Style::new(), Color::Green)
    }

    /// The name of a key in the line of hints.
    pub fn key(self) -> Style {
        self.coloured(self.strong(), Color::Cyan)
    }

    /// The first line of the screen.
    pub fn title(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The field being typed into.
    pub fn field(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }
}
