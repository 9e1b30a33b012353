"""Passwords, keys and tokens right after a word that announces them, in the languages of the crawler.

A value is one unless it reads like a word, a name in a program or a placeholder; keys and tokens, which machines make,
must be long and mixed as well. The word is part of the find: without the value it says nothing about anybody.
"""

import re
from math import log2

ENTITY = "SECRET_KEY"
KIND = "secret"

_PASSWORD = (
    r"pass(?:word|wd|wort|code|phrase)|passe?|pwd|kennwort|mot de passe|mdp|contraseña|contrasena|clave|senha"
    r"|wachtwoord|hasło|パスワ[ー-]ド|暗証番号|密码|密碼|口令|비밀번호|패스워드|암호"
)
_KEY = (  # the longer before what they begin with
    r"(?:zugangs|zugriffs|sitzungs)token|(?:api|zugangs|geheimer )[- ]?schlüssel"
    r"|(?:clé|jeton)s?(?: secrète| d['’]api| api| d['’]accès)|jeton|(?:clave|llave)(?: secreta| de api| api| de acceso)"
    r"|token de (?:acceso|api)"
    r"|(?:api|access|secret|private|auth|client|account|encryption|signing|master|session|refresh|app)[_ .-]?"
    r"(?:access[_ .-]?)?(?:key|token|secret)(?:[_ .-]?(?:id|key|value))?|token|secret|credentials?|bearer|apikey"
    r"|(?:api|アクセス)?(?:キ[ー-]|ト[ー-]クン)|(?:api|访问|私有|アクセス)?(?:密钥|令牌)"
    r"|(?:api|액세스|접근) ?(?:키|토큰)|토큰"
)
_BEGINS = r"(?:(?<![a-zà-ÿ])|(?=[^\x00-\u024f]))"  # letters of Chinese, Japanese and Korean may touch Latin ones
_SIGN = (
    r"[\"'*]{0,3}[ ]?(?::=|=>|[:=]|(?:is|ist|lautet|est le|est|es|è)[: ]"
    r"|[は为為是는은][、,]?|[】\]|] ?\|?)[ ]?[\"'`「“*]{0,3}"
)
# What stands between a word and a value without saying that it is one; such a value must look like nothing else.
_BESIDE = r"(?:[ ]?\([ ]?|[ ]?[】\]][ ]?|[ ][-–][ ]|[ ])"
_VALUE = r"(?:(?![\"'`<>,;])[!-~]){4,200}"
_LABEL = re.compile(rf"(?i)(?P<password>{_PASSWORD})|{_KEY}")
_SIGNED = re.compile(rf"(?i)(?:{_PASSWORD}|{_KEY}){_SIGN}")
_NEAR = re.compile(rf"(?i)(?:{_KEY}|{_PASSWORD}){_BESIDE}")  # "clave API" before "clave"
_WORDS = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)(?:[A-Z][a-z]+)*(?:[._/-][A-Za-z]+)*[.!?:)\]*]*")
_ODD = re.compile(r"[!$#+@%&*^~?]")
_PLACEHOLDER = re.compile(
    r"(?i)(?:[x*.•·_#-]+|\W+|[<$%{\[(&].*|(?:your|my|the|enter|change|example|null|none|true"
    r"|false|undefined|self|this|os"
    r"|process|env|config|request|req|get|new|await|function|require|https?)(?:[^0-9a-z].*)?)"
)

_NUMBER = re.compile(r"(?i)(?:nr|no|num|number|nummer|n°|nº)(?![a-z])")  # of a passport: "Pass Nr."

PATTERNS = (
    (
        "after its word",
        rf"(?i:{_BEGINS}(?:[0-9a-z]{{1,20}}[_.-])?(?:{_PASSWORD}|{_KEY}){_SIGN}(?:bearer )?){_VALUE}",
        0.6,
    ),
    (
        "beside its word",
        rf"(?i:{_BEGINS}(?:{_PASSWORD}|{_KEY}){_BESIDE})(?=[^ \n]{{0,60}}[0-9]){_VALUE}",
        0.5,
    ),
    (
        "in an address",
        r"(?<=://)[0-9A-Za-z._%+-]{1,64}:[^\s/@:\"'<>]{3,128}@[0-9A-Za-z.-]{1,253}(?![0-9A-Za-z@-])",
        0.7,
    ),
    ("bearer", rf"(?i:(?<![a-z])bearer ){_VALUE}", 0.5),
)
GATE = (
    "@",
    "pass", "passe", "password", "passwd", "passwort", "passcode", "passphrase", "pwd", "kennwort", "mdp",
    "contraseña", "contrasena", "clave", "senha", "wachtwoord", "zugangstoken", "zugriffstoken",
    "sitzungstoken", "schlüssel",
    "zugangsschlüssel", "clé", "clés", "jeton", "llave", "key", "apikey", "token", "secret", "credential",
    "credentials",
    "bearer", "パスワード", "暗証番号", "密码", "密碼", "口令", "비밀번호", "패스워드", "암호", "apiキー", "トークン",
    "密钥",
    "令牌", "토큰", "api키", "api 키", "アクセスキー", "액세스키", "액세스 키",
)  # fmt: skip


def check(match: str) -> bool | None:
    """No find for a word, a placeholder or a name in a program."""
    if "@" in match and not _SIGNED.search(match) and not _NEAR.search(match):
        return None
    label = _LABEL.search(match)
    signed = _SIGNED.search(match)
    near = None if signed else _NEAR.search(match)
    start = signed.end() if signed else near.end() if near else match.find(" ") + 1
    value = match[start:].removeprefix("Bearer ").rstrip(".)]}*!?")
    if len(value) < 4 or _PLACEHOLDER.fullmatch(value) or _WORDS.fullmatch(value) or "(" in value or "://" in value:
        return False
    if near and (_NUMBER.match(value) or not _is_mixed(value)):
        return False
    digits, letters = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if label and label["password"]:
        return None if (digits and (letters or len(value) > 5)) or not value.isalnum() else False
    return None if len(value) > 15 and digits and letters and _bits(value) > 3 else False


def _is_mixed(value: str) -> bool:
    """Whether it has letters, digits and a sign that words have not, or both cases of letters and two digits."""
    digits = sum(map(str.isdigit, value))
    letters = any(map(str.isalpha, value))
    cases = value != value.lower() and value != value.upper()
    return len(value) > 7 and bool(digits) and letters and bool(_ODD.search(value) or (cases and digits > 1))


def _bits(value: str) -> float:
    """Entropy of the characters of a value, in bits a character; Shannon 1948."""
    shares = [value.count(char) / len(value) for char in set(value)]
    return -sum(share * log2(share) for share in shares)
