"""The floor: what merely parsing costs. `orjson.loads` of the file, base64 and gunzip of request bodies.

No tool that reads HAR as JSON can be cheaper by much; ratios to this hold from machine to machine. Fixed: a
change here would make numbers from different days incomparable.
"""

import base64
import binascii
import sys
import zlib
from pathlib import Path

import orjson

GZIP = b"\x1f\x8b"


def main(har: Path) -> int:
    """Bytes of request bodies after base64 and gunzip."""
    size = 0
    for entry in orjson.loads(har.read_bytes())["log"]["entries"]:
        post = entry["request"].get("postData")
        if post is None:
            continue
        text = post.get("text", "")
        data = base64.b64decode(text) if post.get("encoding") == "base64" else text.encode()
        size += len(_gunzipped(data))
        for field in data.split(b"&") if b"form" in post["mimeType"].encode() else ():
            size += len(_gunzipped(_decoded(field.partition(b"=")[2])))
    return size


def _decoded(value: bytes) -> bytes:
    text = value.replace(b"%2B", b"+").replace(b"%2F", b"/").replace(b"%3D", b"=")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _gunzipped(data: bytes) -> bytes:
    if not data.startswith(GZIP):
        return data
    try:
        return zlib.decompress(data, 31)
    except zlib.error:
        return data


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
