//! What an expression may name. A caller (a form, a rule set) brings its names as a [`Scheme`]; it is asked while an
//! expression is resolved, and hardly ever again.

/// A question, group, repeat or fact of the caller. The caller numbers them; the numbers should be dense.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// A choice list, or any table that `instance('x')` and `pulldata('x', …)` may name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListId(pub u32);

/// A column of a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ColumnId(pub u32);

/// What a leaf's text stands for. It decides what the leaf is worth as a boolean (`0` of a number is false, `0` of a
/// text is true, since it is not empty) and which mistakes can be named at load.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValueType {
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
    Time,
    DateTime,
    /// One choice name.
    Choice,
    /// Choice names joined by a space.
    Choices,
    /// `lat lon alt acc`, or several joined by `;`.
    Geo,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NodeKind {
    Group,
    Repeat,
    Leaf(ValueType),
}

/// What `${name}` finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    Nothing,
    One(NodeId),
    /// The same name in several groups. The nearest to the expression is taken when one is nearer than the others;
    /// else it is a problem.
    Several(Vec<NodeId>),
}

/// The names of a form or a rule set. A tree: leaves and groups under groups and repeats; a flat scheme (facts) has
/// neither parents nor children and answers `find`, `name`, `kind`, `each_name` only.
pub trait Scheme {
    /// `${name}`, or a bare name where the scope says that bare names are found so ([`Bare::Names`]).
    fn find(&self, name: &str) -> Found;

    fn name(&self, node: NodeId) -> &str;

    fn kind(&self, node: NodeId) -> NodeKind;

    /// `None` when the node stands at the top.
    fn parent(&self, _node: NodeId) -> Option<NodeId> {
        None
    }

    /// The child called `name`; of the top when `parent` is `None`.
    fn child(&self, _parent: Option<NodeId>, _name: &str) -> Option<NodeId> {
        None
    }

    /// The first step of an absolute path: `/data/age`.
    fn root(&self) -> &str {
        "data"
    }

    /// Tells every name that `find` knows, for "did you mean".
    fn each_name(&self, tell: &mut dyn FnMut(&str));

    /// The list that `instance('name')` or `pulldata('name', …)` means.
    fn list(&self, _name: &str) -> Option<ListId> {
        None
    }

    fn each_list(&self, _tell: &mut dyn FnMut(&str)) {}

    /// Whether its choices are the answers to a question of a roster: such a choice is its own label.
    fn chooses_from_rows(&self, _node: NodeId) -> bool {
        false
    }

    /// The list that a select takes its choices from.
    fn list_of(&self, _node: NodeId) -> Option<ListId> {
        None
    }

    /// A column of a list: `name`, `label`, and whatever else the list has. `label` is the column whose cells
    /// [`super::World::cell`] gives in the language of the screen.
    fn column(&self, _list: ListId, _name: &str) -> Option<ColumnId> {
        None
    }

    fn each_column(&self, _list: ListId, _tell: &mut dyn FnMut(&str)) {}
}

/// What a name without `${}` and without a slash means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bare {
    /// A child of the node where the expression stands, as XPath has it. In forms hardly ever meant.
    Child,
    /// A column of the choice being looked at: `choice_filter`.
    Column(ListId),
    /// As if it stood in `${}`: conditions of a rule set.
    Names,
}

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The node it belongs to: what `.` means, and where `..` starts. `None`: the top (a form's instance name, a rule).
    pub at: Option<NodeId>,
    /// Only looked at when `at` is a repeat: does the expression speak of one row (its relevance, a row's label), or of
    /// the repeat as a whole (its `repeat_count`), so that its own row number is not among the place's rows?
    pub of_row: bool,
    pub bare: Bare,
}

impl Scope {
    /// relevant, required, calculation, constraint, labels of a question, group or repeat row.
    pub fn at(node: NodeId) -> Scope {
        Scope { at: Some(node), of_row: true, bare: Bare::Child }
    }

    /// A `repeat_count`: stands at the repeat, outside its rows.
    pub fn count_of(repeat: NodeId) -> Scope {
        Scope { at: Some(repeat), of_row: false, bare: Bare::Child }
    }

    /// A `choice_filter` of the select `node` over `list`.
    pub fn filter(node: NodeId, list: ListId) -> Scope {
        Scope { at: Some(node), of_row: true, bare: Bare::Column(list) }
    }

    /// At no node: bare names are children of the top.
    pub fn top() -> Scope {
        Scope { at: None, of_row: true, bare: Bare::Child }
    }

    /// A flat scheme of facts, named without `${}` (with it is taken too).
    pub fn facts() -> Scope {
        Scope { at: None, of_row: true, bare: Bare::Names }
    }
}
