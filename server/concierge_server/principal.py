"""Who is asking. On stdio and unauthenticated loopback HTTP that is the owner, who may speak for any user."""

OWNER = "owner"


def principal() -> str:
    """Return the principal of the call being served."""
    return OWNER


def may_read(user_id: str) -> None:
    """Check that the principal may read this user's history; the owner may read anyone's."""
    del user_id
