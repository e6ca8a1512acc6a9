"""Generated conversations over any fitted store, and the plain-Python oracle that every turn of them is held to."""
