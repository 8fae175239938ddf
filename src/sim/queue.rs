//! The calendar of a trial: pending events in order of (tick, order word), each of them cancellable.
//!
//! A trial has few pending events (4 to 40) and withdraws many of them. Up to 48 entries live in a
//! plain vector that is searched for the soonest at each pop: a few comparisons that no branch depends
//! on, where a sorted vector or a heap mispredicts a branch at each push. Beyond, they spill to a binary
//! heap in which cancelled entries stay until they surface or until they outnumber the live ones (lazy
//! deletion). When few are left, they move back.
//!
//! The order is total: earlier tick first, then smaller order word, then earlier push. A handle is
//! dead once its event was popped, cancelled or cleared; cancelling a dead handle does nothing and
//! is counted. After warm-up nothing allocates. Compare Jones (1986) on event-list structures.

use crate::units::Tick;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Most entries that the vector holds.
const NEAR_MOST: usize = 48;
/// The heap gives its entries back when at most this many live ones are left.
const NEAR_AGAIN: usize = 16;

/// Names one pushed event, so that it can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

/// Packs the order of events at one tick: phase first, then the source's place in the file, then a
/// running number.
#[inline]
#[must_use]
pub const fn order_word(phase: u8, source: u16, sequence: u32) -> u64 {
    (phase as u64) << 48 | (source as u64) << 32 | sequence as u64
}

/// Pending events that carry a `T`.
#[derive(Debug)]
pub struct Queue<T: Copy> {
    /// In no order; empty while `far` is in use.
    near: Vec<Entry>,
    /// All entries, dead ones too, once there were more than `NEAR_MOST`; its top is never dead.
    far: BinaryHeap<Entry>,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    live: usize,
    /// Number of the next push; wraps, and is never reset, so that old handles stay dead.
    next: u32,
    dead_cancels: u64,
}

impl<T: Copy> Clone for Queue<T> {
    fn clone(&self) -> Queue<T> {
        let mut copy = Queue::new();
        copy.clone_from(self);
        copy
    }

    // Field by field, so that a copy into used memory allocates nothing.
    fn clone_from(&mut self, from: &Queue<T>) {
        self.near.clone_from(&from.near);
        self.far.clone_from(&from.far);
        self.slots.clone_from(&from.slots);
        self.free.clone_from(&from.free);
        self.live = from.live;
        self.next = from.next;
        self.dead_cancels = from.dead_cancels;
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    at: i64,
    order: u64,
    slot: u32,
    generation: u32,
}

#[derive(Debug, Clone, Copy)]
struct Slot<T> {
    item: T,
    generation: u32,
    live: bool,
}

impl Entry {
    /// Whether this event comes before `other`.
    #[inline]
    fn before(&self, other: &Entry) -> bool {
        match self.at.cmp(&other.at).then(self.order.cmp(&other.order)) {
            Ordering::Less => true,
            Ordering::Greater => false,
            Ordering::Equal => self.pushed_before(other),
        }
    }

    /// Push numbers wrap, so they are compared by distance; pending ones are never 2^31 apart.
    #[inline]
    fn pushed_before(&self, other: &Entry) -> bool {
        let distance = other.generation.wrapping_sub(self.generation);
        distance != 0 && distance < 1 << 31
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The soonest entry is the greatest: that is what `BinaryHeap` and the end of the vector give first.
impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Entry) -> Ordering {
        if self.generation == other.generation {
            Ordering::Equal
        } else if self.before(other) {
            Ordering::Greater
        } else {
            Ordering::Less
        }
    }
}

impl<T: Copy> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy> Queue<T> {
    /// An empty calendar with room for the sorted vector.
    #[must_use]
    pub fn new() -> Queue<T> {
        Queue {
            near: Vec::with_capacity(NEAR_MOST),
            far: BinaryHeap::new(),
            slots: Vec::with_capacity(NEAR_MOST),
            free: Vec::with_capacity(NEAR_MOST),
            live: 0,
            next: 0,
            dead_cancels: 0,
        }
    }

    /// Schedules `item` at tick `at`; among events of one tick the smaller `order` comes first, and
    /// among equal orders the earlier push.
    #[inline]
    pub fn push(&mut self, at: Tick, order: u64, item: T) -> Handle {
        let generation = self.next;
        self.next = self.next.wrapping_add(1);
        let slot = self.occupy(Slot { item, generation, live: true });
        let entry = Entry { at: at.0, order, slot, generation };
        self.live += 1;
        if self.far.is_empty() && self.near.len() < NEAR_MOST {
            self.near.push(entry);
        } else {
            self.push_far(entry);
        }
        Handle { slot, generation }
    }

    /// Removes the event named by `handle`. False, and counted, if it is no longer pending.
    #[inline]
    pub fn cancel(&mut self, handle: Handle) -> bool {
        let pending = matches!(
            self.slots.get(handle.slot as usize),
            Some(slot) if slot.live && slot.generation == handle.generation
        );
        if !pending {
            self.dead_cancels += 1;
            return false;
        }
        self.vacate(handle.slot);
        if self.far.is_empty() {
            if let Some(place) = self.near.iter().rposition(|entry| entry.slot == handle.slot) {
                self.near.swap_remove(place);
            }
        } else {
            self.tidy_far();
        }
        true
    }

    /// Takes the first event: its tick, its order word and what was pushed.
    #[inline]
    pub fn pop(&mut self) -> Option<(Tick, u64, T)> {
        let entry = match soonest(&self.near) {
            Some(place) => self.near.swap_remove(place),
            None => self.far.pop()?,
        };
        let item = self.slots[entry.slot as usize].item;
        self.vacate(entry.slot);
        if !self.far.is_empty() {
            self.tidy_far();
        }
        Some((Tick(entry.at), entry.order, item))
    }

    /// Tick and order word of the first event.
    #[inline]
    #[must_use]
    pub fn peek(&self) -> Option<(Tick, u64)> {
        let entry = match soonest(&self.near) {
            Some(place) => &self.near[place],
            None => self.far.peek()?,
        };
        Some((Tick(entry.at), entry.order))
    }

    /// Forgets all events and counts, and keeps the memory for the next trial.
    pub fn clear(&mut self) {
        self.near.clear();
        self.far.clear();
        self.slots.clear();
        self.free.clear();
        self.live = 0;
        self.dead_cancels = 0;
    }

    /// Number of pending events.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether nothing is pending.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// How often a dead handle was cancelled since the last [`Queue::clear`].
    #[must_use]
    pub fn dead_cancels(&self) -> u64 {
        self.dead_cancels
    }

    #[inline]
    fn occupy(&mut self, filled: Slot<T>) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = filled;
            return slot;
        }
        let Ok(slot) = u32::try_from(self.slots.len()) else {
            unreachable!("four thousand million events pending at once do not fit into memory")
        };
        self.slots.push(filled);
        slot
    }

    #[inline]
    fn vacate(&mut self, slot: u32) {
        self.slots[slot as usize].live = false;
        self.free.push(slot);
        self.live -= 1;
    }

    #[cold]
    fn push_far(&mut self, entry: Entry) {
        self.far.extend(self.near.drain(..));
        self.far.push(entry);
    }

    /// Restores what holds between calls: the heap's top is live, dead entries do not outnumber live
    /// ones, and few live ones are back in the vector.
    #[cold]
    fn tidy_far(&mut self) {
        let Queue { near, far, slots, .. } = self;
        let is_live = |entry: &Entry| {
            let slot = &slots[entry.slot as usize];
            slot.live && slot.generation == entry.generation
        };
        if self.live <= NEAR_AGAIN {
            near.extend(far.drain().filter(is_live));
            return;
        }
        if far.len() > 2 * self.live {
            far.retain(is_live);
        }
        while far.peek().is_some_and(|top| !is_live(top)) {
            far.pop();
        }
    }
}

/// Where the soonest of the entries stands, if there is any.
#[inline]
fn soonest(near: &[Entry]) -> Option<usize> {
    let (first, rest) = near.split_first()?;
    let (mut place, mut at, mut tied) = (0, first.at, false);
    for (k, entry) in rest.iter().enumerate() {
        let sooner = entry.at < at;
        tied = (tied & !sooner) | (entry.at == at);
        place = if sooner { k + 1 } else { place };
        at = if sooner { entry.at } else { at };
    }
    if tied { first_at(near, at) } else { Some(place) }
}

/// Among the entries at one tick, the one whose turn it is.
#[inline(never)]
fn first_at(near: &[Entry], at: i64) -> Option<usize> {
    let at_tick = near.iter().enumerate().filter(|(_, entry)| entry.at == at);
    at_tick.reduce(|a, b| if b.1.before(a.1) { b } else { a }).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plainest calendar there is, to compare with.
    #[derive(Default)]
    struct Naive {
        pending: Vec<(i64, u64, usize)>,
    }

    impl Naive {
        fn pop(&mut self) -> Option<(i64, u64, usize)> {
            let first = *self.pending.iter().min()?;
            self.pending.retain(|&entry| entry != first);
            Some(first)
        }
    }

    #[derive(Debug, Clone)]
    enum Act {
        Push(i64, u64),
        Pop,
        Cancel(usize),
        Clear,
    }

    /// Acts in which `pushes` of 10 are pushes, so that the calendar grows or shrinks.
    fn acts(pushes: u32) -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            pushes * 20 => (0_i64..40, 0_u64..4).prop_map(|(ahead, order)| Act::Push(ahead, order)),
            (10 - pushes) * 12 => Just(Act::Pop),
            (10 - pushes) * 8 => (0_usize..400).prop_map(Act::Cancel),
            1 => Just(Act::Clear),
        ];
        prop::collection::vec(act, 0..400)
    }

    fn agrees_with_naive(acts: &[Act]) -> Result<(), TestCaseError> {
        let mut queue = Queue::new();
        let mut naive = Naive::default();
        let mut handles: Vec<Handle> = Vec::new();
        let mut now = 0;
        let mut dead = 0;
        for act in acts {
            match *act {
                Act::Push(ahead, order) => {
                    // The payload is the number of the push, which also breaks ties in `Naive`.
                    let number = handles.len();
                    handles.push(queue.push(Tick(now + ahead), order, number));
                    naive.pending.push((now + ahead, order, number));
                }
                Act::Pop => {
                    let popped = queue.pop().map(|(at, order, number)| (at.0, order, number));
                    prop_assert_eq!(popped, naive.pop());
                    if let Some((at, ..)) = popped {
                        prop_assert!(at >= now);
                        now = at;
                    }
                }
                Act::Cancel(which) => {
                    if handles.is_empty() {
                        continue;
                    }
                    let which = which % handles.len();
                    let pending = naive.pending.iter().any(|&(.., number)| number == which);
                    naive.pending.retain(|&(.., number)| number != which);
                    dead += u64::from(!pending);
                    prop_assert_eq!(queue.cancel(handles[which]), pending);
                }
                Act::Clear => {
                    queue.clear();
                    naive.pending.clear();
                    dead = 0;
                }
            }
            prop_assert_eq!(queue.len(), naive.pending.len());
            prop_assert_eq!(queue.is_empty(), naive.pending.is_empty());
            prop_assert_eq!(queue.dead_cancels(), dead);
            let first = naive.pending.iter().min().map(|&(at, order, _)| (Tick(at), order));
            prop_assert_eq!(queue.peek(), first);
        }
        while let Some((at, order, number)) = queue.pop() {
            prop_assert_eq!(Some((at.0, order, number)), naive.pop());
        }
        prop_assert_eq!(naive.pop(), None);
        Ok(())
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_calendar_when_small(acts in acts(5)) {
            agrees_with_naive(&acts)?;
        }

        #[test]
        fn agrees_with_a_naive_calendar_when_large(grow in acts(9), shrink in acts(3)) {
            let acts: Vec<Act> = grow.into_iter().chain(shrink).collect();
            agrees_with_naive(&acts)?;
        }
    }

    #[test]
    fn ties_go_by_order_word_then_by_push() {
        let mut queue = Queue::new();
        let tick = Tick(1440);
        queue.push(tick, order_word(2, 0, 0), 'd');
        queue.push(tick, order_word(1, 9, 0), 'c');
        queue.push(tick, order_word(1, 2, 5), 'a');
        queue.push(tick, order_word(1, 2, 5), 'b');
        queue.push(Tick(1441), order_word(0, 0, 0), 'e');
        let order: String = std::iter::from_fn(|| queue.pop().map(|(.., item)| item)).collect();
        assert_eq!(order, "abcde");
    }

    #[test]
    fn order_word_compares_phase_then_source_then_sequence() {
        assert!(order_word(1, 0, 0) > order_word(0, u16::MAX, u32::MAX));
        assert!(order_word(1, 1, 0) > order_word(1, 0, u32::MAX));
        assert!(order_word(u8::MAX, u16::MAX, u32::MAX) > order_word(u8::MAX, u16::MAX, 0));
    }

    #[test]
    fn handle_of_a_reused_slot_is_dead() {
        let mut queue = Queue::new();
        let first = queue.push(Tick(1), 0, 'x');
        assert!(queue.pop().is_some());
        let second = queue.push(Tick(2), 0, 'y');
        assert!(!queue.cancel(first));
        assert_eq!(queue.len(), 1);
        queue.clear();
        queue.push(Tick(3), 0, 'z');
        assert!(!queue.cancel(second));
        assert_eq!(queue.pop(), Some((Tick(3), 0, 'z')));
        assert_eq!(queue.dead_cancels(), 1);
    }

    #[test]
    fn push_numbers_may_wrap() {
        let mut queue = Queue::new();
        queue.next = u32::MAX - 30;
        for number in 0..100 {
            queue.push(Tick(5), 7, number);
        }
        for number in 0..100 {
            assert_eq!(queue.pop(), Some((Tick(5), 7, number)));
        }
    }

    fn busy_trial(queue: &mut Queue<u64>) -> u64 {
        let mut sum = 0;
        let mut handles = Vec::with_capacity(200);
        for round in 0..200_u64 {
            handles.push(queue.push(Tick((round * 7919 % 1000).cast_signed()), round, round));
            if round % 3 == 2 {
                queue.cancel(handles[(round / 2) as usize]);
            }
        }
        while let Some((at, order, item)) = queue.pop() {
            sum = sum * 31 + at.0.cast_unsigned() + order + item;
            sum %= 1 << 40;
        }
        sum
    }

    #[test]
    fn nothing_grows_after_warm_up() {
        let mut queue = Queue::new();
        let first = busy_trial(&mut queue);
        let capacities = |queue: &Queue<u64>| {
            (
                queue.near.capacity(),
                queue.far.capacity(),
                queue.slots.capacity(),
                queue.free.capacity(),
            )
        };
        let warm = capacities(&queue);
        for _ in 0..50 {
            queue.clear();
            assert_eq!(busy_trial(&mut queue), first);
            assert_eq!(capacities(&queue), warm);
        }
    }

    #[test]
    fn many_cancellations_do_not_pile_up() {
        let mut queue = Queue::new();
        for n in 0..100 {
            queue.push(Tick(n), 0, n);
        }
        for n in 0..10_000 {
            let handle = queue.push(Tick(1000 + n), 0, n);
            assert!(queue.cancel(handle));
            assert!(queue.far.len() <= 2 * queue.len() + 1);
        }
        assert_eq!(queue.len(), 100);
        assert!(queue.far.capacity() < 1000);
    }
}
