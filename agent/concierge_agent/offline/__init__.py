"""The offline brain: rules of English over the catalog's own vocabulary, with no model and no words of any trade."""
