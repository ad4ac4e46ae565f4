"""Which headings say that nothing below them can be posted."""

from __future__ import annotations

import pytest

from twitter_manager.sources.headings import gives_no_material, unnumbered

TAKEN_BACK = """
    Not supported / Unsupported platforms / Limitations / 🚧 Known issues / 1.2 Known bugs / Common misconceptions /
    Myths about dates / Anti-patterns / What not to do / Don'ts / Don’t do this / Bad example / Planned / Roadmap /
    Future work / TODO / Deprecated features / Removed in 3.0 / Troubleshooting / FAQ / Warning /
    What it does not do / How do I install it? / Contributing / Code of Conduct / License / Licence and copyright /
    Acknowledgements / Sponsors / Footnotes / References / See also / Table of Contents / Changelog / Installation /
    Installing with pip / Badges / Getting help / Contact / Requirements / tool.Reader() / --quiet / read_date /
    The problem / Background / End of support / Ende der Förderung / Einstellung des Projekts / Hintergrund /
    Die Probleme / Arrêt du produit / Fin de l'investigation / Fin du partenariat avec la ville / 🚀 Contexte /
    Le problème à résoudre / Objectifs à 6 mois / Fin del proyecto / Problemas / Fine della sperimentazione /
    Problemi / Einde van de proef / Problemen / Fim do projeto / Nicht unterstützt / Bekannte Probleme / Irrtümer /
    Lizenz / Siehe auch / Mitwirken / Non pris en charge / Limites connues / Idées reçues / Feuille de route /
    Voir aussi / Remerciements / No soportado / Limitaciones / Mitos / Hoja de ruta / Véase también / Licencia /
    Non supportato / Limitazioni / Miti / Vedi anche / Licenza / Niet ondersteund / Beperkingen / Misvattingen /
    Zie ook / Licentie / Não suportado / Limitações / Mitos e equívocos / Veja também / Licença
"""
OTHERS = """
    Speed / The guide / Features / Why we built it / Node.js / The future of testing / Lists and more /
    Licensing made easy / Reading dates / Geschwindigkeit / 速さ / السرعة / Datum und Zeit / Vitesse /
    Fin de semana en la sierra / Einstellung der Helligkeit / Fine tuning / Background tasks /
    Problem solving for teams
"""


@pytest.mark.parametrize("heading", [*map(str.strip, TAKEN_BACK.split(" /"))])
def test_headings_that_take_back_or_hold_no_material(heading: str) -> None:
    """In seven languages, with numbers, pictures and apostrophes of any kind, at any depth of the chain."""
    assert gives_no_material((heading,)) and gives_no_material(("The guide", heading, "A section"))


@pytest.mark.parametrize("heading", ["", *map(str.strip, OTHERS.split(" /"))])
def test_other_headings_say_nothing_against_their_text(heading: str) -> None:
    """A word of the list within another heading is no reason."""
    assert not gives_no_material((heading,))


def test_the_number_in_the_book_goes() -> None:
    """Chapters and sections lose their numbers, in each part of a title; versions, years and laws keep theirs."""
    for title, shown in (
        ("La cuisson (cliquer pour étendre)", "La cuisson"),
        ("Kapitel 4. Öfen bauen: 4.1. Ziegel", "Öfen bauen: Ziegel"),
        ("Chapitre 9. Cuire la glaçure", "Cuire la glaçure"),
        ("Apéndice C. Hornos", "Hornos"),
        ("第 12 章 窯の管理: 12.1.2. 温度", "窯の管理: 温度"),
        ("B.3. Inner glazes", "Inner glazes"),
        *((one, one) for one in ("Kiln 2.0: 3.5 times faster", "3.12 is out", "Section 230 survives", "2. Bundesliga")),
    ):
        assert unnumbered(title) == shown
