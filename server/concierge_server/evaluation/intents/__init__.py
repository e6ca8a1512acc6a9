"""Intent classification: labelled utterances in context, frozen, and the scores of a brain on them."""
