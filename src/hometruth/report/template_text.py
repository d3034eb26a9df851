"""The text of templates, from the catalogue."""

import re
from collections.abc import Iterator
from string import Formatter

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from hometruth.report.catalogue import _

ENDS = frozenset("<>\n")
"""What ends a message of a template."""
_PARTS = re.compile(r"([<>\n])")
_LABEL = re.compile(r"(aria-label=\")([^\"{]+)")
_WORD = re.compile(r"[^\W\d_]{2}")


class TemplateText(Extension):
    """Takes what a template says from the catalogue when it is compiled.

    A message is what stands on one line between tags and statements, with ``{0}``, ``{1}`` for its
    expressions, which a translation may put in another order; each string of words within those; and labels.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Every token, in which text is translated."""
        line, expression = _TemplateLine(), list[Token]()
        for token in stream:
            # A counted noun has several forms, of which `count` takes the right one.
            is_noun = [each.value for each in expression[-2:]] == ["count", "("]
            if token.type == "string" and " " in token.value.strip() and not is_noun:
                token = Token(token.lineno, "string", _(token.value))  # noqa: PLW2901 - the same token
            if token.type == "data":
                for part in _PARTS.split(token.value):
                    yield from line.take(part, token.lineno)
            elif token.type == "variable_begin" or expression:
                expression.append(token)
                if token.type == "variable_end":
                    line.pieces.append(expression)
                    expression = []
            else:
                yield from line.told(token.lineno)
                yield token
        yield from line.told(0)


class _TemplateLine:
    """What was read of a message, and whether it stands within a tag."""

    def __init__(self) -> None:
        self.pieces: list[str | list[Token]] = []
        self.in_tag = False

    def take(self, part: str, lineno: int) -> Iterator[Token]:
        """More text, or a sign that ends the message."""
        if part not in ENDS:
            self.pieces.append(part)
            return
        yield from self.told(lineno)
        yield Token(lineno, "data", part)
        if part != "\n":
            self.in_tag = part == "<"

    def told(self, lineno: int) -> Iterator[Token]:
        """The message, translated."""
        pieces, self.pieces = self.pieces, []
        expressions = [piece for piece in pieces if isinstance(piece, list)]
        numbers = iter(range(len(expressions)))
        text = "".join(
            f"{{{next(numbers)}}}" if isinstance(piece, list) else piece.replace("{", "{{").replace("}", "}}")
            for piece in pieces
        )
        words = text.strip()
        if self.in_tag:
            text = _LABEL.sub(lambda found: found[1] + _(found[2]), text)
        elif _WORD.search(words):
            text = text.replace(words, _(words), 1)
        for literal, number, _spec, _conversion in Formatter().parse(text):
            if literal:
                yield Token(lineno, "data", literal)
            if number is not None:
                yield from expressions[int(number)]
