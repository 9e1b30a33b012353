"""Street addresses that begin with the word for street: French, Italian, Spanish, Portuguese, Polish and their like.

La Poste, norme AFNOR XPZ 10-011; UPU addressing sheets. French addresses have the number before that word, the others
after the name.
"""

from crawler.pii.shapes import FILLER
from crawler.pii.streets import NAME, SMALL, TAIL

ENTITY = "ADDRESS"
KIND = "contact"

_OTHERS = (
    r"(?:rue|via|viale|v\.le|piazza|piazzale|piazzetta|p\.zza|corso|vicolo|largo|strada"
    r"|lungomare|calle|c/|avenida|avda\.?|av\.?"
    r"|paseo|plaza|pza\.?|carrer|camino|ronda|travesía|rambla|rúa|glorieta|rua|r\.|travessa"
    r"|praça|alameda|estrada|rodovia"
    r"|ul\.|ulica|al\.|aleja|os\.|pl\.|plac|trg|ulitsa|bul\.|str\.|strada|calea|jl\.|jalan)"
)
_NAMED = rf"(?:(?:{SMALL}|{NAME}|[0-9]{{1,2}})[ ']){{0,4}}{NAME}"
PATTERNS = (
    (
        "number last",
        rf"(?<![0-9A-Za-zÀ-ÿ{FILLER}])(?:[0-9]{{1,6}}[ ])?(?i:{_OTHERS})(?:(?<=[./])[ ]?|[ "
        rf"]){_NAMED},?[ ](?:n[°º.]?[ ]?|nº[ ]?|núm\.?[ ]?|nr\.?[ ]?)?"
        rf"[0-9]{{1,5}}(?:[ ]?[-/][ ]?[0-9]{{1,4}})?[A-Za-z]?(?![0-9A-Za-z]|[.,][0-9]){TAIL}",
        0.6,
    ),
)
GLUED = False
GATE = (
    "rua", "rúa", "viale", "v.le", "piazza", "piazzale", "piazzetta", "p.zza", "corso", "vicolo", "largo", "strada",
    "lungomare",
    "calle", "c/", "avenida", "avda", "av", "paseo", "plaza", "pza", "carrer", "camino", "ronda", "travesía", "rambla",
    "glorieta", "rue", "travessa", "praça", "alameda", "estrada", "rodovia", "ul.", "ulica", "aleja", "plac", "trg",
    "ulitsa", "bul.", "calea", "jalan", "via",
)  # fmt: skip


def check(match: str) -> bool | None:
    return None
