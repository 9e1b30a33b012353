"""Japan, postal addresses: prefecture, municipality, town, block numbers, building; postal codes with their sign.

Act on Indication of Residential Address, 1962 No. 119. In normal form the long vowel mark is a hyphen. A municipality
without a prefecture needs block numbers that nothing else has, or a word for an address near it.
"""

ENTITY = "ADDRESS"
KIND = "contact"
GLUED = False

_KANJI = r"\u3005-\u3007\u3400-\u9fff\u30a1-\u30fa"  # and katakana
_ANY = _KANJI + r"\u3041-\u3096-"
_NUMBER = "[0-9〇一二三四五六七八九十]"
_CODE = r"〒 ?[0-9]{3}-?[0-9]{4}(?![0-9])"
_PREFECTURE = (
    "(?:東京都|北海道|(?:京都|大阪)府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山"
    "|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知"
    "|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_CITY = rf"(?: ?[{_ANY}]{{1,7}}?[市区町村郡]){{1,3}}"
_IN_KANA = "さいたま|つくば|いわき|いすみ|うるま|あきる野|ひたちなか|ふじみ野|みどり"
_PLAIN_CITY = rf"(?:(?:{_IN_KANA}|[{_KANJI}]{{1,6}}?)[市区町村郡]){{1,3}}"
_TOWN = rf" ?[{_ANY}]{{0,20}}? ?"
_PLAIN_TOWN = rf" ?(?:(?![はがをもでにとへ])[{_ANY}]){{0,16}}? ?"
_CHOME = (
    rf"{_NUMBER}{{1,4}}丁目 ?"
    r"(?:[0-9]{1,4}(?:番地?|-)?(?: ?の?[0-9]{1,4})?(?:号(?!室))?(?:-[0-9]{1,5})?)?"
)
_BANCHI = rf"{_NUMBER}{{1,5}}番(?:地(?:の?{_NUMBER}{{1,4}})?|(?:の?{_NUMBER}{{1,4}})号)(?:の[0-9]{{1,4}})?"
_BLOCK = rf"(?:{_CHOME}|{_BANCHI}|[0-9]{{1,5}}(?:-[0-9]{{1,5}}){{1,3}}|[0-9]{{1,5}}番地?)(?![0-9年月])"
_CLEAR_BLOCK = rf"(?:{_CHOME}|{_BANCHI}|[0-9]{{1,4}}(?:-[0-9]{{1,4}}){{2,3}})(?![0-9年月])"
_HOUSE = (
    "(?:ビル(?:ディング)?|マンション|ハイツ|コ-ポ|荘|タワ-|ハイム|レジデンス|アパ-ト|パレス|館|棟|プラザ"
    "|スクエア|センタ-|ヒルズ|ハウス|寮)"
)
_BUILDING = (
    rf"(?: ?[{_KANJI}A-Za-z][{_KANJI}A-Za-z0-9の・&' -]{{0,18}}(?:{_HOUSE}(?:[A-Z]棟)?|(?=[0-9A-Z-]{{1,6}}号室)))?"
    r"(?: ?(?:[A-Z]?-?[0-9]{1,5}(?:号室|号|階|F(?![a-z]))|(?<= )[0-9]{3,4}(?![0-9年月日円-])))?"
    r"(?: ?[0-9A-Z]{1,5}号室)?"
)
_ROMAN = (
    r"(?<![0-9A-Za-z-])[0-9]{1,4}(?:-[0-9]{1,4}){1,3},? (?:[A-Z][a-z]+(?:-[a-z]+)?,? ){1,3}"
    r"[A-Z][a-z]+-(?:ku|shi|cho|machi|gun|mura)"
    r"(?:,? [A-Z][a-z]+(?:-(?:shi|to|ken|fu))?){0,2}(?:,? [0-9]{3}-[0-9]{4}(?![0-9]))?"
)

PATTERNS = (
    ("with a prefecture", rf"(?:{_CODE}[ 、,]?)?{_PREFECTURE}{_CITY}{_TOWN}{_BLOCK}{_BUILDING}", 0.8),
    ("with a code", rf"{_CODE}[ 、,]?{_PREFECTURE}?{_CITY}(?: ?[{_KANJI}]{{1,12}}|{_TOWN}{_BLOCK}{_BUILDING})", 0.8),
    ("without a prefecture", rf"{_PLAIN_CITY}{_PLAIN_TOWN}{_CLEAR_BLOCK}{_BUILDING}", 0.7),
    ("near a word", rf"{_PLAIN_CITY}{_PLAIN_TOWN}{_BLOCK}{_BUILDING}", 0.5),
    ("code alone", _CODE, 0.6),
    ("in Latin letters", _ROMAN, 0.7),
)
NEEDS_CONTEXT = ("near a word",)
GATE = rf"〒|丁目|番地|[市区町村郡][{_ANY} ]{{0,20}}?[0-9]|-(?:ku|shi|cho|machi|gun|mura)(?![a-z])"
CONTEXT = "住所, 所在地, 本籍, 自宅, 居所, 連絡先, お届け先, 送付先, 宛先, address"


def check(match: str) -> bool | None:
    return None
