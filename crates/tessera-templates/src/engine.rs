//! The template engine: minijinja with our texts, asset addresses and escaping.
//!
//! In pages and the HTML of mails every value is escaped, and so are texts and their arguments. There is no `safe` filter, so no
//! template can write an unescaped value by mistake, not even one of a theme. A variable or text that does not exist is an error.

use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, context};

use crate::language::Language;
use crate::site::Site;
use crate::theme::{Theme, ThemeError, ThemeProblem};

/// The compiled templates of a theme. Made once at start and shared.
#[derive(Debug)]
pub struct Engine {
    environment: Environment<'static>,
    site: Site,
}

impl Engine {
    /// Compiles the templates of pages. `asset_path` answers what `asset("logo.svg")` of a template writes.
    ///
    /// # Errors
    /// Every template that does not compile.
    pub fn new(
        theme: &Theme,
        asset_path: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        site: Site,
    ) -> Result<Self, ThemeError> {
        let mut environment = environment();
        environment.add_function("asset", move |name: &str| match asset_path(name) {
            Some(path) => Ok(Value::from_safe_string(path)),
            None => Err(Error::new(ErrorKind::InvalidOperation, format!("no asset named {name}"))),
        });
        Self::compile(environment, theme, theme.pages(), site)
    }

    /// Compiles the templates of mails. They have no assets: a mail that loads nothing tells nobody when it is read.
    ///
    /// # Errors
    /// Every template that does not compile.
    pub fn for_mails(theme: &Theme, site: Site) -> Result<Self, ThemeError> {
        Self::compile(environment(), theme, theme.mails(), site)
    }

    fn compile<'t>(
        mut environment: Environment<'static>,
        theme: &Theme,
        templates: impl Iterator<Item = (&'t str, String)>,
        site: Site,
    ) -> Result<Self, ThemeError> {
        let mut problems = Vec::new();
        for (name, source) in templates {
            if let Err(error) = environment.add_template_owned(name.to_owned(), source) {
                problems.push(problem(theme, &error, name));
            }
        }
        if problems.is_empty() { Ok(Self { environment, site }) } else { Err(ThemeError(problems)) }
    }

    /// Renders a template in a language.
    ///
    /// # Errors
    /// The template uses a variable, text or asset that does not exist. [`Engine::check`] finds this beforehand.
    pub fn render(&self, template: &str, language: Language, values: Value) -> Result<String, Error> {
        self.render_for(&self.site, template, language, values)
    }

    /// Renders every sample (a template and its values) in every language, for a [`Site`] that says everything and for one that
    /// says nothing. So the author of a theme finds a mistake before a visitor does.
    ///
    /// # Errors
    /// Everything that is wrong, each place once.
    pub fn check<'a>(
        &self,
        theme: &Theme,
        samples: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<(), ThemeError> {
        let mut problems: Vec<ThemeProblem> = Vec::new();
        let sites = [Site::default(), Site::sample()];
        for (template, values) in samples {
            for language in Language::ALL {
                for site in &sites {
                    let Err(error) = self.render_for(site, template, language, values.clone()) else {
                        continue;
                    };
                    let found = problem(theme, &error, template);
                    if !problems.iter().any(|known| known.to_string() == found.to_string()) {
                        problems.push(found);
                    }
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ThemeError(problems)) }
    }

    fn render_for(
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

/// What templates of any kind can use. Values are escaped in HTML, and in plain text there is nothing to escape.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "txt")) => AutoEscape::None,
        Some(_) | None => AutoEscape::Html,
    });
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::None => Ok(()),
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment.remove_filter("safe");
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment.add_function("t", text);
    environment
}

/// Says where a template failed and why. The innermost error names the place, for example in an included template.
fn problem(theme: &Theme, error: &Error, template: &str) -> ThemeProblem {
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

/// `t("key", name=value)`: the text of that key in the language that the template is rendered in.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
fn text(state: &State<'_, '_>, key: &str, arguments: Kwargs) -> Result<String, Error> {
    let language =
        state.lookup("language").and_then(|tag| Language::from_tag(tag.as_str()?)).unwrap_or_default();
    let mut values: HashMap<&str, FluentValue<'_>> = HashMap::new();
    for name in arguments.args() {
        let value: Value = arguments.get(name)?;
        values.insert(name, fluent(&value));
    }
    let missing =
        || Error::new(ErrorKind::InvalidOperation, format!("no text named {key}, or it lacks an argument"));
    let said = language.text(key, &values).ok_or_else(missing)?;
    // Marks around names keep the direction of the text on a page. A terminal shows boxes, and a program that looks for links takes them in.
    let is_plain = matches!(state.auto_escape(), AutoEscape::None);
    Ok(if is_plain { said.replace(['\u{2068}', '\u{2069}'], "") } else { said })
}

/// Texts choose between singular and plural by a number, so a number must stay one.
fn fluent(value: &Value) -> FluentValue<'static> {
    match u64::try_from(value.clone()) {
        Ok(number) if value.kind() == ValueKind::Number => FluentValue::from(number),
        _ => FluentValue::from(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(files: &[(&str, &str)]) -> (Theme, Result<Engine, ThemeError>) {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(directory.path().join(name), content).unwrap();
        }
        let theme = Theme::read(Some(directory.path())).unwrap();
        let engine = Engine::new(&theme, |name| Some(format!("/a/{name}")), Site::default());
        (theme, engine)
    }

    fn render(source: &str, language: Language, values: Value) -> Result<String, String> {
        let (_, engine) = engine(&[("help.html", source)]);
        engine.unwrap().render("help.html", language, values).map_err(|error| error.to_string())
    }

    #[test]
    fn values_texts_and_arguments_are_escaped() {
        let values = || context! { name => "<b>&\"" };
        assert_eq!(render("{{ name }}", Language::English, values()).unwrap(), "&lt;b&gt;&amp;&quot;");
        let text = render("{{ t('login-client', client=name) }}", Language::English, values()).unwrap();
        assert!(text.contains("&lt;b&gt;&amp;&quot;"), "{text}");
        assert!(!text.contains('<'), "{text}");
        assert_eq!(render("{{ none }}", Language::English, values()).unwrap(), "");
    }

    #[test]
    fn a_text_is_said_in_the_language_and_counts_in_it() {
        let source = "{{ t('login-problem-wait', seconds=seconds) }}";
        let say = |language, seconds| render(source, language, context! { seconds }).unwrap();
        assert_eq!(say(Language::English, 1), "Too many attempts. Wait one second, then try again.");
        assert!(say(Language::English, 2).contains("2\u{2069} seconds"), "{}", say(Language::English, 2));
        assert_ne!(say(Language::German, 1), say(Language::English, 1));
    }

    #[test]
    fn a_check_names_every_place_once_and_a_site_that_says_nothing_is_tried_too() {
        let (theme, engine) = engine(&[
            ("help.html", "{% if not help_text %}\n{{ nothing }}{% endif %}"),
            ("form.html", "{% if language == 'ja' %}{{ t('no-such') }}{% endif %}"),
        ]);
        let samples = [("help.html", context! {}), ("help.html", context! {}), ("form.html", context! {})];
        let said = engine.unwrap().check(&theme, samples).unwrap_err().to_string();
        assert_eq!(said.matches("help.html, line 2: undefined value").count(), 1, "{said}");
        assert_eq!(
            said.matches("form.html, line 1: invalid operation: no text named no-such").count(),
            1,
            "{said}"
        );
    }
}
