"""Kinds of characters, as flags that are collected for many values at once: what most conditions ask for."""

NO_A85, NO_B85, NO_45, SIGN, WORDY, CONTROL, HIGH, PERCENT = (1 << n for n in range(8))
AMPERSAND, SEMICOLON, BACKSLASH, LESS, QUOTE, EQUALS, PLUS, LINE = (1 << n for n in range(8, 16))
CAPITAL, BRACKET, COLON, RECORD, NO_Z85, NO_91, STRANGE, DOT, NO_NAME, NO_GRAPHIC = (
    1 << n for n in range(16, 26)
)
"""`CAPITAL` is A to F; `WORDY` are letters that hexadecimal numbers have not; `BRACKET` opens JSON,
`RECORD` is the separator of records, `STRANGE` are signs that stand in neither words nor addresses,
`NO_NAME` characters that no name of a host has, `NO_GRAPHIC` spaces and
all that is not printed."""
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
_A85 = bytes(range(0x21, 0x76)) + b"z"
_B85 = DIGITS + LETTERS + b"!#$%&()*+-;<=>?@^_`{|}~"
_45 = DIGITS + LETTERS[:26] + b" $%*+-./:"
_Z85 = DIGITS + LETTERS + b".-:+=^!/*?&<>()[]{}@%$#"
_91 = DIGITS + LETTERS + b'!#$%&()*+,./:;<=>?@[]^_`{|}~"'
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
    (frozenset(range(256)) - set(_Z85), NO_Z85),
    (frozenset(range(256)) - set(_91), NO_91),
    (b".", DOT),
    (frozenset(range(256)) - set(range(33, 127)), NO_GRAPHIC),
    (frozenset(range(256)) - set(DIGITS + LETTERS + b"-_."), NO_NAME),
    (b'!#$()*;<>?@[]^`{|}~"', STRANGE),
)
FLAGS = tuple(sum(flag for members, flag in _MEMBERS if byte in members) for byte in range(256))
"""The kinds that each byte is of."""
