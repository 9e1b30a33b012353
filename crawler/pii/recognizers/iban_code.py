"""International bank account numbers: length of the country and remainder modulo 97. ISO 13616, registry release 99."""

from itertools import groupby

from crawler.pii.checks import letters_and_digits_of, mod_97
from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "IBAN_CODE"
KIND = "account"
STRONG = True
CONTEXT = (
    "iban, rib, bankverbindung, kontonummer, compte bancaire, coordonnées bancaires, cuenta bancaria, "
    "número de cuenta, "
    "conto corrente, bankrekening, rekeningnummer, bank account, account number, 口座番号, 国际银行账号, 계좌번호"
)
LENGTHS = tuple(range(15, 31))
GATE = (6, r"[A-Za-z]{2}[0-9]{2}[ -]?[0-9A-Za-z]{4}")

_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE", "BI"), 16),
    **dict.fromkeys(("DK", "FO", "FI", "GL", "NL", "SD", "FK"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "XK", "MN"), 20),
    **dict.fromkeys(("HR", "LV", "LI", "CH"), 21),
    **dict.fromkeys(("BH", "BG", "CR", "GE", "DE", "IE", "ME", "RS", "GB", "VA"), 22),
    **dict.fromkeys(("GI", "IQ", "IL", "TL", "AE", "SO", "OM"), 23),
    **dict.fromkeys(("AD", "CZ", "MD", "PK", "RO", "SA", "SK", "ES", "SE", "TN", "VG"), 24),
    **dict.fromkeys(("PT", "ST", "LY"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "MR", "SM", "DJ"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "SV", "GT", "HN", "HU", "LB", "NI", "PL"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    **dict.fromkeys(("LC",), 32),
    **dict.fromkeys(("RU",), 33),
}


def _of_length(length: int, countries: list[str]) -> str:
    return rf"(?:{'|'.join(countries)})[0-9]{{2}}(?:[ -]?[0-9A-Z]){{{length - 4}}}"


_SHAPES = (_of_length(length, list(names)) for length, names in groupby(_LENGTHS, key=lambda name: _LENGTHS[name]))
PATTERNS = (("any country", rf"{LEFT}(?=[A-Za-z]{{2}}[0-9]{{2}})(?i:{'|'.join(_SHAPES)}){RIGHT}", 0.7),)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    return len(plain) == _LENGTHS[plain[:2]] and mod_97(plain[4:] + plain[:4]) == 1
