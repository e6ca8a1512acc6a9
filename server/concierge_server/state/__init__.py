"""State: feedback, handles, confirmations, live values, conversations and traces, in one database."""
