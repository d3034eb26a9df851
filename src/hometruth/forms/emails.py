"""E-mail addresses, as ad platforms normalise them and as people hide them from harvesters; for digests also
with the end of line and the quotation marks that programs leave around them.

Google, "Format customer data" (lower case, no white space, no dots before gmail.com); UID2, "Normalization
and encoding" (there also without +suffix); Meta, "Customer information parameters", TikTok, "Advanced
matching", LinkedIn, "Conversions API", and LiveRamp, "Hashing identifiers" (trimmed, lower case).
"""

import re
from collections.abc import Iterator

from hometruth.forms.spelling import SHORTEST_PART, Spelling

HIDDEN = ("(at)", "[at]", "{at}", " at ", " (at) ", "#", "_at_", "-at-", "%40")
"""What stands for the at sign."""
HIDDEN_DOTS = {
    "(at)": ("(dot)",),
    "[at]": ("[dot]",),
    " at ": (" dot ",),
    " (at) ": (" (dot) ",),
    "_at_": ("_dot_", "_"),
    "-at-": ("-dot-", "-"),
}
"""With each, what stands for a dot."""
_EMAIL = re.compile(r"([^@\s]+)@([^@\s]+\.[^@\s]+)")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def spell(value: str) -> Iterator[Spelling]:
    """Spellings of an address of a mailbox; none if the value is something else."""
    match = _EMAIL.fullmatch(value.strip().lower())
    if not match:
        return
    local, domain = match[1], match[2]
    plain = local.partition("+")[0]
    if domain in _GMAIL:
        yield _whole("email:google", f"{local.replace('.', '')}@{domain}")
        yield _whole("email:uid2", f"{plain.replace('.', '')}@{domain}")
        yield _whole("email:gmail.com", f"{plain.replace('.', '')}@gmail.com")
    yield _whole("email:no-plus", f"{plain}@{domain}")
    for name, text in (("local-part", local), ("local-part,no-plus", plain), ("domain", domain)):
        if len(text) >= SHORTEST_PART:
            yield Spelling(name, text, part=text, is_sought=False, is_digested=True)
    for sign in HIDDEN:
        yield Spelling("email:hidden-at", f"{local}{sign}{domain}")
        for dot in HIDDEN_DOTS.get(sign, ()):
            yield Spelling("email:hidden-at", f"{local}{sign}{domain}".replace(".", dot))
            yield Spelling("email:hidden-at", f"{local}{sign}{domain.replace('.', dot)}")
    for name, text in (("newline", f"{local}@{domain}\n"), ("quoted", f'"{local}@{domain}"')):
        yield Spelling(f"email:{name}", text, is_sought=False, is_digested=True)


def is_email(value: str) -> bool:
    """True for an address of one mailbox."""
    return _EMAIL.fullmatch(value.strip().lower()) is not None


def _whole(name: str, text: str) -> Spelling:
    return Spelling(name, text, is_digested=True)
