"""Risk control at the server's edge: what is left out for a subject, and the words and proof of it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from concierge_server.desk import Desk, Snapshot
from concierge_server.explained import Evidence, Explanation, Reason
from concierge_server.subject import Subject
from concierge_tools.risk.judgements import Judged, judged_in
from concierge_tools.storage.artifact import Artifact


def judged_of(desk: Desk, snapshot: Snapshot, subject: Subject) -> Judged:
    """Return what a subject judged: the log, then feedback and what was said in this conversation."""
    log, config = snapshot.artifact.interactions, snapshot.artifact.config.interactions
    judged = Judged.nothing()
    if log is not None and config is not None and subject.user_id is not None and subject.user_id not in desk.forgotten:
        judged = judged_in(config, log, log.history(subject.user_id))
    before = set(judged.items.tolist())
    liked = subject.profile.items[subject.profile.weights > 0].tolist()
    stated = set(subject.profile.items[: subject.profile.stated].tolist())
    return judged.and_now([item for item in liked if item in stated or item not in before], subject.disliked)


def risk_status(artifact: Artifact) -> tuple[Literal["ok", "warning"], str, str]:
    """Return whether risk control leaves lists worth showing, what it does, and how to mend it."""
    if artifact.risk is None:
        return "ok", "off; [risk] level turns it on", ""
    found = artifact.risk.calibrated
    if not found.costly:
        return "ok", found.words, ""
    return "warning", found.words, "Raise level under [risk] and fit again; `concierge evaluate risk` shows the cost."


def barred_for(desk: Desk, snapshot: Snapshot, subject: Subject) -> NDArray[np.bool_] | None:
    """Return the items that risk control leaves out of a subject's recommendations, shape (items,); None when off."""
    control = snapshot.artifact.risk
    if control is None:
        return None
    return control.barred(judged_of(desk, snapshot, subject), snapshot.artifact.content.rows)


def with_risk(
    desk: Desk,
    snapshot: Snapshot,
    subject: Subject,
    positions: Sequence[int],
    explanations: Sequence[Explanation],
    barred: NDArray[np.bool_] | None,
) -> list[Explanation]:
    """Return explanations of items, those of items that are left out with the reason why first."""
    if barred is None or not barred[list(positions)].any():
        return [*explanations]
    judged = judged_of(desk, snapshot, subject)
    return [
        _left_out(snapshot, judged, position, explanation) if barred[position] else explanation
        for position, explanation in zip(positions, explanations, strict=True)
    ]


def _left_out(snapshot: Snapshot, judged: Judged, position: int, explanation: Explanation) -> Explanation:
    control = snapshot.artifact.risk
    if control is None:
        return explanation
    risk, allowed = control.risk(judged, snapshot.artifact.content.rows, position)
    item_id, learned = explanation.id, control.unwantedness
    known = position < len(learned.judged)
    figures: dict[str, float] = {
        "risk": round(risk, 3),
        "risk_allowed": round(allowed, 3),
        "turned_down_by": int(learned.negative[position]) if known else 0,
        "judged_by": int(learned.judged[position]) if known else 0,
        "user_turned_down": int(judged.unwanted.sum()),
        "user_judged": len(judged.items),
    }
    text = (
        f"left out by risk control: its risk is {figures['risk']:g} and at most {figures['risk_allowed']:g} passes "
        f"(turned down by {figures['turned_down_by']:,} of the {figures['judged_by']:,} it was learned from; "
        f"the user turned down {figures['user_turned_down']:,} of {figures['user_judged']:,})"
    )
    proof = [Evidence(item_id=item_id, source="statistic", name=name, value=value) for name, value in figures.items()]
    sentence = f"{text[0].upper()}{text[1:]}."
    return explanation.model_copy(
        update={
            "short": sentence,
            "detailed": f"{sentence} {explanation.detailed}".strip(),
            "reasons": [Reason(kind="risk", text=text, evidence=proof), *explanation.reasons],
            "evidence": [*proof, *explanation.evidence],
        }
    )
