"""The Claude brain: a planner and a writer over the Messages API, or any server that speaks it."""
