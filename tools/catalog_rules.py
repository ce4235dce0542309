"""What every translation must keep of the English, and how Chinese is set."""

import re
from collections import Counter
from functools import cache

from helpers.language import ROOT
from helpers.texts import CODE, FORMULA, TARGET

FIELD = re.compile(r"\{[^{}]+\}")  # where a value is put
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SYMBOL = re.compile(r"[α-ωΑ-Ω]|\|B\||\|𝓑\|")
HAN = r"[\u4e00-\u9fff]"
LATIN = r"[A-Za-z0-9α-ωΑ-Ω%\ufffc]"  # the last stands for a formula or code
FULL = r"[，。；：！？、（）“”《》]"
NAME = re.compile(r"[\w.]*\w(?=[\[(=])|\w*_\w*|\w+(?:\.\w+)+", re.ASCII)  # of something in code, without its marks
TITLE = re.compile("(?<=《)[^》]*(?=》)")
LINK = re.compile(r"\[([^]]*)\]\([^)]+\)")
DOTS = re.compile(r"(?<= )\.\.\.(?= )")  # of Python, alone
FOREIGN = re.compile(r"[^|{}\n\u4e00-\u9fff，。；：！？、（）“”《》]{4,}")
SETTING = {  # what is wrong: what it looks like, without bold, and with a mark for formulas, code and titles
    "no space between Chinese and Latin": rf"{HAN}{LATIN}|{LATIN}{HAN}",
    "a space beside full-width punctuation": rf" {FULL}|{FULL} ",
    "half-width punctuation in Chinese": rf'{HAN} ?[,.;:!?(]|[,;:!?)] ?{HAN}|(?<!\d)\. ?{HAN}|[,;:!?](?= |$)|"',
    "a spelling of 你 that is not used here": "您",
}
FIXED = {  # English that has one form in Chinese
    r"^\*\*\d+\. [^*]+\*\* \((easy|medium|hard), \d+ minutes?\)": r"^\*\*\d+\. [^*]+\*\*（..，\d+ 分钟）。",
    r"; you may skip this\.$": r"；可以跳过。$",
}
LEVELS = {"easy": "简单", "medium": "中等", "hard": "困难"}


@cache
def glossary(locale="zh_CN"):
    """Return the table of the glossary: an English term, the Chinese ones for it, and those that are not used."""
    rows = re.findall(
        r"^\| (.+?) \| (.+?) \|(.*)\|$", (ROOT / "locale" / locale / "GLOSSARY.md").read_text("utf-8"), re.M
    )
    return [
        (english, own.split("、"), [term for term in other.strip().split("、") if term])
        for english, own, other in rows[1:]
    ]


def faults(message):
    """List in words what is wrong with a translated message of a Babel catalog."""
    english, own = message.id, message.string
    return [*_changed(english, own), *_set(english, own), *_emphasis(own), *_fixed(english, own), *_terms(message)]


def _changed(english, own):
    """What must be the same in both."""
    for name, pattern in {"formulas": FORMULA, "code": CODE, "links": TARGET, "fields": FIELD}.items():
        before, after = (Counter(map(_without_text, pattern.findall(text))) for text in (english, own))
        if pattern is CODE:  # a name may have to be said once more
            before, after = Counter(set(before)), Counter(set(after))
        if before != after:
            yield f"{name} differ: {_difference(before, after)}"
        english, own = (pattern.sub("", text) for text in (english, own))
    before, after = (Counter(NUMBER.findall(text)) for text in (english, own))
    if before != after:
        yield f"numbers differ: {_difference(before, after)}"
    before, after = (Counter(set(SYMBOL.findall(text))) for text in (english, own))
    if before != after:
        yield f"symbols differ: {_difference(before, after)}"


def _without(patterns, text, mark=""):
    for pattern in patterns:
        text = pattern.sub(mark, text)
    return text


def _without_text(formula):
    return re.sub(r"\\text\{[^}]*\}", r"\\text{}", formula)


def _difference(before, after):
    return f"{sorted((before - after).elements())} in English, {sorted((after - before).elements())} here"


def _set(english, own):
    texts = (LINK.sub(r"\1", text).replace("**", "") for text in (english, own))
    english, plain = (_without((FORMULA, CODE, TITLE, DOTS), text, "\ufffc") for text in texts)
    for run in FOREIGN.findall(plain):  # what stands so in English is code, or numbers
        run = run.strip(" ,;:!?.")
        plain = plain.replace(run, "\ufffc") if len(run) > 3 and run in english else plain
    for name, pattern in SETTING.items() if re.search(HAN, plain) else ():
        found = re.search(pattern, plain)
        if found:
            yield f"{name}: …{plain[max(0, found.start() - 8) : found.end() + 8]}…"


def _emphasis(own):
    """Find bold that would not be shown. Beside its inner edge punctuation needs more or a space at the outer one."""
    plain = _without((FORMULA, CODE), own, "x")
    if plain.count("**") % 2 or re.search(r"(?<!\*)\*(?![\s*])[^*]+(?<!\s)\*(?!\*)", plain):
        yield "emphasis other than **…**"
    for i, mark in enumerate(re.finditer(r"\*\*", plain)):
        before, after = plain[: mark.start()][-1:] or " ", plain[mark.end() :][:1] or " "
        inner, outer = (after, before) if i % 2 == 0 else (before, after)
        if inner == " " or not inner.isalnum() and outer.isalnum():
            yield f"bold that is not shown: …{plain[max(0, mark.start() - 8) : mark.end() + 8]}…"


def _fixed(english, own):
    for pattern, ours in FIXED.items():
        found = re.search(pattern, english)
        if found and not re.search(ours, own):
            yield f"must match {ours}"
        elif found and found.groups() and LEVELS[found[1]] not in own:
            yield f"{found[1]} is {LEVELS[found[1]]}"


def _terms(message):
    free = re.findall(r"free: (.+)", "\n".join(message.user_comments))
    english, own = (_without((FORMULA, CODE, TARGET, NAME, FIELD), text) for text in (message.id, message.string))
    for term, ours, others in glossary():
        asked = term not in free and re.search(rf"\b{term}(?:s|es)?\b", english, re.IGNORECASE)
        if asked and not any(name in own for name in ours):
            yield f"{term} is {'、'.join(ours)}"
        for name in others:
            if name in own and name not in free:
                yield f"{name} is not used for {term}, but {'、'.join(ours)}"
