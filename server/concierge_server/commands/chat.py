"""`concierge chat`: a conversation in the terminal, one answer, or a stream of JSON."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from concierge_server.brains import NAMES, TIERS, BrainChoice, BrainName, Tier
from concierge_server.commands.thinking import RANK, SAMPLES, STRATEGY, VARIETY
from concierge_server.exits import UPSTREAM, guarded

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from concierge_agent.llm.settings import Strategy
    from concierge_server.session import Session


@dataclass(frozen=True, slots=True)
class Talk:
    """With whom, about what, and in which form to talk."""

    store: Path | None
    connect: str | None
    user_id: str | None
    brain: BrainChoice
    resume: bool = False
    """Whether to go on with an earlier conversation: that of `conversation_id`, else the user's latest."""
    conversation_id: str | None = None


@click.command()
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="The store to talk about.")
@click.option("--connect", metavar="URL", help="Talk to a running Concierge server instead of a local store.")
@click.option("--user", "user_id", metavar="ID", help="Who is talking; their history counts. Default: a guest.")
@click.option(
    "--brain",
    type=click.Choice(NAMES),
    help="Who plans and writes; auto: the rules what they understand, a model the rest. Default: anthropic when a key "
    "is set, else offline.",
)
@click.option("--tier", type=click.Choice(TIERS), help="With --brain auto: who takes every turn of this conversation.")
@click.option("--model", metavar="NAME", help="The model that plans and writes; with openai, as your server calls it.")
@click.option(
    "--prompts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of prompt templates, in place of the store's own.",
)
@click.option("--persona", metavar="NAME", help="The tone a model answers in: plain, warm, expert or one of your own.")
@RANK
@SAMPLES
@VARIETY
@STRATEGY
@click.option(
    "--max-questions",
    type=click.IntRange(min=0),
    help="Questions in a row before something is shown; 0: only those the store must ask. "
    "Default: $CONCIERGE_MAX_QUESTIONS, else 3.",
)
@click.option("--continue", "resume", is_flag=True, help="Go on with the latest conversation of this user.")
@click.option("--conversation", "conversation_id", metavar="ID", help="Go on with this conversation.")
@click.option("--once", metavar="TEXT", help="Answer this one message and leave.")
@click.option("--json", "as_json", is_flag=True, help="Print the one answer as a JSON object.")
@click.option("--show-plan", is_flag=True, help="With --once: also print the plan and every call that ran.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Read one message per line, print one JSON object per turn.")
def chat(
    store: Path | None,
    connect: str | None,
    user_id: str | None,
    brain: BrainName | None,
    tier: Tier | None,
    model: str | None,
    prompts: Path | None,
    persona: str | None,
    rank: bool,
    samples: int,
    variety: float,
    strategy: "Strategy",
    max_questions: int | None,
    resume: bool,
    conversation_id: str | None,
    once: str | None,
    as_json: bool,
    show_plan: bool,
    as_jsonl: bool,
) -> None:
    """Talk to the recommender.

    Without --once this is a conversation; /help in it lists its commands. With --json and no --once, the message is
    all of standard input.
    """
    if store is not None and connect is not None:
        raise click.UsageError("--store and --connect exclude each other: a server has its own store.")
    if resume and conversation_id is not None:
        raise click.UsageError("--continue and --conversation exclude each other: give the id, or take the latest.")
    if connect is not None and (resume or conversation_id is not None):
        raise click.UsageError("A conversation over --connect ends with its process; only those of a store go on.")
    if as_jsonl and (as_json or once is not None):
        raise click.UsageError("--jsonl reads its messages from standard input; leave --json and --once out.")
    if show_plan and (once is None or as_json):
        raise click.UsageError("--show-plan goes with --once; in a conversation type /plan, and JSON holds the plan.")
    if as_json and once is None:
        if sys.stdin.isatty():
            raise click.UsageError("--json answers one message: give it with --once TEXT, or on standard input.")
        once = sys.stdin.buffer.read().decode("utf-8", "replace")
    if once is not None and not once.strip():
        raise click.UsageError("The message is empty; say what you are looking for.")
    talk = Talk(
        store=store,
        connect=connect,
        user_id=user_id,
        brain=BrainChoice(
            brain,
            model,
            tier,
            prompts=prompts,
            persona=persona,
            rank=rank,
            samples=samples,
            variety=variety,
            strategy=strategy,
            max_questions=max_questions,
        ),
        resume=resume or conversation_id is not None,
        conversation_id=conversation_id,
    )
    with guarded():
        if as_jsonl:
            asyncio.run(_lines(talk))
        elif once is None:
            asyncio.run(_converse(talk))
        elif asyncio.run(_json(talk, once) if as_json else _once(talk, once, show_plan=show_plan)) is not None:
            raise SystemExit(UPSTREAM)


async def _lines(talk: Talk) -> None:
    from concierge_server.terminal.lines import LineReader, standard_input
    from concierge_server.terminal.wire import converse, take_stdout

    out = take_stdout()
    reader = LineReader(standard_input(sys.stdin))
    async with _session(talk) as session:
        await converse(session.agent, session.conversation, reader=reader, out=out)


async def _json(talk: Talk, text: str) -> str | None:
    from concierge_agent.rendering import answer_json
    from concierge_server.terminal.wire import message, take_stdout, write_object

    out = take_stdout()
    async with _session(talk) as session:
        _, answer = await session.agent.turn(session.conversation, message(text))
    write_object(out, answer_json(answer))
    return answer.error


async def _once(talk: Talk, text: str, *, show_plan: bool) -> str | None:
    from concierge_server.terminal.answers import render_answer
    from concierge_server.terminal.consoles import consoles
    from concierge_server.terminal.stage import stage_for, streamed

    console, errors = consoles()
    async with _session(talk) as session:
        stage = stage_for(console, errors)
        with stage:
            _, answer = await session.agent.turn(
                session.conversation,
                text,
                on_progress=stage.progress,
                on_sentence=stage.sentence,
                on_preview=stage.preview,
            )
    render_answer(console, answer, session.description, reply=not streamed(stage, answer), show_plan=show_plan)
    return answer.error


async def _converse(talk: Talk) -> None:
    import platformdirs

    from concierge_server.terminal.consoles import consoles
    from concierge_server.terminal.lines import LineReader, standard_input
    from concierge_server.terminal.prompt import PromptReader
    from concierge_server.terminal.repl import Repl
    from concierge_server.terminal.slash import COMMANDS

    console, errors = consoles()
    async with _session(talk) as session:
        repl = Repl(
            session.agent,
            session.conversation,
            session.description,
            console=console,
            errors=errors,
            brain=session.brain,
            kept=session.kept,
        )
        if sys.stdin.isatty() and console.is_terminal:
            history = platformdirs.user_state_path("concierge") / "chat-history"
            await repl.run(PromptReader(repl.toolbar, commands=COMMANDS, history=history))
            return
        with suppress(SystemExit):  # how Rich leaves when nobody reads any more
            await repl.run(LineReader(standard_input(sys.stdin)), echo=not sys.stdin.isatty())


def _session(talk: Talk) -> "AbstractAsyncContextManager[Session]":
    from concierge_server.session import Resume, open_session

    return open_session(
        store=talk.store,
        connect=talk.connect,
        user_id=talk.user_id,
        choice=talk.brain,
        resume=Resume(talk.conversation_id) if talk.resume else None,
    )
