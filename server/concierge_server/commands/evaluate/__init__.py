"""`concierge evaluate`: how well the models and the agent do, measured."""

import click

from concierge_server.commands.evaluate.agent import agent
from concierge_server.commands.evaluate.conversations import conversations
from concierge_server.commands.evaluate.elicitation import elicitation
from concierge_server.commands.evaluate.explanations import explanations
from concierge_server.commands.evaluate.intents import intents
from concierge_server.commands.evaluate.lessons import lessons
from concierge_server.commands.evaluate.models import models
from concierge_server.commands.evaluate.ranking import ranking
from concierge_server.commands.evaluate.risk import risk
from concierge_server.commands.evaluate.search import search


@click.group()
def evaluate() -> None:
    """Measure the models, search, risk, and the agent: tasks, talk, questions, intents, order, reasons, lessons."""


for command in (agent, conversations, elicitation, explanations, intents, lessons, models, ranking, risk, search):
    evaluate.add_command(command)
