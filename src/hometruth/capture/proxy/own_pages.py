"""The recorder's own page, seen from the device: how to trust its certificate, and whether it is trusted.

Its name is reserved (RFC 6761), so that nobody else is ever asked for it. It comes in plain HTTP, because it
must be readable before the certificate is trusted. That it *is* trusted is shown by a picture of a second
host that loads over HTTPS: a warning that somebody clicked away would prove nothing.
"""

import html
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from mitmproxy.http import Request, Response

from hometruth.capture.proxy.authority import common_name

HOST = "hometruth.test"
PROBE = "probe.hometruth.test"
CERTIFICATE_PATH = "/hometruth-recording-ca.crt"
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="260" height="32"><rect width="260" height="32" rx="6" '
    'fill="#1a7f37"/><text x="12" y="22" font-family="sans-serif" font-size="16" fill="#fff">trusted by this '
    "browser</text></svg>"
)
_STEPS = {
    "Android": "Tap the certificate to download it. Then open Settings, Security, More security settings, "
    "Install a certificate, CA certificate, and choose the file. From Android 7 on most apps trust only the "
    "certificates that the system came with: what such an app sends stays closed; the recording says so.",
    "iPhone": "Tap the certificate and allow the profile. Then open Settings, General, VPN & Device "
    "Management, and install it; then Settings, General, About, Certificate Trust Settings, and trust it.",
    "Firefox": "Tap the certificate and tick “Trust this CA to identify websites”. Firefox has a list of "
    "its own, beside the system's.",
    "this system": "Download the certificate and add it to the authorities of your browser, in a profile "
    "made for this recording.",
}
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPhone"), ("Firefox", "Firefox"))
"""Words in a browser's User-Agent, and whose steps are told."""
_PAGE = """<!doctype html>
<html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">
<title>Hometruth recording</title>
<style>body{{font:18px/1.5 sans-serif;max-width:34em;margin:1em auto;padding:0 1em}}
a{{display:inline-block;padding:.6em 1em;border:2px solid;border-radius:.4em}}</style>
<h1>This device is being recorded</h1>
<p>Whoever runs Hometruth on the computer that this device is connected to can read what apps send from it.
If you did not agree to that, switch the connection off now.
<h2>1. Let the recorder read</h2>
<p><a href="{path}">Certificate: {name}</a>
<p>{steps}
<h2>2. See whether it worked</h2>
<p><img src="https://{probe}/trusted.svg" width=260 height=32 alt="not trusted yet by this browser">
<p>Reload this page after installing it.
<h2>3. Afterwards</h2>
<p>Remove “{name}” from this device's certificates, and the connection from its settings.
</html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src https://{PROBE}",
}


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Answers for the recorder's own two hosts."""

    ca_file: Path

    def answer(self, request: Request, host: str) -> Response | None:
        """The answer; None for all other hosts."""
        if host == HOST:
            return self._page(request) if request.path.split("?")[0] == "/" else self._file(request)
        if host == PROBE:
            # A click through a warning opens a page; only a trusting browser fetches a picture in another.
            return Response.make(200, _PICTURE, {**_HEADERS, "Content-Type": "image/svg+xml"})
        return None

    def _page(self, request: Request) -> Response:
        agent = request.headers.get("user-agent", "")
        system = next((name for word, name in _SYSTEMS if word in agent), "this system")
        page = _PAGE.format(
            path=CERTIFICATE_PATH,
            name=html.escape(common_name(self._certificate())),
            steps=_STEPS[system],
            probe=PROBE,
        )
        return Response.make(200, page, {**_HEADERS, "Content-Type": "text/html; charset=utf-8"})

    def _file(self, request: Request) -> Response:
        if request.path.split("?")[0] != CERTIFICATE_PATH:
            return Response.make(404, b"", {**_HEADERS, "Content-Type": "text/plain"})
        encoded = self._certificate().public_bytes(Encoding.DER)
        return Response.make(200, encoded, {**_HEADERS, "Content-Type": "application/x-x509-ca-cert"})

    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.ca_file.read_bytes())


def shows_trust(request: Request, host: str) -> bool:
    """True for a request that only a client that trusts the recorder's certificate makes."""
    is_subresource = request.headers.get("sec-fetch-dest", "image") != "document"
    return host == PROBE and request.scheme == "https" and is_subresource
