"""Text of any origin, written so that Markdown and LaTeX show it and do nothing else with it."""

import re

from rise.report.render.format import NOTHING

# Characters that mean something to LaTeX, or that its default fonts show as another one.
LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    NOTHING: r"\textendash{}",
    "\N{EM DASH}": r"\textemdash{}",
    "\N{DAGGER}": r"\textdagger{}",
    "\N{CHECK MARK}": r"\checkmark{}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
}
# Footnote letters: one character each in text, raised letters in LaTeX.
RAISED = dict(zip("ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "abcdefghijklmnoprstuvwxyz", strict=True))
# What the encoding T1 has beyond ASCII: most letters and signs of Latin scripts.
LATIN = re.compile("[¡-žȘ-ț]")
NOT_IN_T1 = "ĦħĸĿŀŉŦŧ"
MINUS = re.compile(r"(?<![\w.)-])-(?=\d)")
# Links, images, HTML, entities and the fences of GitHub's formulas and strikethrough.
MARKDOWN = re.compile(r"[\\|*_`~$]|\](?=[(\[:])")
OPENS_TAG = re.compile(r"<(?=[A-Za-z/!?])")
ENTITY = re.compile(r"&(?=#|\w+;)")


def plain(text: str) -> str:
    """Put text on one line, with characters that cannot be seen written as their number."""
    return "".join(c if c.isprintable() else _number(c) for c in " ".join(text.split()))


def markdown_text(text: str) -> str:
    """Write text so that Markdown shows it as it is."""
    text = ENTITY.sub("&amp;", plain(text))
    return OPENS_TAG.sub("&lt;", MARKDOWN.sub(r"\\\g<0>", text))


def latex_text(text: str) -> str:
    """Write text so that LaTeX shows it as it is, with minus signs as such.

    What the encoding T1 lacks (Greek, Chinese, ...) is written as its number, U+4E2D: any engine
    compiles it.
    """
    parts = MINUS.split(plain(text))
    return "$-$".join("".join(map(_latex, part)).replace("--", "-{}-") for part in parts)


def _latex(c: str) -> str:
    if c in RAISED:
        return rf"\textsuperscript{{{RAISED[c]}}}"
    if c in LATEX:
        return LATEX[c]
    known = c.isascii() or (LATIN.match(c) and c not in NOT_IN_T1)
    return c if known else _number(c)


def _number(c: str) -> str:
    return f"U+{ord(c):04X}"
