"""The plain words of the report: what a verdict, a gap, a layer or a kind of data is called."""

from collections.abc import Mapping, Sequence

from hometruth.bounds import rounded_down, rounded_up
from hometruth.model import (
    CanaryKind,
    GapKind,
    Tells,
    Trial,
    TrialStatus,
    VerdictKind,
)
from hometruth.report.catalogue import _, plural

VERDICT_SIGN: Mapping[VerdictKind, str] = {
    VerdictKind.CONTRADICTED: "≠",
    VerdictKind.CONSISTENT: "≈",
    VerdictKind.INCONCLUSIVE: "?",
    VerdictKind.UNTESTED: "–",
    VerdictKind.OTHER_VERSION: "·",
}
"""A sign beside the word. Deliberately no tick: CONSISTENT does not mean true."""

VERDICT_STYLE: Mapping[VerdictKind, str] = {
    VerdictKind.CONTRADICTED: "bold red",
    VerdictKind.CONSISTENT: "bold green",
    VerdictKind.INCONCLUSIVE: "bold yellow",
    VerdictKind.UNTESTED: "bold dim",
    VerdictKind.OTHER_VERSION: "dim",
}
"""Style on a terminal; colour is never the only sign."""

VERDICT_MEANS: Mapping[VerdictKind, str] = {
    VerdictKind.CONTRADICTED: _(
        "The recording shows what the statement says does not happen, in a session whose settings were "
        "confirmed; one is enough, and where one request shows it, it can be followed by hand. Or what the "
        "statement says is there was not seen, in sessions enough, where it would have shown."
    ),
    VerdictKind.CONSISTENT: _(
        "Enough was seen, and nothing of it speaks against the statement. This never means that the "
        "statement is true: it means that, with 95 % confidence, at most the stated share of sessions does "
        "otherwise, in ways this audit can read. A statement that something is there is consistent when it "
        "was shown."
    ),
    VerdictKind.INCONCLUSIVE: _(
        "It was tested, but too little was seen to say: too few sessions, too much that could not be read, "
        "or no control that shows that sending would have been noticed."
    ),
    VerdictKind.UNTESTED: _("No session speaks to it, or no recording of a device's traffic ever could."),
    VerdictKind.OTHER_VERSION: _(
        "No verdict. What was looked at is another product, version, device or region than the statement "
        "speaks of, or of another date. What was seen is counted, and says nothing of the speaker."
    ),
}

GAP_MEANS: Mapping[GapKind, str] = {
    GapKind.NOT_RECORDED: _("body, or all that was sent, not kept by the recorder"),
    GapKind.NEVER_RECORDED: _("left out by this recorder of every recording"),
    GapKind.UNREADABLE: _("entry of the recording damaged"),
    GapKind.OPAQUE: _("bytes that no layer opens (encrypted, or an unknown format)"),
    GapKind.MEDIA: _("images, audio, video or fonts: not looked into"),
    GapKind.BUDGET: _("a limit of ours was reached before everything was opened"),
    GapKind.REFUSED_TLS: _("connection refused the recorder's certificate"),
    GapKind.UNUSED: _("connection closed unused: opened ahead, or refused without a word"),
    GapKind.PASSED: _("pinned: not opened, let through and counted"),
    GapKind.NOT_LOOKED_INTO: _("host that the plan does not open: passed on, bytes counted, nothing kept"),
    GapKind.CHANGED: _("refused by the examiner, so that the client falls back to what can be read"),
    GapKind.RESOLVES_ELSEWHERE: _("names asked of another resolver: the table of names is not whole"),
    GapKind.NOT_HTTP: _("connection that does not speak HTTP"),
    GapKind.UNEXPLAINED: _("bytes of a planted value seen, but no way to reach them"),
    GapKind.DEFECT: _("a defect of ours kept it from being looked into"),
}

KIND_NAMES: Mapping[CanaryKind, str] = {
    CanaryKind.PAGE: _("page visited"),
    CanaryKind.SEARCH: _("words searched"),
    CanaryKind.SONG: _("song played"),
    CanaryKind.SCREEN: _("screen opened"),
    CanaryKind.FOLDER: _("folder opened"),
    CanaryKind.ITEM: _("item tapped"),
    CanaryKind.DOWNLOAD: _("file downloaded"),
    CanaryKind.TYPED: _("text typed (never submitted)"),
    CanaryKind.PROMPT: _("question to an assistant"),
    CanaryKind.PAGE_TEXT: _("text of a page read"),
    CanaryKind.FORM_FIELD: _("text typed into a form (never sent)"),
    CanaryKind.CLIPBOARD: _("text copied"),
    CanaryKind.ACCOUNT: "account",
    CanaryKind.DEVICE_ID: _("device identifier"),
    CanaryKind.KNOWN: _("known value"),
}

_ONE_OF_MANY = frozenset({KIND_NAMES[CanaryKind.DEVICE_ID], KIND_NAMES[CanaryKind.KNOWN]})

KNOWN_NAMES: Mapping[str, str] = {
    "android-id": _("Android ID"),
    "advertising-id": _("advertising ID"),
    "imei": "IMEI",
    "serial": _("serial number"),
}
"""What the tester can read in a device's settings, by how the id of its canary ends."""

TELLS_WORDS: Mapping[Tells, str] = {
    Tells.WHOLE: "{}",
    Tells.PART: "part of {}",
    Tells.DIGEST: "a digest of {}",
    Tells.SHORT_DIGEST: "a digest of 32 bits of {}",
}
"""What of a value was told."""

LAYER_MEANS: Mapping[str, str] = {
    "percent": _("percent-encoding undone (%2F is a slash again)"),
    "base64": "base64 decoded",
    "gzip": _("gzip unpacked"),
    "zlib": _("zlib unpacked"),
    "deflate": _("deflate unpacked"),
    "brotli": _("brotli unpacked"),
    "zstd": _("Zstandard unpacked"),
    "hex": _("hexadecimal decoded"),
    "json": _("read as JSON"),
    "jwt": _("JSON Web Token taken apart"),
    "multipart": _("multipart form taken apart"),
    "form": _("form split into fields"),
    "query": _("query split into fields"),
    "cookie": _("cookies split"),
    "target": _("request target split into path and query"),
    "path": _("path split into segments"),
    "url": _("address split into parts"),
    "data-url": _("data: address decoded"),
    "utf-16": "UTF-16 decoded",
}

LAYER_COMMAND: Mapping[str, str] = {
    "percent": "python3 -c 'import urllib.parse as u; print(u.unquote(input()))'",
    "base64": "base64 -d",
    "gzip": "gunzip",
    "zlib": "python3 -c 'import sys,zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))'",
    "brotli": "brotli -d",
    "zstd": "zstd -d",
    "hex": "xxd -r -p",
    "json": "python3 -m json.tool",
    "utf-16": "iconv -f UTF-16LE",
}
"""Common tools that do the same step, for checking without us."""


LAYER_OPERATION: Mapping[str, str] = {
    "percent": "URL Decode",
    "base64": "From Base64",
    "gzip": "Gunzip",
    "hex": "From Hex",
    "json": "JSON Beautify",
}
"""Operations of CyberChef (https://gchq.github.io/CyberChef/) that do the same step."""


def known_name(canary: str) -> str | None:
    """What a known value of the device is called, by the id of its canary; None for any other."""
    return next((name for key, name in KNOWN_NAMES.items() if f"-{canary}".endswith(f"-{key}")), None)


def data_name(canary: str, kind: str) -> str:
    """What a canary is called: which known value it is, else its kind."""
    kinds = {each.value: name for each, name in KIND_NAMES.items()}
    return known_name(canary) or kinds.get(kind, f"{kind} canary")


def with_article(name: str) -> str:
    """``the page visited``, ``a device identifier``."""
    return f"{'a' if name in _ONE_OF_MANY else 'the'} {name}"


def layer_means(layer: str) -> str:
    """What was done at one step, in words; an unknown layer keeps its name."""
    return LAYER_MEANS.get(layer, f"{layer} removed")


def count(number: int, one: str, many: str = "") -> str:
    """``1 session``, ``1,024 sessions``: the catalogue has both forms of every noun that is counted."""
    return f"{number:,} {plural(one, many or one + 's', number)}"


def sessions_run(trials: Sequence[Trial]) -> str:
    """``621 sessions``, or ``127 of 621 planned sessions`` if some were lost."""
    done = sum(trial.status is TrialStatus.DONE for trial in trials)
    planned = sum(trial.status is not TrialStatus.NOT_NEEDED for trial in trials)
    return (
        count(planned, "session")
        if done == planned
        else _("{done:,} of {count}", done=done, count=count(planned, "planned session"))
    )


def size(size_bytes: int) -> str:
    """Bytes as people read them: ``312 bytes``, ``4.2 kB``, ``1.1 MB`` (powers of 1,000)."""
    if size_bytes < 1000:
        return count(size_bytes, "byte")
    scaled, unit = size_bytes / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if scaled < 999.5:
            break
        scaled, unit = scaled / 1000, larger
    return f"{scaled:.1f} {unit}" if scaled < 99.95 else f"{scaled:.0f} {unit}"


def at_most(value: float) -> str:
    """A bound in per cent, rounded up, since it is never told smaller than it is: ``9.9 %``."""
    return f"{rounded_up(value, 1):.1f} %"


def at_least(value: float) -> str:
    """A share that was read or shown, rounded down: it is never told larger than it is."""
    return f"{rounded_down(value, 1):.1f} %"


def whole_bits(bits: float) -> str:
    """Evidence, rounded down."""
    return f"{rounded_down(bits, 0):.0f}"


def sentence(text: str) -> str:
    """*text* starting with a capital and ending with a full stop."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
