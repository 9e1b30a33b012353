"""The facts that rules may look at, and the values they can take: a rule on any other value could never fire.

Signals name their facts themselves (`known_facts`); one that has no row here may take any value. A row is for a fact
with a list of values, for one that others than signals state, and for one that is announced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from crawler.document import FactValue, FetchError
from crawler.policy.read import unknown

ANY_VALUE = None
TRUE: Collection[FactValue] = (True,)
_STATES = ("reserved", "conditional", "permitted", "unknown")

# Told apart by crawler.text.language: ISO 639-1, else 639-3; zxx: no language.
_LANGUAGES = """
ace af am an ar ary arz as az ba bcl be bg bn br bs ca crh cs cy da de dz el en eo es et eu ext fa fi fo fr
fuv fy ga gcf gcr gd gl gom grc gu gug guw ha hbo he hi hr ht hu hy id ig is it ja jv ka kab kik kk km kn ko
ku ky la lb lg lij ln lo lt ltg lv mg mk ml mn mr ms mt my ne nl nn no nso oc om or pa pcm pl ps pt qu ro ru
rw sa sdh se si sk sl sn so sq sr st sv sw ta te tg th tk tl tr tt ug uk ur uz uzs vec vi vo wa wuu xh yo yue
zh zu zxx
"""
LANGUAGES = (*_LANGUAGES.split(), "unknown")

POINT = "@"  # a fact "<fact>@<point>" says what <fact> would be if an open point were read the other way

VOCABULARY: Mapping[str, Collection[FactValue] | None] = MappingProxyType(
    {
        # ---- what site files, headers and the page say, merged ----
        "robots": ("allowed", "disallowed", "unreachable", "not-recorded"),
        "robots.status": range(400, 500),
        "robots.unreachable-because": ANY_VALUE,
        "robots.flag": ANY_VALUE,
        **dict.fromkeys(("train-ai", "tdm", "search", "ai-input", "train-nongenerative", "embedded-images"), _STATES),
        "proxy-train-ai": ("reserved", "permitted", "unknown"),
        **dict.fromkeys(("malformed-reservation", "data-mining-prohibited", "conflict", "terms-reservation"), TRUE),
        "license-and-reservation": TRUE,
        "opt-out-registry": ("listed", "not-listed", "unknown"),
        "license": ANY_VALUE,
        "license.class": ("open", "noncommercial", "noderivs", "public-domain", "other-terms", "all-rights-reserved"),
        # ---- single carriers, where a place has a law about one ----
        **dict.fromkeys(("ai-token", "tdm-reservation", "robots-meta", "x-robots-tag", "plus.data-mining"), ANY_VALUE),
        # ---- the exchange and what came of it ----
        "access": (
            *("open", "redirected", "not-found", "login", "license-required", "payment-required", "blocked"),
            *("challenge", "proxy-auth", "rate-limited", "legal-block", "client-error", "server-error", "paywalled"),
        ),
        **dict.fromkeys(("headers", "html"), ("not-recorded",)),
        "fetch.error": tuple(str(error) for error in FetchError if error),
        "text": ("empty", "unsupported-media-type", "sitemap", "sitemap-index"),
        "text.language": LANGUAGES,
        **dict.fromkeys(
            ("text.words", "text.symbol-permille", "text.repeated-permille", "text.pair-permille"), ANY_VALUE
        ),
        **dict.fromkeys(("text.short", "text.long", "text.symbols", "text.repetitive"), TRUE),
        "duplicate": ("exact", "near"),
        "media.kind": ("text", "image", "audio", "video", "code", "document"),
        # ---- what the operator says of the source and of the run ----
        "source.class": (
            *("pirate", "infringing_list", "dataset_for_sale", "licensing_market", "stock_agency", "art_community"),
            *("blog_host", "news", "books", "music", "video", "code_host", "social_network", "health_forum", "dating"),
            *("adult", "genealogy", "minors", "high_pii", "state_blocked", "failed_assessment"),
            "operator_list",  # for a list of the operator's own, whatever it is about
        ),
        "run.purpose": ("model-training", "scientific-research"),
        "run.actor": ("company", "research-organization", "heritage-institution", "public-body", "individual"),
        "run.commercial": ("yes", "no"),
        "run.competes": ("yes", "no"),
        "run.stage": ("collect", "train"),
        "run.fetched-by": ("us", "others"),
        # ---- personal data ----
        **{
            f"pii.{kind}": TRUE
            for kind in (
                *("any", "contact", "payment_card", "account", "ip_address", "gov_id", "business_id", "device_id"),
                *("location", "birth_date", "secret", "person_name", "public_figure", "sensitive", "minor"),
            )
        },
        "pii.names-unchecked": TRUE,
        "pii-entity": ANY_VALUE,
        "page.persons": ("none", "one", "few", "many"),
        "page.contact-density": ("low", "high"),
        "page.published-by": ("press", "public-body", "other"),
        "page.class": ("dating", "forum", "health-forum", "news", "profile"),
        "sensitive.class": (
            *("health", "belief", "politics", "union", "ethnicity", "social-status", "sex-life", "genetic"),
            *("biometric", "crime", "crime-victim", "disability", "finance", "location", "immigration", "identity"),
            *("message-content", "account-login", "social-aid", "neural"),
        ),
        "sensitive.subject": ("page", "mention"),
        "sensitive.published-by": ("self", "press", "public-body", "other"),
        "minor.under": (13, 14, 15, 16, 18),
        **dict.fromkeys(("media.face", "media.face-template", "media.voice", "provenance.aigc-label"), TRUE),
        # ---- what the content is, and who has objected ----
        "safety.class": ("csam", "terrorist", "illegal", "cn-a1", "cn-a2"),
        "safety.checked": TRUE,
        **dict.fromkeys(("objection.registry-match", "objection.stored"), TRUE),
        **dict.fromkeys(("terms.clickwrap", "terms.conditions-access"), TRUE),
    }
)

_TERMS = "a reader of the words of a site's terms"
_CONTENT = "a check of what the text speaks of"
_MEDIA = "stages for images and sound"
_PEOPLE = "objections and requests of people, as they are stored"

# Facts that rules may already look at although nothing states them yet: name -> what will.
ANNOUNCED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("terms.clickwrap", "terms.conditions-access"), _TERMS),
        **dict.fromkeys(("safety.class", "safety.checked"), _CONTENT),
        **dict.fromkeys(("media.face", "media.face-template", "media.voice", "provenance.aigc-label"), _MEDIA),
        **dict.fromkeys(("objection.registry-match", "objection.stored"), _PEOPLE),
    }
)


def looked_at(known_facts: Collection[str]) -> frozenset[str]:
    """The names that a rule may look at: those of signals, and those above."""
    return frozenset(name for name in known_facts if POINT not in name).union(VOCABULARY)


def points(known_facts: Collection[str]) -> frozenset[str]:
    """The open points that a policy may read the other way."""
    return frozenset(point for name in known_facts if (point := name.partition(POINT)[2]))


def can_be(name: str, value: FactValue) -> bool:
    """Whether a fact of that name can have that value, of the same kind: 1 is not true, and "1" is not 1."""
    values = VOCABULARY.get(name, ANY_VALUE)
    return values is ANY_VALUE or any(value == each and type(value) is type(each) for each in values)


def check_values(where: str, name: str, values: Iterable[FactValue]) -> None:
    """Raise PolicyError for a value that a fact can never have."""
    for value in values:
        if not can_be(name, value):
            raise unknown(where, f"value of {name}", _written(value), values_of(name))


def values_of(name: str) -> tuple[str, ...]:
    """The values as they are written in a policy file, for messages; () where any will do."""
    values = VOCABULARY.get(name, ANY_VALUE) or ()
    if isinstance(values, range):
        return (f"{values.start} to {values.stop - 1}",)
    return tuple(map(_written, values))


def _written(value: FactValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
