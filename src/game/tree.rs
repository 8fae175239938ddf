//! A game in extensive form: a tree of moves, chance and information sets.
//!
//! Nodes stand in prefix order, the root first, as in a file. A node's outcome, if any, pays when the
//! play passes it; payoffs along a path add up. Information sets are numbered by first appearance.
//! A player has perfect recall when every node of an information set is reached after the same own
//! moves (Kuhn 1953); a tree without it can be built and written, but not every solver accepts it.

use super::error::GameError;
use super::number::{Exact, Rational};
use num_traits::One;

/// No node, no set, no outcome.
const NONE: u32 = u32::MAX;

/// An information set: the nodes a player cannot tell apart.
#[derive(Debug, Clone, PartialEq)]
pub struct InfoSet {
    /// The player who moves.
    pub player: usize,
    /// The number the file gives the set within its player.
    pub number: usize,
    /// Name, perhaps empty.
    pub label: String,
    /// Names of the actions.
    pub actions: Vec<String>,
}

/// A chance move and its odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    /// The number the file gives the move.
    pub number: usize,
    /// Name, perhaps empty.
    pub label: String,
    /// Names and exact probabilities of what can happen.
    pub branches: Vec<(String, Exact)>,
}

/// Payoffs to all players, due when the play passes a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The number the file gives the outcome.
    pub number: usize,
    /// Name, perhaps empty.
    pub label: String,
    /// One payoff per player.
    pub payoffs: Vec<Exact>,
}

/// What happens at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The play ends.
    End,
    /// The chance move of this index.
    Chance(usize),
    /// The information set of this index.
    Decision(usize),
}

/// A node as a list in prefix order gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name, perhaps empty.
    pub label: String,
    /// What happens here.
    pub turn: Move,
    /// Index of the outcome paid here.
    pub outcome: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    parent: u32,
    action: u32,
    turn: Move,
    outcome: u32,
    children: u32,
    label: u32,
}

/// The last set and action of a player before a node.
type OwnMove = Option<(usize, usize)>;

/// A finite game in extensive form.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The game's title, perhaps empty.
    pub title: String,
    /// The comment of the file, perhaps empty.
    pub comment: String,
    players: Vec<String>,
    sets: Vec<InfoSet>,
    chances: Vec<Chance>,
    odds: Vec<Vec<f64>>,
    outcomes: Vec<Outcome>,
    floats: Vec<Vec<f64>>,
    nodes: Vec<Node>,
    children: Vec<u32>,
    labels: Vec<String>,
    members: Vec<Vec<usize>>,
    previous: Vec<Option<(usize, usize)>>,
    forgetful: Option<usize>,
}

impl Tree {
    /// A tree from its parts; `entries` are the nodes in prefix order.
    ///
    /// # Errors
    /// When a set or chance move has no branch, a player or outcome does not exist, the payoffs of an
    /// outcome do not match the players, probabilities are negative or do not sum to 1, a set has no
    /// node, or the entries do not form one whole tree.
    pub fn new(
        players: Vec<String>,
        sets: Vec<InfoSet>,
        chances: Vec<Chance>,
        outcomes: Vec<Outcome>,
        entries: Vec<Entry>,
    ) -> Result<Self, GameError> {
        if players.is_empty() {
            return Err(GameError::new("a game needs at least one player"));
        }
        for set in &sets {
            if set.player >= players.len() {
                return Err(GameError::new(format!("there is no player {}", set.player + 1)));
            }
            if set.actions.is_empty() {
                return Err(GameError::new(format!(
                    "information set {} has no action",
                    set.number
                )));
            }
        }
        for chance in &chances {
            check_odds(chance)?;
        }
        if outcomes.iter().any(|o| o.payoffs.len() != players.len()) {
            return Err(GameError::new("an outcome must pay every player once"));
        }
        let odds =
            chances.iter().map(|c| c.branches.iter().map(|(_, p)| p.to_f64()).collect()).collect();
        let floats =
            outcomes.iter().map(|o| o.payoffs.iter().map(Exact::to_f64).collect()).collect();
        let mut tree = Self {
            title: String::new(),
            comment: String::new(),
            players,
            members: vec![Vec::new(); sets.len()],
            previous: vec![None; sets.len()],
            sets,
            chances,
            odds,
            outcomes,
            floats,
            nodes: Vec::with_capacity(entries.len()),
            children: Vec::with_capacity(entries.len()),
            labels: Vec::new(),
            forgetful: None,
        };
        tree.grow(entries)?;
        if let Some(h) = tree.members.iter().position(Vec::is_empty) {
            let set = &tree.sets[h];
            return Err(GameError::new(format!("information set {} has no node", set.number)));
        }
        Ok(tree)
    }

    /// Links the nodes and notes, per information set, the mover's previous own move.
    fn grow(&mut self, entries: Vec<Entry>) -> Result<(), GameError> {
        let count = u32::try_from(entries.len()).ok().filter(|&n| n < NONE);
        let Some(count) = count else { return Err(GameError::new("the tree is too large")) };
        // Open nodes with their next branch and the own move that the player had before.
        let mut open: Vec<(u32, u32, OwnMove)> = Vec::new();
        let mut last: Vec<OwnMove> = vec![None; self.players.len()];
        let mut seen = vec![false; self.sets.len()];
        for (entry, index) in entries.into_iter().zip(0..count) {
            let (mut parent, mut action) = (NONE, 0);
            if index > 0 {
                while let Some(&mut (node, ref mut next, before)) = open.last_mut() {
                    let branches = self.branches(node as usize);
                    if (*next as usize) < branches {
                        (parent, action) = (node, *next);
                        *next += 1;
                        break;
                    }
                    if let Move::Decision(h) = self.nodes[node as usize].turn {
                        last[self.sets[h].player] = before;
                    }
                    open.pop();
                }
                if parent == NONE {
                    return Err(GameError::new("there are nodes after the tree is complete"));
                }
                let from = self.nodes[parent as usize];
                self.children[(from.children + action) as usize] = index;
                if let Move::Decision(h) = from.turn {
                    last[self.sets[h].player] = Some((h, action as usize));
                }
            }
            let known = match entry.turn {
                Move::End => true,
                Move::Chance(c) => c < self.chances.len(),
                Move::Decision(h) => h < self.sets.len(),
            };
            if !known || entry.outcome.is_some_and(|o| o >= self.outcomes.len()) {
                return Err(GameError::new("a node names a set or an outcome that does not exist"));
            }
            let label = if entry.label.is_empty() {
                NONE
            } else {
                self.labels.push(entry.label);
                u32::try_from(self.labels.len() - 1).unwrap_or(NONE)
            };
            let children = u32::try_from(self.children.len())
                .map_err(|_| GameError::new("the tree is too large"))?;
            let outcome = entry.outcome.and_then(|o| u32::try_from(o).ok()).unwrap_or(NONE);
            let turn = entry.turn;
            self.nodes.push(Node { parent, action, turn, outcome, children, label });
            let branches = self.branches(index as usize);
            if self.children.len() + branches > count as usize {
                return Err(GameError::new("the tree ends before all its branches are given"));
            }
            self.children.resize(self.children.len() + branches, NONE);
            if let Move::Decision(h) = turn {
                let own = last[self.sets[h].player];
                if !seen[h] {
                    self.previous[h] = own;
                    seen[h] = true;
                } else if self.previous[h] != own && self.forgetful.is_none() {
                    self.forgetful = Some(h);
                }
                self.members[h].push(index as usize);
                open.push((index, 0, own));
            } else if branches > 0 {
                open.push((index, 0, None));
            }
        }
        if self.nodes.is_empty() || self.children.contains(&NONE) {
            return Err(GameError::new("the tree ends before all its branches are given"));
        }
        Ok(())
    }

    /// Names of the players.
    #[must_use]
    pub fn players(&self) -> &[String] {
        &self.players
    }

    /// Information sets in order of first appearance.
    #[must_use]
    pub fn sets(&self) -> &[InfoSet] {
        &self.sets
    }

    /// Chance moves in order of first appearance.
    #[must_use]
    pub fn chances(&self) -> &[Chance] {
        &self.chances
    }

    /// Outcomes in order of first appearance.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the tree has no node; never true of a built tree.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What happens at a node.
    #[must_use]
    pub fn turn(&self, node: usize) -> Move {
        self.nodes[node].turn
    }

    /// Name of a node.
    #[must_use]
    pub fn label(&self, node: usize) -> &str {
        self.labels.get(self.nodes[node].label as usize).map_or("", String::as_str)
    }

    /// Outcome paid at a node.
    #[must_use]
    pub fn outcome(&self, node: usize) -> Option<usize> {
        let o = self.nodes[node].outcome;
        (o != NONE).then_some(o as usize)
    }

    /// Payoffs due at a node, in floats; none means 0 to everyone.
    #[must_use]
    pub fn payoffs(&self, node: usize) -> Option<&[f64]> {
        self.outcome(node).map(|o| self.floats[o].as_slice())
    }

    /// Payoff due to a player at a node, in floats.
    #[must_use]
    pub fn payoff(&self, node: usize, player: usize) -> f64 {
        self.payoffs(node).map_or(0.0, |p| p[player])
    }

    /// Number of branches of a node.
    #[must_use]
    pub fn branches(&self, node: usize) -> usize {
        match self.nodes[node].turn {
            Move::End => 0,
            Move::Chance(c) => self.chances[c].branches.len(),
            Move::Decision(h) => self.sets[h].actions.len(),
        }
    }

    /// The node behind a branch.
    #[must_use]
    pub fn child(&self, node: usize, branch: usize) -> usize {
        self.children[self.nodes[node].children as usize + branch] as usize
    }

    /// The node before, and the branch taken there; none for the root.
    #[must_use]
    pub fn parent(&self, node: usize) -> Option<(usize, usize)> {
        let n = self.nodes[node];
        (n.parent != NONE).then_some((n.parent as usize, n.action as usize))
    }

    /// Odds of a chance move, in floats.
    #[must_use]
    pub fn odds(&self, chance: usize) -> &[f64] {
        &self.odds[chance]
    }

    /// Nodes of an information set, in prefix order.
    #[must_use]
    pub fn members(&self, set: usize) -> &[usize] {
        &self.members[set]
    }

    /// The mover's last own set and action before a set; none when it is the first own move.
    #[must_use]
    pub fn previous(&self, set: usize) -> Option<(usize, usize)> {
        self.previous[set]
    }

    /// An information set at which a player has forgotten an own move; none under perfect recall.
    #[must_use]
    pub fn forgetful(&self) -> Option<usize> {
        self.forgetful
    }

    /// Whether every information set has one node.
    #[must_use]
    pub fn is_perfect_information(&self) -> bool {
        self.members.iter().all(|m| m.len() == 1)
    }

    /// Whether every play pays two players the same sum (exact test along the paths).
    #[must_use]
    pub fn is_constant_sum(&self) -> bool {
        if self.players.len() != 2 {
            return false;
        }
        let mut sums: Vec<Exact> = Vec::with_capacity(self.len());
        let mut first: Option<Exact> = None;
        for node in 0..self.len() {
            let mut sum = self.parent(node).map_or_else(Exact::zero, |(p, _)| sums[p].clone());
            if let Some(o) = self.outcome(node) {
                let pay = &self.outcomes[o].payoffs;
                sum = sum.plus(&pay[0]).plus(&pay[1]);
            }
            if self.turn(node) == Move::End {
                match &first {
                    None => first = Some(sum.clone()),
                    Some(f) if *f != sum => return false,
                    Some(_) => {}
                }
            }
            sums.push(sum);
        }
        true
    }

    /// Every set's uniform mixture.
    #[must_use]
    pub fn uniform(&self) -> Vec<Vec<f64>> {
        #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
        let rows =
            self.sets.iter().map(|s| vec![1.0 / s.actions.len() as f64; s.actions.len()]).collect();
        rows
    }

    /// Expected payoffs of every player under behaviour strategies, one row per information set.
    #[must_use]
    pub fn expected(&self, behaviour: &[Vec<f64>]) -> Vec<f64> {
        let mut reach = vec![0.0; self.len()];
        let mut total = vec![0.0; self.players.len()];
        for node in 0..self.len() {
            reach[node] = match self.parent(node) {
                None => 1.0,
                Some((p, a)) => {
                    reach[p]
                        * match self.turn(p) {
                            Move::Chance(c) => self.odds[c][a],
                            Move::Decision(h) => behaviour[h][a],
                            Move::End => 0.0,
                        }
                }
            };
            if let Some(pay) = self.payoffs(node) {
                for (t, u) in total.iter_mut().zip(pay) {
                    *t += reach[node] * u;
                }
            }
        }
        total
    }
}

fn check_odds(chance: &Chance) -> Result<(), GameError> {
    if chance.branches.is_empty() {
        return Err(GameError::new(format!("chance move {} has no branch", chance.number)));
    }
    if chance.branches.iter().any(|(_, p)| p.is_negative()) {
        return Err(GameError::new(format!("chance move {}: negative probability", chance.number)));
    }
    let sum = chance.branches.iter().fold(Exact::zero(), |s, (_, p)| s.plus(p));
    if sum.rational() != Rational::one() {
        return Err(GameError::new(format!(
            "the probabilities of chance move {} sum to {sum}, not to 1",
            chance.number
        )));
    }
    Ok(())
}
