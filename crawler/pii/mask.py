"""URLs and short quotes without identifiers, so that they may stand in a ledger. Pure Python, no engine, no model.

Masked are e-mail addresses, user information (RFC 3986 3.2.1), telephone numbers where the URL says that it is one,
identifiers whose check digits leave little doubt, and values of parameters that by their names are secrets. A long
number alone stays: it is far more often the id of an article than of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

from crawler.pii import recognizers
from crawler.pii.checks import digits_of
from crawler.pii.recognizers import Recognizer, email_address
from crawler.pii.shapes import normal

EMAIL, PHONE, USER, SECRET = "[EMAIL_ADDRESS]", "[PHONE_NUMBER]", "[USER]", "[SECRET]"

# Nothing to do for a URL without any of these; most URLs end here.
_SUSPECT = re.compile(
    r"@|%(?:25)*40|[0-9][0-9 .+%-]{7}|[A-Za-z]{6}[0-9]{2}[A-Za-z]|[A-Za-z]{2}[0-9]{2}[A-Za-z]{4}"
    r"|(?i:tel:|sms:|sess|sid|tok|key|pass|pwd|auth|mail|secret|sig|phone|mobile|fax|ssn|tel|iban|card|code)[^/]*=",
)
_PARTS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?(?://(?P<host>[^/?#]*))?(?P<rest>.*)", re.DOTALL)
_PARAMETER = re.compile(r"(?P<before>^|[?&;#])(?P<name>[^=&;?#/]{1,80})=(?P<value>[^&;#]*)")
_TOKEN = re.compile(r"[^/?&#=;:,|()<>\"'\s]{9,64}")
_PIECE = re.compile(r"[^-_.~!]{9,}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_URL = re.compile(r"(?i)\b(?:https?|ftp)://[^\s<>\"'，。、）」】]+")
_PHONE_URI = re.compile(r"(?i)\b((?:tel|sms|callto|fax):)[ ]?\+?(?:[0-9().\- ]|%20|%2B){5,}[0-9]")
_PHONE_PLUS = re.compile(r"(?<![0-9A-Za-z+])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])")

_AT, _DOT = r"(?:@|%(?:25)*40)", r"(?:\.|%(?:25)*2[Ee])"
_LOCAL = r"(?:[0-9A-Za-z!#$*+?^_`{|}~.'-]|%(?:25)*(?:2[BbDdEe]|5[Ff]|27))"
_EMAIL = re.compile(
    rf"(?<!%)(?<!%[0-9A-Fa-f])(?<![0-9A-Za-z._%+-]){_LOCAL}{{1,64}}?{_AT}(?:[0-9A-Za-z-]{{1,63}}{_DOT}){{1,8}}[A-Za-z]{{2,24}}"
    r"(?![0-9A-Za-z])"
)

_SECRET_WORDS = frozenset(
    ["session", "sessionid", "sessid", "sid", "sess", "phpsessid", "jsessionid", "aspsessionid", "cfid", "cftoken"]
    + ["token", "tokens", "jwt", "bearer", "ticket", "otp", "nonce", "csrf", "xsrf", "key", "apikey", "accesskey"]
    + ["authkey", "secretkey", "privatekey", "appkey", "password", "passwd", "passwort", "pwd", "pass", "passcode"]
    + ["auth", "oauth", "authorization", "authentication", "authcode", "secret", "signature", "sig", "credential"]
    + ["credentials", "ssn", "iban", "cardnumber", "creditcard", "mynumber", "passport"]
)
_SECRET_ENDINGS = ("token", "session", "sessionid", "password", "passwd", "apikey", "secret")
_EMAIL_WORDS = frozenset(["email", "mail", "emailaddress", "useremail", "mailto"])
_PHONE_WORDS = frozenset(["phone", "tel", "telephone", "phonenumber", "mobile", "mobilephone", "cellphone", "fax"])


def mask_url(url: str) -> str:
    """The URL with placeholders such as [EMAIL_ADDRESS] in place of identifiers; the same when masked again.

    The host always stays. Raises nothing, also for what is no URL.
    """
    if not _SUSPECT.search(url):
        return url
    parts = _PARTS.match(url)
    if parts is None:
        return url
    scheme, host, rest = parts["scheme"] or "", parts["host"], parts["rest"]
    if scheme.lower() in ("tel:", "sms:", "callto:", "fax:"):
        return scheme + (PHONE if rest else "")
    if host is not None and "@" in host:
        host = f"{USER}@{host.rpartition('@')[2]}"
    return scheme + ("" if host is None else f"//{host}") + _masked(rest)


def mask_text(quote: str) -> str:
    """A short quote of a fact with the same placeholders: in it URLs, addresses, international numbers, checked ids."""
    text = _URL.sub(lambda found: mask_url(found.group()), quote)
    text = _PHONE_URI.sub(rf"\1{PHONE}", text)
    text = _mask_emails(text)
    text = _PHONE_PLUS.sub(PHONE, text)
    plain = normal(text)
    for one in _strong():
        spans = [match.span() for pattern in one.patterns for match in pattern.regex.finditer(plain)]
        for start, end in sorted(spans, reverse=True):
            if one.check(plain[start:end]) and plain[start:end].isascii():
                text = f"{text[:start]}[{one.entity}]{text[end:]}"
                plain = normal(text)
    return text


def _masked(rest: str) -> str:
    return _mask_tokens(_mask_emails(_PARAMETER.sub(_mask_parameter, rest)))


def _mask_parameter(found: re.Match[str]) -> str:
    placeholder = _placeholder_of(found["name"], found["value"])
    return f"{found['before']}{found['name']}={placeholder}" if placeholder else found.group()


def _placeholder_of(name: str, value: str) -> str:
    """What stands for the value of a parameter of this name; "" when the value may stay."""
    if not value or value in (EMAIL, PHONE, SECRET):
        return ""
    spelled = unquote(name)
    words = [word.lower() for word in _CAMEL.split(spelled) if word]
    whole = "".join(words)
    if whole in _EMAIL_WORDS or "email" in words:
        return EMAIL
    if whole in _PHONE_WORDS or not _PHONE_WORDS.isdisjoint(words):
        return PHONE if len(digits_of(unquote(value))) >= 6 else ""
    if whole in _SECRET_WORDS or not _SECRET_WORDS.isdisjoint(words) or whole.endswith(_SECRET_ENDINGS):
        return SECRET
    return ""


def _mask_emails(text: str) -> str:
    if "@" not in text and "40" not in text:
        return text
    return _EMAIL.sub(lambda found: EMAIL if _is_email(found.group()) else found.group(), text)


def _is_email(written: str) -> bool:
    for _ in range(4):  # percent-encoded more than once
        written = unquote(written)
    return email_address.check(written) is not False and not written.startswith("@")


def _mask_tokens(rest: str) -> str:
    return _TOKEN.sub(lambda found: _mask_token(found.group()), rest)


def _mask_token(token: str) -> str:
    """A token that is an identifier as a whole, or has one between its hyphens and points."""
    if entity := _identifier(normal(unquote(token)).replace("+", " ").strip()):
        return f"[{entity}]"
    if "%" in token:
        return token
    return _PIECE.sub(lambda piece: f"[{entity}]" if (entity := _identifier(piece.group())) else piece.group(), token)


def _identifier(text: str) -> str:
    """The entity that a whole text is beyond doubt; "" for none."""
    if not any("0" <= char <= "9" for char in text):
        return ""
    return next(
        (one.entity for one in _strong() for regex in _regexes(one) if regex.fullmatch(text) and one.check(text)), ""
    )


def _regexes(one: Recognizer) -> Iterator[re.Pattern[str]]:
    return (pattern.regex for pattern in one.patterns if not pattern.weak)


@cache
def _strong() -> tuple[Recognizer, ...]:
    return tuple(one for one in recognizers.load() if one.strong)
