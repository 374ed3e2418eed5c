"""An authority and a certificate of its for 127.0.0.1, of the kind that the strictest of the peers accepts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ADDRESS = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True)
class ServerCertificate:
    """PEM files: the authority that clients are told to trust, the server's certificate and its key."""

    authority: Path
    certificate: Path
    key: Path


def make_certificate(folder: Path) -> ServerCertificate:
    """Write a certificate for 127.0.0.1 and its authority into `folder`, both valid for two days."""
    made = ServerCertificate(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    # Two certificates, since rustls takes no authority's own certificate for a server's.
    authority_key, server_key = _new_key(), _new_key()
    authority_name = _name("benchmark authority")
    authority = _builder(authority_name, authority_name, authority_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    server = (
        _builder(_name(str(_ADDRESS)), authority_name, server_key)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(_ADDRESS)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    for path, builder in ((made.authority, authority), (made.certificate, server)):
        signed = builder.sign(authority_key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
