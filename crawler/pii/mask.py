"""URLs and short quotes without identifiers, so that they may stand in a ledger. Pure Python, no engine, no model.

Masked are e-mail addresses, user information (RFC 3986 3.2.1), telephone numbers where the URL says that it is one,
identifiers whose check digits leave little doubt, and values of parameters that by their names are secrets, names,
birthdays or numbers of persons. A long number alone stays: it is far more often the id of an article than of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from crawler.pii import recognizers
from crawler.pii.checks import digits_of
from crawler.pii.recognizers import Recognizer, email_address, ip_address
from crawler.pii.shapes import normal

EMAIL, PHONE, USER, SECRET = "[EMAIL_ADDRESS]", "[PHONE_NUMBER]", "[USER]", "[SECRET]"
PERSON, BIRTH, IP, ID = "[PERSON]", "[DATE_OF_BIRTH]", "[IP_ADDRESS]", "[ID]"

# What an identifier has in it; most URLs have none of this, no "@" and no "=", and end after three looks.
_ID = re.compile(
    r"[0-9]{5}|[0-9]{4}(?:[-+. ]|%(?:25)*2[0BbDd])[0-9]{2}|[0-9]{3}\.[0-9]{3}\."
    r"|[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}|(?:[13][1-9A-HJ-NP-Za-km-z]|0x[0-9A-Fa-f]{15}|bc1[02-9ac-hj-np-z])"
    r"[0-9A-Za-z]{24}"
)
_WALLET = re.compile(r"[13][0-9A-Za-z]{25,34}|0x[0-9A-Fa-f]{40}|bc1[0-9a-z]{11,71}")
_PHONE_SCHEMES = ("tel:", "sms:", "callto:", "fax:")
_PARTS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?(?://(?P<host>[^/?#]*))?(?P<rest>.*)", re.DOTALL)
_PARAMETER = re.compile(r"(?P<before>^|[?&;#])(?P<name>[^=&;?#/]{1,80})=(?P<value>[^&;#]*)")
# In words, of an address without its host; "*" stands for anything in robots.txt.
_OF_RELATIVE = re.compile(
    r"(?P<before>[?&])(?P<name>[^=&;?#/\s\"'<>]{1,80})=(?P<value>[^&;#\s\"'<>*]*[^\W_][^&;#\s\"'<>*]*)"
)
_PATH = re.compile(r"(?<![^\s\"'(<=])/(?!/)[^\s<>\"'*]*[0-9@][^\s<>\"'*]*")
_PLACEHOLDER = re.compile(r"\[[A-Z_]+\]")
_PATH_PARAMETER = re.compile(r"(?P<before>;)(?P<name>[^=;/]{1,80})=(?P<value>[^;/]*)")
_LONGEST, _FEWEST_DIGITS = 42, 5  # of an identifier: a spaced IBAN, an Italian code with letters for digits
_TOKEN = re.compile(r"[^/?&#=;:,|()<>\"'\s]{9,64}")
_PIECE = re.compile(r"[^-_.~!]{9,}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_URL = re.compile(r"(?i)\b(?:https?|ftp)://[^\s<>\"'，。、）」】]+")
_PHONE_URI = re.compile(r"(?i)\b((?:tel|sms|callto|fax):)[ ]?\+?(?:[0-9().\- ]|%20|%2B){5,}[0-9]")
_PHONE_PLUS = re.compile(r"(?<![0-9A-Za-z+])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])")

_AT, _DOT = r"(?:@|%(?:25)*40)", r"(?:\.|%(?:25)*2[Ee])"
_LOCAL = r"(?:[0-9A-Za-z!#$*+?^_`{|}~.'-]|%(?:25)*(?:2[BbDdEe]|5[Ff]|27))"
_EMAIL = re.compile(
    rf"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![0-9A-Za-z._%+-])|(?<=%[0-9A-Fa-f]{{2}})|(?<=%25[0-9A-Fa-f]{{2}}))"
    rf"{_LOCAL}{{1,128}}?{_AT}(?:[0-9A-Za-z-]{{1,63}}{_DOT}){{1,8}}[A-Za-z]{{2,24}}(?![0-9A-Za-z])"
)

_SECRET_WORDS = frozenset(
    (
        *(
            "session",
            "sessionid",
            "sessid",
            "sess",
            "sid",
            "phpsessid",
            "jsessionid",
            "cfid",
            "cftoken",
            "csrf",
            "xsrf",
        ),
        *("token", "tokens", "jwt", "bearer", "ticket", "otp", "nonce", "secret", "signature", "sig"),
        *("key", "apikey", "appkey", "accesskey", "authkey", "secretkey", "privatekey", "credential", "credentials"),
        *("password", "passwd", "passwort", "passcode", "pwd", "pass", "auth", "oauth", "authorization", "authcode"),
        *("ssn", "iban", "cardnumber", "creditcard", "mynumber", "passport"),
    )
)
_SECRET_ENDINGS = ("token", "session", "sessionid", "password", "passwd", "apikey", "secret")
_EMAIL_WORDS = frozenset(["email", "mail", "emailaddress", "useremail", "mailto"])
_PERSON_WORDS = frozenset(
    ("firstname", "lastname", "surname", "fullname", "givenname", "familyname", "realname", "displayname", "username")
)
_BIRTH_WORDS = frozenset(("dob", "birth", "birthdate", "birthday", "dateofbirth"))
_IP_WORDS = frozenset(("ipaddress", "ipaddr", "clientip", "userip", "remoteip", "remoteaddr"))
_NUMBER_WORDS = frozenset(  # too plain to be told alone, so that the name must say what it is
    (
        *("imei", "imsi", "meid", "pesel", "nino", "bsn", "cpf", "itin", "aadhaar", "nric", "nhs", "nhsnumber"),
        *("taxid", "nationalid", "personalid", "socialsecurity", "driverlicense", "driverslicense", "customercard"),
    )
)
_PHONE_WORDS = frozenset(["phone", "tel", "telephone", "phonenumber", "mobile", "mobilephone", "cellphone", "fax"])


def mask_url(url: str) -> str:
    """The URL with placeholders such as [EMAIL_ADDRESS] in place of identifiers; the same when masked again.

    The host always stays. Raises nothing, also for what is no URL.
    """
    if (
        "@" not in url
        and "=" not in url
        and "%" not in url
        and not _ID.search(url)
        and not url[:7].lower().startswith(_PHONE_SCHEMES)
    ):
        return url
    parts = _PARTS.match(url)
    assert parts is not None  # every text matches
    scheme, host, rest = parts["scheme"] or "", parts["host"], parts["rest"]
    if scheme.lower() in _PHONE_SCHEMES:
        return scheme + (PHONE if rest else "")
    if host is not None and "@" in host:
        host = f"{USER}@{host.rpartition('@')[2]}"
    return scheme + ("" if host is None else f"//{host}") + _masked(rest)


def mask_text(quote: str) -> str:
    """A short quote of a fact with the same placeholders: in it URLs, addresses, international numbers, checked ids."""
    text = _URL.sub(lambda found: mask_url(found.group()), quote)
    text = _OF_RELATIVE.sub(_mask_parameter, text)
    text = _PATH.sub(lambda found: _masked(found.group()), text)
    text = _PHONE_URI.sub(rf"\1{PHONE}", text)
    text = _mask_emails(text)
    text = _PHONE_PLUS.sub(PHONE, text)
    for one in recognizers.load_strong():
        for regex in _regexes(one):
            plain = normal(text)
            for found in reversed(list(regex.finditer(plain))):
                if one.check(found.group()):
                    text = f"{text[: found.start()]}[{one.entity}]{text[found.end() :]}"
    return text


def is_secret_name(name: str) -> bool:
    """Whether a parameter or header of this name has a secret for its value, such as "x-api-key"."""
    words = [word.lower() for word in _CAMEL.split(name) if word]
    whole = "".join(words)
    return whole in _SECRET_WORDS or not _SECRET_WORDS.isdisjoint(words) or whole.endswith(_SECRET_ENDINGS)


def _masked(rest: str) -> str:
    if "=" in rest:
        path, mark, query = rest.partition("?")
        path = _PATH_PARAMETER.sub(_mask_parameter, path)
        path, hash_mark, fragment = path.partition("#")
        rest = path + hash_mark + _PARAMETER.sub(_mask_parameter, fragment)
        rest += mark + _PARAMETER.sub(_mask_parameter, query)
    if "@" in rest or "%" in rest:
        rest = _mask_emails(rest)
    return _TOKEN.sub(lambda found: _mask_token(found.group()), rest) if _ID.search(rest) else rest


def _mask_parameter(found: re.Match[str]) -> str:
    placeholder = _placeholder_of(found["name"], found["value"])
    return f"{found['before']}{found['name']}={placeholder}" if placeholder else found.group()


def _placeholder_of(name: str, value: str) -> str:
    """What stands for the value of a parameter of this name; "" when the value may stay."""
    if not value or _PLACEHOLDER.fullmatch(value):
        return ""
    spelled = unquote(name)
    words = [word.lower() for word in _CAMEL.split(spelled) if word]
    whole = "".join(words)
    if whole in _EMAIL_WORDS or "email" in words:
        return EMAIL
    if whole in _PHONE_WORDS or not _PHONE_WORDS.isdisjoint(words):
        return PHONE if len(digits_of(unquote(value))) >= 6 else ""
    if whole in _PERSON_WORDS:
        return PERSON
    if whole in _BIRTH_WORDS:
        return BIRTH if len(digits_of(value)) >= 4 else ""
    if "ip" in words or whole in _IP_WORDS:
        return IP if ip_address.check(unquote(value)) is not False else ""
    if not _NUMBER_WORDS.isdisjoint((whole, *words)) and len(digits_of(unquote(value))) >= 6:
        return ID
    return SECRET if is_secret_name(spelled) else ""


def _mask_emails(text: str) -> str:
    return _EMAIL.sub(lambda found: EMAIL if _is_email(found.group()) else found.group(), text)


def _is_email(written: str) -> bool:
    for _ in range(4):  # percent-encoded more than once
        written = unquote(written)
    if written.startswith("@"):
        return False
    bare = written.rpartition(".")[0]  # without what may be the ending of a file: jo@corp.example.json
    forms = (written, bare) if _EMAIL.fullmatch(bare) else (written,)
    return any(email_address.check(form) is not False for form in forms)


def _mask_token(token: str) -> str:
    """A token that is an identifier as a whole, or has one between its hyphens and points."""
    plain = token
    while "%" in plain and (once := unquote(plain)) != plain:  # escaped more than once
        plain = once
    if entity := _identifier(normal(plain).replace("+", " ").strip()):
        return f"[{entity}]"
    if "%" in token:
        return token
    return _PIECE.sub(lambda piece: f"[{entity}]" if (entity := _identifier(piece.group())) else piece.group(), token)


def _identifier(text: str) -> str:
    """The entity that a whole text is beyond doubt; "" for none."""
    is_telling = len(text) <= _LONGEST and len(digits_of(text)) >= _FEWEST_DIGITS
    if not is_telling and not _WALLET.fullmatch(text):
        return ""
    for one in recognizers.load_strong():
        if any(regex.fullmatch(text) and one.check(text) for regex in _regexes(one)):
            return one.entity
    return ""


def _regexes(one: Recognizer) -> Iterator[re.Pattern[str]]:
    return (pattern.regex for pattern in one.patterns if not pattern.weak)
