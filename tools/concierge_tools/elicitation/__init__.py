"""Elicitation: what to ask a user, what their answer says, and when to stop asking and show something."""
