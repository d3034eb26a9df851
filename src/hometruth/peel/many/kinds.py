"""Kinds of characters, as flags that are collected for many values at once: what most conditions ask for."""

NO_A85, NO_B85, NO_45, SIGN, WORDY, CONTROL, HIGH, PERCENT = (1 << n for n in range(8))
AMPERSAND, SEMICOLON, BACKSLASH, LESS, QUOTE, EQUALS, PLUS, LINE = (1 << n for n in range(8, 16))
CAPITAL, BRACKET, COLON, RECORD = (1 << n for n in range(16, 20))
"""`CAPITAL` is A to F; `WORDY` are letters that hexadecimal numbers have not; `BRACKET` opens JSON,
`RECORD` is the separator of records."""
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
_A85 = bytes(range(0x21, 0x76)) + b"z"
_B85 = DIGITS + LETTERS + b"!#$%&()*+-;<=>?@^_`{|}~"
_45 = DIGITS + LETTERS[:26] + b" $%*+-./:"
_MEMBERS = (
    (frozenset(range(256)) - set(_A85), NO_A85),
    (frozenset(range(256)) - set(_B85), NO_B85),
    (frozenset(range(256)) - set(_45), NO_45),
    (frozenset(range(256)) - set(DIGITS + LETTERS), SIGN),
    (frozenset(LETTERS) - set(b"abcdefABCDEFxX"), WORDY),
    (frozenset({*range(32), 127}) - set(b"\t\n\r"), CONTROL),
    (frozenset(range(128, 256)), HIGH),
    (b"%", PERCENT),
    (b"&", AMPERSAND),
    (b";", SEMICOLON),
    (b"\\", BACKSLASH),
    (b"<", LESS),
    (b'"', QUOTE),
    (b"=", EQUALS),
    (b"+", PLUS),
    (b"\t\n\r", LINE),
    (b"ABCDEF", CAPITAL),
    (b"{[", BRACKET),
    (b":", COLON),
    (b"\x1e", RECORD),
)
FLAGS = tuple(sum(flag for members, flag in _MEMBERS if byte in members) for byte in range(256))
"""The kinds that each byte is of."""
