"""`python -m benchmarks.corpus.score FOLDER ROWS`: how well a tool's rows match the truth of a corpus.

A row is a JSON object with ``entry`` and ``canary``; ``chain`` and ``form`` if the tool explains what it saw.
See README.md for what counts as what.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.corpus.encoders.digests import SHORT
from benchmarks.corpus.families import FAMILIES

Row = Mapping[str, object]
Key = tuple[int, str]
"""Entry and canary: what a finding is about."""

SPLITS = frozenset(
    {
        "form",
        "query",
        "cookie",
        "path",
        "target",
        "url",
        "multipart",
        "graphql",
        "text",
        "records",
        "delimited",
        "embedded",
        "tar",
    }
)
"""Steps that only cut a value out, or that some tools name and others do not: left out on both sides."""
SAME = {
    "urldecode": "percent",
    "url-decode": "percent",
    "base16": "hex",
    "base64url": "base64",
    "ascii85": "base85",
    "lzstring": "lz-string",
    "punycode": "idna",
    "msgpack": "messagepack",
    "html-entities": "html",
    "reversal": "reversed",
    "reverse": "reversed",
    "js": "javascript",
    "letter-map": "map",
    "socket.io": "socketio",
    "xz": "lzma",
}
SPELT_AS_LAYER = {
    "escape": "percent",
    "email-hidden": "percent",
    "mojibake": "latin-1",
    **dict.fromkeys(("mac-base64", "hex-base64"), "base64"),
    **{f"{name}-in-base64": "base64" for name in ("imei-packed", "iccid-packed", "place-binary")},
}
"""Families of spellings of which a tool may say that the value was wrapped."""
_ALGORITHM = (
    r"plain|md5|sha3-\d+|sha\d+|blake2[bs]|blake3|ripemd160|murmur3|xxh3|xxh64|xxh32|crc32|adler32"
    r"|java-hash|fnv1a?|djb2a?|sdbm|one-at-a-time"
)
_DETAIL = re.compile(r"^(rot|xor|add|rolling|map|lz-string|utf-16|utf-32|snappy|base64|base32|base85|html).*")
"""Names that may say more after their first word: the key, the variant, the byte order."""
NESTED = {"protobuf": "protobuf", "plist": "xml", "html": "xml"}
"""Name, and the one before it after which it says nothing new: messages in messages, XML's escapes."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a tool found of one family, or of all."""

    planted: int
    found: int
    right_chain: int

    @property
    def recall(self) -> float:
        """Share of what was planted."""
        return self.found / self.planted if self.planted else 0.0

    @property
    def right_share(self) -> float:
        """Share of what was found that was explained rightly."""
        return self.right_chain / self.found if self.found else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """What a tool found of a corpus."""

    families: Mapping[str, Score]
    false: tuple[Key, ...]
    """Findings of canaries where none was planted."""
    n_rows: int

    def total(self, *, short: bool = True) -> Score:
        """Over all families; *short* False leaves the 32-bit digests out."""
        kept = [score for name, score in self.families.items() if short or not is_short(name)]
        return Score(
            sum(score.planted for score in kept),
            sum(score.found for score in kept),
            sum(score.right_chain for score in kept),
        )

    @property
    def precision(self) -> float:
        """Share of findings that are true, each entry and canary counted once; 1 if nothing was found."""
        found = self.total().found
        return found / (found + len(self.false)) if found or self.false else 1.0


def is_short(family: str) -> bool:
    """True for families of 32-bit digests, which agree by chance."""
    return family == "digest-of-32-bits" or any(f"digest-{name}" in family for name in SHORT)


def score(truth: Iterable[Row], rows: Sequence[Row]) -> Scores:
    """Compare a tool's rows with the truth."""
    planted: dict[Key, Row] = {}
    own: set[Key] = set()
    for fact in truth:
        if fact["expected"]:
            own.add(_key(fact))
        else:
            planted[_key(fact)] = fact
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[_key(row)].append(row)
    families: dict[str, list[Key]] = defaultdict(list)
    for key, fact in planted.items():
        families[str(fact["family"])].append(key)
    scores = {
        name: Score(
            len(keys),
            sum(key in found for key in keys),
            sum(any(_explains(row, planted[key]) for row in found.get(key, ())) for key in keys),
        )
        for name, keys in families.items()
    }
    false = sorted(key for key in found if key not in planted and key not in own)
    return Scores(scores, tuple(false), len(rows))


def _key(row: Row) -> Key:
    return int(str(row["entry"])), str(row["canary"])


def _explains(row: Row, fact: Row) -> bool:
    """True if the row's chain and form are those of the truth, however they are named."""
    if "chain" not in row or algorithms(row.get("form")) != algorithms(fact["form"]):
        return False
    shown, true = normal_chain(row["chain"]), normal_chain(fact["chain"])
    is_digest = algorithms(fact["form"]) != ["plain"]
    as_layer = "hex" if is_digest else SPELT_AS_LAYER.get(str(fact.get("family")).partition("/")[0])
    in_form = str(row.get("form")).rpartition(":")[2]
    return true in (shown, (*shown, in_form)) or (as_layer is not None and shown == (*true, as_layer))


def normal_chain(chain: object) -> tuple[str, ...]:
    """A chain in the names that are compared."""
    assert isinstance(chain, Sequence)
    names = (str(name).lower().replace("_", "-").partition("(")[0] for name in chain)
    names = (SAME.get(name, name) for name in names)
    kept = [_DETAIL.sub(r"\1", name) for name in names if name not in SPLITS]
    return tuple(name for before, name in pairwise(["", *kept]) if not before or NESTED.get(name) != before)


def algorithms(form: object) -> list[str]:
    """The digests that a form names, outermost first: ``sha256(md5)`` is both, ``sha256(lower)`` one."""
    names = re.findall(_ALGORITHM, str(form or "plain"))
    return names or ["plain"]


def read_rows(path: Path) -> list[Row]:
    """Rows of a JSON-lines file.

    Raises:
        ValueError: If a line is not a row; names it.
    """
    rows: list[Row] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict) or not {"entry", "canary"} <= row.keys():
            raise ValueError(f"{path}, line {number}: no object with 'entry' and 'canary': {line:.80}")
        rows.append(row)
    return rows


def table(scores: Mapping[str, Scores]) -> str:
    """Recall of each family by each tool, as Markdown, with the share of right chains in parentheses."""
    order = {family.name: at for at, family in enumerate(FAMILIES)}
    names = sorted(next(iter(scores.values())).families, key=lambda name: order.get(name, len(order)))
    lines = [f"| family | planted | {' | '.join(scores)} |", "|---|---|" + "---|" * len(scores)]
    for name in names:
        cells = [_cell(tool.families[name]) for tool in scores.values()]
        lines.append(
            f"| {name} | {next(iter(scores.values())).families[name].planted} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) + "\n"


def summary(scores: Scores) -> dict[str, float | int]:
    """The totals of one tool."""
    total, without_short = scores.total(), scores.total(short=False)
    return {
        "recall": round(total.recall, 4),
        "recall without 32-bit digests": round(without_short.recall, 4),
        "families below 0.9": sum(
            score.recall < 0.9 for name, score in scores.families.items() if not is_short(name)
        ),
        "precision": round(scores.precision, 4),
        "false findings": len(scores.false),
        "right chain": round(total.right_share, 4),
        "rows": scores.n_rows,
    }


def _cell(score: Score) -> str:
    if not score.found:
        return "-"
    right = "" if score.right_chain == score.found else f" ({score.right_share:.0%})"
    return f"{score.recall:.0%}{right}"


def main() -> None:
    """Parse the command line and print the scores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus.score", description=__doc__)
    parser.add_argument("folder", type=Path, help="a corpus: truth.jsonl is read")
    parser.add_argument("rows", type=Path, help="what the tool found, as JSON lines")
    given = parser.parse_args()
    scores = score(read_rows(given.folder / "truth.jsonl"), read_rows(given.rows))
    print(table({"recall (right chain)": scores}))
    print(json.dumps(summary(scores), indent=1))
    if scores.false:
        print("false:", *scores.false[:20])


if __name__ == "__main__":
    main()
