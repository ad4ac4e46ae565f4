"""Suspicions: what is cheap to notice between material and post, in several languages."""

from __future__ import annotations

import pytest

from twitter_manager.checks.suspicion import suspicions


@pytest.mark.parametrize(
    ("language", "material", "post", "point"),
    [
        ("en", "Dogs are not allowed in the hall.", "Dogs are allowed in the hall!", "does not negate"),
        ("de", "Hunde dürfen nicht in die Halle hinein.", "Hunde dürfen in die Halle hinein.", "does not negate"),
        ("fr", "Les chiens ne sont pas admis au parc.", "Les chiens sont admis au parc.", "does not negate"),
        ("es", "Los perros pueden entrar en el parque.", "Los perros no pueden entrar en el parque.", "negates"),
        ("ja", "この橋は車で渡れません。", "この橋は車で渡れます。", "does not negate"),
        ("en", "Members may use the hall.", "Only members may use the hall.", "“only”"),
        ("nl", "Leden mogen de zaal gebruiken.", "Alleen leden mogen de zaal gebruiken.", "“alleen”"),
        ("en", "Somebody made it.", "It was made by Guido.", "“Guido” (name)"),
        ("de", "Neu: Suche, Export, Druck.", "Drei Neuerungen sind da.", "“Drei” (number)"),
        ("en", "Keeps for 5 days. Fry it 3 minutes.", "Keeps for 3 days.", "“3 days”"),
    ],
)
def test_noticed(language: str, material: str, post: str, point: str) -> None:
    """Each change is one of the points."""
    assert point in " ".join(suspicions((post,), (material,), language))


@pytest.mark.parametrize(
    ("language", "material", "post"),
    [
        ("en", "The hall opens at 9. Dogs are not allowed.", "Doors at 9! Please leave your dogs at home."),
        ("de", "Die Halle öffnet um 9 Uhr.", "Ab 9 Uhr ist die Halle offen."),
        ("xx", "whatever", "something"),
        ("en", "", ""),
    ],
)
def test_not_noticed(language: str, material: str, post: str) -> None:
    """A plain rewording gives no point."""
    assert suspicions((post,), (material,), language) == ()


def test_bounded() -> None:
    """A megabyte of material is looked at in moments, and few points are told."""
    assert len(suspicions(("Only 5 cats. " * 1000,), ("never 5 dogs, " * 80_000,), "en")) <= 8
