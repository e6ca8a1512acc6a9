"""A brain over a language model, whichever server it is behind; how to reach one is the packages' beside this."""
