"""Check digits. Each function takes ASCII digits (and letters where it says so) without separators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

_VERHOEFF_PRODUCT = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_VERHOEFF_PERMUTATION = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def digits_of(text: str) -> str:
    """The ASCII digits of a text, in order."""
    return "".join(char for char in text if "0" <= char <= "9")


def letters_and_digits_of(text: str) -> str:
    """The ASCII letters, as capitals, and the digits of a text, in order."""
    return "".join(char for char in text if char.isascii() and char.isalnum()).upper()


def one_repeated(digits: str) -> bool:
    """Whether it is one digit over and over, which passes many checks and is never issued."""
    return len(set(digits)) < 2


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0


def weighted(digits: Iterable[str], weights: Iterable[int]) -> int:
    """The sum of digits times weights; the longer of the two is cut."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def mod_11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (product + int(digits[-1])) % 10 == 1


def mod_97(text: str) -> int:
    """The remainder of ISO 7064 MOD 97-10 for capitals and digits, A = 10."""
    return int("".join(str(int(char, 36)) for char in text)) % 97


def verhoeff(digits: str) -> bool:
    """J. Verhoeff, Error detecting decimal codes, 1969."""
    state = 0
    for place, digit in enumerate(reversed(digits)):
        state = int(_VERHOEFF_PRODUCT[state][int(_VERHOEFF_PERMUTATION[place % 8][int(digit)])])
    return state == 0


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def looks_like_a_time(digits: str) -> bool:
    """Whether it reads as YYYYMMDD, alone or followed by hours, minutes and so on; years 1900 to 2099."""
    if len(digits) < 8 or digits[:2] not in ("19", "20"):
        return False
    if not is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])):
        return False
    rest = digits[8:]
    return all(int(rest[at : at + 2]) < limit for at, limit in ((0, 24), (2, 60), (4, 60)) if len(rest) >= at + 2)


def digit_sums(digits: Iterable[str], weights: Iterable[int]) -> int:
    """The sum of the digits of each digit times its weight, as German and Swiss numbers have it; products below 100."""
    return sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, weights, strict=False))


def icao_9303(text: str) -> bool:
    """ICAO Doc 9303 part 3, 4.9: capitals and digits, the last a check digit; weights 7, 3, 1, A = 10."""
    total = sum(int(char, 36) * (7, 3, 1)[place % 3] for place, char in enumerate(text[:-1]))
    return total % 10 == int(text[-1], 36)


def mod_31_3(text: str) -> bool:
    """GB 32100-2015: 17 characters times powers of 3, modulo 31; capitals without I, O, S, V and Z, A = 10."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(char) * pow(3, place, 31) for place, char in enumerate(text[:17]))
    return alphabet[-total % 31] == text[17]


def luhn_mod_36(text: str) -> bool:
    """Luhn's rule over digits and capitals, A = 10."""
    doubled = sum(sum(divmod(2 * int(char, 36), 36)) for char in text[-2::-2])
    return (doubled + sum(int(char, 36) for char in text[-1::-2])) % 36 == 0
