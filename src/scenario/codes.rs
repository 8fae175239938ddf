//! What each code means, at length: the text behind `explain CODE`.

/// A code with its explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `E` and three digits for errors, `W` and three digits for warnings.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it means and why it matters.
    pub about: &'static str,
    /// A wrong line.
    pub wrong: &'static str,
    /// What to write instead.
    pub remedy: &'static str,
}

/// A code by its name, in upper or lower case.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code.eq_ignore_ascii_case(code.trim()))
}

impl Code {
    /// The explanation as text for a terminal.
    #[must_use]
    pub fn explain(&self) -> String {
        let Code { code, title, about, wrong, remedy } = self;
        format!("{code}: {title}\n\n{about}\n\nWrong:\n    {wrong}\nRemedy:\n    {remedy}\n")
    }
}

/// Declares one row.
const fn row(
    code: &'static str,
    title: &'static str,
    about: &'static str,
    wrong: &'static str,
    remedy: &'static str,
) -> Code {
    Code { code, title, about, wrong, remedy }
}

/// Every code, in order.
pub const CODES: &[Code] = &[
    row(
        "E001",
        "the file cannot be read or is empty",
        "There is no file of this name, it may not be read, it is a folder, or there is nothing in it.",
        "countermove check no-such-file.ron",
        "Check the path, or start from a shipped scenario: `countermove new tutorial`.",
    ),
    row(
        "E002",
        "the file is not UTF-8",
        "Scenario files are UTF-8 text. The message names the first byte that is not.",
        "a file saved as Latin-1 or UTF-16",
        "Save the file again as UTF-8.",
    ),
    row(
        "E003",
        "the file is too large",
        "A scenario is a few dozen kilobytes. Files above 4 MiB are not read.",
        "countermove check movie.mp4",
        "Name the scenario file. Large tables do not belong in a scenario.",
    ),
    row(
        "E010",
        "the text is not RON",
        "A bracket, comma, colon or quote is missing or in the wrong place. The file cannot be read \
         beyond this point in this element.",
        "(id: \"lag\", law: Triangular(1 2, 3))",
        "(id: \"lag\", law: Triangular(1, 2, 3))",
    ),
    row(
        "E011",
        "unknown field",
        "The element has no field of this name. A slip of the pen never passes for a default.",
        "(id: \"tariff\", by: \"US\", wieght: 3)",
        "(id: \"tariff\", by: \"US\", weight: 3)",
    ),
    row(
        "E012",
        "unknown word",
        "The word is none of those that can stand here: a condition, an effect, a law, a unit.",
        "when: Isnt(\"tariff\", InForce)",
        "when: Not(Is(\"tariff\", InForce))",
    ),
    row(
        "E013",
        "a field is missing",
        "The element cannot do without this field, and no default would be honest.",
        "(id: \"tariff\", weight: 3)",
        "(id: \"tariff\", by: \"US\", weight: 3)",
    ),
    row(
        "E014",
        "a field is written twice",
        "Only one of the two could count, and nobody could tell which was meant.",
        "(id: \"tariff\", by: \"US\", by: \"CN\")",
        "Keep one of the two.",
    ),
    row(
        "E015",
        "a value of another type",
        "A number stands where text is wanted, a list where one value is wanted, and so on.",
        "until: [90]",
        "until: 90",
    ),
    row(
        "E016",
        "nested too deeply",
        "Brackets inside brackets beyond about 60 levels are refused, so that no file can exhaust the \
         reader.",
        "Not(Not(Not( ... )))",
        "Simplify the condition, or put a part of it into a regime and ask for that.",
    ),
    row(
        "E017",
        "a value that cannot stand here",
        "The value is of the right type but means nothing here: not a finite number, a number out of \
         range, a name with blanks in it.",
        "weight: inf",
        "weight: 5",
    ),
    row(
        "E018",
        "a key is written twice",
        "A map gives two values for one key; only one could count.",
        "do: {\"sign\": 0.2, \"sign\": 0.3}",
        "do: {\"sign\": 0.5}",
    ),
    row(
        "E019",
        "not a date",
        "Dates are written as year-month-day, and the day must exist in the calendar.",
        "as_of: \"2025-02-30\"",
        "as_of: \"2025-02-28\"",
    ),
    row(
        "E020",
        "unknown name",
        "Nothing of this kind has the name. Names are those of the `id` fields; a step of a measure is \
         written \"measure.step\".",
        "when: Is(\"tarif\", InForce)",
        "when: Is(\"tariff\", InForce)",
    ),
    row(
        "E021",
        "a name is defined twice",
        "Two elements of one kind have the same name, so that nobody could tell which one is meant. An \
         input and a law count as one kind, since both can stand for a duration.",
        "inputs: [(id: \"x\", value: 1), (id: \"x\", value: 2)]",
        "Give one of the two another name.",
    ),
    row(
        "E022",
        "another kind or unit is wanted",
        "What is written is of another kind or unit than can stand here: money for a duration, a \
         distribution where one number is wanted, an input in days where a share is wanted, two fields \
         that exclude each other.",
        "lead: usd_bn(3)",
        "lead: days(3)",
    ),
    row(
        "E023",
        "out of range",
        "The number cannot be: a probability above 1, a negative duration, a counter that starts outside \
         its bounds. For an input the whole range of its distribution is judged.",
        "leak: 1.3",
        "leak: 0.3",
    ),
    row(
        "E024",
        "probabilities do not sum to 1",
        "The probabilities of an actor's types, or the weights of a coalition's members, must sum to 1; \
         those of a line of a table to at most 1, as the rest is to hold.",
        "types: [(\"hawk\", 0.5), (\"dove\", 0.6)]",
        "types: [(\"hawk\", 0.4), (\"dove\", 0.6)]",
    ),
    row(
        "E025",
        "a date out of order or outside the run",
        "The run goes from the day after `as_of` to `until`. What came before belongs in `history` or in \
         the state at the start; what comes later cannot happen. Ranges and lists of dates rise.",
        "as_of: \"2025-10-14\", ... on: \"2025-10-01\"",
        "Move the date, or move `as_of` or `until`.",
    ),
    row(
        "E026",
        "a condition that can never hold",
        "The parts of the condition exclude each other, or ask for what the bounds of a counter or gauge \
         do not allow. The element would be dead.",
        "when: All([Is(\"tariff\", Idle), Is(\"tariff\", InForce)])",
        "when: Any([Is(\"tariff\", Idle), Is(\"tariff\", InForce)])",
    ),
    row(
        "E027",
        "nothing is done",
        "A move, package or fired event without an effect would change nothing and say nothing. To hold \
         is built in and needs no move; a statement signals, or pushes a gauge.",
        "(id: \"talk\", by: \"US\", do: [])",
        "(id: \"talk\", by: \"US\", do: [Signal(\"tough words\")])",
    ),
    row(
        "E028",
        "a branch refers to what does not exist",
        "A change names an element, type or move that neither the file nor an earlier change of the \
         branch defines; or one that several elements share.",
        "change: [SetInput(\"tial\", 30)]",
        "change: [SetInput(\"tail\", 30)]",
    ),
    row(
        "E029",
        "not available here",
        "The form exists but has no meaning in this place: a rule's question in a guard, a regime inside \
         a regime, income without a trade model.",
        "when: EveOf(\"tariff\")    in a move",
        "Ask for it in a line of a rule's table.",
    ),
    row(
        "E030",
        "observed after the end of knowledge",
        "The number was observed after `as_of`. A run that starts on that day must not know it.",
        "as_of: \"2025-10-14\", ... observed: \"2025-11-02\"",
        "Use what was known then, or move `as_of`.",
    ),
    row(
        "E031",
        "not supported yet",
        "The language knows the form, the program does not carry it out yet. It is refused rather than \
         ignored.",
        "is: Equilibrium",
        "Use what the message suggests.",
    ),
    row(
        "E032",
        "regimes must end with `Always`",
        "Regimes are listed worst first and the first that holds counts, so the last must hold whatever \
         happens, and none before it may.",
        "regimes: [(id: \"war\", when: Is(\"tariff\", InForce))]",
        "regimes: [(id: \"war\", when: Is(\"tariff\", InForce)), (id: \"calm\", when: Always)]",
    ),
    row(
        "E033",
        "a law that makes no sense",
        "The parameters contradict each other or leave no distribution, or a law is made of itself. Laws \
         that read inputs are tried over the range of those inputs.",
        "law: Triangular(5, 3, 1)",
        "law: Triangular(1, 3, 5)",
    ),
    row(
        "E034",
        "`tail` is missing",
        "Actors have payoffs, and it is not said for how many days beyond `until` they count gains and \
         costs. The answer can turn on it, so there is no default.",
        "until: 90, actors: [(id: \"US\", payoff: [Income(weight: 1)])]",
        "tail: \"tail\", with an input of that name and a range",
    ),
    row(
        "E035",
        "no such level",
        "The measure has no level of this number or word, or a table by level leaves one out.",
        "levels: [25, 50], ... EnactAt(\"tariff\", 30)",
        "EnactAt(\"tariff\", 25)",
    ),
    row(
        "E036",
        "metrics in a circle",
        "A metric uses another which in the end uses the first, or they are nested too deeply.",
        "(id: \"a\", is: Minus(\"b\", 1)), (id: \"b\", is: Minus(\"a\", 1))",
        "Define one of them by itself.",
    ),
    row(
        "E037",
        "a party to deals without `values`",
        "An actor that can be party to a package weighs the deal against walking away. How sharply it \
         does so is its precision, in 1 over the payoff unit, and has no honest default.",
        "(id: \"US\", payoff: [..]) with a package of US and CN",
        "values: (precision: 30)",
    ),
    row(
        "W001",
        "an actor never has a legal move",
        "In the probe trials, in which everybody acts at random, this actor was never able to do anything \
         but hold. Perhaps its guards never hold, or nothing ever asks it to decide.",
        "moves: [(id: \"strike\", by: \"CN\", when: Is(\"dormant\", InForce), ..)]",
        "Give it reviews, reactions or an eve, or loosen a guard.",
    ),
    row(
        "W002",
        "a line of a table is never reached",
        "In the probe trials no decision came to this line of the rule: lines above it always decided, or \
         its condition never held.",
        "Table([(if: Always, do: {\"sign\": 1.0}), (if: EveOf(\"tariff\"), do: {\"drop\": 0.5})])",
        "Write the special case first.",
    ),
    row(
        "W003",
        "a metric never varies",
        "The metric had the same value in every probe trial. Perhaps it asks about something that cannot \
         happen, or that always does.",
        "is: Happens(Effective(\"fixed_measure\"))",
        "Ask about something the run can change, or accept a constant.",
    ),
    row(
        "W004",
        "a number without a source",
        "The element bears numbers and does not say where they come from. A reader cannot judge them.",
        "(id: \"lag\", value: Triangular(1, 2, 6))",
        "(id: \"lag\", value: Triangular(1, 2, 6), source: \"judgement\"), or one `source` for the file",
    ),
    row(
        "W005",
        "an element that nothing uses",
        "Nothing in the baseline or in any branch refers to the element, so that it changes nothing.",
        "inputs: [(id: \"old_guess\", value: 3)]",
        "Use it or remove it.",
    ),
    row(
        "W006",
        "a change without effect",
        "The change leaves the file as it was: it sets what was already set.",
        "SetLevel(\"tariff\", 50)    where the threat is already 50",
        "Drop the change, or write says_same: true in the branch.",
    ),
    row(
        "W007",
        "a branch that equals the baseline",
        "The branch changes nothing. Its results will be the baseline's, trial by trial.",
        "branches: [(id: \"same\", change: [])]",
        "Write says_same: true if that is the point.",
    ),
    row(
        "W008",
        "a trial that never ends",
        "A probe trial made more events than `max_events`, or 1,000 at one moment. A run that meets such \
         a trial stops. The message names what repeats.",
        "(id: \"tick\", law: Fixed(0), do: [Push(\"tone\", 0.1)])",
        "(id: \"tick\", law: Fixed(1), do: [Push(\"tone\", 0.1)])",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_explained() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for row in CODES {
            assert!(row.about.len() > 40 && !row.wrong.is_empty() && !row.remedy.is_empty());
            assert!(row.explain().starts_with(row.code));
        }
        assert_eq!(find("e026").unwrap().code, "E026");
        assert!(find("E999").is_none());
    }
}
