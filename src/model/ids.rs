//! Dense ids: positions in the model's tables, in the order of the file.

/// Declares a dense id and its conversions.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            /// The position in the table.
            #[inline]
            #[must_use]
            pub fn index(self) -> usize {
                usize::from(self.0)
            }

            /// The id of a position. Tables are limited to 65,535 rows when a file is read.
            #[inline]
            #[must_use]
            #[allow(clippy::cast_possible_truncation, reason = "tables are limited when a file is read")]
            pub fn at(index: usize) -> $name {
                debug_assert!(index < usize::from(u16::MAX));
                $name(index as u16)
            }
        }
    )*};
}

ids! {
    /// An actor.
    ActorId,
    /// A measure, or one step of a phased measure.
    MeasureId,
    /// A move.
    MoveId,
    /// An uncertain number.
    InputId,
    /// A law: a distribution drawn anew at each use.
    LawId,
    /// A bounded integer.
    CounterId,
    /// A bounded number that fades.
    GaugeId,
    /// A channel.
    ChannelId,
    /// A meeting.
    MeetingId,
    /// A package of terms.
    PackageId,
    /// A truce of the file.
    TruceId,
    /// A coalition.
    CoalitionId,
    /// A stock of a critical input.
    StockId,
    /// A clock or shock.
    ClockId,
    /// An eve: a decision before a dated event.
    EveId,
    /// A decision rule.
    RuleId,
    /// A regime, worst first.
    RegimeId,
    /// A recorded series.
    SeriesId,
    /// A condition followed through the trial.
    WatchId,
    /// An event pattern whose occurrences are counted.
    TrackerId,
    /// A metric.
    MetricId,
}
