"""A time-stamping authority's token (RFC 3161) over the signature of a case: that it existed by then.

The token is a tag file beside the signature, so the sealed bag stays as it is. Anybody can make an authority
of their own: whose token it is, only a certificate that you have from elsewhere can tell. Two programs are
asked, rfc3161-client and openssl, and which of them agreed is said.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from ssl import DER_cert_to_PEM_cert
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hometruth.case.bag import AFTER_SIGNATURE, SIGNATURES
from hometruth.errors import CaseError, HometruthError, is_installed, needs, not_installed
from hometruth.handed_in import read_handed_in
from hometruth.private_file import write_new

TOKEN = f"{SIGNATURES}/after.tsr"
MAX_TOKEN_BYTES = 1 << 20
"""One answer with its certificates: some have 10,000."""
OPENSSL_S = 60
"""For one check; it takes milliseconds."""
_CLIENT, _OPENSSL = "rfc3161-client", "openssl"
_GRANTED = ("granted", "granted_with_mods")
_HASHES = ("sha256", "sha384", "sha512")
_MALFORMED = (ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError, IndexError)
"""What a parser of ASN.1 says of bytes that are none."""
_WHAT = "a time stamp"


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What a token says, and who vouches for it."""

    at: str
    """UTC, by the authority's clock; empty if the token could not be looked at."""
    authority: str = ""
    """SHA-256 of the certificate that signed it, in hexadecimal."""
    named: bool = False
    """True if it was held against certificates given, and at least one program agreed."""
    agreed: tuple[str, ...] = ()
    """Programs that found it good."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Program to why it did not, or could not be asked."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one program says of a token."""

    good: bool | None
    """None if it could not be asked."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """An authority's answer, taken apart."""

    data: bytes
    at: datetime
    """With its zone."""
    certificates: tuple[bytes, ...]
    """All that it holds, DER."""
    signer: bytes
    sorted_data: bytes
    """The same answer; its certificates, which nobody signed, in the order that DER asks for."""


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Those in a file, PEM or DER.

    Raises:
        CaseError: If it holds none.
    """
    data = read_handed_in(path, CaseError, limit_bytes=MAX_TOKEN_BYTES)
    try:
        if b"-----BEGIN" in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except ValueError as err:
        raise CaseError(f"{path}: holds no certificate (PEM or DER)") from err


def time_stamp_request(root: Path) -> bytes:
    """What to send to an authority, DER: it tells it a hash of the signature, and nothing of the case.

    Raises:
        CaseError: If the case is not signed.
    """
    with needs("timestamp", _WHAT):
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415

    asked = TimestampRequestBuilder().data(_signature(root)).hash_algorithm(HashAlgorithm.SHA256)
    # No nonce: the hash of this one signature already tells an answer from any other.
    return asked.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def attach_time_stamp(root: Path, token: Path) -> TimeStamp:
    """Put an authority's answer beside the signature that it is over.

    Raises:
        CaseError: If it is no answer, a refusal, or over something else, or the case has one already.
    """
    data = read_handed_in(token, CaseError, limit_bytes=MAX_TOKEN_BYTES)
    with needs("timestamp", _WHAT):
        stamp = _checked(_answer(data, str(token), _signature(root)), _signature(root), (), str(token))
    try:
        write_new(root / TOKEN, data)
    except FileExistsError as err:
        raise CaseError(f"{TOKEN}: is there already; no time stamp is ever overwritten") from err
    return stamp


def check_time_stamp(root: Path, certificates: Sequence[x509.Certificate] = ()) -> TimeStamp | None:
    """What the token of a case says; None if it has none.

    Args:
        certificates: Of the authority that it must be, or of one that vouches for it.

    Raises:
        CaseError: If it is broken, or by another authority.
        HometruthError: If *certificates* are given, and nothing that is installed can hold it against them.
    """
    if not (root / TOKEN).exists():
        if certificates:
            raise CaseError(
                f"{TOKEN}: is missing: no authority, also not the one you named, stamped this case"
            )
        return None
    if not certificates and not is_installed("asn1crypto"):
        return TimeStamp("", others={_CLIENT: not_installed("asn1crypto", "it")})
    with needs("timestamp", _WHAT):
        data = read_handed_in(root / TOKEN, CaseError, limit_bytes=MAX_TOKEN_BYTES)
        return _checked(_answer(data, TOKEN, _signature(root)), _signature(root), certificates, TOKEN)


def _signature(root: Path) -> bytes:
    if not (root / AFTER_SIGNATURE).is_file():
        raise CaseError(f"{root}: is not signed, so there is no signature to stamp")
    return (root / AFTER_SIGNATURE).read_bytes()


def _answer(data: bytes, place: str, signature: bytes) -> _Answer:
    """Take it apart; it must be a granted token over *signature*."""
    from asn1crypto import parser, tsp  # noqa: PLC0415 - an extra

    try:
        # Alone, since a refusal has a status and no token.
        status = tsp.PKIStatusInfo.load(parser.parse(data, strict=True)[4])
        said, told = status["status"].native, "; ".join(status["status_string"].native or ())
        if said not in _GRANTED:
            raise CaseError(f"{place}: the authority refused: {said}{told and f' ({told})'}")
        answer = tsp.TimeStampResp.load(data, strict=True)
        signed = answer["time_stamp_token"]["content"]
        info = signed["encap_content_info"]["content"].parsed
        imprint, at = info["message_imprint"], info["gen_time"].native
        hashed = imprint["hash_algorithm"]["algorithm"].native
        digest = imprint["hashed_message"].native
        fits = hashed in _HASHES and digest == hashlib.new(hashed, signature).digest()
        if fits and not isinstance(at, datetime):
            raise ValueError("a year that no calendar has")
        signer = _signer_of(signed) if fits else b""
        ders = tuple(sorted(each.dump() for each in signed["certificates"]))
        signed["certificates"] = type(signed["certificates"])(sorted(signed["certificates"], key=_encoded))
        sorted_data = answer.dump()
    except _MALFORMED as err:
        raise CaseError(f"{place}: not a time-stamping authority's answer (RFC 3161, DER)") from err
    if not fits:
        raise CaseError(f"{place}: is a time stamp of something else, not of {AFTER_SIGNATURE}")
    if not signer:
        raise CaseError(f"{place}: holds no certificate of its signer; ask with what `stamp --request` makes")
    return _Answer(data, at, ders, signer, sorted_data)


def _signer_of(signed: Any) -> bytes:
    """The certificate, DER, of who signed CMS data; empty if it is not in there."""
    (who,) = signed["signer_infos"]
    sid = who["sid"].chosen
    wanted = (_encoded(sid["issuer"]), sid["serial_number"].native)
    for each in signed["certificates"]:
        if (_encoded(each.chosen.issuer), each.chosen.serial_number) == wanted:
            return _encoded(each)
    return b""


def _encoded(value: Any) -> bytes:
    return bytes(value.dump())


def _checked(answer: _Answer, signature: bytes, named: Sequence[x509.Certificate], place: str) -> TimeStamp:
    """Ask both programs; it is broken if one of them says so, and the other does not call it good."""
    told = {_OPENSSL: _openssl(answer, signature, named)}
    if named:  # without a root, rfc3161-client has nothing to begin with
        told = {_CLIENT: _client(answer, signature, named), **told}
    agreed = tuple(name for name, said in told.items() if said.good)
    others = {name: said.why for name, said in told.items() if not said.good}
    reasons = "; ".join(f"{name}: {why}" for name, why in others.items())
    if not agreed and any(said.good is False for said in told.values()):
        whose = ", or not by the authority you named" if named else ""
        raise CaseError(f"{place}: is no valid time stamp{whose} ({reasons})")
    if named and not agreed:
        raise HometruthError(f"{place}: cannot be held against the certificate that you named ({reasons})")
    authority = hashlib.sha256(answer.signer).hexdigest()
    return TimeStamp(answer.at.isoformat(), authority, bool(named and agreed), agreed, others)


def _client(answer: _Answer, signature: bytes, named: Sequence[x509.Certificate]) -> _Said:
    if all(each.issuer != each.subject for each in named):
        return _Said(None, "it needs the root, and none of the certificates named is one")
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    try:
        parsed = decode_timestamp_response(answer.sorted_data)
        VerifierBuilder(roots=list(named)).build().verify_message(parsed, signature)
    except (VerificationError, ValueError, x509.InvalidVersion) as err:
        return _Said(False, _reason(str(err)))
    return _Said(True)


def _openssl(answer: _Answer, signature: bytes, named: Sequence[x509.Certificate]) -> _Said:
    """At the time of the token: an authority's certificate may have run out since."""
    program = shutil.which(_OPENSSL)
    if program is None:
        return _Said(None, "is not installed")
    with tempfile.TemporaryDirectory(prefix="hometruth-stamp-") as folder:
        token, data, trusted = (Path(folder, name) for name in ("token.tsr", "signature", "trusted.pem"))
        token.write_bytes(answer.data)
        data.write_bytes(signature)
        ders = [each.public_bytes(Encoding.DER) for each in named] or answer.certificates
        trusted.write_text("".join(map(DER_cert_to_PEM_cert, ders)))
        asked: list[str | Path] = [program, "ts", "-verify", "-in", token, "-data", data, "-CAfile", trusted]
        asked += ["-partial_chain", "-attime", str(int(answer.at.timestamp()))]
        try:
            done = subprocess.run(asked, capture_output=True, check=False, timeout=OPENSSL_S)
        except subprocess.TimeoutExpired:
            return _Said(None, f"did not end within {OPENSSL_S} s")
    if done.returncode == 0:
        return _Said(True)
    errors = done.stderr.decode("utf-8", "replace")
    # One that does not know an option says so, and nothing of the token.
    return _Said(False if b"Verification: FAILED" in done.stdout else None, _reason(errors))


def _reason(text: str) -> str:
    """The line of an error that says most: openssl's last part, one line of the others."""
    lines = [line.strip() for line in text.splitlines() if "error" in line.lower()] or [text.strip()]
    return lines[-1].rpartition("Verify error:")[2].strip(' ")}]')[:200] or "it gives no reason"
