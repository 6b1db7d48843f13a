//! The keyspaces of the views, and what stands in each. Keys hold ids, days and numbers, never names. **[disk]** in name
//! only: every one can be folded again from the journal.

use crate::domain::Stamp;
use crate::store::Keyspace;

/// Dossier id → its [`History`](super::History), under the store key.
pub const DOSSIERS: Keyspace = Keyspace("dossiers");
/// Dossier id → its [`Face`](super::Face), under the dossier's own key. Gone when the dossier is erased.
pub const FACES: Keyspace = Keyspace("faces");
/// Number text ‖ 0 ‖ dossier id → nothing. A number found twice (two stations, one block) finds both.
pub const NUMBERS: Keyspace = Keyspace("numbers");
/// Series ‖ 0 ‖ station → the last serial that station issued in it (u64, little endian).
pub const SERIALS: Keyspace = Keyspace("serials");
/// Series ‖ 0 ‖ first serial (u64, big endian) → last serial (u64, little endian) ‖ station: a block handed out.
pub const BLOCKS: Keyspace = Keyspace("blocks");
/// Station → its first record's ledger half, under the store key; and `authority` → at ‖ entry ‖ station: who gives
/// numbers without a block, by the latest record that says so.
pub const STATIONS: Keyspace = Keyspace("stations");
/// Due day (big endian, sign bit turned) ‖ dossier id → nothing.
pub const DUE: Keyspace = Keyspace("due");
/// The first day on which a case may wait for somebody (big endian, sign bit turned) ‖ dossier id → nothing.
pub const CASES: Keyspace = Keyspace("cases");
/// Officer id ‖ entry id → officer as that record has it, names included, under the bureau subject's key.
pub const OFFICERS: Keyspace = Keyspace("officers");
/// Unit id ‖ entry id → unit as that record has it, names included, under the bureau subject's key.
pub const UNITS: Keyspace = Keyspace("units");
/// Station → seq (u64, little endian) ‖ hash of its last record.
pub const CHAINS: Keyspace = Keyspace("chains");
/// Entry id → station ‖ seq (u64, little endian): this record is folded.
pub const FOLDED: Keyspace = Keyspace("folded");
/// Missing parent ‖ entry id → received ‖ record: waits for that parent.
pub const WAITING: Keyspace = Keyspace("waiting");
/// Entry id → schema or reason: kept and chained, and not understood (a newer program's record, a lost key).
pub const UNREAD: Keyspace = Keyspace("unread");
/// Subject (kind ‖ id) → nothing: what a record says of it was folded while its key was not here, and left no rows. Where the key is
/// back the rows are folded anew.
pub const UNOPENED: Keyspace = Keyspace("unopened");
/// Draft id → the entry that submitted it, so that a draft left over is known again.
pub const DRAFTS: Keyspace = Keyspace("drafts");

/// Entry id of a query that nobody has closed → its dossier.
pub const QUERIES: Keyspace = Keyspace("queries");
/// Subject (kind ‖ id) → at (i64, little endian): an erasure that holds. What every opening applies to the keys again.
pub const ERASED: Keyspace = Keyspace("erased");

/// Form id ‖ 0 ‖ entry id → form and version as that record has them, under the store key.
pub const FORMS: Keyspace = Keyspace("forms");
/// Entry id of a form's record → its files, under the store key.
pub const FORM_FILES: Keyspace = Keyspace("form_files");

/// Officer id ‖ form id → at (i64, big endian) ‖ entry id ‖ dossier id: the survey that the officer took last with that form.
pub const LAST_TAKEN: Keyspace = Keyspace("last_taken");

/// Hash of a way in (16 bytes; of a uid with its station) ‖ entry id → the way as that record has it, under the store key.
pub const WAYS: Keyspace = Keyspace("ways");
/// At (i64, big endian, sign turned) ‖ entry id → who came in, was refused or went, under the store key.
pub const LOGINS: Keyspace = Keyspace("logins");

/// Entry id → who began to act then, and by which credential, under the store key.
pub const SESSIONS: Keyspace = Keyspace("sessions");

/// At (i64, big endian, sign turned) ‖ entry id ‖ place (u16, big endian) → who looked at what, under the store key.
pub const LOOKS: Keyspace = Keyspace("looks");
/// Subject (kind ‖ id) ‖ at ‖ entry id ‖ place → nothing: the looks at one subject.
pub const LOOKED: Keyspace = Keyspace("looked");

/// Draft id ‖ entry id ‖ place (u16, big endian) → officer id: who began it, and had it taken.
pub const TAKEN: Keyspace = Keyspace("taken");

/// Key ‖ 0 ‖ entry id → a setting as that record has it, under the store key.
pub const SETTINGS: Keyspace = Keyspace("settings");
/// What ‖ 0 ‖ id ‖ 0 ‖ entry id → an adoption as that record has it, with its text, under the store key.
pub const ADOPTED: Keyspace = Keyspace("adopted");

/// Person id ‖ entry id → a person outside every dossier as that record has it, under that person's own key.
pub const PERSONS: Keyspace = Keyspace("persons");
/// Person id ‖ entry id → which member of which household the person is, under the store key.
pub const LINKS: Keyspace = Keyspace("links");

/// At (i64, big endian, sign turned) ‖ entry id ‖ place (u16, big endian) → how the store as a whole was handled, under the
/// store key.
pub const MAINTENANCE: Keyspace = Keyspace("maintenance");

/// Figures of a survey's ledger half (16 bytes, see `sent.rs`) ‖ dossier id ‖ entry id → the fingerprint of the answers
/// file that it was sent in as, under the dossier's own key. Gone when the dossier is erased.
pub const SENT: Keyspace = Keyspace("sent");

/// Station ‖ from ‖ to (u64, big endian) ‖ entry id → a stretch of records whose clock was wrong, as that record has it,
/// under the store key.
pub const STRETCHES: Keyspace = Keyspace("stretches");

/// Place id ‖ entry id → a place of the fund's book as that record has it, under the store key.
pub const FUND_PLACES: Keyspace = Keyspace("fund_places");
/// Purse id ‖ entry id → a purse as that record has it, under the store key.
pub const FUND_PURSES: Keyspace = Keyspace("fund_purses");
/// Entry id ‖ line (u16, big endian) → a line of the book, with what became of it since, under the store key.
pub const FUND_LINES: Keyspace = Keyspace("fund_lines");
/// Account (kind ‖ id) ‖ day (big endian, sign bit turned) ‖ line → nothing: an account's statement.
pub const FUND_STATEMENTS: Keyspace = Keyspace("fund_statements");
/// Account ‖ day → what that day adds to it, under the store key.
pub const FUND_DAYS: Keyspace = Keyspace("fund_days");
/// Account ‖ first day of a month → what that month adds to it, under the store key.
pub const FUND_MONTHS: Keyspace = Keyspace("fund_months");
/// Line of a reservation → its purse, and what happened to it, under the store key.
pub const FUND_HELD: Keyspace = Keyspace("fund_held");
/// Subject (kind ‖ id) ‖ day ‖ line → nothing: the lines about a household or a person.
pub const FUND_ABOUT: Keyspace = Keyspace("fund_about");
/// Series ‖ 0 ‖ number (u64, big endian) ‖ entry id → nothing, or `void`: the receipts and vouchers.
pub const FUND_NUMBERS: Keyspace = Keyspace("fund_numbers");
/// Station ‖ seq (u64, big endian) ‖ entry id → 1: its lines behind that record count; 0: they do not.
pub const FUND_KEEPERS: Keyspace = Keyspace("fund_keepers");

/// Entry id of a proposal → the payout with its steps, under the store key.
pub const FUND_PAYOUTS: Keyspace = Keyspace("fund_payouts");
/// Dossier id ‖ entry id of a proposal → nothing.
pub const FUND_PAYOUTS_OF: Keyspace = Keyspace("fund_payouts_of");
/// Entry id → payouts sent through the bank together, as that record has them, under the store key.
pub const FUND_BATCHES: Keyspace = Keyspace("fund_batches");

/// Unit id ‖ entry id → what its workers are expected to give in a period, as that record has it, under the store key.
pub const FUND_PLEDGES: Keyspace = Keyspace("fund_pledges");
/// Entry id of a receipt → from how many people it came together, under the store key.
pub const FUND_COLLECTIONS: Keyspace = Keyspace("fund_collections");
/// Year (u32, big endian, sign bit turned) ‖ entry id → what was asked for or granted, as that record has it, under the store key.
pub const FUND_APPROPRIATIONS: Keyspace = Keyspace("fund_appropriations");

/// Last day of a period (big endian, sign bit turned) ‖ entry id → its closing with its steps, under the store key.
pub const FUND_CLOSINGS: Keyspace = Keyspace("fund_closings");
/// Entry id → what was paid in a year before the book began, as that record has it, under the store key.
pub const FUND_FORMER: Keyspace = Keyspace("fund_former");

/// Entry id of its record → a campaign with its steps, and the records that filled its list, under the store key.
pub const FUND_CAMPAIGNS: Keyspace = Keyspace("fund_campaigns");
/// Entry id of a campaign ‖ entry id of what filled its list ‖ line (u16, big endian) → that line with what became of it, under the
/// store key.
pub const FUND_RECEIVERS: Keyspace = Keyspace("fund_receivers");
/// Subject (kind ‖ id) ‖ entry id of a campaign ‖ entry id ‖ line → nothing: the lines about a household or a person.
pub const FUND_RECEIVERS_OF: Keyspace = Keyspace("fund_receivers_of");

/// At (i64, big endian, sign turned) ‖ entry id → a roll that was brought in, under the store key.
pub const ROLLS_BROUGHT_IN: Keyspace = Keyspace("rolls_brought_in");
/// Entry id of a roll that was brought in ‖ dossier id → nothing: the households that came with it.
pub const OF_ROLL: Keyspace = Keyspace("of_roll");

/// Entry id → a round of surveys with its closings, under the store key.
pub const ROUNDS: Keyspace = Keyspace("rounds");
/// Entry id of a round ‖ dossier id → nothing: households that somebody was assigned to or went to in it, also such as it was
/// not drawn for.
pub const IN_ROUND: Keyspace = Keyspace("in_round");

/// Which rows these keyspaces hold, and in what shape: one higher whenever a fold makes other rows of the same records, so
/// that stores made before are folded anew at their next opening.
pub const SHAPE: u32 = 8;

/// All of them, for the store's opening.
pub const KEYSPACES: [Keyspace; 59] = [
    DOSSIERS,
    FACES,
    NUMBERS,
    SERIALS,
    BLOCKS,
    STATIONS,
    DUE,
    CASES,
    OFFICERS,
    UNITS,
    CHAINS,
    FOLDED,
    WAITING,
    UNREAD,
    UNOPENED,
    DRAFTS,
    ERASED,
    QUERIES,
    FORMS,
    FORM_FILES,
    LAST_TAKEN,
    WAYS,
    LOGINS,
    SESSIONS,
    LOOKS,
    LOOKED,
    TAKEN,
    SETTINGS,
    ADOPTED,
    PERSONS,
    LINKS,
    MAINTENANCE,
    SENT,
    STRETCHES,
    FUND_PLACES,
    FUND_PURSES,
    FUND_LINES,
    FUND_STATEMENTS,
    FUND_DAYS,
    FUND_MONTHS,
    FUND_HELD,
    FUND_ABOUT,
    FUND_NUMBERS,
    FUND_KEEPERS,
    FUND_PAYOUTS,
    FUND_PAYOUTS_OF,
    FUND_BATCHES,
    FUND_PLEDGES,
    FUND_COLLECTIONS,
    FUND_APPROPRIATIONS,
    FUND_CLOSINGS,
    FUND_FORMER,
    FUND_CAMPAIGNS,
    FUND_RECEIVERS,
    FUND_RECEIVERS_OF,
    ROLLS_BROUGHT_IN,
    OF_ROLL,
    ROUNDS,
    IN_ROUND,
];

/// Times sort as unsigned big-endian bytes once the sign bit is turned.
pub(super) fn at_key(at: Stamp) -> [u8; 8] {
    ((at.0 as u64) ^ (1 << 63)).to_be_bytes()
}
