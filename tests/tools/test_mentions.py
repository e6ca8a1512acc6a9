from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field
from concierge_tools.text.mentions import MentionData, Vocabulary

FIELDS = (
    Field("topics", "tags", "tags", synonyms={"Science Fiction": ("sci-fi",)}),
    Field("maker", "category", "category", aliases=("made by",)),
    Field("cast", "tags", "tags"),
    Field("size", "category", "category"),
    Field("year", "number", "number"),
    Field("on_sale", "boolean", "category", aliases=("discounted",)),
)

Row = tuple[str, list[str], str | None, list[str], str | None, int | None]

ROWS: list[Row] = [
    ("Cinderella", ["Romance"], "Ann Lake", ["Cleo Marsh"], "42", 1950),
    ("Cinderella", ["Romance"], "Bo Stone", ["Ann Lake"], "43", 2015),
    ("Red Harbour: Part I", ["Science Fiction"], "Bo Stone", ["Dan Marsh"], "42", 1990),
    ("Red Harbour: Part II", ["Science Fiction"], "Bo Stone", ["Dan Marsh"], None, 1993),
    ("Red Harbour 3", ["Musical"], "Bo Stone", ["Dan Marsh"], None, 1996),
    ("Granite", ["Science Fiction & Fantasy"], "Eve Winterbottom", [], None, None),
    ("Heat", ["US"], "Eve Winterbottom", [], None, None),
]


def catalog(rows: list[Row]) -> Catalog:
    keys = ("title", "topics", "maker", "cast", "size", "year")
    named = [{"id": f"i{i}", "on_sale": False, **dict(zip(keys, row, strict=True))} for i, row in enumerate(rows)]
    return Catalog.of("shelf", FIELDS, named)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(catalog(ROWS))


def only(mentions: list[MentionData]) -> MentionData:
    assert len(mentions) == 1, mentions
    return mentions[0]


def test_a_mention_says_where_what_and_how_surely(vocabulary: Vocabulary) -> None:
    mention = only(vocabulary.resolve("I loved Granite!"))

    assert (mention.span, mention.text, mention.kind) == ((8, 15), "Granite", "item")
    assert (mention.item, mention.item_id, mention.title) == (5, "i5", "Granite")
    assert (mention.match, mention.score, mention.alternatives) == ("exact", 1.0, ())


def test_of_items_with_one_title_the_most_popular_is_meant_and_the_others_are_told() -> None:
    popularity = np.zeros(len(ROWS))
    popularity[1] = 7

    mention = only(Vocabulary(catalog(ROWS), popularity).resolve("I loved Cinderella"))

    assert mention.item_id == "i1"
    assert [alternative.item_id for alternative in mention.alternatives] == ["i0"]


@pytest.mark.parametrize(("text", "item_id"), [("Cinderella (2015)", "i1"), ("cinderella 1950", "i0")])
def test_a_year_behind_a_title_picks_the_item(vocabulary: Vocabulary, text: str, item_id: str) -> None:
    mention = only(vocabulary.resolve(text))

    assert (mention.item_id, mention.text) == (item_id, text)
    assert mention.score > 0.8


def test_a_year_that_no_such_item_has_makes_the_title_doubtful(vocabulary: Vocabulary) -> None:
    mention = only(vocabulary.resolve("I saw Cinderella (1977)"))

    assert mention.match == "partial"
    assert mention.score <= 0.6


def test_a_title_without_its_subtitle_is_partial_and_offers_the_others(vocabulary: Vocabulary) -> None:
    mention = only(vocabulary.resolve("I loved Red Harbour"))

    assert (mention.item_id, mention.match) == ("i2", "partial")
    assert [alternative.item_id for alternative in mention.alternatives] == ["i3", "i4"]


@pytest.mark.parametrize("text", ["I own the Lumen QX-900T", "is the qx900t any good", "cheaper than QX-900T"])
def test_a_model_number_that_one_title_has_names_it(text: str) -> None:
    rows = [
        *ROWS,
        ("Lumen QX-900T Desk Lamp", [], None, [], None, None),
        ("Lumen QX-800T Lamp", [], None, [], None, None),
    ]

    mention = only(Vocabulary(catalog(rows)).resolve(text))

    assert (mention.title, mention.match) == ("Lumen QX-900T Desk Lamp", "partial")
    assert mention.score > 0.5


def test_a_number_keeps_titles_apart(vocabulary: Vocabulary) -> None:
    assert only(vocabulary.resolve("I loved Red Harbour 3")).item_id == "i4"
    assert only(vocabulary.resolve("I loved Red Harbour 9")).score <= 0.5


def test_a_title_within_a_longer_name_is_doubtful(vocabulary: Vocabulary) -> None:
    whole, part = (only(vocabulary.resolve(text)) for text in ("I saw Granite", "I saw Granite Mountain"))

    assert whole.score > 0.9
    assert part.score <= 0.6


@pytest.mark.parametrize("text", ['Is "heat" good?', "Is “Heat” good?", "Is 'heat' good?", "I loved Heat"])
def test_quotes_or_a_capital_within_a_sentence_mark_a_title(vocabulary: Vocabulary, text: str) -> None:
    assert only(vocabulary.resolve(text)).score > 0.8


@pytest.mark.parametrize("text", ["Heat is what I feel", "the heat is on", "I like heat"])
def test_a_frequent_word_is_hardly_a_title(vocabulary: Vocabulary, text: str) -> None:
    assert only(vocabulary.resolve(text)).score <= 0.5


def test_a_value_in_several_fields_gives_the_others_as_alternatives(vocabulary: Vocabulary) -> None:
    mention = only(vocabulary.resolve("with Ann Lake"))

    assert {mention.field, *(a.field for a in mention.alternatives)} == {"maker", "cast"}


def test_the_name_of_a_field_before_a_value_says_which_field(vocabulary: Vocabulary) -> None:
    assert only(vocabulary.resolve("maker Ann Lake")).field == "maker"
    assert only(vocabulary.resolve("in the cast Ann Lake")).field == "cast"


def test_a_family_name_that_two_share_is_doubtful_unless_one_has_far_more_items(vocabulary: Vocabulary) -> None:
    mention = only(vocabulary.resolve("anything with Marsh"))
    assert (mention.value, mention.match) == ("Dan Marsh", "partial")
    assert mention.score == 0.7

    rows = [*ROWS, ("Other", ["Romance"], "Bo Stone", ["Cleo Marsh"], None, None)]
    doubtful = only(Vocabulary(catalog(rows)).resolve("anything with Marsh"))
    assert doubtful.score < 0.5
    assert [alternative.value for alternative in doubtful.alternatives] == ["Cleo Marsh"]


def test_part_of_someone_elses_name_is_no_name(vocabulary: Vocabulary) -> None:
    assert all(mention.score <= 0.5 for mention in vocabulary.resolve("I met Peter Winterbottom"))
    assert only(vocabulary.resolve("I met Winterbottom")).score == 0.7
    assert vocabulary.resolve("a winterbottom") == []


def test_the_longest_value_wins_within_its_words(vocabulary: Vocabulary) -> None:
    assert only(vocabulary.resolve("science fiction & fantasy")).value == "Science Fiction & Fantasy"
    assert only(vocabulary.resolve("science-fiction")).value == "Science Fiction"


def test_matches_are_told_apart(vocabulary: Vocabulary) -> None:
    found = [only(vocabulary.resolve(text)) for text in ("Musical", "sci-fi", "musicals", "muscial")]

    assert [mention.match for mention in found] == ["exact", "synonym", "inflection", "typo"]
    assert [mention.score for mention in found] == sorted((mention.score for mention in found), reverse=True)


def test_a_value_that_is_also_a_pronoun_needs_its_capitals(vocabulary: Vocabulary) -> None:
    assert only(vocabulary.resolve("made in the US")).score > 0.5
    assert all(mention.score <= 0.5 for mention in vocabulary.resolve("show us more"))


def test_a_number_as_value_is_sure_only_behind_its_field(vocabulary: Vocabulary) -> None:
    assert only(vocabulary.resolve("in size 42")).score == 1.0
    assert only(vocabulary.resolve("under 42 euros")).score <= 0.5


@pytest.mark.parametrize("text", ["what is on sale", "on-sale things", "discounted ones"])
def test_a_boolean_field_is_named_by_itself_and_its_aliases(vocabulary: Vocabulary, text: str) -> None:
    mention = only([mention for mention in vocabulary.resolve(text) if mention.kind == "value"])

    assert (mention.field, mention.value) == ("on_sale", "true")


@pytest.mark.parametrize("text", ["", "  ", "?!", "🎬", "nothing of the sort"])
def test_a_text_that_names_nothing_has_no_mentions(vocabulary: Vocabulary, text: str) -> None:
    assert vocabulary.resolve(text) == []


def test_an_empty_catalog_has_a_vocabulary() -> None:
    assert Vocabulary(catalog([])).resolve("I loved Heat by Ann Lake") == []


PIECES = st.sampled_from(
    [
        "Red",
        "harbour",
        "Cinderella",
        "(1950)",
        "heat",
        "Ann",
        "Lake",
        '"',
        "'",
        ",",
        ".",
        "&",
        "R",
        "42",
        "muscial",
        "I",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=25).map(" ".join)))
def test_mentions_quote_the_text_in_a_fixed_order_and_items_never_overlap(vocabulary: Vocabulary, text: str) -> None:
    mentions = vocabulary.resolve(text)

    assert all(text[slice(*mention.span)] == mention.text != "" for mention in mentions)
    assert all(0 < mention.score <= 1 for mention in mentions)
    assert [(m.span[0], -m.span[1]) for m in mentions] == sorted((m.span[0], -m.span[1]) for m in mentions)
    items = [mention.span for mention in mentions if mention.kind == "item"]
    assert all(before[1] <= after[0] for before, after in pairwise(items))
    assert mentions == vocabulary.resolve(text)
