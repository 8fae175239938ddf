//! A report as blocks of plain text, tables and drawings, before it becomes HTML or Markdown.
//!
//! Texts in blocks are raw: whatever stands in them, the renderers show it as text.

/// One part of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A section's heading with the name of its anchor.
    Section(&'static str, String),
    /// A heading within a section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Sentences one below the other.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart.
    Figure(Box<Figure>),
    /// Lines as they are, such as a story.
    Lines(String),
    /// Blocks that are folded away under a line.
    Folded(String, Vec<Block>),
}

/// A table; the first column names the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What it shows, as a sentence.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// Whether it holds figures, which stand to the right.
    pub figures: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn words(name: impl Into<String>) -> Column {
        Column { name: name.into(), figures: false }
    }

    /// A column of figures.
    #[must_use]
    pub fn figures(name: impl Into<String>) -> Column {
        Column { name: name.into(), figures: true }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What stands below it, smaller.
    pub note: String,
    /// What it sorts by; its text if none.
    pub key: Option<f64>,
    /// Whether it is set off, as the best of its column.
    pub strong: bool,
    /// A bar below: where 5, 25, 50, 75 and 95 % of the trials lie, or a share's length; all 0-1.
    pub bar: Option<Bar>,
}

/// A small bar in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// From the left end to here, 0-1.
    Share(f64),
    /// Places of the quantiles at 5, 25, 50, 75 and 95 %, 0-1.
    Quantiles([f64; 5]),
}

impl Cell {
    /// A cell of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// The cell with the number that it sorts by.
    #[must_use]
    pub fn by(self, key: Option<f64>) -> Cell {
        Cell { key, ..self }
    }

    /// The cell with a line below.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Cell {
        Cell { note: note.into(), ..self }
    }
}

/// A chart, drawn for light and for dark grounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name, as that of its files.
    pub name: String,
    /// The finding.
    pub title: String,
    /// The chart in words.
    pub alt: String,
    /// SVG for light grounds.
    pub light: String,
    /// SVG for dark grounds.
    pub dark: String,
    /// SVG for narrow screens, light and dark.
    pub narrow: Option<(String, String)>,
    /// The numbers drawn.
    pub numbers: Option<Numbers>,
}

/// The numbers of a chart, to be read off one row at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// A row for each place along the chart, or for each thing drawn.
    pub table: Table,
    /// Where each row stands along the chart, so that it can be found by pointing; empty where rows do
    /// not follow each other.
    pub places: Vec<f64>,
    /// Whether the places are the days of the chart's axis, from end to end.
    pub dated: bool,
}
