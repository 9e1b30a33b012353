"""Dates of birth: a date near a word that says so, in the languages of the crawler. A date alone is none."""

from crawler.pii.shapes import FILLER

ENTITY = "DATE_OF_BIRTH"
KIND = "birth_date"

_MONTH = (
    r"(?:jan(?:uary|uar|vier|uari|eiro)?|jänner|janv|ene(?:ro)?|gen(?:naio)?|feb(?:ruary|ruar|rero|braio|ruari)?"
    r"|f[eé]v(?:rier|ereiro)?|mar(?:ch|zo|s|ço)?|märz|mrz|maart|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?|may|mai|mayo"
    r"|maggio|mag|mei|maio|june?|juni|juin|junio|giu(?:gno)?|junho|july?|juli|juil(?:let)?|julio|lug(?:lio)?|julho"
    r"|aug(?:ust|ustus)?|ao[uû]t|ago(?:sto)?|sept?(?:ember|embre|tembre|iembre)?|set(?:tembre|embro|iembre)?"
    r"|o[ck]t(?:ober|obre|ubre)?|ott(?:obre)?|out(?:ubro)?|nov(?:ember|embre|iembre|embro)?"
    r"|de[czs](?:ember|embre|embro)?|déc(?:embre)?|dic(?:embre|iembre)?)\.?"
)
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_NUMBER = r"(?:1[0-2]|0?[1-9])"
_YEAR = r"(?:1[89]|20)[0-9]{2}"
_LEFT = rf"(?<![0-9A-Za-z{FILLER}])(?<![0-9][-/.])(?<!after )(?<!before )(?<!since )"
_RIGHT = rf"(?![0-9A-Za-z{FILLER}]|[-/.][0-9])"
_OF = r"(?: of| de| del| di| do)?"

PATTERNS = (
    ("year first", rf"{_LEFT}{_YEAR}([-/.])[ ]?{_NUMBER}\1[ ]?{_DAY}{_RIGHT}", 0.5),
    (
        "year last",
        rf"{_LEFT}(?:{_DAY}([-/.])[ ]?{_NUMBER}\1|{_NUMBER}([-/.]){_DAY}\2)[ ]?(?:{_YEAR}|[0-9]{{2}}){_RIGHT}",
        0.5,
    ),
    ("eight digits", rf"{_LEFT}{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]){_RIGHT}", 0.4),
    (
        "day and month's name",
        rf"{_LEFT}{_DAY}(?i:st|nd|rd|th|er|º|°|\.)?[ -]?(?i:{_OF}[ ]?{_MONTH},?{_OF})[ "
        rf"-]?(?:{_YEAR}|'[0-9]{{2}}){_RIGHT}",
        0.5,
    ),
    ("month's name first", rf"(?i:(?<![a-z]){_MONTH})[ ]?{_DAY}(?:st|nd|rd|th)?,?[ ]{_YEAR}{_RIGHT}", 0.5),
    ("year, month's name", rf"{_LEFT}{_YEAR},?[ -](?i:{_MONTH})[ -]{_DAY}{_RIGHT}", 0.5),
    (
        "with signs",
        rf"{_LEFT}(?:{_YEAR}|(?:明治|大正|昭和|平成|令和|民国|民國|[MTSHR])[ "
        rf"]?(?:[0-9]{{1,3}}|元))[ ]?[年년][ ]?{_NUMBER}[ ]?"
        rf"[月월][ ]?{_DAY}[ ]?[日일]?",
        0.5,
    ),
    ("era", rf"{_LEFT}(?:昭和|平成|令和|大正|民国|民國|[TSHR])[ ]?[0-9]{{1,3}}([-/.]){_NUMBER}\1{_DAY}{_RIGHT}", 0.4),
)
NEEDS_CONTEXT = tuple(name for name, _, _ in PATTERNS)
CONTEXT = (
    "born, date of birth, birth date, birthdate, birthday, dob, d.o.b, d.o.b., date-of-birth, geb, geb., geboren, "
    "geburtsdatum, geburtstag, geboortedatum, né le, née le, né(e) le, né en, née en, né à, née à, date de naissance, "
    "naissance, fecha de nacimiento, fec. nac, f. nac, nacido, nacida, nació, nacimiento, "
    "nato il, nata il, nato a, nata a, "
    "nato, nata, data di nascita, nascido, nascida, nasceu, data de nascimento, nascimento, data urodzenia, urodzony, "
    "urodzona, "
    "生年月日, 誕生日, 生まれ, 日生, 出生日期, 出生年月, 出生于, 出生於, 出生, 生于, 生於, "
    "生日, 생년월일, 출생, 생일, 태어"
)
REACH, AFTER = 40, 10
GATE = (
    "born", "birth", "dob", "birthday", "birthdate", "d.o.b", "geb", "né", "née", "nacido", "nacida", "nascido",
    "nascida", "geburtsdatum", "geburtstag", "geboortedatum", "urodzony", "urodzona", "urodzenia", "naissance",
    "nacimiento", "nacid", "nació", "nac.", "nato", "nata",
    "nascita", "nascid", "nasceu", "nascimento", "urodz", "生年月", "誕生日", "生まれ", "日生", "出生", "生于",
    "生於", "生日",
    "생년월일", "출생", "생일", "태어", "geboren", "geboorte",
)  # fmt: skip


def check(match: str) -> bool | None:
    return None
