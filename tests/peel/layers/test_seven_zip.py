"""7z archives as py7zr 1.1.4 makes them, and what is told of damaged, sealed and too large ones."""

import base64

import pytest

from hometruth.peel.layers import Context
from hometruth.peel.layers.seven_zip import SEALED, UNKNOWN, unseven
from tests.peel.wraps import seven_zipped

TEXT = b'{"page": "https://secret.example.test/health?q=lump", "n": 3}' * 3
MADE = {
    "lzma2": (
        "N3q8ryccAATJknGl5wAAAAAAAAAWAAAAAAAAAPdg0OfgAMEAS10APYiKBlQAaUnGiV4Seuh4aGUC33MjV8qCDE0CPXnT7uxFWSyr"
        "JYJVNOPtai4vWQXEQ1b4gydnjLyfFs7N2g1P65xkPmIumHHs2bEEAOAAtACMXQAAgTMHrg/S6CW9QLuUZBx+62Jj9rmXkirhpVzB"
        "gAXX6ExnacXLIK6SyiIJLAz9z9phn30DVAoMHmi6s04wBOOhWA39tOw3KOaWZOR+aWKkODWhWthnYAmVHZ2iaw/AG4m43VFwbBeB"
        "4GShLEvgfp3zx6UZ0FZW1bPPvf8wM0MYzjrwe4dBaud1G6AAAAAXBlMBCYCUAAcLAQABISEBGAyAtQAA"
    ),
    "lzma": (
        "N3q8ryccAAQKTv4P3wAAAAAAAAAWAAAAAAAAADmZ3qsAPYiKBlQAaUnGiV4Seuh4aGUC33MjV8qCDE0CPXnT7uxFWSyrJYJVNOPt"
        "ai4vWQXEQ1b4gydnjLyfFs7N2g1P65xkPmIumHHuw8pb//+HhAAA4ACsAIVdAACBMweuD9LbPn1AwJDTQ8Th+eiuiTwiLC51QahE"
        "9F0Mn06dWoigFW9L0jUU9dpm5NmbLkPCYXONeS4bl/PH1c072Ne1xQRnwfxrxhON4RyIHsA6tVbW2kejYgPAm9Ho1yKvR+7aDC4X"
        "hGEzS/nspwnHFM3uY+fgLyGXxcw90telxV8AAAAAFwZSAQmAjQAHCwEAASEhARgMgK0AAA=="
    ),
    "deflate": (
        "N3q8ryccAASPGCJf1gAAAAAAAAAWAAAAAAAAAAy2NeCrVipITE9VslJQyigpKSi20tcvTk0uSi3RS61IzC3ISdUrSS0u0c9ITcwp"
        "ybAvtM0pzS1Q0lFQygPqMK6tHjDNQKX5eSkKaZk5qQDgAKwAg10AAIEzB64P0oDrvUDAkM7lyzKfGVHeKK+R5HoQFy+dA7mWHhv3"
        "qKeN4dDNrAfVmZk+y0cBAQON4T0O3l0F89h42k8aDoT66q8lxZ25Y/1wk7g4JF7pfqGj4+NEmGq4PEym5SIB64hUj7eHRDA3yfNw"
        "MVa6hmW7FEaqxASNbgYpKGoAAAAAFwZLAQmAiwAHCwEAASEhARgMgK0AAA=="
    ),
    "bzip2": (
        "N3q8ryccAASPMuNtCgEAAAAAAAAWAAAAAAAAAEhlfMxCWmg5MUFZJlNZKGSBYwAAXxmAUAWIEq/n/kogAHQr/VUTZQ0yejUPU0zS"
        "EeqQ2po9IA0aaaFLRw0jI5FQqQKDyBYMKPQoeEhjAqORMqtknaEMnCiOdUU02036T6svSW4s6LnhZgxc5qwelFHd7XousLuX8Xck"
        "U4UJAoZIFjDgAKwAhF0AAIEzB64P1RMCUUIV9q8ry3b2U4NxcsDCyDNU1u5bll57UDX6m1uYTjnkGng3X77djSTBRXFsu+9I50jF"
        "N5hCg7z4WaVZL/Kt87vh+zeFGVCnegpJtrVc47w/l3r+ToA8l4VT+VJx5ymgXadDSki2dLFSVJ+6xw99VQSDN2RpcPXwAAAAABcG"
        "fgEJgIwABwsBAAEhIQEYDICtAAA="
    ),
    "copy": (
        "N3q8ryccAATYZpq8SwEAAAAAAAAXAAAAAAAAAMmrwiR7InBhZ2UiOiAiaHR0cHM6Ly9zZWNyZXQuZXhhbXBsZS50ZXN0L2hlYWx0"
        "aD9xPWx1bXAiLCAibiI6IDN9eyJwYWdlIjogImh0dHBzOi8vc2VjcmV0LmV4YW1wbGUudGVzdC9oZWFsdGg/cT1sdW1wIiwgIm4i"
        "OiAzfXsicGFnZSI6ICJodHRwczovL3NlY3JldC5leGFtcGxlLnRlc3QvaGVhbHRoP3E9bHVtcCIsICJuIjogM31zZWNvbmQgZmls"
        "ZeAAqACBXQAAgTMHrg/VMR3ZlyTT/rnE43SYk9Y6Uu9W3vdygLjsMWn4L8UUKGYCgg7l4zQwL5Wn7Jl2buWkJjtJXl7Z+vNIaOxk"
        "i0tpK53B9V0/QVnPCWwEtZGPn0GirjcVRLxxDUBNOr/g9n9dCWVVsusXPbxbmNaQ8FLt9BQ53hN3r7oAAAAAFwaAwgEJgIkABwsB"
        "AAEhIQEYDICpAAA="
    ),
    "x86": (
        "N3q8ryccAASu2Ym86AAAAAAAAAAWAAAAAAAAAGbxuEngAMEAS10APYiKBlQAaUnGiV4Seuh4aGUC33MjV8qCDE0CPXnT7uxFWSyr"
        "JYJVNOPtai4vWQXEQ1b4gydnjLyfFs7N2g1P65xkPmIumHHs2bEEAOAAtACNXQAAgTMHrg/S6CW9QLuUZBx+6ssQA+2USV7h1VC2"
        "NQHcKSK1AsS/IK6SyiIJLAz9z9phn30DVG/6/7duTJEcmS2LglNcy/DWMUFwC8ZFEJ4OeNCDdS2zeqtU3uYUfLgEvFYPPddHkzWK"
        "avZSnkk3ERanXX0sUArLzdC1q8Tmkc1h5cavX/lKtqrdPkgAAAAAFwZTAQmAlQAHCwEAASEhARgMgLUAAA=="
    ),
    "delta": (
        "N3q8ryccAAS2lOZH8AAAAAAAAAAWAAAAAAAAANYQT5vgAMEAVF0APanFzxA1ulgo00IT1GqsQShYWl7lpxIITBl6v3eO1nQxy/No"
        "6V4nwel6CQRo0dTAm6Xqdkh5+laRefvUxJFo7ug5wj+O9L+zFptwc6sfrgXNNGNJAOAAtACMXQAAgTMHrg/TXEb9QLuUZBx+6tPC"
        "pku9jrWeM9kKPcCznHDv91QV9v6ABm09W4nlayqNCQk9/KpNstBGNDhKxpZ2a3oBsmxAQ0/vsMROtTrt4tCKYg2rcfbPmljtXDmB"
        "WbLea6OfCPepX2DSTb+EH691mDFXxGd0UdPmr23jsCQi9Cpfzy3xLFwmOQAAAAAXBlwBCYCUAAcLAQABISEBGAyAtQAA"
    ),
    "aes": (
        "N3q8ryccAARnotFlEAEAAAAAAAAWAAAAAAAAAAHYryveUwXL8/RO8vo0TNMrOYmIPmsXr2Drj7jzXk6U1vqFn5gboptrX+Q8sFBs"
        "LaaAv5fO+CH7JiovdtUX8bGKNIrZw8agPwbBXZj8xtFn/TPbEhvEttGg+HZJ7xf17JdMlb7gAMwAqF0AAIEzB64P05AmWhQsFERi"
        "VVsMecDQ1Cil8zk9OW5H7JZ2VzHJtAVBMztZAp2VIt0M8N/qHSYz3geoqrAtwVZwCyiqjin0BetL3OC97Bkw2kOSvxz3f2+HoiOU"
        "gimkkThtEIcJ9nI5RribYoCFRv/KAfiRNCYw3HKE3tQIhgsw+oRh1EFJTbF6D+SUtNd5zZBYxTIaIBVyloeztUm7ZUQbV4lThvxk"
        "AAAAABcGYAEJgLAABwsBAAEhIQEYDIDNAAA="
    ),
    "aesh": (
        "N3q8ryccAAQ/xdy2MAEAAAAAAAAqAAAAAAAAAJwl9TpoReOnbEXAtfqH4wNtoV8VJ5i8xQxkId9DDycwRAPqN+kYGJJHSeXXIxYB"
        "j4y1WN0vc37UtqtBQdOox8lcqujF/i8LipN0Vwt1LyB0HIyEHVCqE0ccASd6WcoT24jfBsEifVJXrotf0qPeX02GrgIvdIWTY3Zp"
        "gs7YdhUxSP8GOlLBc17DemSmmx03+R7Chm301WKwKZ0ZWzpVwCBnyZqyD0+AJGhy5ndCuohNaw289v1yog7Kt/yi2IQSFDF+LsyS"
        "NcDgD9yvO+hgqPJH2c1MnrCJK8C+8Yk2cHuqw8SupF8ksDq49uzF72Et+bbgS0EyYrc83CKn5HbRzg4lf1oWqUo9bevPmvzD/+8G"
        "8ynklMM3L+PVsab3fW9AepXDPCwkwKhB8P8EqnjVw+iYppIPFwZgAQmA0AAHCwEAASQG8QcBElMPaAKml2uV9XRYmteJ18So0wyA"
        "zQAA"
    ),
    "zstd": (
        "N3q8ryccAARWoKFB6AAAAAAAAAAWAAAAAAAAANBxwpgotS/9AFhtAgCCxBAYgMVt2fuyCPnmAn5LcprYu1cxKqwDcykBV8S4oiXq"
        "HBAOYcMLcBmjg0Ks1vSVze9zXZaan/6izpmIt3vhIfyRFgEBAQB9gTRAAeAAsACKXQAAgTMHrg/TDtt9QMCQ02cO8mYJ02X45VQc"
        "zmKJ7LOYT8GeG0mZ5JCop+GT2y9GkfESWcIwlpHSMocRWRQWQ+B3QhEw1jgz5DIcqljPUaJTWBS9hLhkFwqO+Sja00f1CZXLZj8q"
        "YYJ2HmsrppU48lXLpdAMDak+Nk9hMTPkpwex8zVswLYo7C8AAAAAFwZWAQmAkgAHCwEAASEhARgMgLEAAA=="
    ),
}
"""Each with ``logs/page.json``, ``empty.txt`` and ``second.txt``; *aes* under a password, *aesh* wholly."""
NAMES = [b"logs/page.json", b"empty.txt", b"second.txt"]


REACHES_BEHIND = (
    b"N3q8ryccAATKSwnAKAAAAAAAAABQAAAAAAAAAKqMxvcANB0s4HVz7wzEox2PgFI3J5Rj6Ei9d6LIb7vj9zjbm0RD"
    b"///JlQAAAQQGAAEJ/ygALAAAAAAAAAcLAQABIwMBAQVdAAABAAz/HQAAAAAAAAAAAAUBEf8XAAAAAAAAAABsAG8A"
    b"ZwBzAC8AYQAuAHQAeAB0AAAAAAA="
)
"""One member of 40 packed bytes, said to be of 2,883,624."""


def archive(name: str) -> bytes:
    return base64.b64decode(MADE[name])


@pytest.mark.parametrize("name", ["lzma2", "lzma", "deflate", "bzip2", "copy", "x86", "delta"])
def test_names_and_members_of_every_method_are_read(name: str) -> None:
    opened = unseven(archive(name), Context())

    assert opened is not None
    assert not (opened.damage or opened.stopped or opened.sealed)
    assert [piece.data for piece in opened.pieces] == [*NAMES, TEXT, b"", b"second file"]
    assert [piece.label for piece in opened.pieces[3:]] == [
        '["logs/page.json"]',
        '["empty.txt"]',
        '["second.txt"]',
    ]


@pytest.mark.parametrize(
    ("name", "names", "why"), [("aes", NAMES, SEALED), ("aesh", [], SEALED), ("zstd", NAMES, UNKNOWN)]
)
def test_what_cannot_be_unpacked_is_told_with_the_names_that_are_open(
    name: str, names: list[bytes], why: str
) -> None:
    opened = unseven(archive(name), Context())

    assert opened is not None
    assert opened.sealed == why
    assert [piece.data for piece in opened.pieces] == names


@pytest.mark.parametrize("name", MADE)
def test_what_is_cut_or_changed_raises_nothing_and_loses_no_bounds(name: str) -> None:
    whole = archive(name)
    damaged = [whole[:size] for size in range(6, len(whole), 3)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :] for at in range(6, len(whole))]
    for data in damaged:
        opened = unseven(data, Context(room_bytes=1 << 18))

        assert opened is not None
        assert all(0 <= piece.start <= piece.end <= len(data) for piece in opened.pieces)
    cut = unseven(whole[:-1], Context())
    assert cut is not None
    assert cut.damage


def test_a_member_that_says_to_reach_behind_the_end_ends_there_and_is_told() -> None:
    """Found by fuzzing: it was counted as more bytes read than there are."""
    data = base64.b64decode(REACHES_BEHIND)

    opened = unseven(data, Context())

    assert opened is not None and opened.damage
    assert [(piece.data, piece.end) for piece in opened.pieces][1:] == [
        (b"https://secret.test/a?b=1&c=d", len(data))
    ]


def test_members_unpack_to_no_more_than_the_room() -> None:
    opened = unseven(seven_zipped(bytes(5_000_000)), Context(room_bytes=1 << 20))

    assert opened is not None
    assert opened.stopped
    assert sum(len(piece.data) for piece in opened.pieces) < 1 << 10


def test_other_bytes_are_no_archive() -> None:
    assert unseven(b"7z is a format", Context()) is None
    assert unseven(b"", Context()) is None
