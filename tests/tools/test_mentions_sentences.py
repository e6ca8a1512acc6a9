"""Hand-labelled sentences: what a confident reader (score above one half) links, and nothing else."""

from typing import Any

import pytest

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field
from concierge_tools.text.mentions import Vocabulary

FIELDS = (
    Field(
        "genres",
        "tags",
        "tags",
        synonyms={"Science Fiction": ("sci-fi", "sf"), "Romance": ("love story",), "Comedy": ("funny",)},
    ),
    Field("director", "category", "category"),
    Field("cast", "tags", "tags"),
    Field("rating", "category", "category", aliases=("rated",)),
    Field("services", "tags", "tags"),
    Field("sponsored", "boolean", "category", aliases=("promoted",)),
)

ROWS = [
    ("Toy Story", ["Animation", "Family"], "John Lasseter", ["Tom Hanks", "Tim Allen"], "G", ["Disney+"]),
    ("Toy Story 2", ["Animation", "Family"], "John Lasseter", ["Tom Hanks"], "G", ["Disney+"]),
    ("Aladdin", ["Animation", "Musical"], "Ron Clements", ["Robin Williams"], "G", ["Disney+"]),
    ("Lion King, The", ["Animation", "Musical"], "Roger Allers", ["Jeremy Irons"], "G", ["Disney+"]),
    ("Godfather, The", ["Crime", "Drama"], "Francis Ford Coppola", ["Al Pacino"], "R", ["Netflix"]),
    ("Heat", ["Crime", "Thriller"], "Michael Mann", ["Al Pacino"], "R", ["Netflix"]),
    ("Up", ["Animation"], "Pete Docter", ["Ed Asner"], "PG", ["Disney+"]),
    ("Her", ["Romance", "Science Fiction"], "Spike Jonze", ["Joaquin Phoenix"], "R", ["Max"]),
    ("It", ["Horror"], "Andy Muschietti", ["Bill Skarsgård"], "R", ["Max"]),
    ("Big", ["Comedy"], "Penny Marshall", ["Tom Hanks"], "PG", ["Max"]),
    ("Something", ["Drama"], "Jane Doe", [], "NC-17", []),
    ("Drama", ["Drama"], "Jane Doe", [], "PG-13", []),
    ("Funny", ["Comedy"], "Jane Doe", [], "PG-13", []),
    ("Amélie", ["Romance", "Comedy"], "Jean-Pierre Jeunet", ["Audrey Tautou"], "R", ["4K Club"]),
    ("Me, Myself & Irene", ["Comedy"], "Bobby Farrelly", ["Jim Carrey"], "R", ["Netflix"]),
    ("The Fast and the Furious", ["Action"], "Rob Cohen", ["Vin Diesel"], "PG-13", ["Max"]),
    ("Star Wars: Episode IV - A New Hope", ["Science Fiction"], "George Lucas", ["Mark Hamill"], "PG", ["Disney+"]),
    ("Schindler's List", ["War", "Drama"], "Steven Spielberg", ["Liam Neeson"], "R", ["Netflix"]),
    ("Jurassic Park", ["Science Fiction", "Thriller"], "Steven Spielberg", ["Sam Neill"], "PG-13", ["Max"]),
    ("Spider-Man", ["Action"], "Sam Raimi", ["Tobey Maguire"], "PG-13", ["Max"]),
    ("Inception", ["Science Fiction"], "Christopher Nolan", ["Leonardo DiCaprio"], "PG-13", ["Max"]),
    ("Alien", ["Horror", "Science Fiction"], "Ridley Scott", ["Sigourney Weaver"], "R", ["Disney"]),
    ("Eternal Sunshine of the Spotless Mind", ["Romance"], "Michel Gondry", ["Jim Carrey"], "R", ["Max"]),
    ("Ocean's Eleven", ["Crime"], "Steven Soderbergh", ["George Clooney"], "PG-13", ["Max"]),
    ("Dark City", ["Noir"], "Alex Proyas", ["Rufus Sewell"], "R", ["Max"]),
    ("300", ["Action"], "Zack Snyder", ["Gerard Butler"], "R", ["Max"]),
    ("Say Anything...", ["Romance"], "Cameron Crowe", ["John Cusack"], "PG-13", ["Max"]),
    ("Rocky II", ["Sport"], "Sylvester Stallone", ["Sylvester Stallone"], "PG", ["Max"]),
]

SENTENCES: list[tuple[str, list[str], list[str]]] = [
    # titles
    (
        "I loved Toy Story and Aladdin. Something animated from the 90s, but no musicals, please.",
        ["Toy Story", "Aladdin"],
        ["genres=Animation", "genres=Musical"],
    ),
    ("I loved Toy Story, Aladdin and The Lion King", ["Toy Story", "Aladdin", "Lion King, The"], []),
    ("more like toy story", ["Toy Story"], []),
    ("My kids watch toy story and aladdin all day", ["Toy Story", "Aladdin"], []),
    ("Toy Story 2 was better than the first", ["Toy Story 2"], []),
    ("TOY STORY 2 WAS GREAT", ["Toy Story 2"], []),
    ("I adore the lion king", ["Lion King, The"], []),
    ("lion king please", ["Lion King, The"], []),
    ("Have you got Lion King, The?", ["Lion King, The"], []),
    ("Anything like the Godfather?", ["Godfather, The"], []),
    ("i liked amelie", ["Amélie"], []),
    ("Is Amélie sad?", ["Amélie"], []),
    ("We watched Me, Myself & Irene yesterday", ["Me, Myself & Irene"], []),
    ("we watched me myself and irene yesterday", ["Me, Myself & Irene"], []),
    ("I enjoyed Fast and the Furious", ["The Fast and the Furious"], []),
    ("similar to Star Wars", ["Star Wars: Episode IV - A New Hope"], ["genres=War"]),
    ("I have seen A New Hope twice", ["Star Wars: Episode IV - A New Hope"], []),
    ("schindlers list made me cry", ["Schindler's List"], []),
    ("Schindler's List made me cry", ["Schindler's List"], []),
    ("a fan of Spiderman", ["Spider-Man"], []),
    ("a fan of spider man", ["Spider-Man"], []),
    ("Inception's ending confused me", ["Inception"], []),
    ("I loved Inception.", ["Inception"], []),
    ("i loved oceans eleven", ["Ocean's Eleven"], []),
    ("Rocky 2 is underrated", ["Rocky II"], []),
    ("Jurassic Park/Alien double bill", ["Jurassic Park", "Alien"], []),
    ("Alien", ["Alien"], []),
    # titles with typos
    ("I loved Toy Stroy", ["Toy Story"], []),
    ("something like toy stroy", ["Toy Story"], []),
    ("I liked Alladin", ["Aladdin"], []),
    ("i liked alladin and the loin king", ["Aladdin", "Lion King, The"], []),
    ("i liked the godfahter", ["Godfather, The"], []),
    ("What about Incepton?", ["Inception"], []),
    ("I saw Jurasic Park", ["Jurassic Park"], []),
    ("I liked Eternal Sunshine Spotless Mind", ["Eternal Sunshine of the Spotless Mind"], []),
    ("i liked eternal sunshine of the spotles mind", ["Eternal Sunshine of the Spotless Mind"], []),
    ("Toy Stroy 2 again", ["Toy Story 2"], []),
    # ambiguous words
    ("It was a big day and I gave her a call, then we went up", [], []),
    ("I love it", [], []),
    ("Something with heat and drama", [], ["genres=Drama"]),
    ("Show me something big", [], []),
    ("Drama or horror?", [], ["genres=Drama", "genres=Horror"]),
    ("I loved Heat and Up", ["Heat", "Up"], []),
    ('My favourite is "Her"', ["Her"], []),
    ("My favourite is “it”", ["It"], []),
    ("Funny, please", [], ["genres=Comedy"]),
    ("set in a dark city", [], []),
    ("Dark City was great", ["Dark City"], []),
    ("say anything you like", [], []),
    ("under 300 minutes", [], []),
    ('I liked "300"', ["300"], []),
    ("I Want A Big Funny Movie For Her", [], ["genres=Comedy"]),
    ("Toy Story 5 looks nice", [], []),
    # values
    ("a sci fi film", [], ["genres=Science Fiction"]),
    ("Sci-Fi!", [], ["genres=Science Fiction"]),
    ("SCIFI", [], ["genres=Science Fiction"]),
    ("science-fiction from the 80s", [], ["genres=Science Fiction"]),
    ("no comedies, no thrillers", [], ["genres=Comedy", "genres=Thriller"]),
    ("horrror or animtion", [], ["genres=Horror", "genres=Animation"]),
    ("two love stories", [], ["genres=Romance"]),
    ("not a musical but a crime drama", [], ["genres=Musical", "genres=Crime", "genres=Drama"]),
    ("anything but war", [], ["genres=War"]),
    ("by Steven Spielberg", [], ["director=Steven Spielberg"]),
    ("directed by steven spielberg", [], ["director=Steven Spielberg"]),
    ("a Spielberg film", [], ["director=Steven Spielberg"]),
    ("Spielberg's best", [], ["director=Steven Spielberg"]),
    ("with Tom Hanks or Pacino", [], ["cast=Tom Hanks", "cast=Al Pacino"]),
    ("anything by Francis Coppola", [], ["director=Francis Ford Coppola"]),
    ("with bill skarsgard", [], ["cast=Bill Skarsgård"]),
    ("my friend mark and I", [], []),
    ("rated PG-13", [], ["rating=PG-13"]),
    ("rated PG", [], ["rating=PG"]),
    ("rated R", [], ["rating=R"]),
    ("an R-rated thriller", [], ["rating=R", "genres=Thriller"]),
    ("r u there", [], []),
    ("nothing NC-17", [], ["rating=NC-17"]),
    ("PG-14", [], []),
    ("14-PG", [], []),
    ("on Disney+", [], ["services=Disney+"]),
    ("on Disney", [], ["services=Disney"]),
    ("do you have disney plus", [], ["services=Disney+"]),
    ("no sponsored ones", [], ["sponsored=true"]),
    ("hide what is promoted", [], ["sponsored=true"]),
    ("Nothing here that you would know", [], []),
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    names = ("title", "genres", "director", "cast", "rating", "services")
    rows: list[dict[str, Any]] = [
        {"id": str(i), "sponsored": False, **dict(zip(names, row, strict=True))} for i, row in enumerate(ROWS)
    ]
    return Vocabulary(Catalog.of("films", FIELDS, rows), None)


@pytest.mark.parametrize(("text", "items", "values"), SENTENCES, ids=[text for text, _, _ in SENTENCES])
def test_a_sentence_links_to_what_its_label_says(
    vocabulary: Vocabulary, text: str, items: list[str], values: list[str]
) -> None:
    confident = [mention for mention in vocabulary.resolve(text) if mention.score > 0.5]

    assert [mention.title for mention in confident if mention.kind == "item"] == items
    assert [f"{mention.field}={mention.value}" for mention in confident if mention.kind == "value"] == values
