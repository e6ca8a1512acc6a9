"""Frequent English words, which say little when they stand in a text or a query.

The lists are general, know nothing of any catalog and cover English alone: to them, words of other languages are all
distinctive.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _words(
    """
    a an the la le les l el los las il lo gli i un une uno una der die das den det de het o os as
    """
)
"""Articles as titles carry them behind a comma ("Wind, The"); other languages' where they are short and common."""

ENGLISH_ARTICLES = frozenset(("a", "an", "the"))

CUES = _words(
    """
    like liked likes love loved loves loving enjoy enjoyed enjoying adore adored hate hated dislike disliked
    seen saw see watch watched watching read reading play played heard bought own tried finished than prefer
    resembling similar fan fans called named titled
    """
)
"""Words after which people name the things they mean."""

STOP_WORDS = _words(
    """
    a about above after again against ain all almost alone along already also although always am among an and
    another any anybody anyone anything are aren around as at away be because been before being below between
    both but by can cannot cant could couldnt did didnt do does doesnt doing done dont down during each either
    else enough etc even ever every everybody everyone everything except few for from further get gets getting
    give given gives go goes going gone got had hadnt has hasnt have havent having he hed hell her here hers
    herself hes hi him himself his how however i id if ill im in instead into is isnt it its itself ive just
    kind least less let lets like likes liked little lot lots made make makes many may maybe me mean might mine
    more most much must my myself need needs neither never no nobody none nope nor not nothing now of off ok
    okay on once one ones only onto or other others our ours ourselves out over own perhaps please quite rather
    really same say says see seem seems shall she shed shes should shouldnt since so some somebody somehow
    someone something sometimes somewhat soon sort still such sure take than thank thanks that thats the their
    theirs them themselves then there theres these they theyd theyll theyre theyve thing things this those
    though through thus till to together too toward towards try under until unless up upon us use used using
    very via want wanted wants was wasnt way we well went were werent weve what whatever whats when whenever
    where wherever whether which while who whole whom whos whose why will with within without wont would wouldnt
    yeah yes yet you youd youll your youre yours yourself yourselves youve
    """
)
"""Function words and fillers: they carry little weight in a query."""

COMMON_WORDS = _words(
    """
    able accident act action actor actress actual add adult adventure afraid age ago agree air alike alive allow
    amaze amazing american angel anger angry animal answer appear area arm army arrive art ask attack aunt
    author autumn average awesome awful baby back bad bag ball band bank bar base basic bath beach bear beat
    beautiful beauty become bed begin behind believe best better beyond big bird birth birthday bit bite black
    blood blow blue board boat body bomb book bore boring born boss bottle bottom bowl box boy brain brand brave
    bread break breakfast breath bridge brief bright brilliant bring broken brother brown budget build burn bus
    business busy buy cake call calm camera camp car card care carry case cash cast cat catch cause center
    century certain chain chair chance change character charge cheap check cheer chemical child children choice
    choose city class classic clean clear clever clock close clothes cloud coast coat code coffee cold collect
    college color colour come comedy comfort common company compare complete complex computer concern contact
    contain control cook cool copy corner cost count country couple courage course court cover crash crazy
    create creature crime cross crowd cry culture cup current cut cute dance danger dangerous dark date daughter
    day dead deal dear death decade decide decision deep degree depth desert desire detail develop device devil
    die difference different difficult dinner direct dirty discover dog dollar door double doubt dozen drama
    draw dream dress drink drive drop dry dude dull dumb dust duty early earth east easy eat edge effect eight
    either element eleven emotion emotional empty end enemy energy engine enter entertain entire episode epic
    equal escape evening event evil exact example excellent excite exciting expect expensive experience explain
    extra eye face fact fail fair fall false fame family famous fan fancy fantastic far farm fast fat father
    fault favor favorite favour favourite fear feel feeling female fight figure fill final find fine finger
    finish fire first fish fit five fix flat floor flower fly follow food fool foot force foreign forest forever
    forget form forward four free fresh friend front fruit full fun funny future game garden gas gate gem
    general gentle ghost giant gift girl girlfriend glad glass god gold good grade grand grandma grandpa gravity
    great green grey gritty ground group grow grown guess guest guide guilty gun guy habit hair half hall hand
    handle hang happen happy hard hate head health hear heart heat heaven heavy height help hero hidden high
    hill history hit hold hole holiday home hope horrible horror horse hospital host hot hotel hour house huge
    human hundred hungry hunt hunter hurry hurt husband ice idea imagine important include inside intense
    interest interesting invite iron island issue item job join joke journey joy judge jump keep key kick kid
    kill king kiss kitchen knife knock know lady lake land language large last late later laugh law lay lead
    leader learn leave left leg legend length lesson letter level lie life light limit line lip list listen live
    local lock long look lose loss lost loud love low luck lucky lunch mad magic main male man mark market
    marriage marry mass master match matter meal meat medium meet member memory men mention message metal middle
    mile milk mind minute mirror miss missing mistake mix model modern mom moment monday money monster month
    mood moon morning mother mountain mouse mouth move much murder music mystery name narrow nation
    natural nature near neck neighbor neighbour network new news next nice night nine noise normal north nose
    note notice novel number object offer office officer old open opinion option orange order original outside
    owner pack page pain paint pair panic paper parent park part partner party pass past path pay peace people
    perfect period person phone photo pick picture piece pig place plain plan plane planet plant plastic plate
    play player pleasant pleasure plot point police pool poor popular position possible post pot pound power
    pray prepare present president press pretty price pride prince princess prison private prize problem produce
    product promise proof proud public pull punch pure purple purpose push put quality queen question quick
    quiet quit race radio rain raise random range rank rare rate raw reach read ready real reality reason recent
    recommend record red relate relax release rely remember remind remove rent repeat reply report rest result
    return revenge reverse review rich ride right ring rise risk river road rock role roll roof room root rough
    round row royal rule run rush sad safe sail salt sand save scar scare scary scene school science score sea
    search season seat second secret seek sell send sense serious serve service set seven several sex shade
    shadow shake shape share sharp sheep shine ship shirt shock shoe shoot shop short shot shoulder shout show
    sick side sight sign signal silence silent silly silver similar simple sing single sister sit six size skin
    sky slay sleep slow small smart smell smile smoke smooth snake snow social society soft soldier solid solve
    son song soul sound south space speak special speed spell spend spirit split spooky sport spot spring square
    staff stage stair stand start state station stay steal steel step stick stone stop store storm story
    straight strange stranger street strength strike strong student study stuff stupid style subject success
    sudden suffer sugar suggest suggestion suit summer sun sunday super superb support surprise sweet swim
    system table tail talent talk tall taste teach team tear tell ten tender terrible terrific test thin think
    third thirty thought thousand three thriller throw ticket tie time tiny tip tired title today tomorrow tone
    tonight top total touch tough tour town trade train trap travel treasure treat tree trick trip trouble truck
    true trust truth tuesday turn twelve twenty twice twist two type typical ugly uncle understand unique unit
    unknown upset usual vacation valley value various version victory video view village violence violent visit
    voice wait wake walk wall war warm wash waste watch water wave weak wear weather wedding week weekend weight
    weird welcome west wet wheel white wide wife wild win wind window wine winner winter wise wish witch witness
    wolf woman women wonder wonderful wood word work world worry worse worst worth wrong yard year yellow
    yesterday young zero zone
    """
)
"""Frequent content words: a title made of them alone is doubtful where nothing marks it as a title."""
