"""Taiwan, postal addresses: county, township, road, section, lane, alley, number, floor. Addresses of MOI, 2010."""

ENTITY = "ADDRESS"
KIND = "contact"
GLUED = False

_HAN = r"\u3400-\u9fff"
_NAME = rf"(?:(?![在是的到從至住往了於位址和與及寄電話號])[{_HAN}])"
_NUMBER = "[0-9一二三四五六七八九十]"
_COUNTY = (
    "(?:(?:[台臺][北中南東]|新北|桃園|高雄|基隆|新竹|嘉義)[市縣]"
    "|(?:苗栗|彰化|南投|雲林|屏東|宜蘭|花蓮|澎湖|金門|連江)縣)"
)
_CODE = r"(?:(?<![0-9])[0-9]{3}(?:[0-9]{2,3})? ?)?"
_TOWNSHIP = rf"{_NAME}{{1,4}}?[區鄉鎮市]"
_VILLAGE = rf"(?:{_NAME}{{1,4}}?[村里])?(?:[0-9]{{1,3}}鄰)?"
_ROAD = (
    rf"[{_HAN}]{{1,9}}?(?:大道|[路街])(?: ?{_NUMBER}{{1,2}} ?段)?(?: ?[0-9]{{1,4}} ?巷)?(?: ?[0-9]{{1,4}} ?弄)?"
    r" ?[0-9]{1,5}(?:[-之][0-9]{1,4})? ?號"
)
_FLOOR = (
    rf"(?:之[0-9]{{1,3}})?(?:[,、 ]?(?:[0-9B]{{1,4}}|{_NUMBER}{{1,3}}) ?[樓F](?:之[0-9]{{1,3}}|-[0-9]{{1,3}})?)?"
    r"(?:[,、 ]?[0-9A-Z]{1,5}室)?"
)

PATTERNS = (
    (
        "with a county",
        rf"{_CODE}{_COUNTY} ?(?:{_TOWNSHIP})? ?{_VILLAGE}{_ROAD}{_FLOOR}",
        0.8,
    ),
    ("without a county", rf"{_NAME}{{1,3}}?[區鄉鎮]{_VILLAGE}{_ROAD}{_FLOOR}", 0.7),
    ("near a word", rf"(?<![{_HAN}]){_ROAD}{_FLOOR}", 0.5),
)
NEEDS_CONTEXT = ("near a word",)
GATE = r"[路街道段巷弄] ?[0-9]{1,5}(?:[-之][0-9]{1,4})? ?號"
CONTEXT = "地址, 住址, 戶籍, 居住, 寄件, 收件, 通訊處, 聯絡, address"


def check(match: str) -> bool | None:
    return None
