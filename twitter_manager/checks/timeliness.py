"""The rule on claims that age: a post that nobody wrote calls something new, today's or just released only while it is.

How old the material is, is left to the caller; where nobody knows, it is not fresh. A day that the post names itself
("this Saturday, 5 December") speaks for itself until it is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.facts import day_key, read
from twitter_manager.checks.plain import plain
from twitter_manager.domain import Violation
from twitter_manager.english import shown
from twitter_manager.language import primary

NEW_DAYS = 30.0
"""How long what the material itself calls new stays so."""
_FAR_DAYS = 14
"""How far away "next Saturday" may be."""

_THING = (
    r"(?:version|release|feature|edition|update|book|paper|study|report|album|film|movie|model|course|episode|issue"
    r"|website|app|tool|product|menu|exhibition|season|record|research|guide|series)"
)
_DAY = r"(?:week(?:end)?|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
# "New" and "latest" of what comes out, not of a new line or the latest commit.
_NEW: Mapping[str, str] = {
    "en": (
        r"\b(?:just (?:released|announced|published|launched|landed|dropped|shipped|out|in|arrived)"
        r"|(?:is|are|has|have) (?:just|now) (?:been )?(?:released|out|available|live|open|published|launched)"
        r"|now available|out now|now live|newly (?:released|published|launched)|brand[- ]new|breaking(?: news)?(?=:)"
        rf"|(?:new|latest|newest|upcoming|forthcoming) {_THING}|coming soon|soon to be"
        r"|currently (?:available|on sale|sold out|closed|offline|down|hiring|looking|working on|in beta))\b"
    ),
    "de": (
        r"\b(?:soeben|gerade (?:erschienen|eröffnet|veröffentlicht)|ab sofort|brandneu\w*"
        r"|neueste[nrs]? (?:Version|Ausgabe|Folge))\b"
    ),
    "fr": (
        r"\b(?:vien(?:t|nent) de (?:sortir|paraître|publier)|tout juste sorti|désormais disponible"
        r"|dernière version)\b"
    ),
    "es": (
        r"\b(?:acaba de (?:salir|publicarse|estrenar\w*)|recién (?:publicad|salid|estrenad)\w+"
        r"|ya disponible|última versión)\b"
    ),
    "it": r"\b(?:appena (?:uscit|pubblicat)\w+|ora disponibile|ultima versione)\b",
    "nl": r"\b(?:zojuist|net (?:verschenen|uitgekomen)|nu verkrijgbaar|gloednieuwe?|nieuwste versie)\b",
    "pt": r"\b(?:acaba de (?:sair|ser)|já disponível|última versão)\b",
    "ja": r"(?:発売中|公開されたばかり|たった今|最新版)",
}
# "Today" as a day, not as "in our time".
_DAYS: Mapping[str, str] = {
    "en": (
        r"\b(?:(?:released|published|announced|launched|out|available|opens?|closes?|ends?|starts?) today"
        r"|(?:earlier|later|starting|until|from|only) today|today only|last chance|hours? left|days? left"
        rf"|(?:this|next|last) {_DAY}|yesterday|tomorrow|tonight|this morning|this evening|right now"
        rf"|as of (?:today|now)"
        r"|at the moment)\b|(?:\A|[.!?]\s+|\n)today(?:,| (?:the|we|our|it|an?|at|in)\b)|, today[.!]"
    ),
    "de": (
        r"\b(?:heute|gestern|vorgestern|übermorgen|(?<!guten )(?<!am )(?<!jeden )(?<!-)morgen(?= (?:früh"
        r"|abend|um|ab|ist|wird|gibt|geht|findet|beginnt|startet))|Morgen (?:früh|Abend)|(?:diese"
        r"|nächste|kommende|letzte|vergangene)[nrs]? (?:Woche|Wochenende|Monat|(?:Mon|Diens|Donners|Frei"
        r"|Sams|Sonn)tag|Mittwoch))\b"
    ),
    "fr": (
        r"\b(?:aujourd['’]hui|demain|hier|ce (?:soir|matin|week-end)|cet après-midi|cette semaine"
        r"|la semaine (?:prochaine|dernière)|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi"
        r"|dimanche) prochain)\b"
    ),
    "es": (
        r"\b(?:hoy|ayer|(?<!por la )(?<!de la )(?<!la )mañana(?! a la noche)|esta (?:noche|tarde|mañana"
        r"|semana)|este (?:fin de semana|lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
        r"|la (?:próxima semana|semana (?:que viene|pasada)))\b"
    ),
    "it": (
        r"\b(?:oggi|domani|ieri|stasera|stamattina|questa (?:sera|settimana)|questo (?:weekend"
        r"|fine settimana)|la (?:prossima settimana|settimana (?:prossima|scorsa)))\b"
    ),
    "nl": (
        r"\b(?:vandaag|gisteren|vanavond|vanmiddag|vanochtend|(?<!goede)(?<!'s )morgen(?:avond|middag"
        r"|ochtend)?|(?:deze|volgende|komende|vorige) (?:week|maand|maandag|dinsdag|woensdag|donderdag"
        r"|vrijdag|zaterdag|zondag)|dit weekend)\b"
    ),
    "pt": r"\b(?:hoje|amanhã|ontem|esta (?:noite|semana)|este fim de semana|(?:na )?próxima semana|semana passada)\b",
    "ja": r"(?:本日|今日(?!では|的|の社会)|明日|昨日|今夜|今晩|来週|先週|今週)",
}
# Each looks like one of the above and is none.
_TIMELESS = (
    r"\blatest (?:commit|tag|image|value|entry|snapshot|checkpoint|revision)s?\b"
    r"|\btoday['’]?s (?:date|world)\b|\bdate of today\b"
    r"|\b(?:a|any|each|every|no|one|another) new \w+|\bfor (?:the )?(?:next|last) (?:\w+ )?(?:week|month)s?\b"
    r"|\bheutzutage\b|\bbis heute\b|\bvon heute auf morgen\b|\bencore aujourd['’]hui\b"
    r"|\bhoy en día\b|\bal giorno d['’]oggi\b"
    r"|[\"“„«][^\"“”»\n]{0,40}[\"”“»]|`[^`\n]{0,80}`"
)


def timeliness(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Today, just released, this week, the new version …: only with material that was published lately."""
    age, fresh = context.age_days, context.policy.fresh_days
    if age is not None and age <= fresh:
        return
    for at, text in enumerate(parts):
        said = _ageing(text, context)
        if said:
            why = "nobody knows how old the material is" if age is None else "the material is too old for it"
            yield Violation("timeliness", f"“{shown(said)}” ages badly, and {why} (fresh_days).", at)


def _ageing(text: str, context: CheckContext) -> str:
    """What it says that is no longer so."""
    bare = re.sub(_TIMELESS, " ", text, flags=re.IGNORECASE)
    for language in dict.fromkeys(("en", primary(context.language))):
        for match in re.finditer(_NEW.get(language, r"(?!)"), bare, re.IGNORECASE):
            if not _is_called_so(match[0], context):
                return match[0].strip()
        for match in re.finditer(_DAYS.get(language, r"(?!)"), bare, re.IGNORECASE):
            if not _names_a_day_to_come(text, context):
                return match[0].strip()
    return ""


def _is_called_so(said: str, context: CheckContext) -> bool:
    """Whether the material says the same and came out within the month."""
    known = any(said.casefold() in one.casefold() for one in context.material or ())
    return known and context.age_days is not None and context.age_days <= NEW_DAYS


def _names_a_day_to_come(text: str, context: CheckContext) -> bool:
    """Whether the post gives the date that its "this Saturday" means, and that is not over."""
    if context.today is None:
        return False
    given = {key for fact in read(plain(text), primary(context.language)) for key in fact.gives}
    days = (context.today + timedelta(days=ahead) for ahead in range(_FAR_DAYS + 1))
    named = [day for day in days if day_key(day.month, day.day) in given]
    years = {key for key in given if key.startswith("year ")}
    return any(not years or f"year {day.year}" in years for day in named)
