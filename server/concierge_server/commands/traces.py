"""`concierge traces`: what really ran in recorded turns, and the same turns run again."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from concierge_server.exits import CHECK_FAILED, guarded

if TYPE_CHECKING:
    from concierge_server.replaying import Replayed

STORE = click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="The store's folder.")


@click.group()
@STORE
@click.pass_context
def traces(context: click.Context, store: Path | None) -> None:
    """List, show and replay the recorded turns of conversations.

    Every turn of `concierge chat` on a local store leaves a trace. An ID may be cut short while it stays unique.
    """
    context.obj = store


@traces.command("list")
@click.option("--user", "user_id", metavar="ID", help="Only this user's turns.")
@click.option("--conversation", "conversation_id", metavar="ID", help="Only this conversation's turns.")
@click.option("-n", "n", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@STORE
@click.pass_obj
def list_(
    group_store: Path | None, user_id: str | None, conversation_id: str | None, n: int, store: Path | None
) -> None:
    """List recorded turns, the newest first."""
    with guarded():
        from concierge_server.opening import open_state
        from concierge_server.state.traces import TraceLog
        from concierge_server.terminal.consoles import consoles
        from concierge_server.terminal.traces import render_list

        with open_state(store or group_store) as (_, engine):
            found = TraceLog(engine).newest(n, user_id=user_id, conversation_id=conversation_id)
        render_list(consoles()[0], found)


@traces.command()
@click.argument("trace_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the whole trace as JSON.")
@STORE
@click.pass_obj
def show(group_store: Path | None, trace_id: str, as_json: bool, store: Path | None) -> None:
    """Show a turn: its plan, calls with arguments and times, model calls, repairs and cuts, and the evidence."""
    with guarded():
        from concierge_server.opening import open_state
        from concierge_server.state.traces import TraceLog
        from concierge_server.terminal.consoles import consoles
        from concierge_server.terminal.traces import render_trace

        with open_state(store or group_store) as (_, engine):
            trace = TraceLog(engine).load(trace_id)
        if as_json:
            click.echo(trace.model_dump_json(indent=2))
        else:
            render_trace(consoles()[0], trace)


@traces.command()
@click.argument("trace_id", metavar="ID")
@click.option(
    "--from", "start", metavar="STEP", help="With --set: the step to run on from; earlier ones must not differ."
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="STEP.PATH=JSON",
    help='Change a step, for instance s2.arguments={"by": "price"}; other arguments stay, null removes one.',
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome and the differences as JSON.")
@STORE
@click.pass_obj
def replay(
    group_store: Path | None,
    trace_id: str,
    start: str | None,
    changes: tuple[str, ...],
    as_json: bool,
    store: Path | None,
) -> None:
    """Run a recorded turn again on its artifact and the recorded model replies, and compare byte for byte.

    Exits with 1 when answer, plan, calls or notes differ. Set aside are durations, ids minted at random, and when a
    confirmation expires or feedback was stored. Nothing is written. It is refused when the artifact is gone, or live
    values or the user's feedback have changed. With --set, a changed turn runs instead, worded plainly.
    """
    if start is not None and not changes:
        raise click.UsageError("--from goes with --set: say what to change in which step.")
    with guarded():
        import anyio

        from concierge_server.terminal.consoles import consoles
        from concierge_server.terminal.traces import render_replay

        replayed = anyio.run(_replay, store or group_store, trace_id, changes, start)
        if replayed.answer.error is not None and changes:
            raise click.UsageError(f"The changed plan does not run: {replayed.answer.error}")
        if as_json:
            click.echo(_json(replayed))
        else:
            render_replay(consoles()[0], replayed, changed=bool(changes))
        if replayed.differences and not changes:
            raise SystemExit(CHECK_FAILED)


async def _replay(store: Path | None, trace_id: str, changes: tuple[str, ...], start: str | None) -> "Replayed":
    from concierge_agent.step_changes import read_changes
    from concierge_server import replaying
    from concierge_server.opening import open_state
    from concierge_server.state.traces import TraceLog

    with open_state(store) as (opened, engine):
        trace = TraceLog(engine).load(trace_id)
        if not changes:
            return await replaying.replay(opened, engine, trace)
        try:
            return await replaying.replay_changed(opened, engine, trace, read_changes(changes), start=start)
        except ValueError as error:
            raise click.UsageError(str(error)) from None


def _json(replayed: "Replayed") -> str:
    import json

    from concierge_agent.rendering import answer_json

    body = {
        "trace_id": replayed.recorded.id,
        "same": not replayed.differences,
        "differences": list(replayed.differences),
        "answer": answer_json(replayed.answer) | {"trace_id": replayed.recorded.id},
    }
    return json.dumps(body, ensure_ascii=False, indent=2)
