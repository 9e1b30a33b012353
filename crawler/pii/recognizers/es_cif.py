"""Spain, number of an organization (CIF, NIF of legal persons): a letter, seven digits, a control. Orden EHA/451/2008.

The control is a digit or a letter, which of them depends on the first letter; sources differ, so both are accepted.
"""

from crawler.pii.checks import letters_and_digits_of, luhn
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "ES_CIF"
KIND = "business_id"

PATTERNS = (
    (
        "near its name",
        rf"{NUMBER_LEFT}[A-HJNP-SU-Wa-hjnp-su-w][- ]?(?:[0-9]{{7}}|[0-9]{{2}}\.[0-9]{{3}}\.[0-9]{{2}})"
        rf"[- .]?[0-9A-Ja-j]{NUMBER_RIGHT}",
        0.5,
    ),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "cif, c.i.f., c.i.f, nif, n.i.f., n.i.f, vat, iva, código de identificación fiscal, codigo de identificacion "
    "fiscal, número de identificación fiscal, identificación fiscal, registro mercantil, spanish tax number, company "
    "tax id, tax id, company number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    control = next(digit for digit in range(10) if luhn(f"{plain[1:8]}{digit}"))
    return plain[8] in (str(control), "JABCDEFGHI"[control])
