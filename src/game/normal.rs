//! A game in normal form: every player picks one action, all at once.
//!
//! Payoffs lie in one table per player; a cell is a profile of actions and the first player's action
//! varies fastest, the order of Gambit's files. Payoffs are floats, with the exact fractions beside
//! them when the source had them. A mixed profile is a list of probability vectors, one per player.

use super::error::GameError;
use super::number::{Exact, Rational};

/// Most cells times players a table may have: beyond it memory, not mathematics, is the limit.
pub const LARGEST_TABLE: usize = 1 << 27;

/// A profile of mixed strategies: `profile[player][action]`, each row summing to 1.
pub type Profile = Vec<Vec<f64>>;
/// The same in exact fractions.
pub type ExactProfile = Vec<Vec<Rational>>;

/// A finite game in normal form for one or more players.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalForm {
    title: String,
    players: Vec<String>,
    actions: Vec<Vec<String>>,
    sizes: Vec<usize>,
    strides: Vec<usize>,
    payoffs: Vec<Vec<f64>>,
    exact: Option<Vec<Vec<Exact>>>,
}

impl NormalForm {
    /// A game with exact payoffs `payoffs[player][cell]`.
    ///
    /// # Errors
    /// When there is no player, a player has no action, the table is larger than
    /// [`LARGEST_TABLE`], or a row of payoffs has not one entry per cell.
    pub fn exact(sizes: &[usize], payoffs: Vec<Vec<Exact>>) -> Result<Self, GameError> {
        let floats = payoffs.iter().map(|row| row.iter().map(Exact::to_f64).collect()).collect();
        let mut game = Self::floats(sizes, floats)?;
        game.exact = Some(payoffs);
        Ok(game)
    }

    /// A game with float payoffs `payoffs[player][cell]`.
    ///
    /// # Errors
    /// As [`NormalForm::exact`], and when a payoff is not finite.
    pub fn floats(sizes: &[usize], payoffs: Vec<Vec<f64>>) -> Result<Self, GameError> {
        let cells = table_size(sizes)?;
        if payoffs.len() != sizes.len() || payoffs.iter().any(|row| row.len() != cells) {
            return Err(GameError::new(format!(
                "a game of {} players and {cells} cells needs one payoff per player and cell",
                sizes.len()
            )));
        }
        if payoffs.iter().flatten().any(|x| !x.is_finite()) {
            return Err(GameError::new("a payoff is not a finite number"));
        }
        let strides = sizes
            .iter()
            .scan(1, |stride, &size| {
                let this = *stride;
                *stride *= size;
                Some(this)
            })
            .collect();
        Ok(Self {
            title: String::new(),
            players: (1..=sizes.len()).map(|i| i.to_string()).collect(),
            actions: sizes.iter().map(|&n| (1..=n).map(|a| a.to_string()).collect()).collect(),
            sizes: sizes.to_vec(),
            strides,
            payoffs,
            exact: None,
        })
    }

    /// A two-player game from the row player's and the column player's matrices.
    ///
    /// # Errors
    /// When the matrices are empty or differ in shape.
    pub fn bimatrix(a: &[Vec<Exact>], b: &[Vec<Exact>]) -> Result<Self, GameError> {
        let (rows, columns) = (a.len(), a.first().map_or(0, Vec::len));
        let same = |m: &[Vec<Exact>]| m.len() == rows && m.iter().all(|r| r.len() == columns);
        if !same(a) || !same(b) {
            return Err(GameError::new("the two matrices must be rectangles of one shape"));
        }
        let flat = |m: &[Vec<Exact>]| {
            (0..columns).flat_map(|j| m.iter().map(move |row| row[j].clone())).collect()
        };
        Self::exact(&[rows, columns], vec![flat(a), flat(b)])
    }

    /// The same game under a title, with names of players and of their actions.
    ///
    /// # Errors
    /// When the counts of names differ from the game's.
    pub fn named(
        mut self,
        title: impl Into<String>,
        players: Vec<String>,
        actions: Vec<Vec<String>>,
    ) -> Result<Self, GameError> {
        let fits = players.len() == self.sizes.len()
            && actions.len() == self.sizes.len()
            && actions.iter().zip(&self.sizes).all(|(names, &n)| names.len() == n);
        if !fits {
            return Err(GameError::new(
                "names of players or actions do not match the game's shape",
            ));
        }
        (self.title, self.players, self.actions) = (title.into(), players, actions);
        Ok(self)
    }

    /// The game's title, perhaps empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Names of the players.
    #[must_use]
    pub fn players(&self) -> &[String] {
        &self.players
    }

    /// Names of the actions, per player.
    #[must_use]
    pub fn actions(&self) -> &[Vec<String>] {
        &self.actions
    }

    /// Numbers of actions, per player.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Number of players.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sizes.len()
    }

    /// Number of pure profiles.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.payoffs[0].len()
    }

    /// Distance in the table between neighbouring actions of a player.
    #[must_use]
    pub fn stride(&self, player: usize) -> usize {
        self.strides[player]
    }

    /// The action of `player` in `cell`.
    #[must_use]
    pub fn action(&self, cell: usize, player: usize) -> usize {
        cell / self.strides[player] % self.sizes[player]
    }

    /// The cell of a pure profile.
    #[must_use]
    pub fn cell(&self, actions: &[usize]) -> usize {
        actions.iter().zip(&self.strides).map(|(a, s)| a * s).sum()
    }

    /// All payoffs of a player, by cell.
    #[must_use]
    pub fn payoffs(&self, player: usize) -> &[f64] {
        &self.payoffs[player]
    }

    /// The exact payoff of a player in a cell; a float payoff is taken at its exact value.
    #[must_use]
    pub fn exact_payoff(&self, player: usize, cell: usize) -> Exact {
        match &self.exact {
            Some(table) => table[player][cell].clone(),
            None => Exact::from_f64(self.payoffs[player][cell]).unwrap_or_else(Exact::zero),
        }
    }

    /// Whether every cell's payoffs sum to one and the same number (two players, exact test).
    #[must_use]
    pub fn is_constant_sum(&self) -> bool {
        self.count() == 2 && {
            let sum = |c| self.exact_payoff(0, c).plus(&self.exact_payoff(1, c));
            let first = sum(0);
            (1..self.cells()).all(|c| sum(c) == first)
        }
    }

    /// Largest difference between two payoffs of a player that differ only in the others' moves.
    #[must_use]
    pub fn range(&self, player: usize) -> f64 {
        let (size, stride) = (self.sizes[player], self.strides[player]);
        let mut low = vec![f64::INFINITY; size];
        let mut high = vec![f64::NEG_INFINITY; size];
        for (cell, &u) in self.payoffs[player].iter().enumerate() {
            let a = cell / stride % size;
            low[a] = low[a].min(u);
            high[a] = high[a].max(u);
        }
        low.iter().zip(&high).map(|(l, h)| h - l).fold(0.0, f64::max)
    }

    /// Largest difference between two payoffs of one player; 1 when all players' payoffs are constant.
    #[must_use]
    pub fn spread(&self) -> f64 {
        let spread = |table: &Vec<f64>| {
            let (low, high) = table
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &u| (l.min(u), h.max(u)));
            high - low
        };
        let widest = self.payoffs.iter().map(spread).fold(0.0, f64::max);
        if widest > 0.0 { widest } else { 1.0 }
    }

    /// The uniform profile.
    #[must_use]
    pub fn uniform(&self) -> Profile {
        #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
        let profile = self.sizes.iter().map(|&n| vec![1.0 / n as f64; n]).collect();
        profile
    }

    /// What each action of `player` is worth against the others' mixed strategies.
    pub fn action_values(&self, player: usize, profile: &[Vec<f64>], values: &mut [f64]) {
        values.fill(0.0);
        let (size, stride) = (self.sizes[player], self.strides[player]);
        if self.count() == 2 {
            // Two players are the common case and need no product over the others.
            let other = 1 - player;
            for (b, &q) in profile[other].iter().enumerate() {
                let base = b * self.strides[other];
                for (a, value) in values.iter_mut().enumerate() {
                    *value += q * self.payoffs[player][base + a * stride];
                }
            }
            return;
        }
        for (cell, &u) in self.payoffs[player].iter().enumerate() {
            let mut weight = 1.0;
            for (j, strategy) in profile.iter().enumerate() {
                if j != player {
                    weight *= strategy[cell / self.strides[j] % self.sizes[j]];
                }
            }
            values[cell / stride % size] += weight * u;
        }
    }

    /// Expected payoff of every player.
    #[must_use]
    pub fn expected(&self, profile: &[Vec<f64>]) -> Vec<f64> {
        (0..self.count())
            .map(|i| {
                let mut values = vec![0.0; self.sizes[i]];
                self.action_values(i, profile, &mut values);
                values.iter().zip(&profile[i]).map(|(v, p)| v * p).sum()
            })
            .collect()
    }

    /// The game without the actions not in `kept[player]` (indices in ascending order).
    ///
    /// # Errors
    /// When a player would be left without an action.
    pub fn restricted(&self, kept: &[Vec<usize>]) -> Result<Self, GameError> {
        let sizes: Vec<usize> = kept.iter().map(Vec::len).collect();
        let cells = table_size(&sizes)?;
        let mut source = Vec::with_capacity(cells);
        for cell in 0..cells {
            let (mut rest, mut from) = (cell, 0);
            for (i, keep) in kept.iter().enumerate() {
                from += keep[rest % keep.len()] * self.strides[i];
                rest /= keep.len();
            }
            source.push(from);
        }
        let floats = self.payoffs.iter().map(|t| source.iter().map(|&c| t[c]).collect()).collect();
        let mut game = Self::floats(&sizes, floats)?;
        game.exact = self.exact.as_ref().map(|tables| {
            tables.iter().map(|t| source.iter().map(|&c| t[c].clone()).collect()).collect()
        });
        let actions = kept
            .iter()
            .zip(&self.actions)
            .map(|(keep, names)| keep.iter().map(|&a| names[a].clone()).collect())
            .collect();
        game.named(self.title.clone(), self.players.clone(), actions)
    }
}

/// Number of cells of a table of these sizes.
///
/// # Errors
/// When a size is 0, there is none, or cells times players exceed [`LARGEST_TABLE`].
pub fn table_size(sizes: &[usize]) -> Result<usize, GameError> {
    if sizes.is_empty() {
        return Err(GameError::new("a game needs at least one player"));
    }
    if let Some(i) = sizes.iter().position(|&n| n == 0) {
        return Err(GameError::new(format!("player {} has no action", i + 1)));
    }
    sizes
        .iter()
        .try_fold(1usize, |cells, &n| cells.checked_mul(n))
        .filter(|cells| cells.checked_mul(sizes.len()).is_some_and(|all| all <= LARGEST_TABLE))
        .ok_or_else(|| GameError::new("the payoff table is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    fn ints(values: &[i64]) -> Vec<Exact> {
        values.iter().map(|&n| Exact::integer(n)).collect()
    }

    #[test]
    fn the_first_player_varies_fastest() {
        let a = [ints(&[1, 2, 3]), ints(&[4, 5, 6])];
        let game = NormalForm::bimatrix(&a, &a).unwrap();
        assert_eq!(game.sizes(), [2, 3]);
        assert!(close(game.payoffs(0)[game.cell(&[1, 2])], 6.0, 0.0));
        assert_eq!((game.action(3, 0), game.action(3, 1)), (1, 1));
        assert!(close(game.range(0), 2.0, 0.0));
    }

    #[test]
    fn three_players_and_two_agree_on_values() {
        // A third player with one action changes nothing.
        let a = ints(&[3, 0, 5, 1]);
        let two = NormalForm::exact(&[2, 2], vec![a.clone(), a.clone()]).unwrap();
        let three = NormalForm::exact(&[2, 2, 1], vec![a.clone(), a.clone(), a]).unwrap();
        let mix = vec![vec![0.3, 0.7], vec![0.6, 0.4]];
        let mut wide = mix.clone();
        wide.push(vec![1.0]);
        let (x, y) = (two.expected(&mix), three.expected(&wide));
        assert!(close(x[0], y[0], 1e-15) && close(x[1], y[1], 1e-15));
    }

    #[test]
    fn shapes_that_make_no_sense_are_refused() {
        assert!(NormalForm::floats(&[], vec![]).is_err());
        assert!(NormalForm::floats(&[2, 0], vec![vec![], vec![]]).is_err());
        assert!(NormalForm::floats(&[1], vec![vec![f64::NAN]]).is_err());
        assert!(table_size(&[usize::MAX, 2]).is_err());
        assert!(table_size(&[1 << 20, 1 << 20]).is_err());
    }
}
