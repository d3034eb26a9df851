"""What a camera reads off a picture: QR codes, by Debian's zbar (libzbar0)."""

import base64
import ctypes
import ctypes.util
import io

from PIL import Image

_Y800 = int.from_bytes(b"Y800", "little")
"""Eight bits of grey for each point, which is what zbar reads."""


def missing() -> str:
    """Why no code can be read here; empty if one can."""
    return "" if ctypes.util.find_library("zbar") else "needs libzbar0 to read a QR code off the page"


def codes_in(picture: str) -> list[str]:
    """Texts of the codes in a picture, given as base64 of a PNG."""
    zbar = ctypes.CDLL(ctypes.util.find_library("zbar"))
    for name in ("image_scanner_create", "image_create", "image_first_symbol", "symbol_next"):
        getattr(zbar, f"zbar_{name}").restype = ctypes.c_void_p
    zbar.zbar_symbol_get_data.restype = ctypes.c_char_p
    pointer, size = ctypes.c_void_p, ctypes.c_uint
    grey = Image.open(io.BytesIO(base64.b64decode(picture))).convert("L")
    data = grey.tobytes()
    scanner, image = pointer(zbar.zbar_image_scanner_create()), pointer(zbar.zbar_image_create())
    try:
        zbar.zbar_image_set_format(image, ctypes.c_ulong(_Y800))
        zbar.zbar_image_set_size(image, size(grey.width), size(grey.height))
        zbar.zbar_image_set_data(image, data, ctypes.c_ulong(len(data)), None)
        zbar.zbar_scan_image(scanner, image)
        found, symbol = [], zbar.zbar_image_first_symbol(image)
        while symbol:
            found.append(zbar.zbar_symbol_get_data(pointer(symbol)).decode())
            symbol = zbar.zbar_symbol_next(pointer(symbol))
        return found
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)
