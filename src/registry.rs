//! One line for each kind of an open set: instruments, rules, metrics.
//!
//! A kind is a file with a written form. The macro `registry!` turns a list of written forms into
//! what the rest of the program needs: the type a scenario file is read into, the `build` match, and
//! the rows that `list` prints. Adding a kind takes the file and one line; nothing else names it.
//!
//! A written form has two constants, `DOC` (one sentence) and `EXAMPLE` (scenario text, parsed by a
//! test), and a `build` of the signature that the set declares.

/// What a reader learns about one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// The word by which a scenario names it.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub doc: &'static str,
    /// How it is written.
    pub example: &'static str,
}

/// A kind that is understood and refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// The word by which a scenario names it.
    pub name: &'static str,
    /// What to use instead.
    pub instead: &'static str,
}

/// Declares an open set; see the module.
///
/// `kinds` are written with parameters. `bare` kinds may be written without parentheses, and then are
/// their `Default`. `later` are words that are understood and refused (E031), with what to use instead.
macro_rules! registry {
    (
        $(#[$doc:meta])*
        $spec:ident, $kind:ident: $what:literal;
        fn build(&self, $first:ident: $first_type:ty, $second:ident: $second_type:ty) -> $result:ty;
        kinds { $($name:ident($form:ty)),* $(,)? }
        bare { $($bare:ident($bare_form:ty)),* $(,)? }
        later { $($later:ident: $instead:literal),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $spec {
            /// Which kind, with its parameters.
            pub kind: $kind,
            /// Where it is written.
            pub span: $crate::diagnostic::Span,
        }

        #[doc = concat!("The kinds of ", $what, ", as written.")]
        #[derive(Debug, Clone, PartialEq, serde::Deserialize, schemars::JsonSchema)]
        pub enum $kind {
            $(#[doc = concat!("`", stringify!($name), "`.")] $name($form),)*
            $(#[doc = concat!("`", stringify!($bare), "`.")] $bare($bare_form),)*
            /// A kind that is not built yet.
            #[serde(skip)]
            Later($crate::registry::Later),
        }

        #[doc = concat!("Every kind of ", $what, ", in the order of lists.")]
        pub const ALL: &[$crate::registry::Info] = &[
            $($crate::registry::Info {
                name: stringify!($name),
                doc: <$form>::DOC,
                example: <$form>::EXAMPLE,
            },)*
            $($crate::registry::Info {
                name: stringify!($bare),
                doc: <$bare_form>::DOC,
                example: <$bare_form>::EXAMPLE,
            },)*
        ];

        impl<'de> serde::Deserialize<'de> for $spec {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$spec, D::Error> {
                let node = $crate::syntax::RawNode::deserialize(deserializer)?;
                let later: &[$crate::registry::Later] = &[$(
                    $crate::registry::Later { name: stringify!($later), instead: $instead }
                ),*];
                let text = node.text();
                let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                let head = &text[..end.unwrap_or(text.len())];
                if let Some(refused) = later.iter().find(|later| later.name == head) {
                    return Ok($spec { kind: $kind::Later(*refused), span: node.span() });
                }
                $(if text == stringify!($bare) {
                    let kind = $kind::$bare(<$bare_form>::default());
                    return Ok($spec { kind, span: node.span() });
                })*
                Ok($spec { kind: node.parse().map_err($crate::syntax::reject)?, span: node.span() })
            }
        }

        impl schemars::JsonSchema for $spec {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($spec))
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut forms = vec![generator.subschema_for::<$kind>()];
                $(forms.push($crate::syntax::schema::word(stringify!($bare)));)*
                let about = concat!("A ", $what, ".");
                $crate::syntax::schema::either(about, forms)
            }
        }

        impl $spec {
            #[doc = concat!("Compiles the ", $what, ". Every mistake inside it is reported.")]
            pub fn build(
                &self,
                $first: $first_type,
                $second: $second_type,
                out: &mut $crate::diagnostic::Diagnostics,
            ) -> $result {
                match &self.kind {
                    $($kind::$name(form) => form.build(self.span, $first, $second, out),)*
                    $($kind::$bare(form) => form.build(self.span, $first, $second, out),)*
                    $kind::Later(later) => {
                        out.push(
                            $crate::diagnostic::Diagnostic::error(
                                "E031",
                                format!(concat!("the ", $what, " `{}` is not supported yet"), later.name),
                            )
                            .at(self.span)
                            .help(later.instead),
                        );
                        None
                    }
                }
            }

            #[doc = concat!("The word by which this ", $what, " is written.")]
            #[must_use]
            pub fn name(&self) -> &'static str {
                match &self.kind {
                    $($kind::$name(_) => stringify!($name),)*
                    $($kind::$bare(_) => stringify!($bare),)*
                    $kind::Later(later) => later.name,
                }
            }
        }
    };
}

pub(crate) use registry;
