"""Closes every door of the embedded store but S3: keys for its HTTP ports, certificates for its gRPC ports.

Without these any program, and any web page in the person's browser, could read and delete the recordings through
the store's inner ports, which ask nobody who they are.
"""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path

from recorder_desktop.system.paths import write_private

_COMPONENTS = ("volume", "master", "filer", "s3", "msg_broker", "msg_agent", "admin", "worker", "mq", "client")
_COMMON_NAME = "recorder-store"
# Made anew at every start, so this only has to outlast one run of the app.
_CERTIFICATE_DAYS = 3650


def write_store_security(folder: Path) -> None:
    """Write `security.toml` and the certificates it names into the store's working folder, where it looks first.

    All keys are random and new; nothing outside this run of the store can speak to its inner ports.
    """
    authority, certificate, key = _certificates()
    write_private(folder / "authority.pem", authority)
    write_private(folder / "store.pem", certificate)
    write_private(folder / "store.key", key)
    write_private(folder / "security.toml", _security_toml().encode())


def _security_toml() -> str:
    sections = [
        "[access]\nui = false",
        "[filer.expose_directory_metadata]\nenabled = false",
        f'[admin]\nuser = "{secrets.token_hex(8)}"\npassword = "{secrets.token_urlsafe(32)}"',
        '[grpc]\nca = "authority.pem"',
    ]
    # Reads too: a volume server hands out bytes to anyone who guesses a file id otherwise.
    sections += [
        f'[jwt.{name}]\nkey = "{secrets.token_urlsafe(32)}"\nexpires_after_seconds = 60'
        for name in ("signing", "signing.read", "filer_signing", "filer_signing.read")
    ]
    sections += [f'[grpc.{name}]\ncert = "store.pem"\nkey = "store.key"' for name in _COMPONENTS]
    return "\n\n".join(sections) + "\n"


def _certificates() -> tuple[bytes, bytes, bytes]:
    # Elliptic curve keys: both pairs take 1 ms, RSA would take a good part of the start.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            # A day early: a laptop's clock that is set back must not lock the store out of itself.
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=_CERTIFICATE_DAYS))
        )

    authority_key = ec.generate_private_key(ec.SECP256R1())
    store_key = ec.generate_private_key(ec.SECP256R1())
    authority = (
        builder("recorder-authority", "recorder-authority", authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    store = (
        builder(_COMMON_NAME, "recorder-authority", store_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_COMMON_NAME)]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    # The authority's own key is never written: nobody can make a second certificate for this run.
    return (
        authority.public_bytes(serialization.Encoding.PEM),
        store.public_bytes(serialization.Encoding.PEM),
        store_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
