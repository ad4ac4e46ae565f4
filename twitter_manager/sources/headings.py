"""What a heading says of the text below it: here stand the words for it, in seven languages.

Two reasons: below "Not supported", "Roadmap", "The problem" or "End of the project" stands what is not so (not yet, or
not any more), so it is no statement of its author; "Licence", "See also" or "Installation" hold nothing that is worth
a post.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_ANYWHERE = """
not supported|unsupported|not (?:yet )?(?:implemented|included|recommended|possible|covered)|does ?n[o']t
do not|dont|don'ts?
what .{0,30}\\bis(?: no|n)[o']?t\\b.{0,20}|(?:when|why|how|what) not|should not|must not|never|non[- ]goals?
out of scope
(?:known |current )?limitations?|known (?:issues?|bugs?|problems?|gaps?)|open (?:issues?|questions?|problems?)
misconceptions?|myths?|anti[- ]?patterns?|pitfalls?|gotchas?|caveats?|bad (?:examples?|practices?|ideas?)
(?:common|frequent|typical) (?:mistakes?|errors?|problems?|issues?)|mistakes? to avoid|things to avoid|what to avoid
roadmap|planned|to[- ]?do|future (?:work|plans?|ideas?|features?|versions?|releases?|directions?)|coming soon
upcoming|wish ?list|proposals?
deprecat(?:ed|ions?)|removed|removals?|obsolete|legacy|unreleased|no longer|troubleshooting|warnings?|faqs?
frequently asked questions?|release notes|change ?logs?|what'?s new|version history
api reference|command[- ]line (?:options|reference)|(?:configuration|options?|settings?|parameters?) reference
nicht unterstützt|nicht empfohlen|einschränkungen|bekannte (?:fehler|probleme)|irrtümer|mythen|antimuster
geplant|ausblick
veraltet|entfernt|warnung(?:en)?|häufige fragen|häufige fehler|was nicht|fehlerbehebung|fahrplan|schlechte beispiele?
non (?:supportée?s?|pris en charge)|limites connues|limitations?|problèmes connus|idées reçues|mythes|anti-?modèles?
feuille de route|prévue?s?|à venir|à faire|obsolètes?|dépréciée?s?|supprimée?s?|dépannage|avertissements?
foire aux questions
questions fréquentes|à ne pas faire|à éviter|mauvais exemples?
no (?:soportados?|compatibles?|admitidos?)|limitaciones|problemas conocidos|errores (?:conocidos|comunes)|mitos
ideas erróneas
antipatrones|hoja de ruta|planificados?|pendientes?|por hacer|obsoletos?|en desuso|eliminados?|solución de problemas
advertencias?|preguntas frecuentes|qué no hacer|malos? ejemplos?
non supportat[aeio]|limitazioni|problemi noti|errori comuni|miti|luoghi comuni|anti-?pattern|in programma
pianificat[aeio]
da fare|deprecat[aeio]|obsolet[aeio]|rimoss[aeio]|risoluzione dei problemi|avvertenz[ae]|domande frequenti
cosa non fare
niet ondersteund|beperkingen|bekende (?:problemen|fouten)|misvattingen|mythes?|antipatronen|gepland
toekomst(?:plannen)?
verouderd|verwijderd|probleemoplossing|waarschuwing(?:en)?|veelgestelde vragen|wat niet te doen|slechte voorbeelden?
não (?:suportados?|compatíveis)|limitações|problemas conhecidos|erros comuns|mitos|equívocos|antipadrões|roteiro
planejad[ao]s?|a fazer|obsolet[ao]s?|descontinuad[ao]s?|removid[ao]s?|solução de problemas|avisos?
perguntas frequentes
o que não fazer|maus? exemplos?
"""
_ENDS = """
(?:the )?(?:end|shutdown|closure|sunset|discontinuation) of|shutting down|sunsetting
ende (?:des|der|vom|von)|abschaltung
einstellung (?:des|der) (?:projekt|dienst|angebot|betrieb|entwicklung|förderung)\\w*
(?:la )?fin (?:de|du|des|d'\\w+)(?! semana| año| curso)|(?:l')?arrêt (?:de|du|des|d'\\w+)|abandon
(?:el )?(?:fin|cierre) (?:de|del)(?! semana| año| curso)
(?:la )?fine (?:del|della|dello|dell'\\w+|dei|delle|di)|(?:het )?einde van|stopzetting
(?:o )?fim (?:de|do|da|dos|das)|encerramento
"""
"""How a heading begins below which something is over."""
_WHOLE = """
(?:the |our |)(?:problems?|issues|challenges?|problem statement|context|background|goals|objectives)
(?:das |die |der |unsere |)(?:probleme?|problemstellung|hintergrund|ausgangslage|kontext|ziele|zielsetzung|ende)
(?:l[ea]s? |nos |l'|)(?:problèmes?|problématiques?|contexte|enjeux?|objectifs?)(?: .{1,25})?|fin|arrêt
(?:el |los |nuestros |)(?:problemas?|contexto|antecedentes|objetivos?|retos?)
(?:il |i |gli |)(?:problem[ai]|contesto|obiettiv[io]|antefatt[io])
(?:de |het |onze |)(?:probleem|problemen|achtergrond|context|doelen|doelstelling|doelstellingen)
(?:o |os |)(?:problemas?|contexto|antecedentes|objetivos?|desafios)
future|ideas?|status|project status|stability|incompatib(?:le|ilities)|questions?|q ?& ?a|help|errors?
exceptions?|bugs?
contribut(?:ing|ions?|ors?|e)|how to contribute|development|developing|developers?|for developers|hacking
building(?: from .*| the .*)?|testing|tests?
running (?:the )?tests|code of conduct|licen[cs](?:e|es|ing)|legal|copyright|trademarks?|disclaimer
privacy(?: policy)?|security(?: policy)?
acknowledge?ments?|thanks|special thanks|credits?|authors?|maintainers?|team|contact(?: us)?
about(?: us| the authors?)?|imprint
(?:.{1,30} )?for enterprises?|sponsors?(?:hip)?|sponsoring|backers?|supporters?|patrons?|donat(?:e|ions?|ing)|funding
support(?: us| this project)?|getting (?:help|support)|community|get involved
footnotes?|notes|references?|bibliography|citations?|citing|see also|further reading
related(?: projects| work)?|similar projects|alternatives
links|resources|useful links|table of contents|contents|toc|on this page|navigation|index|glossary
indices and tables|next(?: steps?)?
install(?:ation|ing)?(?: .{1,20})?|setup|set-up|download(?:s|ing)?|requirements?|prerequisites|dependencies
supported (?:versions|platforms)
build status|documentation|docs|badges|screenshots?|demo|examples?|usage|quick ?start|api|reference|options
arguments|parameters|attributes|methods
returns?|see|changes|history|news|releases?|release process|releasing|testimonials?|who uses .*|users|used by
what people say|press
lizenz|urheberrecht|mitwirken|mitarbeit(?:en)?|danksagung(?:en)?|dank|autoren|kontakt|impressum|datenschutz
spenden|sponsoren|unterstützer
fußnoten|anmerkungen|quellen|literatur(?:verzeichnis)?|einzelnachweise|siehe auch|weiterführende links
inhalt(?:sverzeichnis)?|zukunft
voraussetzungen|anforderungen|verweise|hilfe|fragen
licence|droits d'auteur|contribuer|contributions?|remerciements|auteurs?|contact|mentions légales|dons?
soutiens?|notes(?: de bas de page)?
références|bibliographie|voir aussi|liens(?: externes)?|table des matières|sommaire|prérequis|avenir|aide
licencia|derechos de autor|contribuir|agradecimientos|créditos|autores|contacto|aviso legal|donaciones
patrocinadores|notas(?: al pie)?
referencias|bibliografía|véase también|ver también|enlaces(?: externos)?|índice|contenidos?|instalación
requisitos|futuro|ayuda
licenza|diritti d'autore|contribuire|ringraziamenti|crediti|autori|contatti|donazioni|sponsor|note|riferimenti
bibliografia|vedi anche
collegamenti(?: esterni)?|indice|installazione|requisiti|futuro|aiuto
licentie|auteursrecht|bijdragen|dankwoord|dankbetuigingen|auteurs|donaties|sponsoren|voetnoten|referenties
bronnen|zie ook
externe links|inhoud(?:sopgave)?|installatie|vereisten|toekomst|hulp
licença|direitos autorais|como contribuir|agradecimentos|doações|patrocinadores|notas de rodapé|referências
veja também|ligações externas
sumário|conteúdo|instalação|requisitos|futuro|ajuda|contato
"""


def _expression(words: str) -> str:
    return "|".join(f"(?:{each})" for line in words.strip().splitlines() for each in _alternatives(line))


def _alternatives(line: str) -> list[str]:
    """The line's parts between bars that stand outside brackets."""
    return re.findall(r"(?:\([^()]*\)|\[[^\]]*\]|[^|()\[])+", line)


_NO_STATEMENT = re.compile(rf"(?<!\w)(?:{_expression(_ANYWHERE)})(?!\w)")
_IS_OVER = re.compile(rf"(?:{_expression(_ENDS)})(?!\w)")
_NO_MATERIAL = re.compile(rf"(?:{_expression(_WHOLE)})(?: (?:and|&|und|et|y|e|en) .{{1,30}})?")
_CODE = re.compile(
    r"-{1,2}\w|\S+\(|[\w.]+_\w+\Z|[a-z]\w*(?:[.:/]+\w+)+\Z|\w+=|<\w|@\w|\$|(?:class|function|method) \w+\Z|\.\w+"
)


_NUMBER = re.compile(
    r"(?:(?:chapter|section|part|appendix|kapitel|abschnitt|teil|anhang|chapitre|partie|annexe|capitolo|sezione|parte"
    r"|appendice|capítulo|capitulo|sección|apéndice|hoofdstuk|deel|bijlage|seção|apêndice|глава|раздел|приложение)"
    r"\s+(?:\d+(?:\.\d+)*|[A-Z]|[IVX]+)\s*[.:–—-]\s+"
    r"|(?:[A-Z]\.)?\d{1,2}(?:\.\d{1,3}){1,5}(?:\.\s+|\s+(?-i:(?![a-zß-ÿ])))(?=[^\W\d_])|[A-Z]\.\d+(?:\.\d+){0,5}\.?\s+"
    r"|(?:第\s*[\d一二三四五六七八九十]+\s*[章節节部编編]|付録\s*[A-Z\d]|附录\s*[A-Z\d])[\s.:：、]*)",
    re.IGNORECASE,
)
"""The number that a chapter or a section has in its book; not that in "Section 230 survives" or "3.12 is out"."""


_FOR_THE_MOUSE = re.compile(
    r"\s*\((?:clic|click|tap|cliquer|cliquez|klicken|clicca|clique|klik)\b[^()]{0,60}\)\Z", re.I
)


def unnumbered(heading: str) -> str:
    """A heading without its number in the book, and so what stands behind a colon; without "(click to expand)"."""
    heading = _bare(_FOR_THE_MOUSE.sub("", heading))
    return "".join(map(_bare, re.split(r"(?<=: )", heading))).strip() or heading


def _bare(heading: str) -> str:
    number = _NUMBER.match(heading)
    return heading[number.end() :] if number and number.end() < len(heading) else heading


def gives_nothing(headings: Sequence[str]) -> bool:
    """Whether no post can be made of what stands below these headings."""
    return any(_gives_nothing(heading) for heading in headings)


def _gives_nothing(heading: str) -> bool:
    spoken = heading.strip()
    if spoken.endswith(("?", "？", ";", "؟")) or _CODE.match(spoken):
        return True  # an answer without its question, or the signature of what a reference describes
    words = plainly(spoken)
    return bool(_NO_STATEMENT.search(words) or _IS_OVER.match(words) or _NO_MATERIAL.fullmatch(words))


def plainly(heading: str) -> str:
    """A heading in small letters without its number, its pictures and its marks."""
    text = unicodedata.normalize("NFC", heading[:200]).casefold().replace("’", "'")
    text = "".join(c if c.isalnum() or c in "'&- " or unicodedata.category(c)[0] == "M" else " " for c in text)
    return " ".join(re.sub(r"\A\s*(?:(?:\d+|[ivx]+|[a-z])(?:\s+\d+)*\s+)?(?=\S{2})", "", text).split()).strip("-' ")
