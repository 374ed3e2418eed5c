"""Takes secrets out of text that a person may pass on: by what is known to be one, and by what looks like one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus, unquote

MASK = "***"

_SHORTEST_KNOWN = 6
"""A known secret of fewer characters would take half of every text along."""

_SECRET_NAME = re.compile(
    r"secret|token|passw|credential|private|signature|cookie|(access|api|account)_?key|_uri$", re.IGNORECASE
)
_SIGNING = (
    r"X-Amz-(?:Signature|Credential|Security-Token)|\bSignature|\bKey-Pair-Id|\bPolicy|\bAWSAccessKeyId"
    r"|\b(?:access_|refresh_|id_)?token|\bpassword"
)
"""What stands before the secrets in a signed address: the words of S3, of CloudFront, and of those who sign in so."""

_NAMED = (
    r"(?:secret|token|passw|credential|private[_-]?key|access[_-]?key|api[_-]?key)[\w.-]{0,40}"
    r"(?:\\*[\"'])?\s*[:=]\s*"
)
"""What stands before a secret in JSON, in TOML, in Python's words for a dict and in a sentence."""

_SHAPES = tuple(
    (re.compile(shape, re.IGNORECASE | re.DOTALL), replacement)
    for shape, replacement in (
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", MASK),
        # User name and password of an address; with `@` or `/` in the password as well.
        (r"([a-z][a-z0-9+.-]{0,20}://)[^\s\"'<>]*@", rf"\1{MASK}@"),
        # The same without a scheme, as curl reads the address of a proxy.
        (r"((?:^|[\s\"'=])/{0,2})[^\s\"'<>:/@]+:(?!//)[^\s\"'<>]*@(?=[\w\[])", rf"\1{MASK}@"),
        (rf"((?:{_SIGNING})(?:=|%3D|%253D))[^&\s\"'\\<>]+", rf"\1{MASK}"),
        (r"(authorization[\"']?\s*[:=]\s*[\"']?)(?:[a-z]+\s+)?[^\s\"',]+", rf"\1{MASK}"),
        (r"(\bcookie[\"']?\s*[:=]\s*[\"']?)[^\n\"']+", rf"\1{MASK}"),
        (r"\b(bearer|basic)\s+[\w.~+/=-]{12,}", rf"\1 {MASK}"),
        (r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?", MASK),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", MASK),
        # A signature or a key without anything that says so.
        (r"\b[0-9a-f]{64}\b", MASK),
        (rf"({_NAMED}\")(?:[^\"\\]|\\.)*", rf"\1{MASK}"),
        (rf"({_NAMED}')(?:[^'\\]|\\.)*", rf"\1{MASK}"),
        (rf"({_NAMED}\\+[\"']).*?(?=\\+[\"']|\n|\Z)", rf"\1{MASK}"),
        (rf"({_NAMED})(?![\"'\\])[^\s,;&\"']+", rf"\1{MASK}"),
    )
)
_KEY_BEGIN, _KEY_END = "-----BEGIN ", "-----END "
_USERINFO = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]{0,20}:)?//([^\s\"'<>]*)@")


class SecretMask:
    """Masks texts. `known`: the secrets of this run; `home`: the person's folder, of which `~` is left."""

    def __init__(self, known: Iterable[str], home: str = "") -> None:
        spelled = {form for secret in known if len(secret) >= _SHORTEST_KNOWN for form in _spellings(secret)}
        # The longest first: one may be the beginning of another.
        self._known = sorted(spelled, key=len, reverse=True)
        spellings = sorted(_spellings(home), key=len, reverse=True) if len(home) > 1 else []
        # Not the folder of somebody whose name begins alike.
        self._homes = [re.compile(re.escape(each) + r"(?![\w-])") for each in spellings]

    def __repr__(self) -> str:
        return f"SecretMask(<{len(self._known)} masked>)"

    def masked(self, text: str) -> str:
        """The text without secrets, and with the person's folder as `~`."""
        text = _without_half_a_key(text)
        for secret in self._known:
            text = text.replace(secret, MASK)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        for home in self._homes:
            text = home.sub("~", text)
        return text


def names_a_secret(name: str) -> bool:
    """Whether a variable or a setting of this name holds one."""
    return _SECRET_NAME.search(name) is not None


def secrets_among(values: Mapping[str, str]) -> set[str]:
    """The secrets among named values: those that are one by their name, and the passwords in addresses."""
    found = {value for name, value in values.items() if names_a_secret(name)}
    for name, value in values.items():
        # A proxy may be named without a scheme.
        address = f"//{value}" if name.lower().endswith("_proxy") and "//" not in value else value
        for userinfo in _USERINFO.findall(address):
            password = userinfo.partition(":")[2]
            found |= {password, unquote(password)}
    return found - {""}


def _spellings(secret: str) -> set[str]:
    """The secret as texts, addresses, JSON and Python spell it."""
    lines = {secret, *secret.splitlines()} if "\n" in secret else {secret}
    return {
        form
        for line in lines
        if len(line) >= _SHORTEST_KNOWN
        for form in (
            line,
            quote(line),
            quote(line, safe=""),
            quote_plus(line),
            json.dumps(line)[1:-1],
            repr(line)[1:-1],
        )
    }


def _without_half_a_key(text: str) -> str:
    """Leave out the rest of a private key whose beginning was cut off."""
    end, begin = text.find(_KEY_END), text.find(_KEY_BEGIN)
    is_half = end >= 0 and "PRIVATE KEY" in text[end : end + 40] and not 0 <= begin < end
    return MASK + text[end + len(_KEY_END) :].partition("-----")[2] if is_half else text
