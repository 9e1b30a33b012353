"""Telephone numbers: international form, national forms with a trunk prefix or a fixed grouping.

Shapes are found here; whether a number exists is asked of the `phonenumbers` metadata, as Presidio's recognizer
does. Any other grouping needs a word before it: `phone_number_labeled`. Numbers
reserved for fiction are found too: a page that shows one shows what it takes for a number.
"""

import re
from functools import lru_cache

from crawler.pii.checks import digits_of, is_date, one_repeated
from crawler.pii.shapes import LEFT, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PHONE_NUMBER"
KIND = "contact"

_GAP = r"[ ]?[-./ ()][ ]?"
EXTENSION = r"(?:[ ,]{0,2}(?i:ext\.?|extension|x|内線|durchwahl)[ ]?[0-9]{1,5})?"
_BEFORE_PLUS = LEFT + r"(?<!\+)"
_ALONE_LEFT, _ALONE_RIGHT = (
    NUMBER_LEFT + r"(?<![0-9,.+=*/-] )(?<![A-Za-z]\.)",
    NUMBER_RIGHT + r"(?!,[0-9]| ?[-+=*/]? [0-9])",
)  # in no table of figures

PATTERNS = (
    ("international", rf"{_BEFORE_PLUS}\(?\+[ ]?[1-9](?:[ ().\-/]{{0,3}}[0-9]){{6,14}}{EXTENSION}{NUMBER_RIGHT}", 0.8),
    ("international, 00", rf"{NUMBER_LEFT}00[1-9][0-9]{{0,2}}(?:[ ().\-/]{{0,3}}[0-9]){{7,12}}{NUMBER_RIGHT}", 0.6),
    (
        "trunk prefix",
        rf"{NUMBER_LEFT}(?:\(0[0-9]{{1,5}}\)[ ]?|0[0-9]{{1,5}}{_GAP})[0-9]{{1,8}}(?:{_GAP}[0-9]{{2,8}}){{0,4}}"
        rf"{EXTENSION}{NUMBER_RIGHT}",
        0.6,
    ),
    (
        "north america",
        rf"{NUMBER_LEFT}(?:1[-. ])?(?:\([0-9]{{3}}\)[-. ]?|[0-9]{{3}}[-.])[0-9]{{3}}[-. ][0-9]{{4}}"
        rf"{EXTENSION}{NUMBER_RIGHT}",
        0.7,
    ),
    ("spaces, 3-3-4", rf"{_ALONE_LEFT}[2-9][0-9]{{2}} [0-9]{{3}} [0-9]{{4}}{_ALONE_RIGHT}", 0.5),
    ("brackets", rf"{NUMBER_LEFT}\([1-9][0-9]{{1,3}}\)[ ]?[0-9]{{3,5}}[-. ][0-9]{{3,4}}{NUMBER_RIGHT}", 0.5),
    ("spain", rf"{_ALONE_LEFT}[6789][0-9]{{2}}([ .-])[0-9]{{2}}\1[0-9]{{2}}\1[0-9]{{2}}{_ALONE_RIGHT}", 0.5),
    ("poland", rf"{_ALONE_LEFT}[1-9][0-9] [0-9]{{3}} [0-9]{{2}} [0-9]{{2}}{_ALONE_RIGHT}", 0.5),
    ("india", rf"{_ALONE_LEFT}[6-9][0-9]{{4}}[ -][0-9]{{5}}{_ALONE_RIGHT}", 0.4),
    (
        "mobile, bare",
        rf"{NUMBER_LEFT}(?<![A-Za-z]\.)0(?:[5789]0[0-9]{{8}}|10[0-9]{{8}}|1[567][0-9]{{8,9}}"
        rf"|7[0-9]{{9}}|[69][0-9]{{8}}|7[5-9][0-9]{{7}})"
        rf"{NUMBER_RIGHT}",
        0.5,
    ),
    (
        "mobile, china",
        rf"(?:(?<=[\u2e80-\u9fff\uff00-\uffef])|(?<=[\u2e80-\u9fff][: ])){LEFT}1[3-9][0-9]{{9}}{NUMBER_RIGHT}",
        0.92,  # after a Chinese letter it is more likely one than a number of Brazil whose check digits happen to fit
    ),
    ("mobile, china, grouped", rf"{NUMBER_LEFT}1[3-9][0-9]([ -])[0-9]{{4}}\1[0-9]{{4}}{NUMBER_RIGHT}", 0.6),
)
CONTEXT = (
    "phone, telephone, tel, ph, cell, cellphone, mobile, mob, fax, telefax, call, dial, whatsapp, hotline, sms, desk, "
    "landline, answering, reach me, reach us, contact number, my number, téléphone, tél, "
    "téléphoner, portable, appeler, appelez, appelle, joindre, contacter, erreichen, erreichbar, "
    "localizar, "
    "localizarme, contactar, contactarme, llame, llame al, llámame, llámenos, anrufen, rufen sie, telefon, "
    "telefonnummer, handy, rufnummer, fon, "
    "handynummer, mobil, festnetz, teléfono, tlf, tfno, móvil, llamar, telefono, cellulare, chiamare, telefone, fone, "
    "celular, telefoon, mobiel, mobiele, gsm, tel. kom, kom., nr tel, telefonu, "
    "komórka, телефон, тел, ☎, ☏, 📞, 電話, 電話番号, "
    "携帯, ケータイ, お問い合わせ先, ファックス, "
    "手機, 行動電話, 聯絡電話, 电话, 手机, 致电, 拨打, 微信, 热线, 传真, 傳真, 联系方式, "
    "전화, 휴대폰, 핸드폰, 연락처, 팩스"
)
REACH, AFTER = 20, 0
NOT_AFTER = NAMES_A_THING

# Whose plan is asked about a national number: by the first digit 0, else by the number of digits.
_WITH_TRUNK = ("JP", "DE", "FR", "GB", "KR", "NL", "CH", "TW", "AU", "IN", "BE", "IT", "CN", "AT")
_WITHOUT_TRUNK = {
    8: ("HK", "SG"),
    9: ("ES", "PL", "PT"),
    10: ("US", "IT", "IN", "BR"),
    11: ("CN", "US", "BR"),
}
_YEARS = re.compile(r"(?:1[5-9]|20)[0-9]{2}[-./ ]{1,3}(?:(?:1[5-9]|20)[0-9]{2}|[0-9]{2})")
_DAY = re.compile(r"([0-9]{1,4})([-./ ])([0-9]{1,2})\2([0-9]{1,4})(?=$|[ ,T][ ]?[0-2]?[0-9](?:[-. ][0-5][0-9])*$)")
_FICTION = re.compile(r"07700900[0-9]{3}|1?555[2-9][0-9]{6}|1?555[0-9]{7}")
_SHAPED = re.compile(r"[(/]|^02[ .-]")  # the second: Seoul
_GROUPED = re.compile(r"[0-9][^0-9]{1,3}[0-9]")


def check(match: str) -> bool | None:
    """No find for years, dates, repeated digits and numbers that no numbering plan has."""
    number = without_extension(match)
    digits = digits_of(number)
    return None if is_plausible(number, digits) and _exists(number, digits) else False


def without_extension(number: str) -> str:
    """The number without what is dialled after it."""
    return re.split(r"(?i)[ ,]*(?:ext|x|内線|durchwahl)", number, maxsplit=1)[0].strip()


def is_plausible(number: str, digits: str) -> bool:
    """Whether it is neither too short or long, nor one digit repeated, nor a date, nor a range of years."""
    return 6 <= len(digits) <= 17 and not one_repeated(digits[-6:]) and not _is_a_time(number)


def _is_a_time(number: str) -> bool:
    if _YEARS.fullmatch(number):
        return True
    found = _DAY.match(number)
    if not found:
        return False
    first, middle, last = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) == 4:
        return 1000 < first < 2200 and is_date(first, middle, last)
    if len(found[4]) not in (2, 4) or (found[2] in " " and len(found[4]) == 2):
        return False
    year = last if len(found[4]) == 4 else 2000 + last
    return 1000 < year < 2200 and (is_date(year, middle, first) or is_date(year, first, middle))


@lru_cache(maxsize=4096)
def _exists(number: str, digits: str) -> bool:
    from phonenumbers import NumberParseException, is_possible_number, is_valid_number, parse

    def asked(written: str, region: str | None) -> bool:
        try:
            parsed = parse(written, region)
        except NumberParseException:
            return False
        grouped = region is None and len(digits) >= 10 and _GROUPED.search(written) and is_possible_number(parsed)
        return bool(is_valid_number(parsed) or grouped)

    if "+" in number:
        return asked(number, None)
    if digits.startswith("00"):
        return asked(f"+{digits[2:]}", None) or asked(f"+{digits[2:]}", "DE")
    if _FICTION.fullmatch(digits):
        return True
    if len(digits) < 9 and not _SHAPED.search(number):
        return False  # short plans accept almost anything
    regions = _WITH_TRUNK if digits.startswith("0") else _WITHOUT_TRUNK.get(len(digits), ())
    return any(asked(number, region) for region in regions)
