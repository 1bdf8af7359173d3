r"""Escape text for LaTeX, so that names of any kind compile and look as they were written."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "_": r"\_",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\(<\)",
    ">": r"\(>\)",
    "|": r"\(|\)",
    '"': r"\char34{}",
    "`": r"\textasciigrave{}",
    "±": r"\(\pm\)",
    "\N{MULTIPLICATION SIGN}": r"\(\times\)",
    "\N{MINUS SIGN}": r"\(-\)",
    "≤": r"\(\leq\)",
    "≥": r"\(\geq\)",
    "≠": r"\(\neq\)",
    "≈": r"\(\approx\)",
    "∞": r"\(\infty\)",
    "→": r"\(\rightarrow\)",
    "←": r"\(\leftarrow\)",
    "↑": r"\(\uparrow\)",
    "↓": r"\(\downarrow\)",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "…": r"\ldots{}",
    "\u00a0": "~",
}
# Letters of Greek that look like Latin ones have no command of their own.
_LATIN_LOOK = {
    "ALPHA": "A",
    "BETA": "B",
    "EPSILON": "E",
    "ZETA": "Z",
    "ETA": "H",
    "IOTA": "I",
    "KAPPA": "K",
    "MU": "M",
    "NU": "N",
    "OMICRON": "O",
    "RHO": "P",
    "TAU": "T",
    "UPSILON": "Y",
    "CHI": "X",
}
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)$")
# pdfLaTeX's default encoding sets up these; everything beyond needs LuaLaTeX or XeLaTeX.
_LAST_LATIN = 0x17F
_PLAIN = re.compile(r"[A-Za-z0-9 .,;:+=()\[\]/*!?'@-]*")
_NUMBER = re.compile(r"(?<![\w.])([+-]?)(\d+(?:\.\d+)?)(?:e([+-]?\d+))?(?![\w.])")


def escape(text: str) -> str:
    r"""Return text that LaTeX prints as it is.

    Greek letters, sub- and superscript digits become commands; letters beyond Latin and Greek stay, see
    `needs_unicode_engine`.

    Examples
    --------
    >>> print(escape("a_b & 50% #1"))
    a\_b \& 50\% \#1
    >>> print(escape("β₂"))
    \(\beta\)\textsubscript{2}
    """
    joined = " ".join(text.split())
    return joined if _PLAIN.fullmatch(joined) else "".join(map(_escape_character, joined))


def needs_unicode_engine(text: str) -> bool:
    """Tell whether escaped text holds letters that pdfLaTeX does not know.

    Examples
    --------
    >>> needs_unicode_engine(escape("naïve β₂")), needs_unicode_engine(escape("無心"))
    (False, True)
    """
    return not text.isascii() and any(ord(character) > _LAST_LATIN for character in text)


def numeral(text: str) -> str:
    r"""Return a cell of numbers with true minus signs and powers of ten.

    Examples
    --------
    >>> print(numeral("-0.010"), numeral("9.00e-10"), numeral("<0.0001"))
    \(-0.010\) \(9.00 \times 10^{-10}\) \(<\)0.0001
    """
    return _NUMBER.sub(_set_number, escape(text))


def _set_number(found: re.Match[str]) -> str:
    """Set one number; what needs no mathematics stays text."""
    sign, digits, exponent = found.groups()
    if not sign and exponent is None:
        return digits
    power = "" if exponent is None else rf" \times 10^{{{int(exponent)}}}"
    return rf"\({sign}{digits}{power}\)"


def _escape_character(character: str) -> str:
    """Escape one character."""
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character
    greek = _GREEK.match(unicodedata.name(character, ""))
    if greek:
        return _greek(greek[2], is_small=greek[1] == "SMALL")
    form = unicodedata.decomposition(character)
    for tag, command in (("<sub>", "textsubscript"), ("<super>", "textsuperscript")):
        if form.startswith(tag):
            return rf"\{command}{{{escape(unicodedata.normalize('NFKC', character))}}}"
    return unicodedata.normalize("NFC", character)


def _greek(name: str, *, is_small: bool) -> str:
    """Return the command of a letter of Greek."""
    if name == "OMICRON" and is_small:
        return "o"
    if name in _LATIN_LOOK and not is_small:
        return _LATIN_LOOK[name]
    command = name.replace("LAMDA", "LAMBDA").lower()
    return rf"\(\{command if is_small else command.capitalize()}\)"
