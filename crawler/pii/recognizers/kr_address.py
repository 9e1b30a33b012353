"""Korea, postal addresses: province, city, district, and a road with a number or a neighborhood with a lot number.

Road Name Address Act, art. 2. A word that ends like a road may be one with a particle: no address is followed by a
counter, as in "152명".
"""

ENTITY = "ADDRESS"
KIND = "contact"
GLUED = False

_HANGUL = "[가-힣]"
_PROVINCE = (
    "(?:(?:서울|부산|대구|인천|광주|대전|울산|세종)(?:특별자치시|특별시|광역시|시)?"
    "|(?:경기|강원|충청북|충청남|전라북|전라남|경상북|경상남|제주|전북)(?:특별자치도|도)|충북|충남|전북|전남|경북|경남|제주|경기|강원)"
)
_CITY = rf"(?: ?{_HANGUL}{{1,5}}[시군구]){{1,2}}"
_PLAIN_CITY = rf"{_HANGUL}{{1,5}}[시군구](?: {_HANGUL}{{1,4}}구)?"
_TOWN = rf"(?: {_HANGUL}{{1,6}}[읍면])?"
_COUNTERS = "명|원|년|월|일|개|%|위|점|만|억|천|회|차|세|건|곳|시|분|배|km|m(?![a-z])"
_NOT_COUNTED = rf"(?![0-9.]|,[0-9]| ?(?:{_COUNTERS}))"
_NUMBER = rf"(?:산 ?|지하 ?)?[0-9]{{1,5}}(?:-[0-9]{{1,4}})?{_NOT_COUNTED}"
_ROAD = rf" ?{_HANGUL}[가-힣0-9·]{{0,11}}(?:(?<!으)로|길|거리) ?(?:[0-9]{{1,4}}(?:번|가|나|다)?길 ?)?{_NUMBER}"
_LOT = rf" ?{_HANGUL}{{1,6}}[0-9]{{0,2}}(?:동|리|[0-9]가|읍|면) ?{_NUMBER}(?: ?번지)?"
_CLEAR_LOT = (
    rf" ?{_HANGUL}{{1,6}}[0-9]{{0,2}}(?:동|리|[0-9]가|읍|면) ?(?:산 ?)?"
    r"[0-9]{1,5}(?:-[0-9]{1,4}(?: ?번지)?| ?번지)(?![0-9])"
)
_HOUSE = "(?:아파트|빌딩|타워|오피스텔|빌라|맨션|센터|하우스|빌|APT)"
_INNER = (
    rf"(?:,? ?[가-힣A-Za-z0-9]{{1,12}}{_HOUSE})?(?:,? ?[0-9A-Z가나다라]{{1,5}}동(?![가-힣]))?"
    r"(?:,? ?(?:지하 ?)?[0-9]{1,3}층)?(?:,? ?[0-9A-Z]{1,5}호)?(?: ?\([가-힣][가-힣0-9, ]{1,30}\))?"
)

PATTERNS = (
    (
        "with a province",
        rf"(?:(?<![0-9])\(?[0-9]{{5}}\)? ?)?{_PROVINCE}(?:{_CITY})?{_TOWN}(?:{_ROAD}|{_LOT}){_INNER}",
        0.8,
    ),
    (
        "without a province",
        rf"(?<!{_HANGUL}){_PLAIN_CITY}{_TOWN}(?:{_ROAD}|{_CLEAR_LOT}){_INNER}",
        0.6,
    ),
    ("near a word", rf"(?<!{_HANGUL})(?:{_ROAD}|{_LOT}){_INNER}", 0.4),
)
NEEDS_CONTEXT = ("near a word",)
GATE = r"(?:로|길|동|리|가|읍|면) ?(?:산 ?|지하 ?)?[0-9]"
CONTEXT = "주소, 소재지, 거주지, 배송지, 본적, 자택, address"


def check(match: str) -> bool | None:
    return None
