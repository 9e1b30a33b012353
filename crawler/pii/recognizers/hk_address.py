"""Hong Kong, postal addresses in Chinese and in English: region, district, street and number, building, floor, flat."""

ENTITY = "ADDRESS"
KIND = "contact"
GLUED = False

_HAN = r"\u3400-\u9fff"
_DISTRICT = (
    "(?:香港|九[龍龙]|新界)?(?:中環|上環|西環|金鐘|灣仔|銅鑼灣|天后|北角|鰂魚涌|太古|筲箕灣|柴灣|香港仔|黃竹坑|薄扶林"
    "|堅尼地城|尖沙咀|佐敦|油麻地|旺角|太子|深水埗|長沙灣|荔枝角|九龍塘|九龍城|紅磡|土瓜灣|黃大仙|新蒲崗|九龍灣"
    "|牛頭角|觀塘|將軍澳|西貢|沙田|大圍|火炭|大埔|粉嶺|上水|荃灣|葵涌|葵芳|青衣|屯門|元朗|天水圍|東涌|離島)"
)
_STREET = (
    rf"(?!香港)[{_HAN}]{{1,8}}?[道街路徑里坊][東南西北中]?"
    r" ?[0-9]{1,4}[A-Z]?(?:-[0-9]{1,4}[A-Z]?)? ?[號号]"
)
_FLAT = (
    rf"(?:[, ]?[{_HAN}0-9]{{1,12}}?(?:大廈|中心|廣場|商場|花園|工業|[樓閣苑邨座]))?(?:[, ]?[0-9A-Z]{{1,3}}座)?"
    r"(?:[, ]?(?:地下|[0-9A-Z]{1,3}(?:字樓|[樓層]|/F)))?(?:[, ]?[0-9A-Z]{1,5}(?:-[0-9]{1,4})?[室號舖])?"
)
_END = r"(?:Hong Kong|Kowloon|New Territories|N\.T\.)(?:, ?(?:Hong Kong|H\.?K\.?))?"
_WORDS = r"[0-9A-Za-z .,/&'()-]"

PATTERNS = (
    ("with a district", rf"(?:{_DISTRICT}|香港|九[龍龙]|新界) ?{_STREET}{_FLAT}", 0.8),
    (
        "in English, a flat",
        rf"(?<![0-9A-Za-z])(?:(?:Flat|Room|Rm\.?|Unit|Shop|Suite|Office) ?[0-9A-Z]|[0-9]{{1,3}}/F)"
        rf"{_WORDS}{{5,110}}?{_END}",
        0.7,
    ),
    (
        "in English, a street",
        rf"(?<![0-9A-Za-z])[0-9]{{1,4}}[A-Z]?(?:-[0-9]{{1,4}})? (?:[A-Z][A-Za-z']+ ){{1,4}}"
        rf"(?:Road|Street|Avenue|Lane|Drive|Terrace|Path|Rd|St)\.?,? [A-Za-z ,.']{{0,60}}?{_END}",
        0.7,
    ),
)
GATE = (
    r"[道街路徑里坊東南西北中] ?[0-9]{1,4}[A-Z]?(?:-[0-9]{1,4}[A-Z]?)? ?[號号]|Hong Kong|Kowloon|New Territories|N\.T\."
)


def check(match: str) -> bool | None:
    """An address in English has a number."""
    return None if any(char.isdigit() for char in match) else False
