//! Rules: their files, the facts they are asked about, what they decide and the words that say so.

mod answers;
mod flips;
mod sets;
mod situations;
mod words;
