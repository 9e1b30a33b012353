"""China, postal addresses: province, city, district, road and number, building, unit, room. GB/T 23705-2009.

Words such as "lives in" end before a place that has no province: they are no part of it.
"""

ENTITY = "ADDRESS"
KIND = "contact"
GLUED = False

_HAN = r"\u3400-\u9fff"
_NAME = rf"(?:(?![在是的到从至住往了于位址和与及寄电话号])[{_HAN}])"
_NUMBER = "[0-9一二三四五六七八九十]"
_PROVINCE = (
    "(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆)(?:市|省|(?:壮族|回族|维吾尔)?自治区)?"
)
_AREA = rf" ?{_NAME}{{1,9}}?(?:自治州|自治县|开发区|新区|街道|地区|[市州盟区县旗镇乡])"
_ROAD = rf" ?[{_HAN}]{{1,12}}?(?:大道|胡同|[路街道巷弄里条])(?:[东南西北中]|{_NUMBER}{{1,2}}段)? ?"
_NO = r"[0-9]{1,5}(?:[-之][0-9]{1,4}|[A-Z])?(?:弄[0-9]{1,5})?号院?"
_VILLAGE = rf" ?[{_HAN}]{{1,10}}?[村庄屯寨](?:{_NUMBER}{{1,3}}[组队社])?[0-9]{{1,5}}号"
_ESTATE = rf" ?[{_HAN}]{{2,12}}?(?:小区|花园|公寓|新村|家园|大厦|广场|[苑园城里])[0-9A-Z]{{1,4}}(?:号楼|[栋幢座])"
_PLACE = rf"(?:{_ROAD}{_NO}|{_VILLAGE}|{_ESTATE})"
_HOUSE = "(?:大厦|广场|中心|小区|花园|公寓|大楼|商厦|写字楼|科技园|产业园|园区|新村|[苑园城])"
_INNER = (
    rf"(?: ?(?:[0-9A-Z一二三四五六七八九十]{{1,5}}(?:-[0-9]{{1,5}})?(?:号院|号楼|单元|[栋幢座楼层室户号])"
    rf"|{_NAME}{{2,10}}?{_HOUSE}(?![{_HAN}])|[0-9]{{3,4}}(?![0-9年月日元-]))){{0,6}}"
)
_ROMAN = (
    r"(?<![0-9A-Za-z])(?:No\. ?)?[0-9]{1,5},? (?:[A-Z][a-z]+ ){1,4}"
    r"(?:Road|Street|Avenue|Lane|Rd\.?|St\.?|Ave\.?|Lu|Jie)"
    r"(?: \([A-Z][a-z.]+\))?,? (?:[A-Z][a-z]+ ){1,2}(?:District|County)(?:,? [A-Z][a-z]+){0,3}(?:,? [0-9]{6}(?![0-9]))?"
)

PATTERNS = (
    ("with a province", rf"{_PROVINCE}(?:{_AREA}){{0,4}}{_PLACE}{_INNER}", 0.8),
    ("without a province", rf"{_NAME}{{1,6}}?[市区县旗镇乡](?:{_AREA}){{0,3}}{_PLACE}{_INNER}", 0.6),
    ("near a word", rf"(?<![{_HAN}]){_PLACE}{_INNER}", 0.5),
    ("in Latin letters", _ROMAN, 0.6),
)
NEEDS_CONTEXT = ("near a word",)
GATE = (
    r"[路街道巷弄里条段同村庄屯寨组队社东南西北中] ?[0-9][0-9A-Z之-]{0,8}[号弄]|[0-9A-Z](?:号楼|[栋幢座])"
    r"|District|County"
)
CONTEXT = "地址, 住址, 住所, 家住, 户籍, 居住, 收货, 邮寄, 联系方式, 办公地点, 通讯处, address"


def check(match: str) -> bool | None:
    return None
