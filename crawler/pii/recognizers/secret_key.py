"""Keys and tokens in forms that their issuers document, private keys.

Forms of AWS, GitHub, GitLab, Slack, Google, Stripe, OpenAI, Anthropic, npm, PyPI, Hugging Face, SendGrid, Twilio,
Telegram and Discord; JSON web tokens (RFC 7519).
A private key in PEM (RFC 7468) is its first line with all that follows on it, and each full line of base64 near it.
"""

from crawler.pii.shapes import FILLER, LONG

ENTITY = "SECRET_KEY"
KIND = "secret"

# A word for keys may touch one that is written right after it.
_LEFT = (
    rf"(?:(?<![0-9A-Za-z_{FILLER}])"
    r"|(?<=[Tt]oken)|(?<=[Kk]ey)|(?<=KEY)|(?<=API)|(?<=api)|(?<=hlüssel)|(?<=[Ss]ecret))"
)
_RIGHT = rf"(?![0-9A-Za-z_{FILLER}])"
_ISSUED = "|".join(
    (
        r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[0-9A-Z]{16}",
        r"gh[pousr]_[0-9A-Za-z]{36,251}",
        r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}",
        r"glpat-[0-9A-Za-z_-]{20,64}",
        r"xox[abeoprs]-[0-9A-Za-z-]{10,250}",
        r"AIza[0-9A-Za-z_-]{35}",
        r"ya29\.[0-9A-Za-z_-]{20,400}",
        r"(?:sk|pk|rk)_(?:live|test)_[0-9A-Za-z]{16,247}",
        r"whsec_[0-9A-Za-z]{24,64}",
        r"sk-(?:ant-|proj-|svcacct-)?[0-9A-Za-z_-]{32,250}",
        r"npm_[0-9A-Za-z]{36}",
        r"pypi-AgE[0-9A-Za-z_-]{50,400}",
        r"hf_[A-Za-z]{34}",
        r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",
        r"(?:AC|SK)[0-9a-f]{32}",
        r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}",
        r"[MN][0-9A-Za-z]{23}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,38}",
        r"eyJ[0-9A-Za-z_-]{8,4000}\.eyJ[0-9A-Za-z_-]{8,8000}(?:\.[0-9A-Za-z_-]{0,2000})?",
    )
)
_PEM = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
PATTERNS = (
    ("issued", rf"{_LEFT}(?:{_ISSUED}){_RIGHT}", 0.9),
    (
        "private key",
        rf"-----BEGIN {_PEM}(?:(?:[ ]|\\[nr])*[0-9A-Za-z+/=]{{4,}}){{0,200}}(?:[ ]|\\[nr])*(?:-----END {_PEM})?",
        0.9,
    ),
    (
        "line of a key",
        r"(?<![0-9A-Za-z+/=])(?:[0-9A-Za-z+/]{64}|[0-9A-Za-z+/]{70}|[0-9A-Za-z+/]{76})(?![0-9A-Za-z+/=])",
        0.4,
    ),
    ("end of a key", rf"(?:[0-9A-Za-z+/]{{4,76}}={{0,2}}[ ]?)?-----END {_PEM}", 0.7),
)
NEEDS_CONTEXT = ("line of a key",)
CONTEXT = "PRIVATE KEY, BEGIN RSA, BEGIN EC, BEGIN OPENSSH, BEGIN PRIVATE"
REACH, AFTER = 90, 0
GATE = LONG


def check(match: str) -> bool | None:
    """No find for prefixes with one character over and over after them, as in documentation."""
    return False if len(set(match[-12:])) < 3 else None
