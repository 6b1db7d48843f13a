//! Forms and their expressions: those of the corpus, those of strangers, our own, and the lists that come with them.

#[path = "../support/dice.rs"]
mod dice;

mod corpus;
mod data;
mod expr_corpus;
mod hostile;
mod interview;
mod pasted;
mod silence;
mod wild;
mod workbooks;
