"""Rankings: how scores become an order, and how they break down again."""
