"""The catalog and the log in memory: typed columns, constraints and the filter engine."""
