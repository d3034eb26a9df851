"""Every format that peel knows, in one visible list. A new one is a function and a line."""

from hometruth.peel.layers.compression import gunzip, inflate, inflate_raw, unbrotli, unzstd
from hometruth.peel.layers.containers import (
    split_cookie,
    split_path,
    split_query,
    split_target,
    unform,
    unmultipart,
    unurl,
)
from hometruth.peel.layers.json_text import unjson
from hometruth.peel.layers.layer import Context, Layer, Opened, Piece, whole
from hometruth.peel.layers.text import unbase64, undata, unhex, unpercent, unutf16
from hometruth.peel.layers.tokens import unjwt

__all__ = ["LAYERS", "SPLITS", "Context", "Layer", "Opened", "Piece", "whole"]

LAYERS: tuple[Layer, ...] = (
    Layer("json", unjson, contextual=True, certain=True),
    Layer("multipart", unmultipart, certain=True),
    Layer("form", unform, certain=True),
    Layer("gzip", gunzip, contextual=True, certain=True, codings=("gzip", "x-gzip")),
    Layer("zlib", inflate, contextual=True, certain=True, codings=("deflate",)),
    Layer("zstd", unzstd, contextual=True, certain=True, codings=("zstd",)),
    Layer("deflate", inflate_raw, contextual=True, guess=True, codings=("deflate",)),
    Layer("brotli", unbrotli, contextual=True, guess=True, codings=("br",)),
    Layer("utf-16", unutf16, certain=True),
    Layer("data-url", undata, certain=True),
    Layer("url", unurl, verbatim=True),
    Layer("percent", unpercent, contextual=True, certain=True, beside=True),
    Layer("jwt", unjwt),
    Layer("hex", unhex),
    Layer("base64", unbase64),
)
"""Order: what is certain before what is guessed; of two equal explanations the first is reported."""

SPLITS: dict[str, Layer] = {
    "query": Layer("query", split_query, certain=True),
    "cookie": Layer("cookie", split_cookie, certain=True),
    "target": Layer("target", split_target, certain=True),
    "path": Layer("path", split_path),
}
"""How a part of a request falls into its fields, by what it is rather than what it looks like."""
