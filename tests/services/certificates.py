# SPDX-License-Identifier: Apache-2.0
"""Certificates of the laboratory, right and wrong, signed by an authority of its own. A kind of a certificate and
a domain give one file with key and chain.
"""

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:60])])


def _pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Authority:
    def __init__(self, name):
        self.key, self.name, self.now = ec.generate_private_key(ec.SECP256R1()), _name(name), datetime.datetime.utcnow()
        self.certificate = self.sign(self.key.public_key(), self.name, None, -DAY, 30 * DAY)

    def sign(self, public, subject, names, begin, end, issuer=None, key=None):
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or self.name).public_key(public)
                   .serial_number(x509.random_serial_number()).not_valid_before(self.now + begin).not_valid_after(self.now + end)
                   .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True))
        if names is not None:
            builder = (builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
                       .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                       .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((key or self.key).public_key()), critical=False))
        else:
            builder = (builder.add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
                       .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False))
        return builder.sign(key or self.key, hashes.SHA256())

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.good, self.unknown = Authority("Laboratory authority"), Authority("Unknown authority")
        self.key, self.second = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.authorities = folder / "authorities.pem"
        self.authorities.write_bytes(self.good.pem())
        self.files = {}

    def key_digest(self):
        """What "TLSA 3 1 1" says of the usual key."""
        return hashlib.sha256(self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    def file(self, kind, name, names):
        """A file with the key and the chain."""
        if (kind, name) not in self.files:
            path = self.folder / f"{name}-{kind}.pem"
            path.write_bytes(self._made(kind, name, names))
            path.chmod(0o600)
            self.files[kind, name] = path
        return self.files[kind, name]

    def _made(self, kind, name, names):
        key, authority, issuer, begin, end = self.key, self.good, None, -DAY, 20 * DAY
        signer = None
        if kind == "mismatch":
            names = ["default.hoster.test"]
        elif kind == "expired":
            begin, end = -20 * DAY, -2 * DAY
        elif kind == "future":
            begin, end = 2 * DAY, 20 * DAY
        elif kind == "untrusted":
            authority = self.unknown
        elif kind == "selfsigned":
            key = self.second
            issuer, signer = _name(name), key
        elif kind == "second":
            key = self.second
        elif kind == "wildcard":
            names = [name, "*." + name]
        elif kind == "rsa":
            key = self.rsa
        made = authority.sign(key.public_key(), _name(name), names, begin, end, issuer, signer)
        return _pem(key) + made.public_bytes(serialization.Encoding.PEM)
