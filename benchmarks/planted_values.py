"""Invented personal data by rule: numbers with right check digits, addresses, names; the same for the same seed.

In a shape "#" is a digit, "@" a digit from 2 to 9, "?" a capital, "%8" and "%6" a date, "%d" one with its day first.
Shapes are drawn until a check holds: that of python-stdnum where it has one, else ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML

from crawler.pii.checks import mod_97
from crawler.pii.checksums import eip55, keccak_256
from crawler.pii.recognizers import load_one

WORDS = Path(__file__).with_suffix("").parent / "planted_words.yaml"
# Kind of the policies by kind planted; national numbers and passports are gov_id.
KIND_OF = {
    "EMAIL": "contact", "PHONE": "contact", "HANDLE": "contact", "ADDRESS": "contact", "IBAN": "account",
    "WALLET": "account", "CARD": "payment_card", "IP": "ip_address", "MAC": "device_id", "IMEI": "device_id",
    "BIRTH": "birth_date", "SECRET": "secret", "PASSWORD": "secret", "COORDINATES": "location", "NAME": "person_name",
}  # fmt: skip
_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_MIXED = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
_TRIES = 20_000

_PHONES = {
    "en": ("+1 212 555 01##", "(415) 555-01##", "312-555-01##", "+44 20 7946 0###", "07700 900###"),
    "ja": ("03-@###-####", "090-@###-####", "080@#######", "+81 90-@###-####", "06(@###)####"),
    "zh": ("138########", "159 #### ####", "010-6#######", "+86 136 #### ####", "0755-2#######"),
    "ko": ("010-@###-####", "02-@##-####", "010@#######", "+82 10-@###-####", "031-@##-####"),
    "de": ("030 @######", "0171 @######", "+49 151 @#######", "089/@#####", "(0221) @#####", "+49 (0)30 @######"),
    "fr": ("06 @# ## ## ##", "01.4#.##.##.##", "+33 6 @# ## ## ##", "07@#######", "+33 (0)1 4# ## ## ##"),
    "es": ("6@# ## ## ##", "6@# ### ###", "+34 91@ ### ###", "91 @## ## ##", "+34 6@#######"),
}
_IBANS = {
    "en": "GB##WEST##############", "de": "DE##" + "#" * 18, "fr": "FR##" + "#" * 23, "es": "ES##" + "#" * 20,
    "ja": "CH##" + "#" * 17, "zh": "DE##" + "#" * 18, "ko": "NL##ABNA##########",
}  # fmt: skip
_CARDS = (
    "4###############",
    "51##############",
    "37#############",
    "3530############",
    "356#############",
    "6222############",
)
# Shapes, and what judges them: a module of python-stdnum, or "our:" and a recognizer.
_NUMBERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "PASSPORT_US": (("5########", "A########"), ""),
    "PASSPORT_UK": (("5########",), ""),
    "PASSPORT_JP": (("TK#######", "MZ#######"), ""),
    "PASSPORT_CN": (("E########", "EA#######"), ""),
    "PASSPORT_KR": (("M########", "M###?####"), ""),
    "PASSPORT_DE": (("C@#Z##T##", "C@#X##H##"), "our:de_passport"),
    "PASSPORT_FR": (("1#??#####",), ""),
    "PASSPORT_ES": (("???######",), ""),
    "US_SSN": (("@##-4#-####", "@##4#####", "5##-3#-####"), "us.ssn"),
    "US_ITIN": (("9##-7#-####",), "us.itin"),
    "US_DL": (("?#######", "D###-####-####"), "our:us_driver_license"),
    "US_MBI": (("1EG4-TE5-MK##", "2??#-??#-??##", "3?##?#@??##"), "our:us_mbi"),
    "UK_NINO": (("AB######C", "CE ## ## ## A"), "our:uk_nino"),
    "UK_NHS": (("### ### ####", "##########"), "gb.nhs"),
    "CA_SIN": (("### ### ###", "###-###-###"), "ca.sin"),
    "AU_TFN": (("### ### ###", "#########"), "au.tfn"),
    "IN_AADHAAR": (("@### #### ####", "@###########"), "in_.aadhaar"),
    "IN_PAN": (("???P?####?",), "our:in_pan"),
    "SG_NRIC": (("S#######?",), "our:sg_nric_fin"),
    "NL_BSN": (("#########",), "nl.bsn"),
    "PL_PESEL": (("%6#####",), "pl.pesel"),
    "BR_CPF": (("###.###.###-##", "###########"), "br.cpf"),
    "JP_MY_NUMBER": (("############", "#### #### ####", "####-####-####"), "jp.in_"),
    "JP_DL": (("30##########", "62## #### ####"), "our:jp_driver_license"),
    "JP_RESIDENCE": (("??########??",), "our:jp_residence_card"),
    "CN_RESIDENT": (("110101%8####", "440305%8###X"), "cn.ric"),
    "CN_PLATE": (("京A#####", "粤B·?####", "沪C###?#"), "our:cn_license_plate"),
    "HK_ID": (("?######(#)",), "our:hk_id"),
    "TW_ID": (("A1########", "F2########"), "our:tw_national_id"),
    "KR_RRN": (("%6-1######", "%62######"), "kr.rrn"),
    "KR_DL": (("11-##-######-##",), "our:kr_driver_license"),
    "DE_TAX": (("###########", "## ### ### ###"), "de.idnr"),
    "DE_ID": (("L##X##T##", "T########"), "our:de_id_card"),
    "DE_SV": (("65%d?###", "42 %d ? ###"), "our:de_social_security"),
    "CH_AHV": (("756.####.####.##",), "ch.ssn"),
    "FR_NIR": (("1 84 0@ 75 ### ### ##", "2900@31######43", "2900@31######71"), "fr.nir"),
    "FR_TAX": (("30 ## ### ### ###", "1############"), "our:fr_tax_number"),
    "BE_NN": (("%6#####",), "be.nn"),
    "ES_NIF": (("########?", "########-?"), "es.dni"),
    "ES_NIE": (("X#######?", "Y-#######-?"), "es.nie"),
    "IT_CF": (("RSS???85T10A562?",), "it.codicefiscale"),
}


@cache
def words(language: str) -> dict[str, Any]:
    """The words of a language."""
    return dict(YAML(typ="safe", pure=True).load(WORDS.read_text("utf-8"))[language])


def kinds(language: str) -> list[str]:
    """What can be planted in a page of this language."""
    return [*words(language)["labels"], "NAME"]


def kind_of(planted: str) -> str:
    """The word of the policies for it."""
    return KIND_OF.get(planted, "gov_id")


def value(planted: str, language: str, chance: Random) -> str:
    """One invented value."""
    if planted in _MAKERS:
        return _MAKERS[planted](language, chance)
    shapes, judge = _NUMBERS[planted]
    return drawn(chance.choice(shapes), chance, _judge(judge))


def drawn(shape: str, chance: Random, is_right: Callable[[str], bool]) -> str:
    """Draws of a shape until one is right. Raises LookupError when none of many is."""
    for _ in range(_TRIES):
        candidate = re.sub("%[68d]|[#@?]", lambda found: _part(found.group(), chance), shape)
        if is_right(candidate):
            return candidate
    raise LookupError(f"no draw of {shape} passes its check")


def _part(sign: str, chance: Random) -> str:
    if sign == "%d":
        return f"{_day(chance):%d%m%y}"
    if sign in ("%6", "%8"):
        return f"{_day(chance):%Y%m%d}"[-int(sign[1]) :]
    return chance.choice({"#": "0123456789", "@": "23456789", "?": _CAPITALS}[sign])


def _day(chance: Random) -> date:
    return date(1950, 1, 1) + timedelta(days=chance.randrange(50 * 365))


@cache
def _judge(name: str) -> Callable[[str], bool]:
    if not name:
        return lambda candidate: True
    if name.startswith("our:"):
        one = load_one(name[4:])
        return lambda candidate: (
            any(pattern.regex.fullmatch(candidate) for pattern in one.patterns) and one.check(candidate) is not False
        )
    return import_module(f"stdnum.{name}").is_valid  # type: ignore[no-any-return]


def _luhn(candidate: str) -> bool:
    return bool(import_module("stdnum.luhn").is_valid(candidate))


def _email(language: str, chance: Random) -> str:
    host = chance.choice(
        ("posthaus.net", "mailbox.org", "northwind-mail.com", "kaisha.co.jp", "correo.es", "courrier.fr")
    )
    return f"{_word(chance)}{chance.choice(('.', '_', ''))}{_word(chance)}{chance.randrange(10, 99)}@{host}"


def _word(chance: Random) -> str:
    return "".join(chance.choice("bdfklmnprstvz") + chance.choice("aeiou") for _ in range(3))


def _phone(language: str, chance: Random) -> str:
    return drawn(chance.choice(_PHONES[language]), chance, lambda number: len(set(number[-4:])) > 2)


def _iban(language: str, chance: Random) -> str:
    plain = drawn(_IBANS[language], chance, lambda iban: mod_97(iban[4:] + iban[:4]) == 1)
    return " ".join(re.findall(".{1,4}", plain)) if chance.random() < 0.5 else plain


def _card(language: str, chance: Random) -> str:
    plain = drawn(chance.choice(_CARDS), chance, _luhn)
    gap = chance.choice((" ", "-", ""))
    return gap.join(re.findall(".{1,4}", plain)) if len(plain) == 16 else plain


def _ip(language: str, chance: Random) -> str:
    if chance.random() < 0.25:
        return "2001:db8:" + ":".join(f"{chance.randrange(1, 65536):x}" for _ in range(6))
    return chance.choice(("203.0.113.{}", "198.51.100.{}", "82.165.{}.17")).format(chance.randrange(1, 255))


def _mac(language: str, chance: Random) -> str:
    return chance.choice(":-").join(f"{chance.randrange(256):02X}" for _ in range(6))


def _birth(language: str, chance: Random) -> str:
    day = _day(chance)
    y, m, d = day.year, day.month, day.day
    months = {
        "en": f"{day:%B} {d}, {y}", "de": f"{d:02}.{m:02}.{y}", "fr": f"{d:02}/{m:02}/{y}", "es": f"{d:02}/{m:02}/{y}",
        "ja": f"{y}年{m}月{d}日", "zh": f"{y}年{m}月{d}日", "ko": f"{y}년 {m}월 {d}일",
    }  # fmt: skip
    return chance.choice((months[language], day.isoformat()))


def _secret(language: str, chance: Random) -> str:
    def some(count: int, alphabet: str = _MIXED) -> str:
        return "".join(chance.choices(alphabet, k=count))

    return chance.choice(
        (f"AKIA{some(16, _CAPITALS + '23456789')}", f"ghp_{some(36)}", f"sk_live_{some(24)}", f"{some(20)}4{some(12)}")
    )


def _password(language: str, chance: Random) -> str:
    return f"{_word(chance).title()}{chance.choice('!$#+')}{chance.randrange(1000, 9999)}{_word(chance)}"


def _wallet(language: str, chance: Random) -> str:
    raw = bytes(chance.randrange(256) for _ in range(20))
    if chance.random() < 0.4:
        cases = keccak_256(raw.hex().encode()).hex()
        address = "".join(c.upper() if int(h, 16) > 7 else c for c, h in zip(raw.hex(), cases, strict=False))
        assert eip55(address)
        return f"0x{address}"
    return _base58(b"\x00" + raw)


def _base58(payload: bytes) -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4], "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = alphabet[rest] + text
    return "1" + text


def _handle(language: str, chance: Random) -> str:
    return f"@{_word(chance)}_{_word(chance)}{chance.randrange(10, 99)}"


def _coordinates(language: str, chance: Random) -> str:
    return f"{chance.uniform(30, 60):.5f}, {chance.uniform(-120, 130):.5f}"


def _address(language: str, chance: Random) -> str:
    shape = str(chance.choice(words(language)["addresses"]))
    n = {"n": chance.randrange(10, 190), "n1": chance.randrange(1, 9), "nn": chance.randrange(10, 99)}
    return shape.format(**n, nnn=chance.randrange(100, 999))


def name(language: str, chance: Random) -> str:
    """A common given name and a common family name, put together by chance."""
    of = words(language)["names"]
    return str(of["join"].format(given=chance.choice(of["given"]), family=chance.choice(of["family"])))


_MAKERS: Mapping[str, Callable[[str, Random], str]] = {
    "EMAIL": _email, "PHONE": _phone, "IBAN": _iban, "CARD": _card, "IP": _ip, "MAC": _mac, "BIRTH": _birth,
    "IMEI": lambda language, chance: drawn("35#############", chance, _luhn),
    "SECRET": _secret, "PASSWORD": _password, "WALLET": _wallet, "HANDLE": _handle, "COORDINATES": _coordinates,
    "ADDRESS": _address, "NAME": name,
}  # fmt: skip
