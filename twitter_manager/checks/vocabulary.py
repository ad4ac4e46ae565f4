"""The words that the meaning rules know: small English words, links between clauses, qualifiers, forms and synonyms.

Only tables and how a word is brought to its stem. A word that no table knows is a content word, which is the strict
side: it must stand in the material.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from twitter_manager.checks.words import set_of

# Said with several words, and read as one.
_PHRASES = """
    at most|at least|up to|no more than|not more than|no less than|no fewer than|by default|in most cases|most of
    some of|all of|none of|each of|both of|one of|instead of|rather than|because of|due to|owing to|thanks to
    as a result of|as a result|that is why|this is why|which is why|which means|in order to|so that|according to
    such as|as well as|as long as|as soon as|even if|even though|except for|apart from|other than|no longer|not yet
    out of|in front of|on top of|at once|a few|a lot|in general|as a rule|at times|leads to|led to|results in
    resulted in|to be|have to|has to|had to|need not|is what|are what|in case|in use|every time
"""
LINKS: Mapping[str, str] = {
    **dict.fromkeys(("because", "since", "as_long_as"), "because"),
    **dict.fromkeys(
        set_of(
            "so so_that therefore thus hence consequently that_is_why this_is_why which_is_why which_means as_a_result"
        ),
        "so",
    ),
    **dict.fromkeys(("if", "when", "whenever", "every_time", "once", "in_case", "as_soon_as", "provided"), "if"),
    **dict.fromkeys(("even_if", "even_though", "although", "though"), "though"),
    **dict.fromkeys(("unless", "except", "except_for"), "unless"),
    **dict.fromkeys(("until", "till"), "until"),
    "before": "before",
    "after": "after",
    **dict.fromkeys(("while", "whereas", "but", "yet", "however"), "and"),
}
"""What begins a clause, and the class that must be kept; `and` is the class that says nothing."""
CONDITIONS = frozenset({"if", "unless", "until", "said"})
"""A statement with one of these hanging on it does not hold without it."""
SAYING = set_of("""
    say says said report reports reported suspect suspects suspected claim claims claimed believe believes believed
    think thinks thought suggest suggests suggested found find finds state states stated announced announces warn
    warns warned hope hopes hoped expect expects expected estimate estimates estimated fear fears feared rule ruled
    rules decided decides promised promises shows showed shown suggests
""")
"""With what they say in a clause of its own."""
JOINING = frozenset({"and", "or", "nor"})
RELATIVE = frozenset({"which", "who", "where", "whose", "whom"})

STRONG_MARKERS = set_of("""
    than from to by before after since until except instead_of rather_than without against above below over under
    unlike because_of due_to owing_to thanks_to as_a_result_of towards toward outside beyond behind despite through
    via leads_to led_to lead_to results_in resulted_in result_in per into onto out_of between
""")
"""Prepositions that can't be left out or exchanged: what they govern plays another part then."""
SAME_MARKERS: Mapping[str, str] = {"towards": "toward", "till": "until", "upon": "on", "onto": "on", "inside": "in"}
WEAK_MARKERS = set_of("of in on at for with within inside during as about around across along near among")
YEARLY_MARKERS = frozenset({"since", "in", "until", "by", "before", "after"})
"""What may stand before a year."""
STICKY_MARKERS = frozenset({"than", "instead_of", "rather_than", "unlike", "without"})
"""They govern all that follows in the clause."""
ADVERBS = set_of("""
    again forever together instead twice thrice at_once abroad afterwards beforehand meanwhile nowadays
""")
"""Words that say how or when a thing is done, and are never who does it nor what it is done to. Those in -ly too."""
TIMES = set_of("second minute hour day night morning evening week weekend month season year decade century")
"""With every, each, last or next in front they say when."""
CAUSES = set_of("""
    because_of due_to owing_to thanks_to as_a_result_of leads_to led_to lead_to results_in resulted_in result_in
    because since so therefore thus hence consequently that_is_why this_is_why which_is_why which_means as_a_result
    so_that
""")

NEGATIONS = set_of("""
    not no never none neither nor nothing nobody nowhere cannot without lack lacks lacking lacked unlike no_longer
    not_yet none_of hardly barely rarely seldom missing absent absence impossible
""")
NEGATIVE_WORDS = set_of("""
    refuse fail ignore forbid prevent reject deny block ban stop avoid decline disallow prohibit drop lose skip omit
    exclude remove disable cancel delay discard break abort oppose abandon withdraw miss discourage suspend close
    deprecate revoke restrict limit postpone delete
""")
"""Stems of content words that turn a statement round; those of one meaning stand in one row of the synonyms."""

_QUALIFIERS = """
    only: only solely exclusively
    usually: usually normally typically generally commonly often frequently mostly mainly largely as_a_rule in_general
    by default: by_default default
    in most cases: in_most_cases mostly usually
    most: most most_of majority mostly
    some: some several some_of a_few certain few many
    at most: at_most up_to no_more_than not_more_than maximum
    at least: at_least no_less_than no_fewer_than minimum
    more than: more_than over longer_than exceed
    less than: less_than under fewer_than shorter_than below
    about: about roughly around approximately nearly almost circa some
    sometimes: sometimes occasionally at_times
    may: may might could possibly perhaps maybe likely probably
    can: can could may might able possible let allow enable permit
    should: should recommend advise ought
    must: must have_to has_to had_to
    plans: plan intend hope propose aim want wish
    expected: expect forecast predict estimate
    yet: not_yet yet
    partly: partly partially half
    up to now: still
    almost: almost nearly
    alone: alone
    both: both both_of
    future: will shall plan to_be soon
"""
STRONG = set_of("""
    always all all_of every everyone everything must exactly definitely certainly guarantee prove proof completely
    fully entirely totally absolutely ever any even perfectly precisely only solely never nobody nothing have_to
    has_to had_to forever permanently everywhere instantly
""")
"""Words that make a statement stronger; none may be added."""
COMPARATIVES = set_of("""
    better worse best worst more most less least fewer fewest further farther bigger biggest faster fastest slower
    slowest larger largest smaller smallest higher highest lower lowest longer longest shorter shortest older oldest
    newer newest stronger strongest weaker weakest cheaper cheapest safer safest easier easiest earlier earliest
    later latest simpler simplest cleaner cleanest quicker quickest richer richest first leading top superior
    inferior unique unprecedented record outperform outperforms exceed exceeds beat beats surpass surpasses easily
    hugely massively dramatically significantly drastically extremely incredibly revolutionary perfect ideal amazing
    awesome great greatest excellent powerful very really far
""")
"""Comparisons, ranks and praise: they are claims."""

AMOUNTS = set_of("""
    one several many few all most some each every both no any half once twice thrice double triple quarter third
    second third fourth fifth sixth seventh eighth ninth tenth dozen hundred thousand million billion pair single
    some_of most_of all_of a_few a_lot none_of each_of both_of one_of
""")
"""What counts, besides numbers."""
UNITS = set_of("""
    second minute hour day night week month year decade century percent euro dollar pound franc yen krona kilometre
    kilometer km metre meter m mile inch foot centimetre cm millimetre mm litre liter gallon gb mb kb tb byte bit
    gigabyte megabyte kilobyte kilogram kg gram tonne degree celsius fahrenheit watt volt memory disk millisecond
    microsecond nanosecond ms
""")
OPPOSITES = ("un", "non", "dis", "in", "im", "ir", "il")
"""What turns a word into its opposite."""

PRONOUNS = set_of("""
    it its they them their theirs he she him her his this these those one ones itself themselves there here then
""")
_SMALL = """
    a an the and or nor is are was were be been being am do does did has have had having it its they them their
    theirs he she him her his hers this that these those there here i you your yours we our ours us me my one ones
    itself themselves yourself which who whom whose what where why how also too then just now so than as if while
    but yet well quite rather own such same other others another each either via per s t re ll ve d will would shall
    already again still both get gets got let's make made whether along together upon to_be according_to is_what
    are_what when whenever because unless until except however although though even_though
"""
_FRAMING = """
    note notes reminder tip tips til fact facts fyi psa know known knowing learn learned remember remembering worth
    keep mind good useful easy forget miss overlook did ever wonder wondered quick small detail thing things
    something notebook later self today news new heads-up hint point
"""
"""Words that openers are made of; in an opener they say nothing of the matter."""

_IRREGULAR = """
    take takes took taken taking|keep kept|beat beaten|fall fell fallen|rise rose risen|write wrote written
    give gave given|make made|send sent|lose lost|build built|drive drove driven|leave left|say said|find found
    come came|go went gone|get got gotten|see saw seen|know knew known|hold held|begin began begun|break broke broken
    choose chose chosen|grow grew grown|draw drew drawn|run ran running|sell sold|buy bought|pay paid|meet met
    sleep slept|feed fed|lead led|read|tell told|think thought|bring brought|teach taught|catch caught|win won winning
    stand stood|understand understood|speak spoke spoken|forget forgot forgotten|hide hid hidden|shut|set setting
    put putting|cut cutting|let letting|hit hitting|lay laid|lie lay lain|fly flew flown|drink drank drunk
    swim swam swum swimming|sing sang sung|eat ate eaten|wear wore worn|throw threw thrown|show showed shown
    spend spent|spread|mean meant|deal dealt|feel felt|fight fought|shoot shot|shake shook shaken|steal stole stolen
    man men|woman women|child children|person people|foot feet|mouse mice|datum data|index indices indexes indexing
    forbid forbade forbidden|freeze froze frozen|become became|plan planned planning|drop dropped dropping
    stop stopped stopping|ban banned banning|plant planted|use uses used using|close closes closed closing
    bus buses|die dies died dying|try tries tried trying|half halves|third thirds|leaf leaves
"""

_SYNONYMS = """
    need require necessary|begin start commence|end finish conclude|beginning start|show display|help assist
    buy purchase|get receive obtain|big large|small little|fast quick rapid|cut reduce lower decrease
    increase rise raise grow up|fall drop decline decrease down|large big|return come_back|get reach arrive
    return came|return come back|build construct|fix repair mend|repair fix|error mistake fault|error bug
    choose pick select|delete remove|forbid prohibit disallow ban|refuse decline reject|stop halt
    allow permit let enable|prevent stop|keep retain preserve stay remain|hold contain|contain include|use employ
    give provide supply|change alter modify|show reveal|find discover|say state|tell inform|answer reply respond
    ask request|run execute|call invoke|store save keep|save keep|send transmit|get fetch|make create produce
    create add|method way|issue problem|house home|car automobile|bicycle bike|doctor physician|film movie
    autumn fall|free gratis|open public|close shut|last final|previous earlier former|next following
    several multiple many|about roughly around approximately|almost nearly|often frequently
    usually normally typically generally|sometimes occasionally|only solely just|also too|maybe perhaps
    must have_to|at_most no_more_than up_to|at_least no_less_than|before prior|equal same|whole entire
    entire whole all|every each all|a_few some several|visitor guest|student pupil|town city|ship vessel
    road street|price cost|cost charge pay|pay cost|reach get|lead head|head lead|take require|last take
    move relocate|publish release issue|release launch|version release|add introduce|drop remove|study research
    researcher scientist|scientist researcher|succeed replace follow|worker work|eruption erupt|collection collect
    information info|documentation docs|directory folder|argument parameter|function method|bug error|crash fail
    memory ram|disk storage|quick fast|speed pace|lose forfeit|beat defeat|defeat beat|join enter|enter join
    attend visit|finish end complete|complete finish|detect find discover|expire end|hall room|place venue
    venue place|annual yearly|daily day|weekly week|monthly month|yearly year|hourly hour|hour hourly|euro eur
    dollar usd|kilometre km kilometer|metre m meter|litre liter l|gigabyte gb|megabyte mb|kilobyte kb|kilogram kg
    gram g|celsius c
"""


ENGLISH = set_of("""
    the of and to is are for with that it by from not be as when can this an its was has a they them all or but you
    your at than if only one over into which who have had will may must in on so no does do
""")
FOREIGN = set_of("""
    der die das und ist nicht ein eine einen mit für auf den dem von zu werden wird sind le la les des et est pas
    une dans pour du un que qui sur el los las del y una por para con se es en il che di della non per sono gli het
    een van niet och att det är som på och er ikke til jest nie się na ve bir
""")
"""The small words that tell English from its neighbours."""


@functools.cache
def phrases() -> re.Pattern[str]:
    """An expression for everything that is read as one word."""
    found = sorted((p.strip() for line in _PHRASES.split("\n") for p in line.split("|") if p.strip()), key=len)
    amount = "(?:more|less|fewer|longer|shorter|later|earlier) than(?= [0-9])"
    return re.compile(rf"\b(?:{'|'.join(reversed(found))}|{amount})\b")


@functools.cache
def small_words() -> frozenset[str]:
    """Words without content of their own."""
    return set_of(_SMALL)


@functools.cache
def framing_words() -> frozenset[str]:
    return frozenset(stem(word) for word in _FRAMING.split())


@functools.cache
def qualifiers() -> Mapping[str, frozenset[str]]:
    """By word, the classes of qualifier that it can stand for."""
    found: dict[str, set[str]] = {}
    for line in filter(str.strip, _QUALIFIERS.split("\n")):
        name, _, words = line.partition(":")
        for word in words.split():
            found.setdefault(stem(word), set()).add(name.strip())
    return {word: frozenset(names) for word, names in found.items()}


@functools.cache
def synonyms() -> Mapping[str, frozenset[str]]:
    """By stem, the stems that may stand for it."""
    found: dict[str, set[str]] = {}
    for row in _SYNONYMS.replace("\n", "|").split("|"):
        stems = {stem(word) for word in row.split()}
        for one in stems:
            found.setdefault(one, set()).update(stems)
    return {one: frozenset(others) for one, others in found.items()}


@functools.cache
def _irregular() -> Mapping[str, str]:
    rows = (row.split() for row in _IRREGULAR.replace("\n", "|").split("|") if row.strip())
    return {form: row[0] for row in rows for form in row}


@functools.lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """One form for the forms of an English word (small letters), crude and the same for both sides."""
    word = word.removesuffix("'s").removesuffix("'")
    if not word.islower():
        return word
    if word in _irregular():
        word = _irregular()[word]
    if "_" in word or not word.isalpha() or len(word) < 4:
        return word
    for ending, least, new in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: len(word) - len(ending)] + new
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


_ENDINGS = (
    ("sses", 2, "ss"), ("ies", 2, "y"), ("ied", 2, "y"), ("eed", 3, "eed"),
    ("ions", 4, ""), ("ion", 4, ""), ("ings", 3, ""), ("ing", 3, ""), ("ed", 3, ""), ("ly", 4, ""), ("ches", 2, "ch"),
    ("shes", 2, "sh"), ("xes", 2, "x"), ("ss", 1, "ss"), ("us", 2, "us"), ("is", 2, "is"), ("s", 3, ""),
)  # fmt: skip
