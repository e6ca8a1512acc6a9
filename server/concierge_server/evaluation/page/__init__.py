"""The report of `concierge evaluate models` as one HTML page that needs nothing else."""
