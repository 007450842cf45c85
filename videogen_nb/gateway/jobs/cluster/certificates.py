"""The cluster's own certificates; only their holders can connect."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from ....errors import LocalGatewayError
from ....i18n import Text
from ....security.private_files import private_file, private_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, KeyUsage
    from distributed import Security

ROLES: Final = ("gateway", "worker")
YEARS: Final = 5
_FILES: Final = ("ca.pem", "cert.pem", "key.pem")


def create_certificates(folder: Path, *, replace: bool = False) -> dict[str, Path]:
    """Create a certificate authority, and a folder of certificates for each role.

    Only the owner can read them (modes 0700 and 0600).

    Raises:
        LocalGatewayError: certificates exist, and ``replace`` is false.
    """
    if folder.exists() and not replace:
        raise LocalGatewayError(_EXISTS(folder=folder), code="cluster_exists")
    shutil.rmtree(folder, ignore_errors=True)
    private_folder(folder)
    authority = _issue("videogen-nb cluster", None)
    _write(folder / "ca.pem", _pem(authority[0]))
    _write(folder / "ca-key.pem", _key_pem(authority[1]))
    for role in ROLES:
        certificate, key = _issue(f"videogen-nb {role}", authority)
        private_folder(folder / role)
        contents = (_pem(authority[0]), _pem(certificate), _key_pem(key))
        for name, content in zip(_FILES, contents, strict=True):
            _write(folder / role / name, content)
    return {role: folder / role for role in ROLES}


def security_of(folder: Path, role: Literal["gateway", "worker"] = "worker") -> Security:
    """Return Dask's TLS settings for the certificates in a folder, which are for ``role``.

    Raises:
        LocalGatewayError: a file is missing.
    """
    ca, cert, key = (folder / name for name in _FILES)
    for path in (ca, cert, key):
        if not path.is_file():
            raise LocalGatewayError(_LACKING[role](path=path), code="certificate_missing")
    from distributed import Security

    whose = {
        f"tls_{role}_{part}": str(path)
        for role in ("client", "worker", "scheduler")
        for part, path in (("cert", cert), ("key", key))
    }
    return Security(tls_ca_file=str(ca), require_encryption=True, **whose)


def _issue(
    name: str, authority: tuple[Certificate, EllipticCurvePrivateKey] | None
) -> tuple[Certificate, EllipticCurvePrivateKey]:
    """Return a certificate and its key; without ``authority``, a new certificate authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, signer = (subject, key) if authority is None else (authority[0].subject, authority[1])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # clocks differ
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), True)
        .add_extension(_usage(authority is None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
        )
        .sign(signer, hashes.SHA256())
    )
    return built, key


def _usage(for_authority: bool) -> KeyUsage:
    """Return what a key is for (RFC 5280): Python 3.13 and newer insist on it."""
    from cryptography.x509 import KeyUsage

    return KeyUsage(
        digital_signature=not for_authority,
        key_cert_sign=for_authority,
        crl_sign=for_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    private_file(path)
    path.write_bytes(content)


_EXISTS = Text(
    "{folder} already exists. Use --replace to create new certificates; the old ones then become "
    "invalid.",
    "{folder} 已存在。使用 --replace 可重新生成证书，旧证书随即失效。",
)
_LACKING = {
    "gateway": Text(
        "{path} is missing. Create certificates with `videogen-nb cluster init`, or fix "
        "the certificates setting in cluster.toml.",
        "缺少 {path}。请运行 `videogen-nb cluster init` 生成证书，"
        "或改正 cluster.toml 中的 certificates。",
    ),
    "worker": Text(
        "{path} is missing. Create certificates on the gateway's machine with `videogen-nb "
        "cluster init` and copy the worker folder here.",
        "缺少 {path}。请在网关所在机器上运行 `videogen-nb cluster init` 生成证书，"
        "再把其中的 worker 文件夹复制到这里。",
    ),
}
