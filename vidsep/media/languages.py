"""Codes of languages: people type two letters or three, and three letters come in two kinds (ISO 639-2/B and /T)."""

# The languages whose codes for bibliographies and for terminology differ (ISO 639-2, registered by the Library of
# Congress), and the two letters (ISO 639-1) of those that are spoken in many films.
SAME = (
    "alb sqi sq", "arm hye hy", "baq eus eu", "bur mya my", "chi zho zh", "cze ces cs", "dut nld nl", "fre fra fr",
    "geo kat ka", "ger deu de", "gre ell el", "ice isl is", "mac mkd mk", "mao mri mi", "may msa ms", "per fas fa",
    "rum ron ro", "slo slk sk", "tib bod bo", "wel cym cy",
    "ara ar", "ben bn", "bul bg", "cat ca", "dan da", "eng en", "est et", "fin fi", "gle ga", "glg gl", "guj gu",
    "heb he", "hin hi", "hrv hr", "hun hu", "ind id", "ita it", "jpn ja", "kan kn", "kor ko", "lat la", "lav lv",
    "lit lt", "mal ml", "mar mr", "mon mn", "nep ne", "nor no", "nob nb", "nno nn", "pan pa", "pol pl", "por pt",
    "rus ru", "slv sl", "spa es", "srp sr", "swa sw", "swe sv", "tam ta", "tel te", "tgl tl", "tha th", "tur tr",
    "ukr uk", "urd ur", "uzb uz", "vie vi", "yid yi", "zul zu",
)  # fmt: skip
_FIRST = {code: codes.split()[0] for codes in SAME for code in codes.split()}


def same_language(one: str, other: str) -> bool:
    """Whether two codes name one language; regions as in ``pt-BR`` do not count.

    >>> same_language("deu", "ger"), same_language("eng", "en-GB"), same_language("eng", "enm")
    (True, True, False)
    """
    codes = (code.replace("_", "-").partition("-")[0].strip().lower() for code in (one, other))
    first, second = (_FIRST.get(code, code) for code in codes)
    return first == second
