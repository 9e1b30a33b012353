"""Telephone numbers in any grouping right after a word that announces one, whatever numbering plans say."""

from crawler.pii.checks import digits_of
from crawler.pii.recognizers.phone_number import EXTENSION, is_plausible, without_extension
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PHONE_NUMBER"
KIND = "contact"

PATTERNS = (("any", rf"{NUMBER_LEFT}\(?[0-9](?:[ ().\-/]{{0,3}}[0-9]){{5,14}}{EXTENSION}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("any",)
CONTEXT = (
    "phone, telephone, tel, cell, cellphone, mobile, mob, fax, telefax, call, dial, whatsapp, hotline, sms, desk, "
    "landline, téléphone, téléphoner, portable, appeler, telefon, telefonnummer, handy, rufnummer, "
    "handynummer, mobil, teléfono, móvil, llamar, telefono, cellulare, chiamare, telefone, celular, telefoon, "
    "gsm, телефон, тел, ☎, ☏, 📞, 電話, 携帯, お問い合わせ先, "
    "电话, 手机, 致电, 拨打, 微信, 热线, 传真, 전화, 휴대폰, 연락처, 팩스"
)
REACH = 20
AFTER = 0


def check(match: str) -> bool | None:
    number = without_extension(match)
    return None if is_plausible(number, digits_of(number)) else False
