//! The bytes of a run's files and the words on screen. Opens no file: `output` does.
//!
//! Everything here is a function of results and names. Texts of a scenario are data: they lose their
//! control characters before they reach a terminal, and cells that a spreadsheet would take for a
//! formula are quoted as text.

pub mod csv;
pub mod decision;
pub mod decision_json;
pub mod document;
pub mod economy;
pub mod figures;
pub mod finding;
pub mod html;
pub mod json;
pub mod law;
pub mod manifest;
pub mod markdown;
pub mod number;
pub mod numbers;
pub mod pick;
pub mod plain;
pub mod rows;
pub mod sheet;
pub mod stop;
pub mod story;
pub mod summary;
pub mod timeline;
