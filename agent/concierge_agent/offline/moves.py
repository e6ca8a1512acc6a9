"""Moves of a dialogue, told by grammar: to take an item, agree, refuse, leave open, want another, be kind.

Each function judges one clause. A pattern names a handful of verbs and nouns and leaves the rest of the clause to
grammar, so that no wording has to be listed.
"""

import re
from collections.abc import Iterable

from concierge_agent.offline.grammar import ADVERBS, DETERMINERS, FUNCTION_WORDS, PRAISE
from concierge_agent.offline.text import stem, word_set

NTH = r"(?:first|second|third|fourth|fifth|last|\d{1,2}(?:st|nd|rd|th)?)"
_NOUN = r"(?:one|ones|two|pick|choice|option|suggestion|recommendation|item|idea)"
POINT = (
    rf"(?:(?:this|that|the|your)(?: (?:{NTH}|other|same))? {_NOUN}|(?:it|this|that|these|those|them|both)|"
    rf"the {NTH}|number \d+)"
)
"""What a shown item is called: "it", "that one", "the second", "your suggestion", "number 2"."""

_GOOD_ADJECTIVE = "|".join(sorted(PRAISE)) + "|nice|cool|ideal|spot on|just right"
_FINE = (
    r"(?:fine|ok|okay|good|alright|all right|cool|great|perfect|acceptable|no problem|not (?:a|any) problem|no issue|"
    r"not an issue|no trouble|no big deal|not a big deal|no worries|no objections?|nothing against it)"
)
LEAD = (
    r"(?:(?:well|oh|ah|ok|okay|so|and|then|hmm+|hm+|mm+|right|alright|yes|yeah|yep|yup|sure|fine|honestly|actually|"
    r"wow|now|i think|i guess|i suppose|i believe|i would say|you know what|in that case|great|good|nice|"
    r"perfect|hey) )*"
)
"""Words that may open any move."""
_TAIL = (
    r"(?: (?:please|thanks|thank you|then|now|today|tonight|for (?:me|us|now|today|tonight)|nicely|perfectly|"
    r"just fine|so much|a lot|very much|very well|too|actually|indeed|exactly|great|well|instead|anyway))*"
)
_NOT_TAKING = (
    r"(?!(?:skip|pass|avoid|drop|forget|ignore|hear|know|ask|return|compare|change|replace|hate|dislike|like|"
    r"need|not|"
    r"never|think|wait|find|exclude|remove|undo|stop|miss|leave|swap|reject|refuse|exchange|narrow|say|"
    r"to|be|have to|see if)\b)"
)
_TAKING = (
    rf"(?:i|we)(?: (?:will|shall|can|am going to|are going to|would like to|would love to|want to|should|am gonna))+"
    rf"(?: (?:just|probably|definitely|gladly|happily|simply))?(?: {_NOT_TAKING}\w+){{1,2}} {POINT}|"
    rf"(?:let us|let me|i am|we are)(?: just| definitely)?(?: {_NOT_TAKING}\w+){{1,2}} {POINT}|"
    rf"(?:i|we)?(?: |^)?(?:take|choose|pick|go|going|taking|choosing|picking|settle|settling)"
    rf"(?: (?:with|for|on))? {POINT}|"
    rf"(?:i|we) (?:accept|have decided on|have settled on|settled on|am happy with|are happy with) {POINT}|"
    rf"(?:i|we) want {POINT}|{POINT} it is"
)
_THE_ONE = (
    rf"{POINT} (?:is|will be|would be|has to be|must be) (?:really |absolutely |exactly |just |precisely |simply )*"
    rf"(?:it|the one|the (?:right |perfect )?(?:pick|choice|winner|one)|(?:my|our) (?:pick|choice|winner|one)|"
    rf"what (?:i|we)(?: \w+){{1,5}}|settled|decided|a deal|a done deal|a winner|sold|{_GOOD_ADJECTIVE})|"
    rf"{POINT} (?:will do|would do|(?:will |would |should )?(?:works?|suits? (?:me|us)|fits?|do it|does it|"
    rf"do the trick|"
    rf"does the trick|hits? the spot|be perfect|be great))|"
    rf"(?:exactly|just|precisely) (?:it|right|what|the (?:thing|one|kind))(?: \w+){{0,6}}|"
    rf"(?:what (?:a |an )?)?(?:very |really )?(?:{_GOOD_ADJECTIVE}) (?:choice|pick|suggestion|recommendation|"
    rf"find|option|one)"
)
_DONE = (
    r"(?:i am |it is |that is |consider it )?(?:sold|deal|a deal|done deal|done|settled|decided|bingo|taken)|"
    r"decision made|that settles it|we have a (?:winner|deal)|you have (?:got )?a deal"
)
_ACCEPTS = re.compile(rf"{LEAD}(?:{_TAKING}|{_THE_ONE}|{_DONE}){_TAIL}")
_POINTS = re.compile(rf"{LEAD}{POINT}{_TAIL}")
_PRAISES = re.compile(
    rf"{LEAD}(?:(?:that |it |this )?(?:sounds?|looks?|is|seems?) )?(?:really |very |so |just |absolutely )*"
    rf"(?:{_GOOD_ADJECTIVE}){_TAIL}|{LEAD}i (?:really )?(?:like|love) (?:it|that|this|the sound of (?:it|"
    rf"that)){_TAIL}"
)
_PREFERS = re.compile(
    rf"{LEAD}{POINT} (?:sounds?|looks?|seems?|is) (?:really |very |so |just |absolutely )*(?:{_GOOD_ADJECTIVE}){_TAIL}"
)
_BUYS = re.compile(r"\b(?:buy|order|purchase|rent|reserve|book|get|grab)(?:ing)?\b")

_YES = (
    r"(?:yes|yeah|yep|yup|yea|aye|sure|sure thing|ok|okay|okey|fine|alright|all right|absolutely|definitely|"
    r"certainly|of course|naturally|agreed|gladly|please do|by all means|why not|go ahead|go on|go for it|"
    r"carry on|proceed|continue|do it|do so|i do|we do|i am|we are|i agree|we agree|with pleasure|affirmative|"
    r"correct|"
    r"y|you may|you can)"
)
_ME = r"(?: (?:by|with|for|to) (?:me|us|it|that|this|everyone|everybody|all of us)| at all| whatsoever)*"
_IT = r"(?:(?:me|us|it|that|this|them|one|those|anyway|what you have|what you have got|a look|at|for|to)\b ?)+"
_AGREES = re.compile(
    rf"{LEAD}(?:(?:{_YES})(?: {_YES})*|"
    rf"(?:(?:that|it|this|which|everything|all)(?: is| are| would be| will be| sounds| looks)? )?"
    rf"(?:all |perfectly |totally |completely |absolutely |quite )?{_FINE}{_ME}|"
    rf"(?:i|we) (?:am|are|would be|feel) (?:\w+ )?(?:fine|ok|okay|good|happy|comfortable|cool|alright) "
    rf"with (?:it|that|this|them)|"
    rf"(?:i|we) (?:do|would|will|really do) not (?:really |at all )?(?:mind|object|care|worry|have (?:a|any) \w+)"
    rf"(?: (?:to|about|with|it|that|this|them|at|all|a|bit))*|"
    rf"(?:i|we) have (?:no|nothing) (?:problem|problems|objection|objections|issue|issues|against)"
    rf"(?: (?:with|to|it|that|this))*|"
    rf"(?:it|that|this) (?:does|will|would) not (?:\w+ )?(?:bother|worry|concern|scare|trouble|hurt) (?:me|us|"
    rf"anyone)|"
    rf"(?:(?:you (?:may|can|could)|feel free to|do|just|go ahead and|let (?:me|us)|please|i want to|we want to|"
    rf"i would like to|i would love to|we would like to) )*(?:show|see|display|reveal|present|view|have|take)"
    rf"(?: a look at)? ?{_IT}|"
    rf"(?:i|we) (?:am|are) (?:\w+ )?(?:adults?|old enough|of age|grown ups?|over \w+|above \w+)(?: \w+){{0,3}}|"
    rf"(?:i|we) can (?:handle|take|stand|live with|deal with) (?:it|that|this)){_TAIL}"
)
_REFUSES = re.compile(
    rf"{LEAD}(?:please )?(?:no|nope|nah|never|not|none|neither|rather not|better not|n|do not|"
    rf"did not|"
    rf"(?:i|we) (?:would|will|do|can|could|had|am|are)(?: \w+)? ?(?:not|rather not|prefer not|pass|skip|decline)|"
    rf"(?:i|we) (?:refuse|decline|pass|would (?:rather|prefer)|had better)|pass|skip|hide|"
    rf"(?:better )?leave (?:it|that|this)|"
    rf"keep (?:it|that) (?:hidden|away)|(?:anything|something|show me something|find something) (?:else|"
    rf"different|other)|"
    rf"(?:it|that|this) is not|another|next|absolutely not|certainly not|no way|spare me|too)\b"
)

_OPEN_NOUN = (
    r"(?:preferences?|opinions?|ideas?|clue|favou?rites?|limits?|restrictions?|requirements?|wish|wishes|demands?|"
    r"minimum|maximum|conditions?|feelings?|particular|specific|special)"
)
_OPEN_TAIL = (
    r"(?: (?:really|for me|to me|by me|with me|for us|to us|by us|at all|there|here|in particular|either|honestly|"
    r"please|thanks|thank you|(?:about|on|for|in|regarding|with) (?:it|that|this|those|these)|you have|right now|yet|"
    r"so|too|as well|one way or the other|much))*"
)
_WILL_DO = (
    r"(?:fine|ok|okay|good|great|alright|cool|welcome|acceptable|possible|perfect|goes|go|works?|will do|do|"
    r"will work|would work|would do|is|are|will be|would be|can be|can|could|should|may|suits? me|"
    r"me|us|by|with|for|just|all|equally|perfectly|absolutely|the same|to)"
)
_OPEN_CARE = (
    r"(?:matters?|care|mind|important|relevant|fussed|bothered|picky|fussy|particular|crucial|essential|necessary|"
    r"needed|decided|sure|know|choosy|bother|concern|difference|say|tell|thought)"
)
_IS_OPEN = re.compile(
    rf"(?:{LEAD}|(?:no|nope|nah|not really) )*(?:"
    rf"(?:(?:i|we) )?(?:(?:do not|did not) (?:really |particularly )?have |have |have got |got |with |"
    rf"there is |there are )?"
    rf"(?:no|not a|not any|a|any|nothing|without)(?: \w+){{0,2}}? ?{_OPEN_NOUN}|"
    rf"(?:(?:i|we|it|that|this|which|they) )?(?:really |honestly )?(?:(?:do|does|did|would|will|is|am|are|"
    rf"should|need|has|have|can|could) )?"
    rf"(?:not|never|no)(?: \w+){{0,3}}? {_OPEN_CARE}(?: \w+){{0,2}}|"
    rf"(?:(?:i|we|it|that|this) )?(?:really |honestly |actually )?(?:do|does|would|will|should|need)(?: \w+)? not "
    rf"(?:\w+ )?(?:care|mind|matter)"
    rf"(?: (?:about|which|what|where|how|who|whether|if|when)\b.*)?|"
    rf"(?:i|we) (?:\w+ )?could not care less|(?:i|we) trust (?:you|your \w+)|"
    rf"no matter(?: (?:which|what|where|how|who)\b.*)?|"
    rf"(?:(?:it|that|this) )?(?:makes?|would make|does not make|do not make) (?:no|little|a|any|"
    rf"much)(?: \w+)? (?:difference|odds)|"
    rf"(?:anything|any|whatever|whichever|wherever|whoever|whomever|either|all|both|everything|each|every|none|"
    rf"nothing)"
    rf"(?: (?:of (?:them|these|those|it)|one|option|goes))*|"
    rf"(?:anything|any|whatever|whichever|either|all|both|everything|each|every)(?: (?:of (?:them|these|those)|one))?"
    rf"(?: \w+){{0,2}}? {_WILL_DO}(?: {_WILL_DO})*|"
    rf"(?:whatever|whichever|what|which)(?:ever)?(?: one)? you (?:\w+ ?){{1,3}}|"
    rf"(?:(?:i|we) (?:am|are) )?(?:\w+ )?(?:open|flexible|easy|easygoing|indifferent|undecided|neutral|happy|"
    rf"good|fine|"
    rf"game|up for)(?: (?:to|with|about|on|for|minded))?(?: (?:anything|any|everything|whatever|all|both|"
    rf"either|it|that|"
    rf"suggestions?|ideas?|there|of them))*|"
    rf"(?:that is |it is |this is )?(?:your|the chef 's|dealer 's) (?:choice|call|pick|decision)|"
    rf"(?:you|your)(?: (?:can|may|could|should|get to|just))* (?:choose|decide|pick|select|tell me|know best|judge)"
    rf"(?: (?:it|for me|one|yourself|freely|something))*|"
    rf"(?:that is |it is )?(?:entirely |totally |all )?up to you|surprise me|(?:i )?(?:will |"
    rf"would )?leave (?:it|that)(?: up)? (?:to|with) you|"
    rf"(?:it is |that is )?all the same|either way(?: is.*| works.*)?|skip(?: (?:it|that|this))?(?: question)?|pass|"
    rf"next question|dunno|no|none|nope|not really|hard to say|no clue){_OPEN_TAIL}"
)
_WAITS = re.compile(
    rf"{LEAD}(?:(?:just|please|go ahead|go ahead and|can you|could you|first|but) )*(?:"
    rf"(?:let me|i would(?: like| love| have)?(?: to)?|i want to|i need to) (?:first )?see\b.*|"
    rf"(?:show|suggest|recommend|give|pick|offer|try)(?: me| us)? (?:something|one|some|a|an|anything|what)\b.*|"
    rf"go ahead(?: with something)?|(?:i will|we will|i would) (?:know|tell|see|decide)\b.*|"
    rf"what (?:would you|do you|have you|can you) (?:suggest|recommend|have|got|offer|think))"
)

_HESITATES = re.compile(rf"{LEAD}(?:(?:let (?:me|us) (?:see|think)|um+|uh+|er+|hold on|one moment|please|thanks) )*")
_DECLINES = re.compile(
    rf"{LEAD}(?:(?:sorry|thanks but|hmm) )*(?:no|nope|nah|no thanks|no thank you|no sorry|(?:hard )?pass|"
    rf"(?:i|we)(?: \w+)?(?: will)? pass(?: on {POINT})?|skip(?: {POINT})?|rather not|"
    rf"(?:(?:{POINT}) is )?not (?:quite|really|convinced|tonight|today|this time|for (?:me|us)|it|{POINT}|"
    rf"(?:quite |really |exactly )?(?:my|our) (?:\w+ ?){{1,4}}|(?:quite |really |exactly )?(?:it|right|there|"
    rf"what (?:\w+ ?){{1,5}}))|"
    rf"(?:i|we) do not think so|(?:it|that|this) (?:does|did) not (?:really )?(?:appeal|speak)(?: to (?:me|us))?|"
    rf"(?:not )?(?:convinced|interested)){_TAIL}"
)
_ANOTHER = word_set("another else next other others different again alternative alternatives more")
_OFFERS = word_set(
    "idea ideas suggestion suggestions option options recommendation recommendations pick picks choice choices one "
    "ones item items alternative alternatives please thanks"
)
_OTHERWISE = word_set("not no without than like less never already before but if about only under over below above")
_KIND = word_set(
    "thanks thank thx cheers ta appreciated appreciate grateful obliged greetings hello hi hey hiya howdy evening "
    "morning afternoon welcome sorry apologies bye goodbye ciao"
)
_GREETS = word_set("hello hi hey hiya howdy greetings")
_KINDLY = word_set(
    "advance kind kindly helpful much lot bunch million so help your many very muchly assistance time "
    "patience lovely nice great good dear friend mate everyone folks again hope you are well doing going how is it"
)
_WOULD_BE = re.compile(
    r"(?:that|it|this|which) would be (?:really |so |very )?(?:great|good|lovely|nice|perfect|awesome|wonderful|"
    r"fantastic|amazing|helpful|much appreciated|appreciated|kind|super|brilliant)(?: of you)?|"
    r"\w+ for (?:all )?(?:your|the|that) (?:help|time|patience|effort|advice|assistance)"
)

_SUBJECT = r"(?:i|we|he|she|there|(?:my|our|his|her|their|the|today|tonight) (?:\w+ ){0,2}\w+|today|work|life)"
_BEFORE_VERB = r"(?: (?:have|has|had|is|was|are|am|just|already|also|only|really|finally|recently|still|both|all|do))*"
_PAST = (
    r"(?:been|was|were|got (?:off|up|home|back|out|in|through|done|away|to|from|here|stuck)|came|went|took|"
    r"did|left|ran|"
    r"spent|slept|woke|broke|drove|flew|met|lost|won|had (?:a|an|such|to|some|no|our|my|the)|moved|"
    r"(?!(?:need|rated|based|interested|used|limited|want|like|love|prefer|directed|made|priced)\w*\b)\w{2,}ed|"
    r"(?!(?:looking|thinking|hoping|searching|wondering|trying|interested|starring|featuring|something|"
    r"anything|nothing|"
    r"craving|feeling|wanting|asking|after|during|being|watching|reading)\b)\w+ing)"
)
_TELLS = re.compile(
    rf"{LEAD}(?:{_SUBJECT}{_BEFORE_VERB} {_PAST}\b|(?:it|this|that) (?:is|was|has) (?:already |"
    rf"just )?(?:been\b|\w+ing\b(?! from| on| in))|"
    rf"(?:i|we) hope (?:you|it|this|that|all|everything)\b|"
    rf"it is (?:\w+ ){{0,3}}(?:night|day|evening|morning|afternoon|weekend|birthday|time|holiday|anniversary)\b)"
)
_WANTS = re.compile(
    r"\b(?:want|need|like|love|enjoy|hate|prefer|dislike|look|search|hop(?:e|ed|ing) (?:for|to)|mind|think|"
    r"thought|mean|"
    r"meant|said|asked|told|wish|seen|saw|watched|read|bought|tried|played|finished|should|must|would|rather|"
    r"shown|showed|"
    r"about|liked|loved|enjoyed|hated|wanted|needed|preferred|looking|under|over|below|above|at most|at least|budget|"
    r"maximum|minimum|not|only|no)\b"
)


def accepts(words: str) -> bool:
    """Whether a clause takes what was shown: "I'll take it", "that's the one", "great choice", "sold"."""
    return bool(_ACCEPTS.fullmatch(words))


def hesitates(words: str) -> bool:
    """Whether a clause says nothing yet: "well", "let me think", "okay so"."""
    return bool(_HESITATES.fullmatch(f"{words} "))


def points(words: str) -> bool:
    """Whether a clause only names what was shown: "that one, please"."""
    return bool(_POINTS.fullmatch(words))


def praises(words: str) -> bool:
    """Whether a clause only finds something good: "perfect", "sounds great"."""
    return bool(_PRAISES.fullmatch(words))


def prefers(words: str) -> bool:
    """Whether a clause finds one of the shown items good: "the second one sounds great"."""
    return bool(_PREFERS.fullmatch(words))


def buys(words: str) -> bool:
    """Whether a clause speaks of a purchase, which is not the assistant's to make."""
    return bool(_BUYS.search(words))


def agrees(words: str) -> bool:
    """Whether a clause agrees: "go ahead", "that's no problem", "I don't mind", "show me"."""
    return bool(_AGREES.fullmatch(words))


def refuses(words: str) -> bool:
    """Whether a clause opens with a refusal: "I'd rather not", "skip it", "not with them around"."""
    return bool(_REFUSES.match(words)) and not agrees(words)


def declines(words: str) -> bool:
    """Whether a clause only turns down what was shown: "I'll pass", "not quite", "that is not for me"."""
    return bool(_DECLINES.fullmatch(words))


def leaves_open(words: str) -> bool:
    """Whether a clause, as an answer, leaves the choice open: "no preference", "anything is fine", "up to you"."""
    return bool(_IS_OPEN.fullmatch(words))


def waits(words: str) -> bool:
    """Whether a clause, as an answer, puts it off until something is shown: "let me see one first"."""
    return bool(_WAITS.fullmatch(words))


def tells(words: str) -> bool:
    """Whether a clause only tells of someone's life: "it's been a long day", "I just got off a twelve hour shift"."""
    return bool(_TELLS.match(words)) and not _WANTS.search(words)


def asks_for_another(words: str, generic: Iterable[str] = ()) -> bool:
    """Whether a clause asks for something else and says nothing of what; `generic` are stems that name any item."""
    said = words.split()
    if said[:1] and said[0] in _GREETS:
        return False
    plain = FUNCTION_WORDS | ADVERBS | DETERMINERS | _OFFERS | _ANOTHER
    known = all(w in plain or stem(w) in generic for w in said)
    return known and bool(_ANOTHER.intersection(said)) and not _OTHERWISE.intersection(said)


def is_courtesy(words: str) -> bool:
    """Whether a clause is only polite: "thanks in advance", "good evening", "that would be lovely"."""
    said = words.split()
    plain = FUNCTION_WORDS | ADVERBS | _KIND | _KINDLY
    return bool(_WOULD_BE.fullmatch(words)) or (all(w in plain for w in said) and bool(_KIND.intersection(said)))
