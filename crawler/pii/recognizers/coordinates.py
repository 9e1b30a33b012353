"""Places on Earth as coordinates: decimal degrees with four decimals or more, or degrees, minutes, seconds. ISO 6709.

Four decimals are eleven meters: a house, not a town. Articles about places are full of coordinates, so the kind is
one of its own (`location`) and a policy says whether it matters.
"""

import re

from crawler.pii.shapes import FILLER, LEFT, RIGHT

ENTITY = "COORDINATES"
KIND = "location"

_LEFT = LEFT + r"(?<!\.)"
_RIGHT = RIGHT + r"(?!\.[0-9])"
_LATITUDE = r"[-+]?(?:90\.0{4,9}|[1-8]?[0-9]\.[0-9]{4,9})"
_LONGITUDE = r"[-+]?(?:180\.0{4,9}|1[0-7][0-9]\.[0-9]{4,9}|[1-9]?[0-9]\.[0-9]{4,9})"
_MINUTES = r"[0-5]?[0-9](?:\.[0-9]{1,6})?[ ]?['′’´][ ]?(?:[0-5]?[0-9](?:[.,][0-9]{1,6})?[ ]?(?:[\"″”]|''|′′)[ ]?)?"
_CJK_MINUTES = r"[0-5]?[0-9](?:\.[0-9]{1,6})?[分분][ ]?(?:[0-5]?[0-9](?:\.[0-9]{1,6})?[秒초])?"

PATTERNS = (
    (
        "decimal",
        rf"{_LEFT}{_LATITUDE}[ ]?°?[ ]?[NS]?(?:[ ]?[,;][ ]?|[ ](?:/[ ])?){_LONGITUDE}(?:[ "
        rf"]?°?[ ]?[EWO]|[ ]?°)?{_RIGHT}",
        0.6,
    ),
    (
        "one decimal with its name",
        rf"(?i:(?<![a-z])(?:lat|lng|lon|long|latitude|longitude|breite|länge|latitud|longitud|latitudine|longitudine)"
        rf"[\"']?[ ]?[:=][ ]?[\"']?){_LONGITUDE}{_RIGHT}",
        0.6,
    ),
    (
        "degrees and minutes",
        rf"{_LEFT}[0-9]{{1,2}}[ ]?[°º][ ]?{_MINUTES}[NSns]\.?[ ]?[,;/·]?[ ]?[0-9]{{1,3}}[ ]?[°º][ ]?{_MINUTES}[EWOewo]"
        rf"{RIGHT}",
        0.7,
    ),
    (
        "degrees and minutes, letters first",
        rf"(?<![A-Za-z{FILLER}])[NS][ ]?[0-9]{{1,2}}[ ]?[°º][ ]?{_MINUTES}[ ]?[,;/]?[ "
        rf"]?[EWO][ ]?[0-9]{{1,3}}[ ]?[°º][ ]?"
        rf"{_MINUTES}",
        0.7,
    ),
    (
        "in Chinese characters",
        rf"(?:北緯|北纬|南緯|南纬|북위|남위)[ ]?[0-9]{{1,2}}(?:\.[0-9]{{4,9}}[度°도]|[度°도][ ]?{_CJK_MINUTES})[ ]?"
        rf"[,、,]?[ ]?(?:東経|东经|東經|西経|西经|西經|동경|서경)[ ]?[0-9]{{1,3}}(?:\.[0-9]{{4,9}}[度°도]|[度°도][ ]?"
        rf"{_CJK_MINUTES})",
        0.7,
    ),
)
CONTEXT = (
    "coordinates, coordinate, coords, gps, lat/long, lat/lon, latlng, latitude, longitude, location, koordinaten, "
    "gps-koordinaten, coordonnées, coordonnées gps, coordenadas, coordinate gps, 座標, 緯度経度, 緯度, 坐标, 经纬度, "
    "座標位置, "
    "좌표, 위도, 경도"
)
REACH = 30
GATE = r"\.[0-9]{4}|[°º度도]"

_WITHOUT_SIGNS = re.compile(r"0\.[0-9]+[ ,;/]+0\.[0-9]+")


def check(match: str) -> bool | None:
    """No find for two fractions of one, which are figures of a table."""
    return False if _WITHOUT_SIGNS.fullmatch(match.strip()) else None
