"""The ways in which a device or a person's values are usually written before they are digested."""

import re
from collections.abc import Callable


def _imei(value: str) -> dict[str, str]:
    digits = re.sub(r"\D", "", value)
    return {
        "digits": digits,
        "without check digit": digits[:14],
        "grouped by -": f"{digits[:2]}-{digits[2:8]}-{digits[8:14]}-{digits[14:]}",
        "grouped by space": f"{digits[:2]} {digits[2:8]} {digits[8:14]} {digits[14:]}",
    }


def _mac(value: str) -> dict[str, str]:
    digits = re.sub(r"[^0-9a-fA-F]", "", value)
    pairs = [digits[i : i + 2] for i in range(0, len(digits), 2)]
    fours = [digits[i : i + 4] for i in range(0, len(digits), 4)]
    plain = {
        "with :": ":".join(pairs),
        "bare": digits,
        "with -": "-".join(pairs),
        "with .": ".".join(fours),
        "with space": " ".join(pairs),
    }
    return _cases(plain)


def _email(value: str) -> dict[str, str]:
    name, _, domain = value.strip().partition("@")
    short = {"dots and +tag left out": f"{name.partition('+')[0].replace('.', '')}@{domain}"}
    return _cases({"as given": value.strip()} | (short if domain else {}))


def _phone(value: str) -> dict[str, str]:
    digits = re.sub(r"\D", "", value)
    found = {"digits": digits, "with +": f"+{digits}", "with 00": f"00{digits}", "as given": value.strip()}
    # Country codes differ in length: where it ends is known only if the tester leaves a space after it.
    code, _, rest = value.strip().partition(" ")
    national = re.sub(r"\D", "", rest)
    if code.startswith("+") and national:
        found |= {"national": national, "national with 0": f"0{national.lstrip('0')}"}
    return found


def _any(value: str) -> dict[str, str]:
    bare = re.sub(r"[\s:-]", "", value)
    return _cases({"as given": value.strip(), "without separators": bare})


KINDS: dict[str, Callable[[str], dict[str, str]]] = {
    "imei": _imei,
    "mac": _mac,
    "email": _email,
    "phone": _phone,
    "android_id": _any,
    "serial": _any,
    "uuid": _any,
    "other": _any,
}
"""Kind of value to its spellings: what the spelling is called, and the text."""


def spellings(kind: str, value: str) -> dict[str, str]:
    """Every usual spelling of *value*, by what it is called; equal ones once."""
    found: dict[str, str] = {}
    for name, text in KINDS[kind](value).items():
        if text not in found.values():
            found[name] = text
    return found


def _cases(plain: dict[str, str]) -> dict[str, str]:
    lower = {f"{name}, lower case": text.lower() for name, text in plain.items()}
    upper = {f"{name}, upper case": text.upper() for name, text in plain.items()}
    return plain | lower | upper
