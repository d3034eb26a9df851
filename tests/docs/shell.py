"""Command lines in the documentation: which of them call Hometruth, and with what."""

import re
import shlex
from collections.abc import Iterator

from tests.docs.pages import PAGES, ROOT, Block, blocks, prose

PROMPT, CONTINUATION = "$ ", "> "
_ENDS = {"|", ";", "&&", "||", "(", ")", "&"}
_REDIRECTIONS = {"<", ">", ">>"}
_MENTION = re.compile(r"`hometruth ([^`]+)`|^    hometruth (.+)$", re.MULTILINE)


def command_lines() -> Iterator[tuple[Block, list[str]]]:
    """Every call of `hometruth` in a block, as the words after it; `./demo` is one too."""
    for block in blocks("console", "sh"):
        for line in _lines(block):
            for words in _simple_commands(line):
                if words[0] == "./demo":
                    yield block, ["demo", *words[1:]]
                elif words[0].rpartition("/")[2] == "hometruth":
                    yield block, words[1:]


def mentions() -> Iterator[tuple[str, list[str]]]:
    """Calls of `hometruth` within a sentence or an indented block; arguments may be left out."""
    for page in PAGES:
        for match in _MENTION.finditer(prose(page)):
            yield str(page.relative_to(ROOT)), shlex.split(match[1] or match[2])


def _lines(block: Block) -> list[str]:
    """What is typed: in `console` blocks after a prompt, in `sh` blocks everything."""
    if block.language == "sh":
        return block.text.replace("\\\n", " ").splitlines()
    typed: list[str] = []
    open_line = False
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            typed.append(line.removeprefix(PROMPT))
            open_line = True
        elif open_line and line.startswith(CONTINUATION):
            typed[-1] += "\n" + line.removeprefix(CONTINUATION)
        else:
            open_line = False
    return typed


def _simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of a pipeline, without redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    skip = False
    try:
        tokens = list(lexer)
    except ValueError:  # one line of a longer statement
        tokens = []
    for token in [*tokens, ";"]:
        if token in _ENDS:
            if words:
                yield words
            words = []
        elif token in _REDIRECTIONS:
            skip = True
        elif skip:
            skip = False
        else:
            words.append(token)
