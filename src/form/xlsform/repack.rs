//! A workbook's zip file, taken apart and put together without compression and without the `<dimension>` of its sheets:
//! some programs write `1:63` there, which the spreadsheet reader refuses although it needs no dimension at all. And what
//! unpacks is counted while it unpacks, since a zip file may lie about it: the spreadsheet reader never inflates anything.

use std::io::Read;

struct ZipEntry {
    name: Vec<u8>,
    data: Vec<u8>,
}

/// Why a file could not be taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotUnpacked {
    /// It is no zip file, or not whole.
    NotAZip,
    /// It unpacks to more than the limit, whatever it says itself.
    TooLarge,
}

/// The same workbook, stored.
pub fn without_dimensions(bytes: &[u8], limit: u64) -> Result<Vec<u8>, NotUnpacked> {
    let mut entries = unpack(bytes, limit)?;
    for entry in &mut entries {
        if entry.name.starts_with(b"xl/worksheets/") {
            cut_dimension(&mut entry.data);
        }
    }
    Ok(store(&entries))
}

/// The bytes of one entry of what [`without_dimensions`] gave.
pub fn stored_entry<'b>(stored: &'b [u8], wanted: &[u8]) -> Option<&'b [u8]> {
    let (mut at, count) = directory(stored)?;
    for _ in 0..count {
        let (packed, name, next) = packed_entry(stored, at)?;
        match packed {
            Packed::Stored(bytes) if name == wanted => return Some(bytes),
            _ => at = next,
        }
    }
    None
}

fn cut_dimension(data: &mut Vec<u8>) {
    let find = |from: usize, wanted: &[u8]| {
        data.get(from..)?.windows(wanted.len()).position(|w| w == wanted).map(|at| from + at)
    };
    let Some(start) = find(0, b"<dimension") else { return };
    let Some(end) = find(start, b">") else { return };
    let closed = data.get(end.wrapping_sub(1)) == Some(&b'/');
    let end = if closed { end + 1 } else { find(end, b"</dimension>").map_or(end + 1, |at| at + 12) };
    data.drain(start..end);
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at + 2).map(|b| usize::from(b[0]) | usize::from(b[1]) << 8)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16_at(bytes, at)? | u16_at(bytes, at + 2)? << 16)
}

/// Where the central directory begins, and how many entries it has.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    let tail = bytes.len().saturating_sub(65_557);
    let end = (tail..bytes.len().saturating_sub(21)).rev().find(|i| bytes[*i..].starts_with(b"PK\x05\x06"))?;
    Some((u32_at(bytes, end + 16)?, u16_at(bytes, end + 10)?))
}

/// What the directory names, unpacked and counted while it unpacks. Pictures are left out: a form does not need them.
fn unpack(bytes: &[u8], limit: u64) -> Result<Vec<ZipEntry>, NotUnpacked> {
    let (mut at, count) = directory(bytes).ok_or(NotUnpacked::NotAZip)?;
    let mut left = limit;
    let mut entries = Vec::new();
    let mut names = std::collections::HashSet::new();
    for _ in 0..count {
        let (packed, name, next) = packed_entry(bytes, at).ok_or(NotUnpacked::NotAZip)?;
        at = next;
        // Of two with one name nobody could say which is read.
        if !names.insert(name) {
            continue;
        }
        if name.starts_with(b"xl/media/") || name.starts_with(b"Pictures/") {
            continue;
        }
        let mut data = Vec::new();
        let read = match packed {
            Packed::Stored(bytes) => bytes.take(left + 1).read_to_end(&mut data),
            Packed::Deflated(bytes) => flate2::read::DeflateDecoder::new(bytes).take(left + 1).read_to_end(&mut data),
        };
        left = left.checked_sub(data.len() as u64).ok_or(NotUnpacked::TooLarge)?;
        read.map_err(|_| NotUnpacked::NotAZip)?;
        entries.push(ZipEntry { name: name.to_vec(), data });
    }
    Ok(entries)
}

enum Packed<'b> {
    Stored(&'b [u8]),
    Deflated(&'b [u8]),
}

/// The entry at a place of the directory: its bytes, its name, and where the next one stands.
fn packed_entry(bytes: &[u8], at: usize) -> Option<(Packed<'_>, &[u8], usize)> {
    if !bytes.get(at..)?.starts_with(b"PK\x01\x02") {
        return None;
    }
    let (method, packed, local) = (u16_at(bytes, at + 10)?, u32_at(bytes, at + 20)?, u32_at(bytes, at + 42)?);
    let (name, extra, comment) = (u16_at(bytes, at + 28)?, u16_at(bytes, at + 30)?, u16_at(bytes, at + 32)?);
    let start = local.checked_add(30 + u16_at(bytes, local + 26)? + u16_at(bytes, local + 28)?)?;
    let packed = bytes.get(start..start.checked_add(packed)?)?;
    let packed = match method {
        0 => Packed::Stored(packed),
        8 => Packed::Deflated(packed),
        _ => return None,
    };
    Some((packed, bytes.get(at + 46..at + 46 + name)?, at + 46 + name + extra + comment))
}

fn store(entries: &[ZipEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        // Version, flags, method, time, date (1 January 1980).
        for word in [20u16, 0, 0, 0, 0x21] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&crc32fast::hash(&entry.data).to_le_bytes());
        for size in [entry.data.len() as u32; 2] {
            common.extend_from_slice(&size.to_le_bytes());
        }
        common.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(&entry.name);
        out.extend_from_slice(&entry.data);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(&entry.name);
    }
    let start = out.len() as u32;
    let count = (entries.len() as u16).to_le_bytes();
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_keeps_all_but_its_dimensions() {
        let sheet = b"<worksheet><dimension ref=\"1:63\"/><sheetData/></worksheet>".to_vec();
        let entries = [
            ZipEntry { name: b"xl/worksheets/sheet1.xml".to_vec(), data: sheet },
            ZipEntry { name: b"xl/workbook.xml".to_vec(), data: b"<workbook><dimension/></workbook>".to_vec() },
        ];
        let packed = store(&entries);
        let again = unpack(&without_dimensions(&packed, 10_000).unwrap(), 10_000).unwrap();
        assert_eq!(again[0].data, b"<worksheet><sheetData/></worksheet>");
        assert_eq!(again[1].data, entries[1].data);
        assert_eq!(without_dimensions(&packed, 20), Err(NotUnpacked::TooLarge));
        assert_eq!(without_dimensions(&packed[..packed.len() - 30], 10_000), Err(NotUnpacked::NotAZip));
    }
}
