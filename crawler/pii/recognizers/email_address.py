"""E-mail addresses, plain and spelled out. RFC 5321 4.1.2, without quoted local parts.

Domain and local part may hold Latin letters with accents, but no letters of other scripts, so that an address glued
to Chinese or Japanese text ends where it ends. No suffix list is asked: that would be a request from a pipeline.
"""

import re

from crawler.pii.shapes import FILLER, RIGHT

ENTITY = "EMAIL_ADDRESS"
KIND = "contact"

_LETTER = "0-9A-Za-z\u00c0-\u024f"
_START = rf"(?<![{_LETTER}.!#$%&'*+/=?^_`{{|}}~{FILLER}-])(?<![{_LETTER}]@)"
_LOCAL = rf"[{_LETTER}_](?:[{_LETTER}.!#$%&'*+=?^_`{{|}}~-]{{0,62}}[{_LETTER}_+-])?"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_TOP = r"(?:[A-Za-z]{2,24}|xn--[0-9A-Za-z-]{2,59})"
_PLAIN_LOCAL = rf"[{_LETTER}_](?:[{_LETTER}.+_-]{{0,62}}[{_LETTER}_])?"

_AT_WORD = r"(?i:at|ät|@|arobase|arroba|chiocciola|klammeraffe|アットマ[ー-]ク|アット|あっと|圈a|골뱅이)"
_DOT_WORD = r"(?i:dot|\.|punkt|point|punto|ponto|punt|ドット|点|點|점)"
_AT_BRACKETS = rf" ?[\[({{<] ?{_AT_WORD} ?[\])}}>] ?"
_DOT_SPELLED = rf"(?:\.| ?[\[({{<] ?{_DOT_WORD} ?[\])}}>] ?| (?i:dot|punkt|point|punto|ponto) )"
_AT_ENTITY = r" ?(?:&#0{0,4}64;|&#[xX]0{0,4}40;|&commat;|%40) ?"

PATTERNS = (
    ("plain", rf"(?:(?<=[/='*|~`?&!#$+])|{_START}){_LOCAL}@(?:{_LABEL}\.){{1,8}}{_TOP}{RIGHT}(?!@)", 0.9),
    (
        "spelled out",
        rf"{_START}{_LOCAL}{_AT_BRACKETS}{_LABEL}(?:{_DOT_SPELLED}{_LABEL}){{0,6}}{_DOT_SPELLED}{_TOP}{RIGHT}",
        0.7,
    ),
    ("character reference", rf"{_START}{_PLAIN_LOCAL}{_AT_ENTITY}(?:{_LABEL}\.){{1,8}}{_TOP}{RIGHT}", 0.7),
    (
        "spaced sign",
        rf"{_START}{_PLAIN_LOCAL} @ (?:{_LABEL}(?:\.| ?[\[({{<] ?(?i:dot) ?[\])}}>] ?| "
        rf"(?i:dot) )){{1,6}}{_TOP}{RIGHT}(?!@)",
        0.6,
    ),
    # Both words in full leave little doubt; so do capitals among small letters.
    (
        "words",
        rf"{_START}{_PLAIN_LOCAL} (?i:at) {_LABEL}(?: (?i:dot) {_LABEL}){{0,4}} (?i:dot) [A-Za-z]{{2,12}}{RIGHT}",
        0.5,
    ),
    ("one word", rf"{_START}{_PLAIN_LOCAL} (?i:at) (?:{_LABEL}\.){{1,4}}[a-z]{{2,12}}{RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("one word",)
CONTEXT = "e-mail, email, mail, mailto, e-mails, correo, courriel, mél, メール, 邮箱, 邮件, 電郵, 이메일"
REACH, AFTER = 25, 0
GATE = (
    "@", "dot", "at)", "at]", "at}", "at>", "at )", "at ]", "ät)", "ät]", "&#", "&commat", "%40", "mail", "mails",
    "mailto", "correo", "courriel", "mél", "メール", "邮箱", "邮件", "電郵", "이메일", "アット", "あっと", "골뱅이",
    "arobase",
    "arroba", "chiocciola", "klammeraffe",
)  # fmt: skip

# Last labels that are ends of file names, as in icon@2x.png; none of them is a top-level domain.
_FILE_ENDINGS = re.compile(
    r"(?i)\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?|s?css|m?js|[jt]sx?|json|xml|x?html?|php|aspx?|jsp|txt|pdf"
    r"|docx?|xlsx?|pptx?|csv|mp[34]|m4a|wav|ogg|webm|woff|ttf|otf|eot|gz|bz|rar|exe|dll|local|localhost|internal"
    r"|invalid)$"
)
# What stands before "at <site>" in a sentence and is nobody's mailbox.
_NO_MAILBOX = re.compile(
    r"(?i)^(?:me|us|him|her|them|it|you|look|looking|shop|visit|available|here|there|online|find|found|see|seen|buy"
    r"|sold|live|free|out|be|is|are|was|works?|working|worked|page|site|website|information|details|more|posted|read"
    r"|learn|order|book|search|blog|up|back|starts?|starting|also|again|now|today|and|or|people|team|engineer|editor"
    r"|writer|developer|manager|only|store|address|mail|e-?mail)(?=[ ]at[ ])"
)


def check(match: str) -> bool | None:
    """No find for names of files and of machines without a domain, and for what only reads like an address."""
    return False if ".." in match or _FILE_ENDINGS.search(match) or _NO_MAILBOX.search(match) else None
