"""A first concierge.toml, inferred from a look at the data."""
