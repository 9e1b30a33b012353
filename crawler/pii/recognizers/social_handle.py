"""Names of accounts in social networks: profile addresses, and @names or ids near a network's word.

Not found: decorators and rules of programs (@media), halves of e-mail addresses, pages of the networks themselves.
Names after LINE, WeChat, KakaoTalk and QQ stand without a sign.
"""

import re

from crawler.pii.shapes import FILLER

ENTITY = "SOCIAL_HANDLE"
KIND = "contact"

_NAME = r"[0-9A-Za-z_](?:[0-9A-Za-z_.-]{0,38}[0-9A-Za-z_])?"
_SITES = (
    r"(?:twitter|x|instagram|facebook|fb|threads|tiktok|snapchat|pinterest|github|gitlab|medium|twitch|vk|ok|weibo|t"
    r"|telegram|reddit|youtube|linkedin|soundcloud|patreon|ko-fi|behance|dribbble|keybase|qiita|note|zhihu|bilibili"
    r"|douban|xing|xiaohongshu|mixi|ameblo)\.(?:com|net|me|tv|io|org|ru|jp|cn)"
)
_PATH = r"(?:(?:in|pub|user|u|c|add|people|profile|space|channel|p|n)/)?"
_NO_ACCOUNT = (
    r"(?:share|sharer|sharer\.php|intent|home|search|hashtag|login|signup|about|help|privacy"
    r"|terms|tos|legal|policies|i|p"
    r"|explore|settings|watch|status|tweet|feed|feeds|dialog|plugins|tr|pages|groups|events|company|school|jobs|pulse"
    r"|reel|reels|stories|tv|embed|v|playlist|results|download|downloads|developers|docs|blog|features|pricing|topics"
    r"|trending|orgs|marketplace|sponsors|apps|site|security|contact|joinchat|s|r|wiki|photo|photos|video|videos|l"
    r"|js|css|img|images|assets|static|api|oauth|business|ads|en|ja|zh|de|fr|es|it|ko|profile\.php|index|tags?|tagged)"
)
PATTERNS = (
    (
        "profile address",
        rf"(?i:(?<![0-9a-z@{FILLER}-])(?:https?://)?(?:(?:www|m|mobile|web|[a-z]{{2}}-[a-z]{{2}})\.)?{_SITES}/@?{_PATH}"
        rf"(?!{_NO_ACCOUNT}(?![0-9a-z_.-])))@?{_NAME}/?(?![0-9A-Za-z_/?=&%.#-]{{0,200}}[/=?][0-9A-Za-z])",
        0.6,
    ),
    (
        "at sign",
        rf"(?:(?<![0-9A-Za-z@/._&%+={FILLER}])(?<![0-9A-Za-z]-)"
        rf"|(?<=[Tt]witter)|(?<=[Ii]nstagram)|(?<=[Tt]ik[Tt]ok)|(?<=[Tt]elegram))@[0-9A-Za-z_][0-9A-Za-z_.]{{1,28"
        rf"}}[0-9A-Za-z_](?![0-9A-Za-z@(/]|\.[0-9A-Za-z])",
        0.4,
    ),
    (
        "federated",
        rf"(?<![0-9A-Za-z@/._&%+={FILLER}])(?<![0-9A-Za-z]-)@{_NAME}@(?:[0-9A-Za-z-]{{1,63}}"
        rf"\.){{1,4}}[a-z]{{2,12}}(?![0-9A-Za-z])",
        0.6,
    ),
    (
        "after its word",
        r"(?i:(?<![a-z])(?:line|wechat|weixin|we chat|kakao ?talk|kakao|skype|telegram|snapchat|discord|instagram"
        r"|insta|twitter|tiktok|qq|signal|viber)[ ]?(?:id|handle|account|user ?name|name|号"
        r"|號|アカウント|아이디)(?:[】\]]|[ ]?(?:[:：=是|]|は、?|[는은]))?[ ]?"
        r"|(?:微信|微信号|微信號|vx|ライン|カカオ|카카오톡|카톡|라인|인스타)"
        r"(?:号|號|id| ?아이디)?(?:[】\]]|[ ]?(?:[:：=|]|は、?|[는은]))[ ]?"
        r"|(?:skype|discord|telegram|wechat|kakaotalk|line|instagram|tiktok|snapchat)(?:[ ]?[:=是は]| is )[ ]?"
        r"(?=[a-z0-9._-]*[0-9_])"
        r"|(?:微信号|微信號|카카오톡 아이디|카톡 아이디)[ ]?[:：=是]?[ ]?)"
        r"@?[0-9A-Za-z_][0-9A-Za-z_.#-]{3,36}[0-9A-Za-z]",
        0.6,
    ),
    ("qq", r"(?i:(?<![a-z])qq[ ]?(?:号码|号|號|:|=)[ ]?[:：=]?[ ]?)[1-9][0-9]{4,10}(?![0-9])", 0.6),
)
NEEDS_CONTEXT = ("at sign",)
CONTEXT = (
    "twitter, tweet, tweeted, retweet, instagram, insta, ig, facebook, threads, tiktok, "
    "snapchat, snap, telegram, mastodon, "
    "bluesky, bsky, youtube, twitch, github, linkedin, pinterest, reddit, discord, weibo, "
    "line, social, socials, social "
    "media, handle, follow, follow me, dm, dms, username, user name, find me, "
    "ツイッター, インスタ, フォロー, アカウント, 微博, 关注, 抖音, 小红书, 인스타, 트위터, "
    "팔로우, síguenos, sígueme, sigue, folge, folgt, "
    "推特, 脸书, 领英, 인스타그램, 페이스북, フェイスブック, "
    "suivez, suivre, seguici, seguimi, siga"
)
REACH, AFTER = 50, 20
GATE = (
    "@", "x.com/", "fb.com/", "vk.com/", "t.me/", "ok.ru/", "note.com/", "weibo.c", "qq", "vx", "微信", "ライン",
    "カカオ",
    "카카오", "카톡", "라인", "인스타", "twitter", "instagram", "insta", "facebook", "threads", "tiktok", "snapchat",
    "pinterest", "github", "gitlab", "medium", "twitch", "telegram", "reddit", "youtube", "linkedin", "soundcloud",
    "patreon", "ko-fi.com/", "behance", "dribbble", "keybase", "qiita", "zhihu", "bilibili", "douban", "xing",
    "xiaohongshu", "mixi", "ameblo", "weixin", "wechat", "line", "lineid", "kakao", "kakaotalk", "skype", "discord",
    "viber", "signal",
)  # fmt: skip

_NOT_A_HANDLE = re.compile(
    r"@(?:media|import|charset|font-face|keyframes|supports|page|namespace|include|mixin"
    r"|extend|param|return|returns|throws"
    r"|override|deprecated|author|see|since|version|todo|property|staticmethod|classmethod"
    r"|dataclass|abstractmethod|pytest"
    r"|app|test|inject|autowired|component|entity|table|column|id|data|bean|service"
    r"|controller|interface|end|class|if|for"
    r"|else|each|use|forward|function|type|types|babel|angular|gmail|yahoo|hotmail|outlook|example|all|here|everyone"
    r"|channel|home|work|the|a|an|(?:app|pytest|click|router|api|bp|blueprint|mock|celery"
    r"|functools|property)\.\w+|\w*\.(?:com|net|org|io|de|jp|cn|fr|uk|edu|gov))"
)
_DIGITS_ONLY = re.compile(r"@[0-9._]+")


def check(match: str) -> bool | None:
    """No find for words that programs write after the sign."""
    lowered = match.lower()
    return False if _NOT_A_HANDLE.fullmatch(lowered) or _DIGITS_ONLY.fullmatch(match) else None
