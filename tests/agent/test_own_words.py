import pytest

from concierge_agent.own_words import agrees_in_words


@pytest.mark.parametrize("text", ["Yes, please.", "sure", "OK, show me", "Why not!", "I don't mind, go ahead", "ja"])
def test_words_that_agree_may_be_passed_on_as_consent(text: str) -> None:
    assert agrees_in_words(text)


@pytest.mark.parametrize("text", ["No, thanks.", "I'd rather not", "Something else", "yes but not that one", "More."])
def test_words_that_refuse_or_say_nothing_of_it_are_no_consent(text: str) -> None:
    assert not agrees_in_words(text)
