//! Who depends on whom. The vertices are the caller's own numbers: a form has one for each relevance, calculation,
//! filter and count, a rule set one for each fact.

/// Vertices that wait for one another, in the order of reading: each is read by the next, the last by the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle(pub Vec<u32>);

/// A dependency graph without cycles: an edge that would close one is left out and reported.
#[derive(Clone, Default, Debug)]
pub struct Graph {
    starts: Vec<u32>,
    edges: Vec<u32>,
    rank: Vec<u32>,
    order: Vec<u32>,
}

/// Working memory of [`Graph::after`], kept by the caller so that nothing is allocated for an answer.
#[derive(Clone, Default, Debug)]
pub struct Reach {
    seen: Vec<bool>,
    found: Vec<u32>,
}

impl Graph {
    /// `edges` are (read, reader): the reader must be computed after what it reads. Vertices from `vertices` up are
    /// ignored. Same edges, same order: the result does not depend on the order of the edges.
    pub fn build(_vertices: u32, _edges: &mut dyn Iterator<Item = (u32, u32)>) -> (Graph, Vec<Cycle>) {
        unimplemented!("being written")
    }

    /// All vertices, each after what it reads; ties by number.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    pub fn rank(&self, vertex: u32) -> u32 {
        self.rank.get(vertex as usize).copied().unwrap_or(u32::MAX)
    }

    /// Those that read `vertex` directly.
    pub fn readers(&self, vertex: u32) -> &[u32] {
        let at = |i: usize| self.starts.get(i).map_or(self.edges.len(), |&s| s as usize);
        self.edges.get(at(vertex as usize)..at(vertex as usize + 1)).unwrap_or(&[])
    }

    /// Everything to be computed again after `changed` changed, in order; the changed ones themselves only if they
    /// read another that changed.
    pub fn after<'r>(&self, _changed: &[u32], _reach: &'r mut Reach) -> &'r [u32] {
        unimplemented!("being written")
    }
}
