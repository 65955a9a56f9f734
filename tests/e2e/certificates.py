"""The certificates of a test cluster, made by openssl: one authority, and what it signs.

Elliptic curve keys, because they are made in milliseconds.
"""

import subprocess


class Authority:
    def __init__(self, directory):
        self.directory = directory
        self.certificate = directory / "ca.crt"
        self.key = directory / "ca.key"
        self._make_key(self.key)
        _openssl(
            "req", "-x509", "-new", "-key", self.key, "-out", self.certificate, "-days", "7",
            "-subj", "/CN=hyperwright-e2e", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip

    def issue(self, name, user, group=None, addresses=(), days=7):
        """A certificate that serves as client and as server; returns its file and its key's.

        With zero days it has expired by the time that it is used.
        """
        key, request, certificate = (self.directory / f"{name}.{end}" for end in ("key", "csr", "crt"))
        extensions = self.directory / f"{name}.ext"
        lines = ["extendedKeyUsage=clientAuth,serverAuth"]
        if addresses:
            lines.append("subjectAltName=" + ",".join(addresses))
        extensions.write_text("\n".join(lines) + "\n")
        subject = (f"/O={group}" if group else "") + f"/CN={user}"
        self._make_key(key)
        _openssl("req", "-new", "-key", key, "-out", request, "-subj", subject)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        return certificate, key

    @staticmethod
    def _make_key(path):
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)

    def key_pair(self, name):
        """A key and its public half, for the tokens of service accounts."""
        key, public = self.directory / f"{name}.key", self.directory / f"{name}.pub"
        self._make_key(key)
        _openssl("ec", "-in", key, "-pubout", "-out", public)
        return key, public


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
