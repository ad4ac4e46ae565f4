"""What a model that writes is told of a post's form, and what a good one looks like, by format.

The formats themselves, and what must hold of a post of each, stand in `formats`. The examples are made up: each shows a
piece of material and a post that says no more than it.
"""

from __future__ import annotations

from collections.abc import Mapping

Form = tuple[str, tuple[str, ...]]

FORMS: Mapping[str, Form] = {
    "tip": (
        "Pass on one thing of the material that the readers can use. Name what it is about in the first words.",
        (
            "Material: “rsync skips files whose size and time did not change. With -c it compares checksums, which "
            "reads every file.”\nPost: “rsync decides by size and date whether a file changed. If you don't trust the "
            "dates, -c compares checksums, at the price of reading everything.”",
        ),
    ),
    "news": (
        "Say what happened, to whom or to what, and the detail that a reader would miss if it were left out. Say why "
        "it matters only where the material says so.",
        (
            "Material: “Title: Reading room closed until 9 March\n\nA burst pipe flooded the cellar on Monday. The "
            "lending desk stays open from 10 to 14.”\nPost: “After Monday's burst pipe the reading room stays closed "
            "until 9 March. You can still borrow books: the lending desk is open from 10 to 14.”",
        ),
    ),
    "question": (
        "Ask the readers one question that the material answers, and answer it in the same post. The question must not "
        "take for granted what the material does not say.",
        (
            "Material: “Sourdough rises slowly in a cold kitchen; at 18 degrees it takes about twice as long as at "
            "24.”\nPost: “Why won't the sourdough rise? Maybe it only needs time: at 18 degrees it takes about twice "
            "as long as at 24.”",
        ),
    ),
    "quote": (
        "Quote one sentence of the material word for word, in quotation marks, and name the title it is from.",
        (),
    ),
    "release note": (
        "Name the project and the version, and say the one or two changes that the readers will notice. What was "
        "removed, deprecated or fixed is called so.",
        (
            "Material: “Title: Larch 4.2\n\nRemoved: the XML exporter\n\nAdded: export to CSV with a choice of "
            "separator”\nPost: “Larch 4.2 exports CSV with the separator of your choice. The XML exporter is gone.”",
        ),
    ),
    "comparison": (
        "Set the two things that the material compares against each other: what the one does and what the other does. "
        "Call neither better unless the material does.",
        (),
    ),
    "thread": (
        "Write a short thread. The first part says what it is about and makes sense alone; each further part holds one "
        "idea of the material.",
        (),
    ),
}
"""By the names of `domain.FORMATS`."""
