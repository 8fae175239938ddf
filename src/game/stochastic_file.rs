//! Stochastic games as JSON: `states`, `delta`, and `T` for a finite horizon.
//!
//! A state has `payoffs[player][a0][a1]…` and `transitions[a0][a1]…[next]`; numbers or fractions in
//! quotes. `delta` is one number or one per player; `players` may name the players. Other fields are
//! ignored. Tables are read straight into flat vectors, so memory stays near the file's size.

use super::error::GameError;
use super::normal::NormalForm;
use super::number::Exact;
use super::stochastic::{Stage, Stochastic};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A table of numbers of any depth, flat, the last index fastest.
#[derive(Debug, Default)]
struct Table {
    values: Vec<f64>,
    shape: Vec<usize>,
}

struct Fill<'a> {
    values: &'a mut Vec<f64>,
    /// Length seen at every depth; 0 marks the depth of the numbers.
    shape: &'a mut Vec<usize>,
    depth: usize,
}

impl Fill<'_> {
    fn number<E: Error>(self, x: f64) -> Result<(), E> {
        if !x.is_finite() {
            return Err(E::custom("a number is not finite"));
        }
        self.level(0)?;
        self.values.push(x);
        Ok(())
    }

    fn level<E: Error>(&self, length: usize) -> Result<(), E> {
        match self.shape.get(self.depth) {
            Some(&known) if known != length => Err(E::custom("the table is not rectangular")),
            _ => Ok(()),
        }
    }
}

impl<'de> Visitor<'de> for Fill<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list")
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<(), E> {
        self.leaf(x)
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<(), E> {
        #[allow(clippy::cast_precision_loss, reason = "JSON numbers are read as floats")]
        self.leaf(x as f64)
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<(), E> {
        #[allow(clippy::cast_precision_loss, reason = "JSON numbers are read as floats")]
        self.leaf(x as f64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let value = Exact::parse(text).ok_or_else(|| E::custom("this text is no number"))?;
        self.leaf(value.to_f64())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let depth = self.depth;
        if depth >= 64 {
            return Err(A::Error::custom("lists are nested too deeply"));
        }
        let known = self.shape.get(depth).copied();
        if known == Some(0) {
            return Err(A::Error::custom("the table is not rectangular"));
        }
        if known.is_none() {
            // Marked as a list until its length is known.
            self.shape.push(usize::MAX);
        }
        let mut length = 0;
        while seq
            .next_element_seed(Fill { values: self.values, shape: self.shape, depth: depth + 1 })?
            .is_some()
        {
            length += 1;
        }
        if length == 0 {
            return Err(A::Error::custom("a list is empty"));
        }
        match self.shape[depth] {
            usize::MAX => self.shape[depth] = length,
            known if known != length => {
                return Err(A::Error::custom(format!(
                    "the table is not rectangular: {length} entries where {known} were before"
                )));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Fill<'_> {
    fn leaf<E: Error>(self, x: f64) -> Result<(), E> {
        if self.shape.len() == self.depth {
            self.shape.push(0);
        }
        self.number(x)
    }
}

impl<'de> DeserializeSeed<'de> for Fill<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        Fill { values: &mut table.values, shape: &mut table.shape, depth: 0 }
            .deserialize(deserializer)?;
        table.shape.pop();
        Ok(table)
    }
}

#[derive(Deserialize)]
struct StateText {
    payoffs: Table,
    transitions: Table,
    sizes: Option<Vec<usize>>,
}

#[derive(Deserialize)]
#[serde(try_from = "StateText")]
struct State(Stage);

impl TryFrom<StateText> for State {
    type Error = GameError;

    fn try_from(text: StateText) -> Result<Self, GameError> {
        let (players, sizes) = match text.payoffs.shape.split_first() {
            Some((players, sizes)) if *players == sizes.len() => (*players, sizes.to_vec()),
            _ => return Err(GameError::new("payoffs[player][a0][a1]… needs one index per player")),
        };
        if text.sizes.is_some_and(|s| s != sizes) {
            return Err(GameError::new("`sizes` differs from the shape of `payoffs`"));
        }
        if text.transitions.shape.len() != players + 1
            || text.transitions.shape[..players] != sizes[..]
        {
            return Err(GameError::new(
                "transitions[a0][a1]…[next] must have the actions of `payoffs`",
            ));
        }
        let cells: usize = sizes.iter().product();
        let states = text.transitions.shape[players];
        // The file's last index is fastest, ours the first.
        let order: Vec<usize> = (0..cells)
            .map(|cell| {
                let (mut rest, mut from) = (cell, 0);
                let mut digits = Vec::with_capacity(players);
                for &n in &sizes {
                    digits.push(rest % n);
                    rest /= n;
                }
                for (d, &n) in digits.iter().zip(&sizes) {
                    from = from * n + d;
                }
                from
            })
            .collect();
        let tables = (0..players)
            .map(|i| order.iter().map(|&c| text.payoffs.values[i * cells + c]).collect())
            .collect();
        let transitions = order
            .iter()
            .flat_map(|&c| text.transitions.values[c * states..][..states].iter().copied())
            .collect();
        Stage::new(NormalForm::floats(&sizes, tables)?, transitions).map(State)
    }
}

#[derive(Deserialize)]
struct GameText {
    states: Vec<State>,
    delta: Table,
    #[serde(rename = "T")]
    horizon: Option<usize>,
    players: Option<Vec<String>>,
}

/// Reads a stochastic game.
///
/// # Errors
/// The first mistake with line and column: of the JSON, of a state, or of the whole.
pub fn read(text: &str) -> Result<Stochastic, GameError> {
    let parsed: GameText = serde_json::from_str(text).map_err(|e| {
        let message = e.to_string();
        let bare = message.split(" at line ").next().unwrap_or(&message).to_owned();
        GameError { place: Some((e.line(), e.column())), message: bare }
    })?;
    let whole = |e: GameError| GameError::at(text, text.len(), e.message);
    let stages: Vec<Stage> = parsed.states.into_iter().map(|s| s.0).collect();
    let players = stages.first().map_or(0, |s| s.game.count());
    let delta = if parsed.delta.shape.is_empty() {
        vec![parsed.delta.values[0]; players]
    } else {
        parsed.delta.values
    };
    let game = Stochastic::new(delta, parsed.horizon, stages).map_err(whole)?;
    match parsed.players {
        Some(names) => game.named(names).map_err(whole),
        None => Ok(game),
    }
}

#[derive(Serialize)]
struct StateOut {
    sizes: Vec<usize>,
    payoffs: serde_json::Value,
    transitions: serde_json::Value,
}

#[derive(Serialize)]
struct GameOut<'a> {
    players: &'a [String],
    delta: &'a [f64],
    #[serde(rename = "T", skip_serializing_if = "Option::is_none")]
    horizon: Option<usize>,
    states: Vec<StateOut>,
}

/// Writes a stochastic game.
#[must_use]
pub fn write(game: &Stochastic) -> String {
    let states = game
        .stages()
        .iter()
        .map(|stage| {
            let sizes = stage.game.sizes();
            let nested = |leaf: &dyn Fn(usize) -> serde_json::Value| nest(&stage.game, 0, 0, leaf);
            StateOut {
                sizes: sizes.to_vec(),
                payoffs: (0..game.count())
                    .map(|i| nested(&|c| stage.game.payoffs(i)[c].into()))
                    .collect(),
                transitions: nested(&|c| stage.odds(c).to_vec().into()),
            }
        })
        .collect();
    let out =
        GameOut { players: game.players(), delta: game.delta(), horizon: game.horizon(), states };
    serde_json::to_string(&out).unwrap_or_default() + "\n"
}

fn nest(
    game: &NormalForm,
    player: usize,
    cell: usize,
    leaf: &dyn Fn(usize) -> serde_json::Value,
) -> serde_json::Value {
    if player == game.count() {
        return leaf(cell);
    }
    (0..game.sizes()[player])
        .map(|a| nest(game, player + 1, cell + a * game.stride(player), leaf))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::same;

    const TWO: &str = r#"{"delta":[0.5,0.25],"states":[
      {"payoffs":[[[1,2,3],[4,5,6]],[["1/2",0,0],[0,0,0]]],"transitions":[[[1,0],[0,1],[0.5,0.5]],[[1,0],[1,0],[1,0]]]},
      {"payoffs":[[[0]],[[1]]],"transitions":[[[0,1]]],"sizes":[1,1]}]}"#;

    #[test]
    fn the_layout_of_files_is_turned_into_cells() {
        let game = read(TWO).unwrap();
        let stage = &game.stages()[0];
        let cell = stage.game.cell(&[1, 2]);
        assert!(same(stage.game.payoffs(0)[cell], 6.0));
        assert!(same(stage.game.payoffs(1)[0], 0.5));
        assert!(same(stage.odds(stage.game.cell(&[0, 1]))[1], 1.0));
        let first = write(&game);
        assert_eq!(read(&first).unwrap(), game);
        assert_eq!(write(&read(&first).unwrap()), first);
    }

    #[test]
    fn mistakes_carry_their_place() {
        for (text, part) in [
            ("{", "line 1, column 1"),
            (r#"{"delta":0.9,"states":[]}"#, "at least one state"),
            (
                "{\"delta\":0.9,\"states\":[\n{\"payoffs\":[[1,2]],\"transitions\":[[1],[0.5]]}]}",
                "line 2",
            ),
            (r#"{"delta":1,"states":[{"payoffs":[[1]],"transitions":[[1]]}]}"#, "discount factor"),
            (
                r#"{"delta":0,"states":[{"payoffs":[[1,2],[3]],"transitions":[[1]]}]}"#,
                "rectangular",
            ),
            (r#"{"delta":0,"states":[{"payoffs":[[1,[2]]],"transitions":[[1]]}]}"#, "rectangular"),
            (r#"{"delta":0,"states":[{"payoffs":[[1]],"transitions":[[1,0]]}]}"#, "lead to 1"),
            (r#"{"delta":0,"states":[{"payoffs":[[[1]]],"transitions":[[1]]}]}"#, "one index per"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(part) && message.contains("line "), "{message}");
        }
    }
}
