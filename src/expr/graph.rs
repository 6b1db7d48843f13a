//! Who depends on whom. The vertices are the caller's own numbers: a form has one for each relevance, calculation,
//! filter and count, a rule set one for each fact.

use crate::domain::bug;

/// Vertices that wait for one another, in the order of reading: each is read by the next, the last by the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle(pub Vec<u32>);

/// A dependency graph without cycles: an edge that would close one is left out and reported.
#[derive(Clone, Default, Debug)]
pub struct Graph {
    /// Readers of vertex v: `edges[starts[v]..starts[v + 1]]`.
    starts: Vec<u32>,
    edges: Vec<u32>,
    rank: Vec<u32>,
    order: Vec<u32>,
}

/// Working memory of [`Graph::after`], kept by the caller so that nothing is allocated for an answer.
#[derive(Clone, Default, Debug)]
pub struct Reached {
    seen: Vec<bool>,
    found: Vec<u32>,
}

impl Graph {
    /// `edges` are (read, reader): the reader must be computed after what it reads. Vertices from `vertices` up are
    /// ignored. The same edges give the same graph, in whatever order they come.
    pub fn build(vertices: u32, edges: &mut dyn Iterator<Item = (u32, u32)>) -> (Graph, Vec<Cycle>) {
        let (graph, cycles, _) = Graph::build_loose(vertices, edges, &[]);
        (graph, cycles)
    }

    /// As [`Graph::build`], with further edges of readers that *set no value*: they order where they can, and one that
    /// stands in a circle orders nothing and is no cycle. Those come back, sorted.
    pub fn build_loose(
        vertices: u32,
        edges: &mut dyn Iterator<Item = (u32, u32)>,
        loose: &[(u32, u32)],
    ) -> (Graph, Vec<Cycle>, Vec<(u32, u32)>) {
        let mut edges: Vec<(u32, u32)> = edges.filter(|&(a, b)| a < vertices && b < vertices).collect();
        let firm = edges.len();
        edges.extend(loose.iter().filter(|&&(a, b)| a < vertices && b < vertices));
        let mut in_circles = Vec::new();
        if edges.len() > firm {
            let circle = circles(vertices, &mut edges.clone());
            let inside = |&(a, b): &(u32, u32)| circle[a as usize] == circle[b as usize];
            let (out, rest): (Vec<_>, Vec<_>) = edges.split_off(firm).into_iter().partition(inside);
            in_circles = out;
            in_circles.sort_unstable();
            edges.extend(rest);
        }
        edges.sort_unstable();
        edges.dedup();
        let mut cycles = Vec::new();
        let closing = closing_edges(vertices, &edges, &mut cycles);
        edges.retain(|edge| !closing.contains(edge));
        let starts = starts_of(vertices, &edges);
        let edges: Vec<u32> = edges.into_iter().map(|(_, reader)| reader).collect();
        let mut graph = Graph { starts, edges, rank: Vec::new(), order: Vec::new() };
        graph.sort(vertices);
        (graph, cycles, in_circles)
    }

    /// Kahn's order: whoever waits for nothing comes next, the least number first.
    fn sort(&mut self, vertices: u32) {
        let mut waits = vec![0u32; vertices as usize];
        for &reader in &self.edges {
            waits[reader as usize] += 1;
        }
        let mut ready: std::collections::BinaryHeap<std::cmp::Reverse<u32>> =
            (0..vertices).filter(|&v| waits[v as usize] == 0).map(std::cmp::Reverse).collect();
        let mut order = Vec::with_capacity(vertices as usize);
        while let Some(std::cmp::Reverse(vertex)) = ready.pop() {
            order.push(vertex);
            for &reader in self.readers(vertex) {
                let left = &mut waits[reader as usize];
                *left -= 1;
                if *left == 0 {
                    ready.push(std::cmp::Reverse(reader));
                }
            }
        }
        self.rank = vec![u32::MAX; vertices as usize];
        for (rank, &vertex) in (0u32..).zip(&order) {
            self.rank[vertex as usize] = rank;
        }
        self.order = order;
    }

    /// All vertices, each after what it reads; ties by number.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    pub fn rank(&self, vertex: u32) -> u32 {
        let Some(rank) = self.rank.get(vertex as usize) else { bug!("a vertex of this graph") };
        *rank
    }

    /// Those that read `vertex` directly.
    pub fn readers(&self, vertex: u32) -> &[u32] {
        let at = |i: usize| self.starts.get(i).map_or(self.edges.len(), |&s| s as usize);
        self.edges.get(at(vertex as usize)..at(vertex as usize + 1)).unwrap_or(&[])
    }

    /// Everything to be computed again after `changed` changed, in order; the changed ones themselves only if they
    /// read another that changed.
    pub fn after<'r>(&self, changed: &[u32], reached: &'r mut Reached) -> &'r [u32] {
        reached.seen.resize(self.rank.len(), false);
        reached.found.clear();
        let mut next = 0;
        let push = |from: u32, seen: &mut Vec<bool>, found: &mut Vec<u32>| {
            for &reader in self.readers(from) {
                if let Some(seen) = seen.get_mut(reader as usize).filter(|seen| !**seen) {
                    *seen = true;
                    found.push(reader);
                }
            }
        };
        for &vertex in changed {
            push(vertex, &mut reached.seen, &mut reached.found);
        }
        while let Some(&vertex) = reached.found.get(next) {
            next += 1;
            push(vertex, &mut reached.seen, &mut reached.found);
        }
        for &vertex in &reached.found {
            reached.seen[vertex as usize] = false;
        }
        reached.found.sort_unstable_by_key(|&v| self.rank(v));
        &reached.found
    }
}

/// Where each vertex's edges begin; the edges are sorted by what is read.
fn starts_of(vertices: u32, edges: &[(u32, u32)]) -> Vec<u32> {
    let mut starts = vec![0u32; vertices as usize + 1];
    for &(read, _) in edges {
        starts[read as usize + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    starts
}

/// The number of the circle that each vertex stands in (Kosaraju's two walks): two vertices have one number if each is
/// reached from the other. Without recursion, as below.
fn circles(vertices: u32, edges: &mut [(u32, u32)]) -> Vec<u32> {
    edges.sort_unstable();
    let starts = starts_of(vertices, edges);
    let mut seen = vec![false; vertices as usize];
    let mut left = Vec::with_capacity(vertices as usize);
    let mut way: Vec<(u32, u32)> = Vec::new();
    for first in 0..vertices {
        if std::mem::replace(&mut seen[first as usize], true) {
            continue;
        }
        way.push((first, starts[first as usize]));
        while let Some(&mut (vertex, ref mut edge)) = way.last_mut() {
            if *edge == starts[vertex as usize + 1] {
                left.push(vertex);
                way.pop();
                continue;
            }
            let reader = edges[*edge as usize].1;
            *edge += 1;
            if !std::mem::replace(&mut seen[reader as usize], true) {
                way.push((reader, starts[reader as usize]));
            }
        }
    }
    for edge in edges.iter_mut() {
        *edge = (edge.1, edge.0);
    }
    edges.sort_unstable();
    let starts = starts_of(vertices, edges);
    let mut circle = vec![u32::MAX; vertices as usize];
    for first in left.into_iter().rev() {
        let mut waiting = vec![first];
        while let Some(vertex) = waiting.pop() {
            if circle[vertex as usize] != u32::MAX {
                continue;
            }
            circle[vertex as usize] = first;
            let span = starts[vertex as usize] as usize..starts[vertex as usize + 1] as usize;
            waiting.extend(edges[span].iter().map(|(_, read)| *read).filter(|v| circle[*v as usize] == u32::MAX));
        }
    }
    circle
}

/// Edges that lead back to a vertex on the way to themselves, each told with its cycle. A walk in depth, without
/// recursion: a chain of calculations may be as long as a form.
fn closing_edges(
    vertices: u32,
    edges: &[(u32, u32)],
    cycles: &mut Vec<Cycle>,
) -> std::collections::HashSet<(u32, u32)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnTheWay,
        Done,
    }
    let starts = starts_of(vertices, edges);
    let mut marks = vec![Mark::New; vertices as usize];
    let mut closing = std::collections::HashSet::new();
    let mut way: Vec<(u32, u32)> = Vec::new();
    for first in 0..vertices {
        if marks[first as usize] != Mark::New {
            continue;
        }
        marks[first as usize] = Mark::OnTheWay;
        way.push((first, starts[first as usize]));
        while let Some(&mut (vertex, ref mut edge)) = way.last_mut() {
            if *edge == starts[vertex as usize + 1] {
                marks[vertex as usize] = Mark::Done;
                way.pop();
                continue;
            }
            let reader = edges[*edge as usize].1;
            *edge += 1;
            match marks[reader as usize] {
                Mark::Done => {}
                Mark::New => {
                    marks[reader as usize] = Mark::OnTheWay;
                    way.push((reader, starts[reader as usize]));
                }
                Mark::OnTheWay => {
                    let from = way.iter().position(|&(v, _)| v == reader).unwrap_or(0);
                    cycles.push(Cycle(way[from..].iter().map(|&(v, _)| v).collect()));
                    closing.insert((vertex, reader));
                }
            }
        }
    }
    closing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(vertices: u32, edges: &[(u32, u32)]) -> (Graph, Vec<Cycle>) {
        Graph::build(vertices, &mut edges.iter().copied())
    }

    #[test]
    fn an_answer_reaches_its_readers_and_theirs_in_order() {
        let (graph, cycles) = graph(6, &[(0, 3), (3, 1), (1, 2), (0, 2), (4, 5)]);
        assert_eq!(cycles, []);
        let mut reached = Reached::default();
        assert_eq!(graph.after(&[0], &mut reached), [3, 1, 2]);
        assert_eq!(graph.after(&[4], &mut reached), [5]);
        assert_eq!(graph.after(&[2], &mut reached), [0u32; 0]);
        assert_eq!(graph.after(&[0, 3], &mut reached), [3, 1, 2]);
        assert_eq!(graph.after(&[99], &mut reached), [0u32; 0]);
    }

    #[test]
    fn a_cycle_is_told_with_its_way_and_the_rest_still_has_an_order() {
        let (g, cycles) = graph(5, &[(0, 1), (1, 2), (2, 0), (3, 4)]);
        assert_eq!(cycles, [Cycle(vec![0, 1, 2])]);
        assert_eq!(g.order(), [0, 1, 2, 3, 4]);
        let (_, cycles) = graph(1, &[(0, 0)]);
        assert_eq!(cycles, [Cycle(vec![0])]);
    }

    #[test]
    fn a_reader_that_sets_no_value_closes_no_circle_and_orders_where_it_can() {
        let loose = [(2, 0), (3, 4)];
        let (g, cycles, circle) = Graph::build_loose(5, &mut [(0, 1), (1, 2)].into_iter(), &loose);
        assert_eq!((cycles, circle), (vec![], vec![(2, 0)]));
        assert!(g.rank(3) < g.rank(4) && g.rank(0) < g.rank(2));
        let (_, cycles, _) = Graph::build_loose(5, &mut [(0, 1), (1, 0)].into_iter(), &loose);
        assert_eq!(cycles, [Cycle(vec![0, 1])]);
    }

    #[test]
    fn a_chain_as_long_as_a_form_is_no_trouble() {
        let edges: Vec<(u32, u32)> = (0..200_000).map(|i| (i + 1, i)).collect();
        let (g, cycles) = graph(200_001, &edges);
        assert_eq!(cycles, []);
        assert_eq!(g.after(&[200_000], &mut Reached::default()).len(), 200_000);
    }

    proptest::proptest! {
        #[test]
        fn every_reader_comes_after_what_it_reads(edges in proptest::collection::vec((0u32..30, 0u32..30), 0..80)) {
            let (g, cycles) = graph(30, &edges);
            assert_eq!(g.order().len(), 30);
            for v in 0..30 {
                for &reader in g.readers(v) {
                    assert!(g.rank(v) < g.rank(reader));
                }
            }
            for Cycle(way) in cycles {
                for (i, &v) in way.iter().enumerate() {
                    assert!(edges.contains(&(v, way[(i + 1) % way.len()])));
                }
            }
        }
    }
}
