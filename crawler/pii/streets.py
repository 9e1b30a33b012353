"""Words of postal addresses, for the recognizers of addresses in alphabets.

Street suffixes and units of the United States: USPS Publication 28, appendices C1 and C2; military: section 225.
"""

_CAPITAL = (
    "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100\u0106\u010c\u010e\u0118\u0141\u0143\u0150\u0158\u015a"
    "\u0160\u0179\u017b\u017d\u0130"
)
NAME = rf"(?:[{_CAPITAL}][0-9A-Za-zÀ-ɏ'’.-]{{0,24}})"  # one word of a name
SMALL = (
    r"(?:of|the|and|de|del|della|delle|dei|degli|di|da|do|dos|das|du|des|la|las|le|les|el|los|al"
    r"|van|von|der|den|dem|am|an|zur|zum|im|in|na|nad|pod|y|e|i|et|d'|l')"
)
NUMBER = r"[0-9]{1,6}(?:[ ]?[-/–][ ]?[0-9]{1,5})?[A-Za-z]?"
UNIT = (
    r"(?:(?i:apt|apartment|suite|ste|unit|flat|room|rm|floor|fl|bldg|building|appt|wohnung|piso|interno|lok|m)\.?"
    r"[ ]?(?:#|no\.?[ ]?|nr\.?[ ]?)?[0-9]{1,5}[A-Za-z]?|#[ ]?[0-9]{1,5}[A-Za-z]?)(?![0-9A-Za-z])"
)
# Suffixes that say street and little else, and those that count only where an address is announced.
_LONG = "street|avenue|road|boulevard|lane|drive|court|circle|terrace|parkway|highway|square|crescent|place|alley|plaza"
SUFFIX = rf"(?:{_LONG}|(?-i:(?=[A-Z]))" + (
    r"(?:street|str|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|circle|cir|terrace|ter|parkway"
    r"|pkwy|highway|hwy|square|sq|trail|trl|crescent|cres|close|mews|turnpike|tpke|expressway|freeway|alley|aly"
    r"|broadway|esplanade|promenade|quay|causeway|bypass|plaza|plz|place|pl|way|row|grove|gardens|gdns|loop))"
)
STATE = (
    r"(?:A[AEKLPRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOPST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT"
    r"|V[AIT]|W[AIVY])"
)
PROVINCE = r"(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|NSW|VIC|QLD|TAS|ACT)"
UK_CODE = r"(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKPS-UW]? [0-9][ABD-HJLNP-UW-Z]{2})"
CA_CODE = r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] [0-9][ABCEGHJ-NPRSTV-Z][0-9]"
_PLACE = rf"{NAME}(?:[ -](?:{SMALL}[ ])?{NAME}){{0,3}}(?![0-9A-Za-z])"
# What may follow a street on its line: unit, town, state and code, in any of their usual orders.
TAIL = (
    rf"(?:,?[ ]{UNIT})*"
    rf"(?:,?[ ](?:{_PLACE})?,?[ ]?(?:{STATE}[ ][0-9]{{5}}(?:-[0-9]{{4}})?|{PROVINCE}[ "
    rf"](?:[0-9]{{4}}|{CA_CODE})|{UK_CODE}|{CA_CODE})"
    rf"|,?[ ](?:[A-Z]{{1,2}}-)?[0-9]{{4,5}}(?:[- ]?[0-9]{{2,3}}|[ ]?[A-Z]{{2}})?[ ]{_PLACE}"
    rf"|,[ ]{_PLACE}(?:,[ ]{_PLACE})?(?:[ ][0-9]{{4,6}})?)?"
    rf"(?:,[ ]{_PLACE})?"
)
END = r"(?![0-9A-Za-z])"
