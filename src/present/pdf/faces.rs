//! The faces that paper is printed in: one with Chinese characters, found on the system or named, and whichever others hold
//! what that one lacks.

use krilla::text::Font;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use ttf_parser::Face;

/// Best first: Songti for print, then whatever else Chinese systems have.
const FAMILIES: &[&str] = &[
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Songti SC",
    "STSong",
    "SimSun",
    "NSimSun",
    "FangSong",
    "AR PL UMing CN",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
];

/// A face that has none of these prints no Chinese.
const TRIED: &str = "困难职工档案元";
/// What stands in the place of a character that no face has.
const MISSING: char = '〓';
/// The fallback of the fallback.
const UNKNOWN: char = '?';
/// Faces that are embedded in one paper, at most.
const FACES_MAX: usize = 8;

struct Loaded {
    data: Arc<Vec<u8>>,
    index: u32,
    font: Font,
}

impl Loaded {
    fn new(data: Vec<u8>, index: u32) -> Option<Loaded> {
        let data = Arc::new(data);
        let font = Font::new(data.clone().into(), index)?;
        Some(Loaded { data, index, font })
    }

    /// How wide a character is, in thousandths of the face's size; none where it has no such character.
    fn advance(&self, c: char) -> Option<u32> {
        let face = Face::parse(&self.data, self.index).ok()?;
        let advance = face.glyph_hor_advance(face.glyph_index(c)?)?;
        Some(u32::from(advance) * 1000 / u32::from(face.units_per_em()).max(1))
    }
}

/// Where a character comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Glyph {
    /// Which of the faces.
    pub face: usize,
    /// The character itself, or what stands for it.
    pub shown: char,
    /// In thousandths of the size.
    pub advance: u32,
}

/// Faces, and what was asked of them so far.
pub struct Faces {
    database: fontdb::Database,
    loaded: RefCell<Vec<Loaded>>,
    known: RefCell<HashMap<char, Glyph>>,
    missing: RefCell<BTreeSet<char>>,
    /// Every face of the system was looked through for a character once and had none: a paper full of them is not slow.
    searches: Cell<u32>,
}

impl Faces {
    /// `given`: a file with a face, asked before those of the system. None where it, or no face at all, has Chinese characters.
    pub fn find(given: Option<&Path>) -> Option<Faces> {
        let mut database = fontdb::Database::new();
        let first = match given {
            // Whoever names a face means that one; its index in a collection is that of the first with Chinese.
            Some(file) => {
                database.load_font_file(file).ok()?;
                let found = database.faces().find(|face| has_chinese(&database, face.id)).map(|face| face.id)?;
                let first = load(&database, found)?;
                database.load_system_fonts();
                first
            }
            None => {
                database.load_system_fonts();
                load(&database, chosen(&database)?)?
            }
        };
        Some(Faces {
            database,
            loaded: RefCell::new(vec![first]),
            known: RefCell::default(),
            missing: RefCell::default(),
            searches: Cell::new(0),
        })
    }

    pub(super) fn glyph(&self, c: char) -> Glyph {
        if let Some(glyph) = self.known.borrow().get(&c) {
            return *glyph;
        }
        let glyph = self.found(c).unwrap_or_else(|| {
            self.missing.borrow_mut().insert(c);
            let stands_for = |shown: char| self.in_loaded(shown).filter(|glyph| glyph.face == 0);
            let glyph = stands_for(MISSING).or_else(|| stands_for(UNKNOWN));
            glyph.unwrap_or(Glyph { face: 0, shown: UNKNOWN, advance: 500 })
        });
        self.known.borrow_mut().insert(c, glyph);
        glyph
    }

    fn in_loaded(&self, c: char) -> Option<Glyph> {
        let loaded = self.loaded.borrow();
        let mut found = loaded.iter().enumerate().filter_map(|(face, one)| Some((face, one.advance(c)?)));
        found.next().map(|(face, advance)| Glyph { face, shown: c, advance })
    }

    fn found(&self, c: char) -> Option<Glyph> {
        const SEARCHES_MAX: u32 = 1_000;
        if let Some(glyph) = self.in_loaded(c) {
            return Some(glyph);
        }
        if self.loaded.borrow().len() >= FACES_MAX || self.searches.get() >= SEARCHES_MAX {
            return None;
        }
        self.searches.set(self.searches.get() + 1);
        let has =
            |face: &&fontdb::FaceInfo| is_plain(face) && has_all(&self.database, face.id, c.encode_utf8(&mut [0; 4]));
        let further = load(&self.database, self.database.faces().find(has)?.id)?;
        self.loaded.borrow_mut().push(further);
        self.in_loaded(c)
    }

    /// How wide a text is, in thousandths of the size.
    pub(super) fn width(&self, text: &str) -> usize {
        text.chars().map(|c| self.glyph(c).advance as usize).sum()
    }

    pub(super) fn font(&self, face: usize) -> Option<Font> {
        self.loaded.borrow().get(face).map(|one| one.font.clone())
    }

    /// The characters that no face had so far.
    pub(super) fn missing(&self) -> Vec<char> {
        self.missing.borrow().iter().copied().collect()
    }
}

fn load(database: &fontdb::Database, id: fontdb::ID) -> Option<Loaded> {
    let (data, index) = database.with_face_data(id, |data, index| (data.to_vec(), index))?;
    Loaded::new(data, index)
}

fn is_plain(face: &fontdb::FaceInfo) -> bool {
    face.style == fontdb::Style::Normal && face.weight == fontdb::Weight::NORMAL
}

fn has_all(database: &fontdb::Database, id: fontdb::ID, text: &str) -> bool {
    let has = |data: &[u8], index: u32| {
        Face::parse(data, index).is_ok_and(|face| text.chars().all(|c| face.glyph_index(c).is_some()))
    };
    database.with_face_data(id, has).unwrap_or(false)
}

fn has_chinese(database: &fontdb::Database, id: fontdb::ID) -> bool {
    has_all(database, id, TRIED)
}

/// By the list; else the first plain face by name that prints Chinese.
fn chosen(database: &fontdb::Database) -> Option<fontdb::ID> {
    let named = |family: &&str| {
        let is = |face: &&fontdb::FaceInfo| is_plain(face) && face.families.iter().any(|(name, _)| name == *family);
        database.faces().filter(is).find(|face| has_chinese(database, face.id)).map(|face| face.id)
    };
    if let Some(found) = FAMILIES.iter().find_map(named) {
        return Some(found);
    }
    let mut any: Vec<&fontdb::FaceInfo> = database.faces().filter(|face| has_chinese(database, face.id)).collect();
    any.sort_by_key(|face| (!is_plain(face), face.post_script_name.clone()));
    any.first().map(|face| face.id)
}
