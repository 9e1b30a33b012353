"""Equipment identities of mobile phones: 15 digits with a Luhn digit, near a word for them. 3GPP TS 23.003 6.2.

Card numbers and order numbers of 15 digits pass the same check, so a number alone is no find.
"""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "IMEI"
KIND = "device_id"

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}[0-9]{{15}}{NUMBER_RIGHT}", 0.4),
    ("2-6-6-1", rf"{NUMBER_LEFT}[0-9]{{2}}([ /-])[0-9]{{6}}\1[0-9]{{6}}\1[0-9]{NUMBER_RIGHT}", 0.5),
    ("6-2-6-1", rf"{NUMBER_LEFT}[0-9]{{6}}([ /-])[0-9]{{2}}\1[0-9]{{6}}\1[0-9]{NUMBER_RIGHT}", 0.5),
    ("5 groups of 3", rf"{NUMBER_LEFT}[0-9]{{3}}(?:[ -][0-9]{{3}}){{4}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("bare", "2-6-6-1", "6-2-6-1", "5 groups of 3")
CONTEXT = (
    "imei, imeis, imei-nummer, numéro imei, imei1, imei2, imei 1, imei 2, meid, imeisv, device id, "
    "device identifier, handset, geräte-id, "
    "gerätenummer, número de serie, numéro de série, équipement, 端末識別番号, 製造番号, "
    "携帯電話機, 串号, 手机串号, 设备号, "
    "단말기, 기기 식별"
)
LENGTHS = (15,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and luhn(digits)
