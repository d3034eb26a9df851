"""Writes src/hometruth/data/adapters/*.json from the endpoints published with TrackHAR 1.0.0 (CC0-1.0).

Run it with the file of endpoints: `python scripts/convert_tracker_endpoints.py tracker-endpoints.json`.
The same input gives the same files, byte for byte. What cannot be expressed is listed in them, with
the reason.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trackhar_paths import NotMappedError, Place, Variables

FOLDER = Path(__file__).parents[1] / "src" / "hometruth" / "data" / "adapters"
HEAD = {
    "source": "TrackHAR 1.0.0, https://github.com/tweaselORG/TrackHAR, converted",
    "retrieved": "2026-11-22",
    "licence": "CC0-1.0",
    "generator": "scripts/convert_tracker_endpoints.py",
}
NO_CODE = (
    "the source also asks a condition in code, which its export leaves out; where several adapters "
    "know one URL, the one that explains most values is taken"
)
_WORDS = re.compile(r"[\w \-]+|\\r\\n")
Row = Mapping[str, Any]


def convert(endpoints: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """One document per tracking company, by its short name."""
    trackers: dict[str, list[Row]] = defaultdict(list)
    for endpoint in endpoints:
        trackers[endpoint["tracker"]].append(endpoint)
    documents = {}
    for tracker, rows in trackers.items():
        not_mapped: list[dict[str, str]] = []
        adapters = [_adapter(row, not_mapped) for row in rows]
        documents[tracker] = {**HEAD, "adapters": adapters, "not_mapped": not_mapped}
    return documents


def _adapter(row: Row, not_mapped: list[dict[str, str]]) -> dict[str, Any]:
    slug = f"{row['tracker']}/{row['adapter']}"
    variables = Variables()
    variables.follow(row["decode"])
    fields: dict[str, dict[str, Any]] = {}
    reasons: dict[str, list[str]] = defaultdict(list)
    for kind, found in row["data"].items():
        for item in found:
            source = f"{kind}: {item['context']} {item['path']}"
            try:
                field = _field(kind, item, _place(variables, item))
            except NotMappedError as err:
                not_mapped.append({"adapter": slug, "what": source, "reason": str(err)})
                continue
            key = json.dumps(field)
            fields[key] = field
            reasons[key].append(_reason(item["reasoning"]))
    if row["hasExtraMatch"]:
        not_mapped.append({"adapter": slug, "what": "condition on the request", "reason": NO_CODE})
    return {
        "slug": slug,
        "name": row["name"],
        "company": row["company"],
        **({"exodus_id": row["exodusId"]} if row["exodusId"] is not None else {}),
        "endpoints": _endpoints(row["endpoints"]),
        **({"body": body} if (body := _body(row["decode"])) else {}),
        "fields": [
            {**field, "reason": "; ".join(dict.fromkeys(reasons[key]))} for key, field in fields.items()
        ],
    }


def _body(steps: Sequence[Row]) -> str | None:
    """The layer that the body is made of, by the step that reads it."""
    layers = {"parseJson": "json", "parseQueryString": "form", "decodeProtobuf": "protobuf"}
    return next((layers.get(step["fn"]) for step in steps if step["in"] == "body"), None)


def _place(variables: Variables, item: Row) -> Place:
    path = re.sub(r"^\$(?!\w)\.?", "", item["path"])
    dot = "" if path.startswith("[") or not path else "."
    return variables.find(f"res.{item['context']}{dot}{path}")


def _field(kind: str, item: Row, place: Place) -> dict[str, Any]:
    if place.part == "path":  # what the value must be like is the value; the rest of the path is not
        return {"kind": kind, "part": "path", "path": "", "extract": f"({item['onlyIf']['regex']})"}
    conditions: dict[str, Any] = {"only_like": place.only_like, "not_like": place.not_like}
    for name, key in (("notIf", "not"), ("onlyIf", "only")):
        condition = item.get(name)
        if isinstance(condition, str):
            conditions[key] = [condition]
        elif condition and (words := _whole_words(condition["regex"])):
            conditions[key] = words
        elif condition:
            assert not conditions[f"{key}_like"], item
            conditions[f"{key}_like"] = condition["regex"]
    rules = {"extract": place.extract, "where": list(place.where), **conditions}
    return {"kind": kind, "part": place.part, "path": place.path, **{k: v for k, v in rules.items() if v}}


def _whole_words(regex: str) -> list[str] | None:
    """Alternatives that are words: meant as whole values, or every name with a 0 in it were left out."""
    words = [word.removeprefix("(").removesuffix(")") for word in regex.strip("^$").split("|")]
    if len(words) < 3 or not all(_WORDS.fullmatch(word) for word in words):
        return None
    return [word.replace("\\r\\n", "\r\n") for word in words]


def _reason(text: str) -> str:
    return f"TrackHAR research note {text}" if text.endswith(".md") else text


def _endpoints(rows: Sequence[Row]) -> list[str | dict[str, str]]:
    found: list[str | dict[str, str]] = []
    for row in rows:
        endpoint = row["url"] if "url" in row else {"regex": row["regex"].replace("\\/", "/")}
        if endpoint not in found:
            found.append(endpoint)
    return found


def dump(document: Mapping[str, Any]) -> str:
    """JSON with one line per field and per thing not mapped, so that a change shows as one line."""
    lines: dict[str, str] = {}

    def on_one_line(value: Any) -> Any:
        if isinstance(value, dict) and value.keys() & {"kind", "what", "regex"}:
            mark = f"@{len(lines)}@"
            lines[f'"{mark}"'] = json.dumps(value, ensure_ascii=False)
            return mark
        if isinstance(value, dict):
            return {key: on_one_line(item) for key, item in value.items()}
        return [on_one_line(item) for item in value] if isinstance(value, list) else value

    text = json.dumps(on_one_line(document), indent=1, ensure_ascii=False)
    return re.sub(r'"@\d+@"', lambda match: lines[match[0]], text) + "\n"


def main(source: Path, folder: Path) -> None:
    """Write the files and say how much of the source is in them."""
    endpoints = json.loads(source.read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    documents = convert(endpoints)
    for tracker, document in documents.items():
        (folder / f"{tracker}.json").write_text(dump(document), "utf-8")
    adapters = [adapter for document in documents.values() for adapter in document["adapters"]]
    n_fields = sum(len(adapter["fields"]) for adapter in adapters)
    n_not_mapped = sum(len(document["not_mapped"]) for document in documents.values())
    print(f"{len(adapters)} adapters, {n_fields} fields, {n_not_mapped} not mapped")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER)
