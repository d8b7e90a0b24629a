"""What is true of the conversions of a question and may surprise."""

from __future__ import annotations

from workbench.journeys.attribution.counting import Study
from workbench.messages import message, message_of_count


def notes_of(study: Study) -> list[str]:
    """Sentences on touches at the instant of a conversion, missing keys and shared conversions."""
    conversions, question = study.conversions, study.question
    out = list(conversions.notes)
    own, tied = study.beside()
    if tied:
        out.append(
            message_of_count(
                "{count} touch has the very time of a conversion but stands after it in the order "
                "of the events; it gets no credit.",
                "{count} touches have the very time of a conversion but stand after it in the "
                "order of the events; they get no credit.",
                tied,
            )
        )
    if conversions.keyless.size:
        out.append(
            message_of_count(
                "{count} conversion carries no {key} and has no touch.",
                "{count} conversions carry no {key} and have no touch.",
                conversions.keyless.size,
                key=question.container.key,
            )
        )
    if own and question.model.name != "same_touch":
        out.append(
            message_of_count(
                "In {count} conversion its own row is a touch; touches= can leave it out.",
                "In {count} conversions their own row is a touch; touches= can leave it out.",
                own,
            )
        )
    if (conversions.ends.mass < 1).any():
        out.append(
            message(
                "A conversion in several {containers} is shared equally between them.",
                containers=question.container.plural,
            )
        )
    return out
