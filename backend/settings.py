"""The settings that the environment holds, read and checked once at the start."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIN_SECRET_BYTES = 32
CLOUDFRONT_KEY_BITS = 2048  # the only size that CloudFront takes
_PREVIOUS = re.compile(
    r"(?P<kid>[^:]+):(?P<secret>.+?):(?P<until>\d+|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)"
)

Loaded = TypeVar("Loaded", bound=BaseSettings)


class BadSettings(Exception):
    """A variable is missing or wrong; the message is one line that begins with its name."""


def _split(value: object) -> object:
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def _http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", value):
        raise ValueError("must be an http:// or https:// address without a query")
    return value.rstrip("/")


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value().encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes")
    return value


def _not_guessed(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]{16,}", value.get_secret_value()):
        raise ValueError("must have at least 16 characters, all of them printable ASCII without blanks")
    return value


def _shaped(pattern: str, rule: str) -> AfterValidator:
    """Refuses what does not have this shape, with the rule in words: a pattern tells people nothing."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(rule)
        return value

    return AfterValidator(check)


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
# An empty variable is as good as none: compose files and service units set them so.
_CONFIG = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class AuthSettings(BaseSettings):
    """Who signs access tokens."""

    model_config = _CONFIG
    jwt_secret: Secret | None = None
    jwt_kid: str | None = None
    jwt_previous_secrets: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)] = ()
    jwt_jwks_url: HttpUrl | None = None
    jwt_issuer: str = "recorder-backend"
    jwt_audience: str = "recorder"

    @model_validator(mode="after")
    def _has_a_key(self) -> AuthSettings:
        if self.jwt_secret is None and self.jwt_jwks_url is None:
            raise ValueError("JWT_SECRET: missing (or set JWT_JWKS_URL)")
        self.previous_secrets()
        return self

    def previous_secrets(self) -> list[tuple[str, str, float]]:
        """Return (kid, secret, until in seconds since 1970) of every retired secret."""
        return [_previous(item.get_secret_value()) for item in self.jwt_previous_secrets]


class StoreSettings(BaseSettings):
    """Where recordings go."""

    model_config = _CONFIG
    aws_access_key: SecretStr
    aws_secret_key: SecretStr
    aws_session_token: SecretStr | None = None
    aws_region: Annotated[str, _shaped(r"[A-Za-z0-9-]+", "must be a region's name, for example eu-central-1")]
    s3_bucket: Annotated[
        str,
        _shaped(
            r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}",
            "must be a bucket's name: at least two characters, only letters, digits, dots, hyphens and underscores",
        ),
    ]
    s3_endpoint_url: HttpUrl | None = None
    s3_public_endpoint_url: HttpUrl | None = None
    s3_checksum: Literal["auto", "crc64nvme", "md5", "none"] = "auto"
    cdn_base_url: HttpUrl | None = None
    cloudfront_key_id: (
        Annotated[str, _shaped(r"[A-Za-z0-9]+", "must be the id of a CloudFront public key")] | None
    ) = None
    cloudfront_private_key: SecretStr | None = None

    @model_validator(mode="after")
    def _can_sign_for_cloudfront(self) -> StoreSettings:
        key = {"CLOUDFRONT_KEY_ID": self.cloudfront_key_id, "CLOUDFRONT_PRIVATE_KEY": self.cloudfront_private_key}
        if any(key.values()):
            needed = key | {"CDN_BASE_URL": self.cdn_base_url}
            missing = next((name for name, value in needed.items() if value is None), None)
            if missing is not None:
                raise ValueError(f"{missing}: missing, signed CloudFront addresses need it")
        self.cloudfront_pem()
        return self

    def cloudfront_pem(self) -> bytes | None:
        """Return the key that signs for CloudFront as PEM; line ends may be written as ``\\n``, as in an env file."""
        if self.cloudfront_private_key is None:
            return None
        pem = self.cloudfront_private_key.get_secret_value().replace("\\n", "\n").encode()
        if not _is_rsa_key(pem):
            raise ValueError("CLOUDFRONT_PRIVATE_KEY: must be an RSA private key of 2048 bits in PEM, not encrypted")
        return pem


class ServiceSettings(BaseSettings):
    """How the service behaves and where its catalogue is."""

    model_config = _CONFIG
    mongo_uri: SecretStr | None = None
    recorder_home: Path | None = None
    catalogue_file: Annotated[str, _shaped(r"[A-Za-z0-9_.-]+", "must be the name of a file")] | None = None
    cors_origins: CommaList = ()
    allowed_hosts: CommaList = ()
    max_file_size: Annotated[int, Field(ge=1)] | None = None
    allowed_content_types: CommaList = ()
    presign_ttl_seconds: Annotated[int, Field(ge=1, le=604_800)] = 3600
    access_token_seconds: Annotated[int, Field(ge=1, le=86_400)] = 15 * 60
    refresh_token_days: Annotated[int, Field(ge=1, le=366)] = 30
    login_tries_per_minute: Annotated[int, Field(ge=0)] = 20
    rate_limit_per_minute: Annotated[int, Field(ge=0)] = 20_000
    trusted_proxies: CommaList = ()
    upload_max_age_hours: Annotated[int, Field(ge=1)] = 7 * 24
    ffprobe_command: str = "ffprobe"
    metrics: Literal["on", "off"] = "on"
    metrics_token: Annotated[SecretStr, AfterValidator(_not_guessed)] | None = None
    s3_price_put_per_1000: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.005
    s3_price_get_per_1000: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0004

    def home(self) -> Path:
        """Return the folder of the local catalogue: RECORDER_HOME, else the person's data folder."""
        if self.recorder_home is not None:
            return self.recorder_home
        from platformdirs import user_data_path

        return user_data_path("recorder", appauthor=False)


def _is_rsa_key(pem: bytes) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size == CLOUDFRONT_KEY_BITS


def load(kind: type[Loaded]) -> Loaded:
    """Return the settings of one kind. Raises BadSettings naming the first variable that is wrong."""
    try:
        return kind()
    except ValidationError as exc:
        raise BadSettings(_one_line(exc.errors(include_input=False, include_url=False)[0])) from None


def _one_line(error: Any) -> str:
    reason = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return reason
    if error["type"] == "missing":
        reason = "missing"
    return f"{str(error['loc'][0]).upper()}: {reason}"


def _previous(text: str) -> tuple[str, str, float]:
    found = _PREVIOUS.fullmatch(text)
    if found is None:
        raise ValueError("JWT_PREVIOUS_SECRETS: each entry is kid:secret:until, until a date or seconds since 1970")
    if len(found["secret"].encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"JWT_PREVIOUS_SECRETS: each secret must have at least {MIN_SECRET_BYTES} bytes")
    return found["kid"], found["secret"], _seconds(found["until"])


def _seconds(until: str) -> float:
    if until.isdigit():
        return float(until)
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as exc:
        raise ValueError("JWT_PREVIOUS_SECRETS: until is not a date") from exc
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
