"""From a template of the package and values to the text of a file. Deliberately knows no file's content and writes none."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(),  # for HTML and XML only: the files here are neither
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template: str, **values: object) -> str:
    """The text that a template of `plan/templates` gives for these values.

    Raises:
        jinja2.UndefinedError: the template asks for a value that was not given.
    """
    return _ENVIRONMENT.get_template(template).render(**values)
