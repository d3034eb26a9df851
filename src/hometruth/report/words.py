"""The plain words of the report: what a verdict, a gap, a layer or a kind of data is called."""

from collections.abc import Mapping, Sequence

from hometruth.model import CanaryKind, GapKind, Trial, TrialStatus, VerdictKind

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
    VerdictKind.CONTRADICTED: (
        "The recording shows what the statement says does not happen, in a session whose settings were "
        "confirmed. One such proof is enough, and it can be followed by hand."
    ),
    VerdictKind.CONSISTENT: (
        "Enough was seen, and nothing of it speaks against the statement. This never means that the "
        "statement is true: it means that, with 95 % confidence, at most the stated share of sessions does "
        "otherwise, in ways this audit can read. A statement that something is there is consistent when it "
        "was shown."
    ),
    VerdictKind.INCONCLUSIVE: (
        "It was tested, but too little was seen to say: too few sessions, too much that could not be read, "
        "or no control that shows that sending would have been noticed."
    ),
    VerdictKind.UNTESTED: "No session speaks to it, or no recording of a device's traffic ever could.",
    VerdictKind.OTHER_VERSION: (
        "No verdict. What was looked at is another product, version, device or region than the statement "
        "speaks of, or of another date. What was seen is counted, and says nothing of the speaker."
    ),
}

GAP_MEANS: Mapping[GapKind, str] = {
    GapKind.NOT_RECORDED: "body, or all that was sent, not kept by the recorder",
    GapKind.NEVER_RECORDED: "left out by this recorder of every recording",
    GapKind.UNREADABLE: "entry of the recording damaged",
    GapKind.OPAQUE: "bytes that no layer opens (encrypted, or an unknown format)",
    GapKind.MEDIA: "images, audio, video or fonts: not looked into",
    GapKind.BUDGET: "a limit of ours was reached before everything was opened",
    GapKind.REFUSED_TLS: "connection refused the recorder's certificate",
    GapKind.UNUSED: "connection closed unused: opened ahead, or refused without a word",
    GapKind.PASSED: "pinned: not opened, let through and counted",
    GapKind.NOT_LOOKED_INTO: "host that the plan does not open: passed on, bytes counted, nothing kept",
    GapKind.CHANGED: "refused by the examiner, so that the client falls back to what can be read",
    GapKind.RESOLVES_ELSEWHERE: "names asked of another resolver: the table of names is not whole",
    GapKind.NOT_HTTP: "connection that does not speak HTTP",
    GapKind.UNEXPLAINED: "bytes of a planted value seen, but no way to reach them",
}

KIND_NAMES: Mapping[CanaryKind, str] = {
    CanaryKind.PAGE: "page visited",
    CanaryKind.SEARCH: "words searched",
    CanaryKind.SONG: "song played",
    CanaryKind.SCREEN: "screen opened",
    CanaryKind.FOLDER: "folder opened",
    CanaryKind.ITEM: "item tapped",
    CanaryKind.DOWNLOAD: "file downloaded",
    CanaryKind.TYPED: "text typed, never submitted",
    CanaryKind.PROMPT: "question to an assistant",
    CanaryKind.PAGE_TEXT: "text of a page read",
    CanaryKind.FORM_FIELD: "text typed into a form, never sent",
    CanaryKind.CLIPBOARD: "text copied",
    CanaryKind.ACCOUNT: "account",
    CanaryKind.DEVICE_ID: "device identifier",
    CanaryKind.KNOWN: "known value",
}

DATA_NAMES: Mapping[str, str] = {
    **{kind.value: name for kind, name in KIND_NAMES.items()},
    "android-id": "Android ID",
    "advertising-id": "advertising ID",
    "imei": "IMEI",
    "serial": "serial number",
}
"""What is planted, by its kind; what the tester can read in a device's settings, by the id of its canary."""

LAYER_MEANS: Mapping[str, str] = {
    "percent": "percent-encoding undone (%2F is a slash again)",
    "base64": "base64 decoded",
    "gzip": "gzip unpacked",
    "zlib": "zlib unpacked",
    "deflate": "deflate unpacked",
    "brotli": "brotli unpacked",
    "zstd": "Zstandard unpacked",
    "hex": "hexadecimal decoded",
    "json": "read as JSON",
    "jwt": "JSON Web Token taken apart",
    "multipart": "multipart form taken apart",
    "form": "form split into fields",
    "query": "query split into fields",
    "cookie": "cookies split",
    "target": "request target split into path and query",
    "path": "path split into segments",
    "url": "address split into parts",
    "data-url": "data: address decoded",
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


def layer_means(layer: str) -> str:
    """What was done at one step, in words; an unknown layer keeps its name."""
    return LAYER_MEANS.get(layer, f"{layer} removed")


def count(number: int, one: str, many: str = "") -> str:
    """``1 session``, ``1,024 sessions``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sessions_run(trials: Sequence[Trial]) -> str:
    """``621 sessions``, or ``127 of 621 planned sessions`` if some were lost."""
    done = sum(trial.status is TrialStatus.DONE for trial in trials)
    planned = sum(trial.status is not TrialStatus.NOT_NEEDED for trial in trials)
    return (
        count(planned, "session") if done == planned else f"{done:,} of {count(planned, 'planned session')}"
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


def percent(value: float) -> str:
    """``9.8 %``."""
    return f"{value:.1f} %"


def sentence(text: str) -> str:
    """*text* starting with a capital and ending with a full stop."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
