"""What a program may answer, and whether an answer kept to it. Pure; who is asked is left to `pipeline.answer_drafts`.

A comment is a stranger's text that may be hostile to people, to the account or to the model. So two gates stand
around the model, and neither trusts it: `why_for_person` lets through no more than a plain question in the bot's own
language, of which the model sees the questions alone; `why_unfit` takes an answer for obeying as soon as it says what
the material does not, or takes a word from the comment that the material lacks. Both err on one side: what they refuse
waits for a person."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from importlib import resources

from twitter_manager import invisible, language
from twitter_manager.checks.folding import folded, undisguised
from twitter_manager.english import shown, words
from twitter_manager.language import primary
from twitter_manager.writing.answers import read_json
from twitter_manager.writing.formats import told

MOST, MOST_SENTENCES = 400, 5
"""Characters and sentences of a comment that may be a plain question."""
_FEW = 3
"""Words of a sentence that tells nothing which an answer must heed: "Thanks a lot!"."""
_PRIVATE = ("private", "direct")
_SUBJECTS: Mapping[str, str] = {
    "orders": "it asks the bot to do or say something, or tells it what to be",
    "hostile": "it sounds hostile",
    "medical": "it is about health",
    "legal": "it is about the law",
    "political": "it is about politics or beliefs",
    "personal": "it is about somebody's own life",
}
_PLAIN = r"[^\W_]|[\s.,;:!?'’()%&+/€$£°–—-]"
_ASKED = rf"`[^\W\d_]\w*(?:[ -]\w+){{0,2}}`|(?<=[^\W_])_(?=[^\W_])|{_PLAIN}|[¿¡…\"“”„«»]"
"""What a plain question is written with, names in `marks of code` and with_underscores too; an answer needs less."""
_ENCODED = (
    r"[A-Za-z0-9+/=]{20,}|(?=\S*[a-z])(?=\S*[A-Z])(?=\S*\d)\S{10,}|\b(?:[0-9a-f]{2}[\s:]){4,}|\b[01]{6,}\b|%[0-9a-f]{2}"
    r"|(?:\b\w\b[\s.-]+){4,}|(?:[.·-]{1,5}[\s/]){4,}|=\s*$"
)
_NO_CODE = r"\bv?\.?\d+(?:\.\d+)+|\b\d{1,3}-(?=[^\W\d_]{3})"
_COMPOUND = r"\b[A-Z][a-z]{19,29}\b"
"""What may look encoded and is not: a version, "24-Stunden-Takt", and a long noun in German."""
_UNSEEN = ("Cf", "Co", "Cn", "Cc")
_ADDRESS = r"https?:|www\.|\b[\w-]+\.[a-z]{2,}\b|\bdot\s+(?:com|org|net|io)\b"
_FILE = r"\b[\w-]+\.(?:js|json|ya?ml|toml|ini|cfg|conf|txt|log|csv|xml|html|css|pdf|docx?|xlsx?|png|jpe?g)(?!\.?[\w-])"
"""A file's or a program's name with an ending that no address has."""
_RATHER = 0.5
"""How sure one must be of the language that was expected: a short question with a name in it looks like many."""
_ANNOUNCED = r"(?i)^(?:[^\W\d_]+ ){0,2}(?:question|frage|pregunta) ?:\s"
_YES_OR_NO = r"\b(?:yes|yep|yeah|nope|ja|nein|oui|sí)\b|(?:^|[.!?]\s+)(?:no|non|si|doch)(?=\s?[,.:;!–—-]|$)"
_WORD = r"[^\W_]+(?:['-]?[^\W_]+)*"
_ELIDED = r"^(?:[cdjlmnst]|(?:jus|lors|puis)?qu)['’](?=\w{2})"
"""What French puts before a word that begins with a vowel."""
_STEM, _LEAST, _ENDING = 5, 4, 3
"""So many first letters tell a word from others, whatever its ending; of a shorter one (but not the shortest) all of
them, before an ending of so many: "open", "opening"."""
_NEW = 1 / 3
"""The share of an answer's words that may be neither the material's nor common."""


def why_for_person(text: str, kind_of_place: str, wished: str) -> str:
    """Why a comment is left to the bot's person, without asking a model; "" where it is a plain question in the bot's
    language. `kind_of_place`: how widely it can be seen, "" where anybody can; `wished`: the bot's language."""
    said = _without_names(text)
    if kind_of_place in _PRIVATE:
        return "it was said in private"
    if not re.search(r"\w", said):
        return "it says nothing in words"
    if primary(wished) not in _table("common"):
        return "answers can be drafted in English, German, French and Spanish alone"
    tag = primary(wished)
    return _odd_signs(said, tag) or _odd_language(said, wished) or _subject(said, tag) or _no_question(said)


def _without_names(text: str) -> str:
    """Without the names that a reply begins with."""
    return re.sub(r"^(?:\s*@[\w.@-]+[,:]?)+", "", text).strip()


def _odd_signs(said: str, tag: str) -> str:
    visible = said.replace("\n", " ")
    if invisible.remove(visible) != visible or any(unicodedata.category(sign) in _UNSEEN for sign in visible):
        return "it has signs that nobody sees"
    if any(sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN ") for sign in said):
        return "it has letters of another script"
    if any(unicodedata.combining(sign) for sign in unicodedata.normalize("NFC", said)):
        return "it has letters in disguise"
    if _has_address(said):
        return "it has an address in it"
    if _may_be_encoded(said, tag):
        return "something in it may be encoded"
    bare = "".join(sign for sign in said if unicodedata.category(sign) != "So")  # an emoji is no code
    if odd := re.sub(_ASKED, "", bare):
        return f"it has signs that are no plain question's: {shown(odd, 10)}"
    if re.search(r"\w:\s", re.sub(_ANNOUNCED, "", said)):
        return "it has a label, as prompts do"
    shouts = re.search(r"\b[^\W\d_a-zß-ÿ]{7,}\b", said)
    return "it shouts" if shouts or re.search(r"[!?]{3,}", said) else ""


def _has_address(text: str) -> bool:
    return re.search(_ADDRESS, re.sub(_FILE, " ", text, flags=re.IGNORECASE), re.IGNORECASE) is not None


def _may_be_encoded(text: str, tag: str) -> bool:
    bare = re.sub(_NO_CODE, "", re.sub(_COMPOUND, "", text) if tag == "de" else text)
    return re.search(_ENCODED, bare) is not None


def _odd_language(said: str, wished: str) -> str:
    known = language.detect(said)
    if known and known != primary(wished):
        return f"it is in another language ({known})"
    rather = known or language.detect(said, _RATHER)
    unsure = sum(sign.isalpha() for sign in said) >= 2 * language.LEAST_LETTERS and rather != primary(wished)
    return "its language can't be told" if unsure else ""


def why_seen_first(text: str, wished: str) -> list[str]:
    """Why a person must see the answer to it before it goes out, though a model may draft it."""
    pattern = _pattern("food", primary(wished))
    asked = any(pattern.search(_spaced(reading)) for reading in undisguised(folded(text)))
    untold = [said for said in _sentences(_without_names(text)) if not _asks(said) and len(words(said)) > _FEW]
    return ["it asks what is in food"] * asked + ["it says more than it asks, which no model was shown"] * bool(untold)


def point_for_judge(comment: str) -> str:
    """What a judge looks at besides: a true sentence may be a wrong answer."""
    words_of_it = " ".join(re.sub('[“”„«»"]', " ", question_of(comment)).split())  # they can't end the quotation
    return str(told()["requests"]["asked"]).replace("{question}", words_of_it)


def says_yes_or_no(answer: str) -> bool:
    """Whether it says what stands in the question alone."""
    return re.search(_YES_OR_NO, answer, re.IGNORECASE) is not None


def _spaced(reading: str) -> str:
    """Its words with a blank around each, compounds whole and in parts."""
    spoken = re.findall(_WORD, reading.replace("’", "'"))
    return f" {' '.join((*spoken, *' '.join(spoken).replace('-', ' ').split()))} "


def _subject(said: str, tag: str) -> str:
    for reading in undisguised(folded(said)):
        spaced = re.sub(_pattern("harmless", tag), "", _spaced(reading))
        for subject, why in _SUBJECTS.items():
            if re.search(_pattern(subject, tag), spaced):
                return why
        if re.search(_bidding(tag), " ".join(re.findall(rf"{_WORD}|[^\w\s'-]", reading.replace("’", "'"))) + " "):
            return _SUBJECTS["orders"]
    return ""


def _no_question(said: str) -> str:
    sentences = _sentences(said)
    if len(said) > MOST or len(sentences) > MOST_SENTENCES:
        return "it is long"
    return "" if question_of(said) else "it asks nothing"


def question_of(text: str) -> str:
    """Its questions: all that a model is shown of a comment."""
    return " ".join(filter(_asks, _sentences(_without_names(text))))


def _asks(sentence: str) -> bool:
    return re.search(r"\?[^\w?]*$", sentence) is not None


def _sentences(said: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n", said) if re.search(r"\w", part)]


def read(raw: str) -> str | None:
    """The text of a model's answer; "" where it has none to give, None where it is not of the form asked for."""
    answer = read_json(raw)
    text = answer.get("answer") if isinstance(answer, dict) and answer.keys() == {"answer"} else None
    return " ".join(text.split()) if isinstance(text, str) else None


def why_unfit(answer: str, comment: str, material: Collection[str], wished: str) -> str:
    """Why an answer is not sent, whatever any model says of it: it may obey the comment. "" where nothing tells so.
    `material`: every text that it may take its words from."""
    if odd := re.sub(_PLAIN, "", answer):
        return f"the answer has signs that no answer needs: {shown(odd, 10)}"
    if _has_address(answer) or _may_be_encoded(answer, primary(wished)):
        return "the answer has an address or something encoded in it"
    if other := language.differs(answer, wished):
        return f"the answer is in another language ({other})"
    if number := next((each for each in re.findall(r"\d+", answer) if each not in " ".join(material)), ""):
        return f"the answer says {number}, which the material does not"
    said, new = _said(answer, wished), new_words(answer, material, wished)
    if not said:
        return "the answer says nothing of the material"
    if echo := next((word for word in new if _is_among(word, _known([comment]))), ""):
        return f"the answer takes “{shown(echo, 30)}” from the comment"
    if len(new) > _NEW * len(said):
        return f"the answer says more than the material: {shown(', '.join(new[:4]), 60)}"
    return ""


def new_words(answer: str, material: Collection[str], wished: str) -> list[str]:
    """Those of an answer that are neither the material's, whatever their ending, nor common."""
    known = _known(material)
    return [word for word in _said(answer, wished) if not _is_among(word, known)]


def _said(answer: str, wished: str) -> list[str]:
    common = set(folded(_table("common")[primary(wished)]).split())
    return [word for word in _words(answer) if len(word) > 2 and word not in common]


def _words(text: str) -> list[str]:
    return [re.sub(_ELIDED, "", word) for word in words(folded(text))]


def _known(texts: Collection[str]) -> frozenset[str]:
    """Their words, and the beginnings by which the same words are told with another ending."""
    spoken = {word for text in texts for word in _words(text)}
    return frozenset(spoken | {beginning for word in spoken for beginning in _beginnings(word)})


def _is_among(word: str, known: Collection[str]) -> bool:
    return word in known or any(beginning in known for beginning in _beginnings(word))


def _beginnings(word: str) -> list[str]:
    short = [word[:-ending] for ending in range(1, _ENDING + 1) if len(word) - ending == _LEAST]
    plural = [word[:-1]] if len(word) <= _LEAST and word.endswith("s") else []
    return [word[:_STEM], *short, *plural]


@functools.cache
def _pattern(subject: str, tag: str) -> re.Pattern[str]:
    """Its entries, each at a word's beginning. What the asker does is no order: "how do I repeat it?"."""
    asked = "(?<! i )" if subject == "orders" else ""
    return re.compile(f"(?<= ){asked}(?:{_entries(subject, tag)})")


@functools.cache
def _bidding(tag: str) -> re.Pattern[str]:
    """Verbs that give an order where they begin a sentence or a part of it, or where a word asks for what follows."""
    return re.compile(rf"(?:^|[^\w\s'-] |\b(?:{_entries('lead_in', tag)}) )(?:{_entries('bidden', tag)})")


def _entries(table: str, tag: str) -> str:
    return "|".join(re.escape(entry).replace("_", " ") for entry in _table(table)[tag].split())


@functools.cache
def _table(name: str) -> Mapping[str, str]:
    tables: dict[str, Mapping[str, str]] = tomllib.loads(
        resources.files(__package__).joinpath("answering.toml").read_text("utf-8")
    )
    return tables[name]
