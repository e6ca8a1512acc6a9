"""What only the user's own words can do, whoever plans: agree, and take something back for good."""

import re

_AGREES = re.compile(
    r"\b(yes|yeah|yep|yup|y|sure|ok|okay|fine|agreed?|accept\w*|confirm\w*|consent|go (?:ahead|on)|do it|please do|show"
    r"|let me see|let'?s see|of course|certainly|absolutely|definitely|all ?right|ja|oui|s[ií]|da|tak|sim|hai)\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(r"\b(no|nope|not|never|none|nothing|nein|non|skip|rather|instead)\b|n['’]t\b", re.IGNORECASE)
_NO_REFUSAL = re.compile(r"\b(no problem|why not|not a problem|don['’]?t mind|no objections?)\b", re.IGNORECASE)
_FOR_GOOD = re.compile(
    r"\b(?:for good|permanently|anymore|any more|any longer|no longer|"
    r"(?:forget|stop remembering) that (?:i|i'm|we|my))\b",
    re.IGNORECASE,
)


def agrees_in_words(text: str) -> bool:
    """Return whether the user's words agree and do not refuse as well."""
    rest = _NO_REFUSAL.sub(" yes ", text)
    return _AGREES.search(rest) is not None and _REFUSES.search(rest) is None


def for_good(text: str) -> bool:
    """Whether what a text takes back is taken back for every conversation."""
    return _FOR_GOOD.search(text) is not None
