"""Payment card numbers: issuer range, length of that issuer, and the Luhn digit. ISO/IEC 7812-1.

Visa has 16 digits here: its old 13-digit cards are gone, and Japanese barcodes (45, 49) look like them.
"""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CREDIT_CARD"
KIND = "payment_card"
STRONG = True

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}(?:[2-6][0-9]{{15}}|62[0-9]{{15,17}}|3[47][0-9]{{13}}){NUMBER_RIGHT}", 0.6),
    (
        "in fours",
        rf"{NUMBER_LEFT}[2-6][0-9]{{3}}([ -])[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{4}}(?:\1?[0-9]{{1,3}})?{NUMBER_RIGHT}",
        0.7,
    ),
    ("4-6-5 and 4-6-4", rf"{NUMBER_LEFT}3[0-9]{{3}}([ -])[0-9]{{6}}\1[0-9]{{4,5}}{NUMBER_RIGHT}", 0.7),
    ("6-10 and 6-13", rf"{NUMBER_LEFT}62[0-9]{{4}}[ -][0-9]{{10,13}}{NUMBER_RIGHT}", 0.6),
    ("other lengths", rf"{NUMBER_LEFT}(?:[2-6][0-9]{{11}}|[13][0-9]{{13,14}}|[2-6][0-9]{{13,18}}){NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("other lengths",)
CONTEXT = (
    "cc, card, credit card number, credit card, credit, debit, visa, mastercard, amex, diners, unionpay, "
    "payment, kreditkarte, kreditkartennummer, kartennummer, carte bancaire, numéro de carte, "
    "número de tarjeta, carte, tarjeta, "
    "carta, カード, カード番号, 銀行卡, 银行卡, 信用卡, 卡号, 카드"
)

LENGTHS = (14, 15, 16, 19)

# (first prefix, last prefix, lengths)
_ISSUERS = (
    ("4", "4", (16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("3528", "3589", (16,)),  # JCB
    ("1800", "1800", (15,)),
    ("2131", "2131", (15,)),
    ("300", "305", (14, 16)),  # Diners Club
    ("36", "36", (14, 16)),
    ("38", "39", (14, 16)),
    ("6011", "6011", (16,)),  # Discover
    ("644", "659", (16,)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("2200", "2204", (16,)),  # Mir
    ("5018", "5038", (12, 14, 15, 16, 17, 18, 19)),  # Maestro
    ("56", "58", (12, 14, 15, 16, 17, 18, 19)),
    ("6304", "6304", (12, 14, 15, 16, 17, 18, 19)),
    ("6759", "6763", (12, 14, 15, 16, 17, 18, 19)),
)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    known = any(len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _ISSUERS)
    return known and not one_repeated(digits) and luhn(digits)
