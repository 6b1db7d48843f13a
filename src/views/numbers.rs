//! Dossier numbers: a series (`150785-2018`) and a serial in it. The number is a name for people; identity is the id.

use super::fold::Folded;
use super::keyspaces::{BLOCKS, NUMBERS, SERIALS, STATIONS};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::{Day, DossierId, StationId};
use crate::log::{Header, Issued};
use crate::seal::KeyName;
use crate::store::{Read, Scan};

/// A series of serials: one for a division and a year, or a station's own provisional one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Series {
    Regular {
        division: String,
        year: i32,
    },
    /// For a station without a block: 临-station-n. The dossier gets a regular number later and is found by both.
    Provisional {
        station: StationId,
    },
}

impl Series {
    pub fn regular(division: &str, accepted_on: Day) -> Series {
        Series::Regular { division: division.to_owned(), year: accepted_on.year() }
    }

    /// As it stands in a record's `issued`: ASCII. **[disk]**
    pub fn text(&self) -> String {
        match self {
            Series::Regular { division, year } => format!("{division}-{year:04}"),
            Series::Provisional { station } => format!("tmp-{}", &station.hex()[..6]),
        }
    }
}

/// `150785-2018-0042`, `临-a1b2c3-7`. Serials have four digits at least, seven at most.
pub fn number_text(series: &str, serial: u64) -> String {
    match series.strip_prefix("tmp-") {
        Some(station) => format!("临-{station}-{serial}"),
        None => format!("{series}-{serial:04}"),
    }
}

/// Reads a number as people type it: full-width digits and dashes, spaces at the ends, upper case.
/// Returns it in the form of [`number_text`]; `None` if it is no number of this program.
pub fn parse_number(typed: &str) -> Option<String> {
    let narrow: String = typed
        .trim()
        .chars()
        .map(crate::domain::money::narrow_char)
        .map(|c| if matches!(c, '—' | '–' | '－' | '_' | '/') { '-' } else { c.to_ascii_lowercase() })
        .collect();
    let parts: Vec<&str> = narrow.split('-').collect();
    let digits =
        |s: &str, least: usize, most: usize| (least..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    match parts[..] {
        ["临" | "tmp", station, serial]
            if station.len() == 6 && station.bytes().all(|b| b.is_ascii_hexdigit()) && digits(serial, 1, 7) =>
        {
            Some(number_text(&format!("tmp-{station}"), serial.parse().ok()?))
        }
        [division, year, serial] if digits(division, 6, 6) && digits(year, 4, 4) && digits(serial, 1, 7) => {
            Some(number_text(&format!("{division}-{year}"), serial.parse().ok()?))
        }
        _ => None,
    }
}

/// Blocks are this many serials; a new authority goes on with the next whole block.
pub const BLOCK: u64 = 1000;

/// The next serial that `station` may issue in `series`; `None` when it holds no block with room.
///
/// A provisional series is the station's own. In a regular one the number authority takes what no block covers, and every
/// other station what its blocks hold. A function of the rows alone, so that nothing is issued twice by one chain.
pub fn next_serial(read: &dyn Read, series: &str, station: StationId) -> Result<Option<u64>, ViewError> {
    // Without a gap, whoever gave the last one; that only the keeper of the book gives any is looked at with the line.
    if series.starts_with(super::fund::SERIES) {
        return next_of_series(read, series).map(Some);
    }
    let last = last_serial(read, series, station)?;
    if series.starts_with("tmp-") {
        return Ok(last.checked_add(1));
    }
    let blocks = blocks(read, series)?;
    let own = blocks.iter().filter(|b| b.station == station).find(|b| last < b.to);
    if let Some(block) = own {
        return Ok(Some(block.from.max(last + 1)));
    }
    if authority(read)?.is_none_or(|(_, holder)| holder != station) {
        return Ok(None);
    }
    // An authority that took over knows what others issued only as far as records have come, hence whole blocks. What
    // others issued from blocks handed to them tells nothing.
    let handed_out = |serial: u64| blocks.iter().any(|b| (b.from..=b.to).contains(&serial));
    let serials = serials(read, series)?.into_iter().filter(|(s, n)| *s != station && !handed_out(*n));
    let others = serials.map(|(_, n)| n).max().unwrap_or(0);
    let mut next = if last < others { whole_block_after(others) } else { last + 1 };
    while let Some(block) = blocks.iter().find(|b| (b.from..=b.to).contains(&next)) {
        next = block.to + 1;
    }
    Ok(Some(next))
}

/// The serial behind the last one of a series, whichever station gave it.
pub fn next_of_series(read: &dyn Read, series: &str) -> Result<u64, ViewError> {
    Ok(serials(read, series)?.into_iter().map(|(_, last)| last).max().unwrap_or(0).saturating_add(1))
}

/// The first serial of the next block that nobody holds or has issued from: what [`BlockGiven`] hands out.
///
/// [`BlockGiven`]: crate::domain::event::Ledger::BlockGiven
pub fn next_block(read: &dyn Read, series: &str) -> Result<(u64, u64), ViewError> {
    let issued = serials(read, series)?.into_iter().map(|(_, n)| n).max().unwrap_or(0);
    let given = blocks(read, series)?.into_iter().map(|b| b.to).max().unwrap_or(0);
    let from = whole_block_after(issued.max(given));
    Ok((from, from + BLOCK - 1))
}

fn whole_block_after(serial: u64) -> u64 {
    serial.div_ceil(BLOCK) * BLOCK + 1
}

struct Block {
    from: u64,
    to: u64,
    station: StationId,
}

fn of_series(series: &str) -> Vec<u8> {
    let mut prefix = series.as_bytes().to_vec();
    prefix.push(0);
    prefix
}

fn blocks(read: &dyn Read, series: &str) -> Result<Vec<Block>, ViewError> {
    let all = blocks_within(read, &Scan::prefix(BLOCKS, &of_series(series)))?;
    Ok(all.into_iter().map(|(_, from, to, station)| Block { from, to, station }).collect())
}

fn serials(read: &dyn Read, series: &str) -> Result<Vec<(StationId, u64)>, ViewError> {
    let all = serials_within(read, &Scan::prefix(SERIALS, &of_series(series)))?;
    Ok(all.into_iter().map(|(_, station, last)| (station, last)).collect())
}

/// Every series, station and last serial issued.
pub fn all_serials(read: &dyn Read) -> Result<Vec<(String, StationId, u64)>, ViewError> {
    serials_within(read, &Scan::all(SERIALS))
}

fn serials_within(read: &dyn Read, scan: &Scan) -> Result<Vec<(String, StationId, u64)>, ViewError> {
    let rows = read.scan(scan)?;
    Ok(rows
        .iter()
        .filter_map(|(key, value)| {
            let (series, station) = named(key)?;
            let last = u64::from_le_bytes(value.as_slice().try_into().ok()?);
            Some((series, StationId(station.try_into().ok()?), last))
        })
        .collect())
}

/// Every block: series, first and last serial, holder.
pub fn all_blocks(read: &dyn Read) -> Result<Vec<(String, u64, u64, StationId)>, ViewError> {
    blocks_within(read, &Scan::all(BLOCKS))
}

fn blocks_within(read: &dyn Read, scan: &Scan) -> Result<Vec<(String, u64, u64, StationId)>, ViewError> {
    let rows = read.scan(scan)?;
    Ok(rows
        .iter()
        .filter_map(|(key, value)| {
            let (series, from) = named(key)?;
            let from = u64::from_be_bytes(from.try_into().ok()?);
            let (to, station) = value.split_first_chunk::<8>()?;
            Some((series, from, u64::from_le_bytes(*to), StationId(station.try_into().ok()?)))
        })
        .collect())
}

/// A key's series, and what stands behind it.
fn named(key: &[u8]) -> Option<(String, &[u8])> {
    let end = key.iter().position(|b| *b == 0)?;
    Some((String::from_utf8(key.get(..end)?.to_vec()).ok()?, key.get(end + 1..)?))
}

/// The last serial that `station` issued in a series; 0 before the first.
fn last_serial(read: &dyn Read, series: &str, station: StationId) -> Result<u64, ViewError> {
    Ok(serials(read, series)?.into_iter().find(|(s, _)| *s == station).map_or(0, |(_, n)| n))
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    match ledger {
        Ledger::StationStarted { number_authority, .. } => {
            sealed::put(pending, keys, KeyName::Store, STATIONS, header.station.0, ledger)?;
            if *number_authority {
                note_authority(pending, header, header.station)?;
            }
        }
        Ledger::AuthorityMoved { to } => note_authority(pending, header, *to)?,
        Ledger::BlockGiven { series, from, to, station } => note_block(pending, series, *from, *to, *station),
        _ => {}
    }
    if let Some(dossier) = ledger.dossier() {
        folded.happening.issued.iter().for_each(|issued| note_number(pending, issued, dossier));
    }
    Ok(())
}

/// The number finds its dossier.
fn note_number(pending: &mut Pending<'_>, issued: &Issued, dossier: DossierId) {
    let mut key = number_text(&issued.series, issued.number).into_bytes();
    key.push(0);
    key.extend_from_slice(&dossier.0);
    pending.set(NUMBERS, key, Vec::new());
}

pub(super) fn note_serial(
    pending: &mut Pending<'_>,
    series: &str,
    station: StationId,
    serial: u64,
) -> Result<(), ViewError> {
    if serial > last_serial(pending, series, station)? {
        let mut key = of_series(series);
        key.extend_from_slice(&station.0);
        pending.set(SERIALS, key, serial.to_le_bytes());
    }
    Ok(())
}

fn note_block(pending: &mut Pending<'_>, series: &str, from: u64, to: u64, station: StationId) {
    let mut key = of_series(series);
    key.extend_from_slice(&from.to_be_bytes());
    let mut value = to.to_le_bytes().to_vec();
    value.extend_from_slice(&station.0);
    pending.set(BLOCKS, key, value);
}

const AUTHORITY: &[u8] = b"authority";

/// When something was said, and by which entry.
pub type Said = (i64, [u8; 16]);

/// Who gives numbers without a block: `((at, entry), station)` of the latest record that says so.
pub fn authority(read: &dyn Read) -> Result<Option<(Said, StationId)>, ViewError> {
    let row = read.get(STATIONS, AUTHORITY)?;
    Ok(row.and_then(|r| {
        let (at, rest) = r.split_first_chunk::<8>()?;
        let (entry, station) = rest.split_first_chunk::<16>()?;
        Some(((i64::from_le_bytes(*at), *entry), StationId(station.try_into().ok()?)))
    }))
}

fn note_authority(pending: &mut Pending<'_>, header: &Header, to: StationId) -> Result<(), ViewError> {
    let said = (header.at.0, header.entry.0);
    if authority(pending)?.is_none_or(|(last, _)| last < said) {
        let mut value = said.0.to_le_bytes().to_vec();
        value.extend_from_slice(&said.1);
        value.extend_from_slice(&to.0);
        pending.set(STATIONS, AUTHORITY, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_however_it_is_typed() {
        for (typed, number) in [
            ("150785-2018-0042", "150785-2018-0042"),
            ("150785-2018-42", "150785-2018-0042"),
            ("１５０７８５－２０１８－００４２", "150785-2018-0042"),
            (" 150785/2018/1234567 ", "150785-2018-1234567"),
            ("临-a1b2c3-7", "临-a1b2c3-7"),
            ("临-A1B2C3-7", "临-a1b2c3-7"),
        ] {
            assert_eq!(parse_number(typed).as_deref(), Some(number), "{typed}");
        }
        for bad in ["", "150785-2018", "150785-2018-12345678", "150785-18-0042", "临-a1b2c3-", "张三", "a-b-c"] {
            assert_eq!(parse_number(bad), None, "{bad}");
        }
    }
}
