"""Writes src/hometruth/report/messages.pot: every sentence that `report/` tells people, for translators.

Run it after changing one: `python scripts/make_catalogue.py`. A test fails until that is done.
"""

import ast
import gettext
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, nodes

from hometruth.report import catalogue
from hometruth.report.template_text import TemplateText

REPORT = Path(__file__).parents[1] / "src" / "hometruth" / "report"
FILE = REPORT / "messages.pot"
_SENTENCE = re.compile(
    r"[^\W\d_]{2}[,;:.)”]* +[(“]?[A-Za-z]|[A-Za-z]{2}[,;:.]? $|^[,;.(]? ?\(?[A-Za-z]{3,} |^ [A-Za-z]{3}"
)
"""Two words, or one that goes on with what is before or after it."""
_NO_TEXT = re.compile(
    r"""<|\{\}|="|://|\dpx|charset=|^--|^[a-z-]+: [a-z#0-9]+;|[a-z]-src '|\{[a-z-]+:[^{}]*;|sans-serif"""
    r"""|^\s*(hometruth|duckdb|python3|mitmweb|jq|cat|grep|iconv|zstd|xxd|brotli) """
    r"""|^(bold|dim|not|italic) \w+$|^(From|To) (Hex|Base64)$|^(URL Decode|JSON Beautify)$"""
)
"""Markup, commands, styles, policies of pages, and what another program calls its buttons."""
HEAD = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""
"""A translation has the forms of its language."""


class _Gathering(gettext.NullTranslations):
    """Leaves everything as it is, and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def gettext(self, message: str) -> str:
        self.asked.append(message)
        return message


Message = str | tuple[str, str]
"""A sentence; or a noun, for one and for many."""


def messages() -> dict[Message, list[str]]:
    """Every sentence and counted noun, with the files in which it stands."""
    found: dict[Message, list[str]] = {}
    for name, said in (*_in_code(), *_in_templates()):
        for message in said:
            files = found.setdefault(message, [])
            if name not in files:
                files.append(name)
    for pair in [each for each in found if isinstance(each, tuple)]:
        found[pair] += found.pop(pair[0], [])  # a noun by itself is its first form
    return found


def _in_code() -> Iterator[tuple[str, Iterable[Message]]]:
    for path in sorted(REPORT.glob("*.py")):
        calls = [
            (node.func.id, [each.value if isinstance(each, ast.Constant) else None for each in node.args])
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        yield path.name, [texts[0] for name, texts in calls if name == "_" and isinstance(texts[0], str)]
        yield path.name, [_noun(*texts[1:]) for name, texts in calls if name == "count"]


def _noun(one: object, many: object = "") -> Message:
    if not isinstance(one, str) or not isinstance(many, str):
        raise SystemExit(f"count: its nouns must stand in the call, for translators: {one!r}, {many!r}")
    return (one, many or one + "s")


def _in_templates() -> Iterator[tuple[str, Iterable[Message]]]:
    environment = Environment(  # noqa: S701 - nothing is rendered
        extensions=[TemplateText], trim_blocks=True, lstrip_blocks=True
    )
    for path in sorted((REPORT / "templates").glob("*.j2")):
        kept, catalogue.TRANSLATION = catalogue.TRANSLATION, _Gathering()
        try:
            tree = environment.parse(path.read_text("utf-8"))
            yield path.name, catalogue.TRANSLATION.asked
            counts = (each for each in tree.find_all(nodes.Filter) if each.name == "count")
            yield path.name, [_noun(*(noun.as_const() for noun in each.args)) for each in counts]
        finally:
            catalogue.TRANSLATION = kept


def loose_sentences(path: Path) -> Iterator[tuple[int, str]]:
    """What reads like a sentence in code and does not come from the catalogue: line and text."""
    tree = ast.parse(path.read_text("utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        text = _text_of(node)
        if _SENTENCE.search(text) and not _NO_TEXT.search(text) and not _is_excused(node, parents):
            yield node.lineno, text  # type: ignore[attr-defined]  # all that have text have a line


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) or "1" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_excused(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """True for documentation, names of types and keys, what is compared, what errors say, and messages."""
    first = parents[node]
    if isinstance(first, ast.Expr | ast.Compare | ast.JoinedStr | ast.Subscript):
        return True
    if isinstance(first, ast.Dict) and node in first.keys:
        return True
    while node in parents:
        node, child = parents[node], node
        if isinstance(node, ast.Raise) or child in (
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
        ):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "count" or (name in ("_", "say", "compile") and child is node.args[0]):
                return True
    return False


def catalogue_text() -> str:
    """The file: sentences in the order in which they stand in the code."""
    return "\n".join([HEAD, *(_entry(message, files) for message, files in messages().items())])


def _entry(message: Message, files: Iterable[str]) -> str:
    one, *many = [
        json.dumps(text, ensure_ascii=False) for text in ([message] if isinstance(message, str) else message)
    ]
    told = f'msgid_plural {many[0]}\nmsgstr[0] ""\nmsgstr[1] ""' if many else 'msgstr ""'
    return f"#: {' '.join(files)}\nmsgid {one}\n{told}\n"


if __name__ == "__main__":
    FILE.write_text(catalogue_text(), "utf-8")
