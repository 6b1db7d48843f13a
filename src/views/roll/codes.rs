//! Values as small numbers.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Each value once, numbered in the order in which it came.
#[derive(Clone, Debug)]
pub struct Interner<T> {
    all: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Interner<T> {
        Interner { all: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    pub fn code<Q>(&mut self, value: &Q) -> u32
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = T> + ?Sized,
    {
        if let Some(code) = self.places.get(value) {
            return *code;
        }
        let code = self.all.len() as u32;
        self.all.push(value.to_owned());
        self.places.insert(value.to_owned(), code);
        code
    }

    pub fn get(&self, code: u32) -> Option<&T> {
        self.all.get(code as usize)
    }

    pub fn all(&self) -> &[T] {
        &self.all
    }
}

/// Codes as narrow as they may be.
#[derive(Clone, Debug)]
enum Codes {
    Byte(Vec<u8>),
    Short(Vec<u16>),
    Long(Vec<u32>),
}

/// The answers to one question, one code a row. Code 0: nothing stands there, or a state, which is nothing to an expression.
#[derive(Clone, Debug)]
pub struct CodeColumn {
    codes: Codes,
    /// The text of code n stands at n - 1.
    texts: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Default for CodeColumn {
    fn default() -> CodeColumn {
        CodeColumn { codes: Codes::Byte(Vec::new()), texts: Vec::new(), places: HashMap::new() }
    }
}

impl CodeColumn {
    pub fn push(&mut self, text: &str) {
        let code = self.code(text);
        self.push_code(code);
    }

    fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(code) = self.places.get(text) {
            return *code;
        }
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        let code = self.texts.len() as u32;
        self.places.insert(text, code);
        code
    }

    fn push_code(&mut self, code: u32) {
        match &mut self.codes {
            Codes::Byte(codes) => match u8::try_from(code) {
                Ok(code) => codes.push(code),
                Err(_) => {
                    let mut wider: Vec<u16> = codes.iter().map(|code| u16::from(*code)).collect();
                    wider.shrink_to_fit();
                    self.codes = Codes::Short(wider);
                    self.push_code(code);
                }
            },
            Codes::Short(codes) => match u16::try_from(code) {
                Ok(code) => codes.push(code),
                Err(_) => {
                    self.codes = Codes::Long(codes.iter().map(|code| u32::from(*code)).collect());
                    self.push_code(code);
                }
            },
            Codes::Long(codes) => codes.push(code),
        }
    }

    /// The code of a row; 0 where there is no such row.
    #[inline]
    pub fn at(&self, row: usize) -> u32 {
        match &self.codes {
            Codes::Byte(codes) => codes.get(row).map_or(0, |code| u32::from(*code)),
            Codes::Short(codes) => codes.get(row).map_or(0, |code| u32::from(*code)),
            Codes::Long(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }

    /// The text of a code; empty for 0.
    pub fn text(&self, code: u32) -> &str {
        (code as usize).checked_sub(1).and_then(|at| self.texts.get(at)).map_or("", |text| text)
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// One flag a code, itself at its place: for which texts the test holds. 0 is the empty text.
    pub fn flags(&self, holds: impl Fn(&str) -> bool) -> Vec<bool> {
        std::iter::once(holds("")).chain(self.texts.iter().map(|text| holds(text))).collect()
    }

    pub fn len(&self) -> usize {
        match &self.codes {
            Codes::Byte(codes) => codes.len(),
            Codes::Short(codes) => codes.len(),
            Codes::Long(codes) => codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes over the rows of another column, behind its own.
    pub fn append(&mut self, other: &CodeColumn) {
        let codes: Vec<u32> = std::iter::once(0).chain(other.texts.iter().map(|text| self.code(text))).collect();
        for row in 0..other.len() {
            self.push_code(codes.get(other.at(row) as usize).copied().unwrap_or(0));
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(|text| text.len() + 56).sum();
        texts
            + match &self.codes {
                Codes::Byte(codes) => codes.capacity(),
                Codes::Short(codes) => codes.capacity() * 2,
                Codes::Long(codes) => codes.capacity() * 4,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_grow_wider_and_keep_their_texts() {
        let mut column = CodeColumn::default();
        for n in 0..70_000u32 {
            column.push(if n % 3 == 0 { "" } else { "x" });
            column.push(&n.to_string());
        }
        assert_eq!((column.len(), column.text(column.at(0)), column.text(column.at(1))), (140_000, "", "0"));
        assert_eq!(column.text(column.at(2 * 69_999 + 1)), "69999");
        let mut other = CodeColumn::default();
        other.push("69999");
        other.push("y");
        other.append(&column);
        assert_eq!((other.text(other.at(1)), other.text(other.at(3)), other.len()), ("y", "0", 140_002));
        assert_eq!(other.at(0), other.at(other.len() - 1));
    }
}
