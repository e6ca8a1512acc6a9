"""English grammar as tables: cue phrases by what they do, function words, and the adjectives of measurable dimensions.

Only general English stands here; every word of a trade comes from the catalog.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from concierge_agent.offline.text import Token, word_set

CueKind = Literal[
    "negate", "request", "like", "dislike", "have", "seen", "unseen", "similar", "soft", "soft_after", "hard",
    "retract", "retract_after", "allow", "correct", "neutral", "anymore",
]  # fmt: skip
"""What a phrase does to the words after it; those in `_after` act on the words before it."""

_CUES: Mapping[CueKind, str] = MappingProxyType(
    {
        "negate": """
        no | not | without | except | except for | excluding | exclude | apart from | aside from | other
        than | besides | anything but | anything except | everything but | everything except | all but | all
        except | anyone but | nothing | none of | never | nor | neither | avoid | avoiding | skip | minus |
        non | rule out | leave out | omit | stay away from | keep away from | instead of | rather than |
        anything other than | not in the mood for | not looking for | not interested in | not after | free
        of | less | i would rather not | rather not | rather avoid | enough of | sick of | tired of | bored
        of | fed up with | would not want | do not want | do not give me | do not show me | do not recommend
        | no more | someone other than | no one but | stop showing me | hold the
    """,
        "neutral": """
        not only | not just | not sure | do not know | not necessarily | no problem | no worries | no rush |
        no idea | why not | if not | can not find | can not decide | could not find | can not wait | not bad
        | not a problem | do not mind | would not mind | no matter | not picky | no thanks | no thank you |
        without question | do not have to be | does not have to be | need not be | does not need to be | do
        not hate | do not dislike | not against | not opposed to | not allergic to | no longer than | no doubt |
        if you do not mind
    """,
        "request": """
        want | wants | wanted | need | needs | looking for | look for | searching for | search for | find |
        find me | show | show me | give me | get me | recommend | suggest | in the mood for | mood for |
        after | prefer | would prefer | would rather | would rather have
        | interested in | keen on | up for | would like | would love | feel like | something
        | anything | some | any | got any | do you have | have you got | do you sell | is there | are there
        | fancy | craving | how about | what about | let us go with | try | want to | can you | could you |
        would be happy with | hoping for | stick to | stick with | i will take | must | must be | has to be
        | have to be | should | should be | needs to be | pick | choose
    """,
        "like": """
        love | loved | loves | like | liked | likes | enjoy | enjoyed | adore | adored | fan of | big fan of
        | huge fan of | a fan of | fond of | really into | into | favourite | favorite | favourites |
        favorites | favourite is | favorite is | favourites are | favorites are | crazy about | obsessed
        with | fell in love with | was blown away by | impressed by | partial to | a sucker for
    """,
        "dislike": """
        hate | hated | hates | dislike | disliked | despise | despised | loathe | loathed | detest | can not
        stand | could not stand | can not bear | bored by | disappointed by | disappointed with | did not
        care for | do not care for | not a fan of | not fond of | never liked | not keen on | not into |
        allergic to | regretted | regret
    """,
        "have": """
        i have | i have got | we have | we have got | i only have | we only have | i own | we own | i got |
        subscribed to | subscribe to | i subscribe to | i pay for | have access to | i also have | i use
    """,
        "seen": """
        have seen | have already seen | already saw | already seen | i saw | we saw | have watched | already
        watched | i watched | we watched | have read | already read | i read | already have | have already |
        already own | already bought | bought | i bought | i took | have taken | already took | have tried |
        already tried | have finished | already finished | just finished | just watched | just read | just
        saw | seen | watched | have done | already did | already know | know it already
    """,
        "unseen": """
        have not seen | not seen | have never seen | never seen | have not watched | have not read | have
        not tried | not seen yet
    """,
        "similar": """
        similar to | in the vein of | along the lines of | reminiscent of | in the style of | in the spirit
        of | comparable to | the same as | same as | resembling | resembles | akin to | such as | close to |
        remind me of | reminds me of | more of | if i liked | if you liked
    """,
        "soft": """
        preferably | ideally | maybe | perhaps | hopefully | possibly | would be nice if | would be great if
        | would be good if | nice if | bonus if | bonus points for | bonus points if | bonus for | bonus points
        | leaning towards | leaning toward | as a
        bonus | best if | extra points for | optionally | not required but | better if
    """,
        "soft_after": """
        if possible | would be nice | would be great | would be lovely | would be good | would be a plus |
        would be a bonus | is a plus | is a bonus | a plus | if you can | if you have it | if you have any |
        is optional | no big deal | not a must | no must | just a bonus |
        not essential | not crucial | preferred | nice to have | for preference
    """,
        "hard": """
        must | must be | must have | has to | has to be | have to be | needs to be | definitely | absolutely
        | only | strictly | it must
    """,
        "retract": """
        forget | forget about | forget the | drop | remove | ignore | never mind | nevermind | never mind
        about | scrap | ditch | cancel | lift | undo | do not care | do not care about | do not care how |
        do not mind | no need for | does not have to be | do not have to be | does not need to be | need not
        be | take it back about | take that back about | take back what i said about |
        changed my mind about | change my mind about | was wrong about | do not need | not fussed
        about | scratch | disregard | let go of | take back | take away | do
        not bother with | do not worry about | no longer care about | no longer need | no longer want |
        relax | loosen | do not hate | do not dislike | not against | not opposed to | not allergic to | lose the
        | give up on | would not mind
    """,
        "retract_after": """
        is fine | are fine | is fine after all | are fine after all | is okay | are okay | is ok | are ok |
        is ok after all | are ok after all | is fine too | are fine too | does not matter | do not matter |
        is not important | are not important | no longer matters | no longer matter | is no longer
        important | are no longer important | is no longer relevant | is not relevant | is not a problem |
        are not a problem | is
        irrelevant | works | will do | is good too | are welcome | is fine by me | are fine by me | are
        allowed | is allowed | is alright | are alright | works for me | is not needed | is not necessary |
        after all
    """,
        "allow": """
        can be | could be | may be | can also be | might be | fine with | ok with | okay with | good with
        | comfortable with | open to | cool with
    """,
        "correct": """
        actually | make it | make that | make them | instead | switch to | change it to | change that to |
        change to | on second thought | on second thoughts | i meant | i mean | let us try | how about |
        what about | let us do | rather | go for | sorry | swap it for | i changed my mind | changed my mind
        | let us go with
    """,
        "anymore": """
        anymore | any more | any longer | no longer | not any longer
    """,
    }
)

ADVERBS = word_set(
    "really also just quite so very absolutely totally particularly especially ever still usually always "
    "generally kinda honestly simply truly completely ever recently finally normally actually all "
    "probably definitely pretty"
)
DETERMINERS = word_set(
    "a an the any some my your this that these those his her their our more other both either too much "
    "many such of in as"
)
UNIVERSAL = word_set("any every all each everything anything anyone everyone whatever whichever")
EXCEPTING = word_set("except excluding besides apart aside other")
FREE_OBJECTS = word_set("anything any anyone anybody something")
OPEN_OBJECTS = word_set("something anything some any")
LIKE_SUBJECTS = word_set("i we they you to would do did who he she kids not and children")
PREPOSITIONS = word_set("with from for by on at about featuring starring in under over than that which who")
CONJUNCTIONS = frozenset({"and", "or", "nor", "&", "/", "plus"})
PRONOUNS = word_set("it that this them those these one ones they")
PEOPLE = word_set(
    "wife husband partner girlfriend boyfriend fiance fiancee mother father mum mom mummy dad daddy parents brother "
    "sister son daughter kid kids child children baby niece nephew uncle aunt cousin grandmother grandfather grandma "
    "grandpa granny grandson granddaughter grandparents friend friends colleague colleagues boss neighbour neighbor "
    "teacher"
)
"""Whom one speaks of by what they are to one."""
GIFTS = word_set("present presents gift gifts")
REQUEST_NOUNS = word_set("something anything somethin one ones stuff things thing")

FUNCTION_WORDS = word_set(
    """
    a about above across actually after again ahead all almost already also although always am among an and any
    anybody anymore anyone anything anyway are around as ask at away back be because been before being below best
    better between both but by can cheers come could day days decent did different do does doing done down each
    either else enough even evening ever every everyone everything exactly except far few find fine first for from
    further gave get gets getting give given go goes going good got great had happy has have having he hello help
    her here hers hey hi him his hope how however i idea ideas if in instead into is it its itself just keep kind
    kinds know last later least let like list little long look looking looks lot lots love made make makes making
    many may maybe me mean might mine mind mood month more most much must my myself need needs never new next nice
    night no nobody none nor not nothing now of off often ok okay old on once one ones only open or other others
    our ours out over own pick picks place please plenty possible possibly prefer preferably pretty put quick
    quite rather really recommend recommendation recommendations right 's said same say see seem seems seen set
    she should show similar since so some somebody someone something sometime somewhere soon sort sorts spend
    still such suggest suggestion suggestions sure surprise take tell than thank thanks that the their theirs them
    then there these they thing things think this those though thought through time times to today together
    tomorrow tonight too top toward towards tried try type types under until unless up upon us use used using
    usual usually very want wants was way we week weekend weeks well were what whatever when where whether which
    while who whole whose why will with within without wonder work works would year years yeah yes yet you your
    yours yourself stuff item items product products option options choice choices title titles example examples
    bit lately suitable available bored relax sit start starts starting high low highly highest lowest rated
    rating max maximum minimum min most least side sort fun watch watching buy buying read reading see use own
    main main mainly order based feature features featuring include includes including contain contains involving
    involve about regarding let's am pm 'd 're ll ve per each total budget tops everybody nope nah yep great cool
    awesome perfect hmm um uh oh well ah wow lol hey ya plz pls thx hiya morning afternoon sound sounds feel
    feels seem nice kids showed shown suggested recommended listed mentioned
    """
) - {"kids", "features"}  # fmt: skip
"""Words that are never a wish by themselves."""

PRAISE = word_set(
    "great brilliant amazing awesome excellent wonderful fantastic perfect good fun superb terrific "
    "lovely incredible outstanding fabulous masterpiece gem beautiful stunning favourite favorite"
)
BLAME = word_set(
    "awful terrible boring bad dull horrible disappointing rubbish overrated meh lame weak poor tedious "
    "garbage dreadful crap worst mediocre forgettable stupid"
)


@cache
def _index() -> Mapping[str, tuple[tuple[tuple[str, ...], CueKind], ...]]:
    index: dict[str, list[tuple[tuple[str, ...], CueKind]]] = {}
    for kind, phrases in _CUES.items():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            index.setdefault(words[0], []).append((words, kind))
    return {first: tuple(sorted(found, key=lambda f: -len(f[0]))) for first, found in index.items()}


def cues_at(tokens: list[Token], i: int) -> list[tuple[CueKind, int]]:
    """Return the longest cue phrases at `i`, each with the position after it; adverbs inside are passed over."""
    found: list[tuple[CueKind, int]] = []
    length = 0
    for words, kind in _index().get(tokens[i].text, ()):
        if len(words) < length:
            break
        j = _match(tokens, i, words)
        if j is not None:
            length = len(words)
            found.append((kind, j))
    return found


def _match(tokens: list[Token], i: int, words: tuple[str, ...]) -> int | None:
    j = i
    for n, word in enumerate(words):
        while n and j < len(tokens) and tokens[j].text in ADVERBS and tokens[j].text != word:
            j += 1
        if j >= len(tokens) or tokens[j].text != word:
            return None
        j += 1
    return j
