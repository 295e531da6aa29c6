//! The template engine: minijinja with our texts, asset addresses and escaping.
//!
//! Every value is escaped for HTML, texts and their arguments too. There is no `safe` filter: no template, a theme's neither,
//! can put a value into a page unescaped by mistake. A variable or text that does not exist is an error, found at start.

use std::collections::HashMap;
use std::sync::Arc;

use fluent_templates::fluent_bundle::FluentValue;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, context};

use super::language::Language;
use super::site::Site;
use super::theme::{Theme, ThemeProblem};
use crate::assets::Assets;

#[derive(Debug)]
pub(super) struct Engine {
    environment: Environment<'static>,
    site: Site,
}

impl Engine {
    /// Compiles the templates and reports every one that does not compile.
    pub(super) fn new(theme: &Theme, assets: Arc<Assets>, site: Site) -> Result<Self, Vec<ThemeProblem>> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
        environment.set_formatter(|out, state, value| match value.kind() {
            ValueKind::None => Ok(()),
            _ => minijinja::escape_formatter(out, state, value),
        });
        environment.remove_filter("safe");
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.unwrap_or_default());
        environment.add_function("t", text);
        environment.add_function("asset", move |name: &str| match assets.path(name) {
            Some(path) => Ok(Value::from_safe_string(path)),
            None => Err(Error::new(ErrorKind::InvalidOperation, format!("no asset named {name}"))),
        });
        let mut problems = Vec::new();
        for (name, source) in theme.templates() {
            if let Err(error) = environment.add_template_owned(name.to_owned(), source) {
                problems.push(problem(theme, &error, name));
            }
        }
        if problems.is_empty() { Ok(Self { environment, site }) } else { Err(problems) }
    }

    /// Renders a template in a language.
    pub(super) fn render(&self, template: &str, language: Language, values: Value) -> Result<String, Error> {
        self.render_for(&self.site, template, language, values)
    }

    /// The same as another site would have it.
    pub(super) fn render_for(
        &self,
        site: &Site,
        template: &str,
        language: Language,
        values: Value,
    ) -> Result<String, Error> {
        let language = language.tag();
        self.environment
            .get_template(template)?
            .render(context! { ..values, ..site.values(), ..context! { language } })
    }
}

/// Where a template failed and why.
pub(super) fn problem(theme: &Theme, error: &Error, template: &str) -> ThemeProblem {
    let mut innermost = error;
    while let Some(source) =
        std::error::Error::source(innermost).and_then(|source| source.downcast_ref::<Error>())
    {
        innermost = source;
    }
    ThemeProblem::Template {
        file: theme.locate(innermost.name().unwrap_or(template)),
        line: innermost.line().unwrap_or(1),
        reason: match innermost.detail() {
            Some(detail) => format!("{}: {detail}", innermost.kind()),
            None => innermost.kind().to_string(),
        },
    }
}

/// `t("key", name=value)`: the text of that key in the page's language.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
fn text(state: &State<'_, '_>, key: &str, arguments: Kwargs) -> Result<String, Error> {
    let language =
        state.lookup("language").and_then(|tag| Language::of_tag(tag.as_str()?)).unwrap_or_default();
    let mut values: HashMap<&str, FluentValue<'_>> = HashMap::new();
    for name in arguments.args() {
        let value: Value = arguments.get(name)?;
        values.insert(name, fluent(&value));
    }
    let missing =
        || Error::new(ErrorKind::InvalidOperation, format!("no text named {key}, or it lacks an argument"));
    language.text(key, &values).ok_or_else(missing)
}

fn fluent(value: &Value) -> FluentValue<'static> {
    match u64::try_from(value.clone()) {
        Ok(number) if value.kind() == ValueKind::Number => FluentValue::from(number),
        _ => FluentValue::from(value.to_string()),
    }
}
