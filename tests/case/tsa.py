"""A time-stamping authority of the tests' own, made and run with openssl alone."""

import subprocess
from pathlib import Path

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = x
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[leaf]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """Root and signer in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.root, self.signer = folder / "ca.pem", folder / "tsa.pem"
        (folder / "tsa.cnf").write_text(CONFIG)
        (folder / "serial").write_text("01")
        for key in ("ca.key", "tsa.key"):
            self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        days, config = ("-days", "30"), ("-config", "tsa.cnf")
        subject = ("-key", "ca.key", "-subj", "/CN=Root of tests")
        self._openssl("req", "-x509", "-new", *subject, *days, *config, "-extensions", "ca", "-out", "ca.pem")
        subject = ("-key", "tsa.key", "-subj", "/CN=Authority of tests")
        self._openssl("req", "-new", *subject, *config, "-out", "tsa.csr")
        signed_by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", *days)
        extended = ("-extfile", "tsa.cnf", "-extensions", "leaf")
        self._openssl("x509", "-req", "-in", "tsa.csr", *signed_by, *extended, "-out", "tsa.pem")

    def answer(self, request: Path) -> Path:
        """Its answer to a request file."""
        out = request.with_suffix(".tsr")
        asked = ("-queryfile", str(request.resolve()), "-out", str(out.resolve()))
        self._openssl("ts", "-reply", "-config", "tsa.cnf", *asked)
        return out

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)
