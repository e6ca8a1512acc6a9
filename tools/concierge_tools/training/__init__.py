"""Training: which recommenders the data allows, how each is fitted, and which of them the blend is made of."""
