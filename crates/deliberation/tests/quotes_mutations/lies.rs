//! Mutations that change what a sentence says. None may be believed.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::texts::is_cjk;

/// A false quote and how it was made.
pub struct Lie {
    pub made_by: &'static str,
    pub quote: String,
}

/// Whole words (substrings where writing has no spaces) and what they are turned into, in
/// both directions.
const SWAPS: &[(&str, &[(&str, &str)])] = &[
    (
        "number",
        &[
            ("two", "four"),
            ("second", "fifth"),
            ("ten", "twelve"),
            ("three", "thirty"),
            ("one", "eleven"),
            ("zehn", "elf"),
            ("zwei", "acht"),
            ("drei", "sechs"),
            ("zweiten", "dritten"),
            ("dix", "onze"),
            ("deux", "douze"),
            ("trois", "treize"),
            ("second", "troisième"),
            ("十分钟", "百分钟"),
            ("百分之三十", "百分之八十"),
            ("三个月", "六个月"),
            ("一人", "二人"),
            ("십 분", "오 분"),
        ],
    ),
    (
        "unit",
        &[
            ("ms", "s"),
            ("seconds", "minutes"),
            ("minutes", "hours"),
            ("months", "weeks"),
            ("days", "hours"),
            ("years", "months"),
            ("GB", "MB"),
            ("MB", "KB"),
            ("Sekunden", "Minuten"),
            ("Monate", "Wochen"),
            ("Tage", "Stunden"),
            ("Jahre", "Monate"),
            ("secondes", "minutes"),
            ("mois", "jours"),
            ("jours", "heures"),
            ("ans", "mois"),
            ("毫秒", "微秒"),
            ("秒", "分"),
            ("个月", "星期"),
            ("元", "分"),
            ("ミリ秒", "マイクロ秒"),
            ("밀리초", "마이크로초"),
            ("초를", "분을"),
        ],
    ),
    (
        "date",
        &[
            ("March", "May"),
            ("October", "August"),
            ("June", "July"),
            ("January", "February"),
            ("April", "June"),
            ("Sunday", "Friday"),
            ("Monday", "Thursday"),
            ("weekdays", "weekends"),
            ("März", "Mai"),
            ("Oktober", "August"),
            ("Januar", "Juni"),
            ("Sonntag", "Freitag"),
            ("mars", "mai"),
            ("octobre", "août"),
            ("janvier", "juillet"),
            ("dimanche", "lundi"),
            ("3月", "5月"),
            ("10月", "11月"),
            ("3월", "7월"),
        ],
    ),
    (
        "modal",
        &[
            ("must", "may"),
            ("should", "must"),
            ("can", "should"),
            ("may", "will"),
            ("might", "must"),
            ("would", "will"),
            ("could", "must"),
            ("muss", "kann"),
            ("dürfen", "sollen"),
            ("können", "müssen"),
            ("sollte", "muss"),
            ("sollten", "müssen"),
            ("würde", "wird"),
            ("könnten", "müssten"),
            ("darf", "soll"),
            ("doit", "peut"),
            ("devrait", "doit"),
            ("peuvent", "doivent"),
            ("devraient", "doivent"),
            ("devons", "pouvons"),
            ("pourrions", "devrions"),
            ("应该", "必须"),
            ("可以", "应该"),
            ("需要", "可以"),
            ("べき", "はず"),
            ("받아야", "받아도"),
        ],
    ),
    (
        "quantity",
        &[
            ("every", "some"),
            ("Most", "All"),
            ("all", "few"),
            ("Few", "Most"),
            ("Each", "No"),
            ("Half", "All"),
            ("Many", "Some"),
            ("Both", "Neither"),
            ("always", "sometimes"),
            ("rarely", "often"),
            ("only", "even"),
            ("least", "most"),
            ("more", "less"),
            ("Some", "All"),
            ("some", "most"),
            ("Every", "One"),
            ("jedes", "manches"),
            ("alle", "einige"),
            ("Jeder", "Mancher"),
            ("Jeder", "Kein"),
            ("Wenige", "Alle"),
            ("meisten", "wenigsten"),
            ("immer", "manchmal"),
            ("selten", "oft"),
            ("mindestens", "höchstens"),
            ("Viele", "Wenige"),
            ("Manche", "Alle"),
            ("nur", "auch"),
            ("Hälfte", "Mehrheit"),
            ("Beide", "Keine"),
            ("chaque", "quelque"),
            ("Chaque", "Quelque"),
            ("plupart", "totalité"),
            ("rarement", "souvent"),
            ("Peu", "Beaucoup"),
            ("toujours", "parfois"),
            ("moins", "plus"),
            ("tous", "certains"),
            ("moitié", "totalité"),
            ("Certains", "Tous"),
            ("每个", "某个"),
            ("大多数", "少数"),
            ("少数", "所有"),
            ("有些", "所有"),
            ("所有", "部分"),
            ("至少", "至多"),
            ("すべて", "一部"),
            ("多く", "一部"),
            ("全員", "誰か"),
            ("모든", "일부"),
            ("대부분", "일부"),
        ],
    ),
    (
        "name",
        &[
            ("Alice", "Carla"),
            ("Berlin", "Dublin"),
            ("Daniel", "Elena"),
            ("Frank", "Greta"),
            ("Hugo", "Ines"),
            ("Jonas", "Karin"),
            ("Lena", "Mona"),
            ("Postgres", "MySQL"),
            ("Anna", "Berta"),
            ("Bernd", "Claus"),
            ("Clara", "Doris"),
            ("Emil", "Frieda"),
            ("Claire", "Diane"),
            ("Denis", "Émile"),
            ("Fabien", "Gisèle"),
            ("Lyon", "Lille"),
            ("爱丽丝", "卡拉"),
            ("柏林", "巴黎"),
            ("田中", "佐藤"),
            ("鈴木", "高橋"),
            ("민수", "철수"),
            ("영희", "순희"),
        ],
    ),
    (
        "antonym",
        &[
            ("slow", "fast"),
            ("old", "new"),
            ("small", "large"),
            ("cheap", "costly"),
            ("safe", "unsafe"),
            ("before", "after"),
            ("improve", "worsen"),
            ("early", "late"),
            ("wrong", "right"),
            ("high", "low"),
            ("shared", "private"),
            ("stable", "unstable"),
            ("healthy", "unhealthy"),
            ("without", "with"),
            ("add", "remove"),
            ("adds", "saves"),
            ("open", "close"),
            ("failed", "passed"),
            ("readable", "unreadable"),
            ("worse", "better"),
            ("langsam", "schnell"),
            ("langsame", "schnelle"),
            ("kleiner", "großer"),
            ("billig", "teuer"),
            ("sicher", "unsicher"),
            ("falsche", "richtige"),
            ("alte", "neue"),
            ("Alte", "Neue"),
            ("bevor", "nachdem"),
            ("verbessern", "verschlechtern"),
            ("frühe", "späte"),
            ("ohne", "mit"),
            ("Ohne", "Mit"),
            ("lesbar", "unlesbar"),
            ("rote", "grüne"),
            ("schnellen", "langsamen"),
            ("lent", "rapide"),
            ("petit", "grand"),
            ("avant", "après"),
            ("mauvais", "bon"),
            ("grands", "petits"),
            ("sûrs", "incertains"),
            ("lisible", "illisible"),
            ("sans", "avec"),
            ("forte", "faible"),
            ("tôt", "tard"),
            ("anciennes", "nouvelles"),
            ("rapides", "lentes"),
            ("prudent", "imprudent"),
            ("旧", "新"),
            ("小", "大"),
            ("便宜", "昂贵"),
            ("之前", "之后"),
            ("提高", "降低"),
            ("增加", "减少"),
            ("手动", "自动"),
            ("古い", "新しい"),
            ("小さな", "大きな"),
            ("安く", "高く"),
            ("冷たい", "熱い"),
            ("느린", "빠른"),
            ("작은", "큰"),
            ("싸고", "비싸고"),
            ("수동", "자동"),
        ],
    ),
];

/// Negations and what is left when one is taken out; used both ways.
const DENIALS: &[(&str, &str)] = &[
    (" is not ", " is "),
    (" are not ", " are "),
    (" must not ", " must "),
    (" should not ", " should "),
    (" cannot ", " can "),
    (" never ", " "),
    (" never ", " always "),
    ("isn’t", "is"),
    ("don’t", "do"),
    ("Nobody", "Everybody"),
    ("nobody", "somebody"),
    ("nothing", "something"),
    (" not ", " "),
    (" no ", " a "),
    (" no ", " "),
    ("Without", "With"),
    ("*cannot*", "*can*"),
    ("none", "all"),
    ("Never", "Always"),
    (" can ", " can not "),
    (" will ", " will not "),
    (" was ", " was not "),
    (" has ", " has never "),
    (" nicht ", " "),
    (" nicht.", "."),
    (" nie ", " "),
    (" kein ", " ein "),
    (" keine ", " eine "),
    ("niemand", "jemand"),
    ("Niemand", "Jemand"),
    (" ist ", " ist nicht "),
    (" sind ", " sind nicht "),
    (" kann ", " kann nicht "),
    (" hat ", " hat nie "),
    (" ohne ", " mit "),
    (" ne devons pas ", " devons "),
    (" ne masque pas ", " masque "),
    (" n’est pas ", " est "),
    (" n’est jamais ", " est "),
    (" ne cassent jamais", " cassent"),
    (" ne peuvent pas ", " peuvent "),
    (" aucune ", " une "),
    ("Personne", "Chacun"),
    (" sans ", " avec "),
    (" pas ", " "),
    (" est ", " n’est pas "),
    (" a ", " n’a pas "),
    (" doit ", " ne doit pas "),
    (" jamais", ""),
    (" ne ", " "),
    ("不能", "能"),
    ("不是", "是"),
    ("没有", "有"),
    ("永远不会", "永远会"),
    ("可以", "不可以"),
    ("应该", "不应该"),
    ("需要", "不需要"),
    ("很便宜", "不便宜"),
    ("ません", "ます"),
    ("ではありません", "です"),
    ("してはいけません", "してもいいです"),
    ("しません", "します"),
    ("隠せます", "隠せません"),
    ("しました", "しませんでした"),
    ("かかりました", "かかりませんでした"),
    ("없습니다", "있습니다"),
    ("넘지 않습니다", "넘습니다"),
    ("있습니다", "없습니다"),
    ("합니다", "하지 않습니다"),
    ("좋아합니다", "싫어합니다"),
];

/// Words that take a statement back. Put into a sentence and left out by an ellipsis, they make
/// a quote say what was not said.
const ENGLISH_DOUBTS: &[&str] = &[
    "unlikely",
    "doubtful",
    "doubt",
    "doubts",
    "false",
    "falsely",
    "untrue",
    "a myth",
    "refuses",
    "refused",
    "refusing",
    "denies",
    "denied",
    "improbable",
    "implausibly",
    "fails to",
    "failed to",
    "declines to",
    "has yet to",
    "struggles to",
    "far from",
    "anything but",
    "short of",
    "instead of",
    "rather than",
    "apart from",
    "too slow to",
    "as though",
    "so-called",
    "argues against",
    "whether",
    "almost",
    "nearly",
    "very few",
    "too little",
    "zero",
    "lacks",
    "avoids",
    "avoiding",
    "prevents",
    "forbids",
    "prohibited",
    "stops",
    "stopped",
    "opposes",
    "disputes",
    "wrongly",
    "wrong that",
    "incorrect",
    "allegedly",
    "supposedly",
    "purportedly",
    "nope",
    "couldnt",
];
const GERMAN_DOUBTS: &[&str] = &[
    "unwahrscheinlich",
    "bezweifle",
    "bezweifeln",
    "zweifelhaft",
    "falsch",
    "fälschlich",
    "verweigert",
    "weigern",
    "leugnet",
    "bestreiten",
    "widerlegt",
    "angeblich",
    "vermeintlich",
    "beinahe",
    "fast",
    "ob",
    "statt",
    "fehlende",
    "verhindert",
    "vermeidet",
    "verboten",
    "weit entfernt",
    "alles andere als",
    "zu langsam, um",
    "spricht gegen",
    "niemanden",
    "nein",
];
const FRENCH_DOUBTS: &[&str] = &[
    "improbable",
    "douteux",
    "doute",
    "doutent",
    "faux",
    "fausse",
    "fausses",
    "refuse",
    "refusent",
    "réfute",
    "dément",
    "un mythe",
    "évite",
    "empêche",
    "interdit",
    "prétendument",
    "soi-disant",
    "presque",
    "à peine",
    "loin de",
    "loin d’être",
    "au lieu de",
    "plutôt que",
    "plutôt qu’un",
    "échoue à",
    "manque de",
    "trop lent pour",
    "d’aucun",
    "s’il",
];
const CJK_DOUBTS: &[&str] = &[
    "怀疑",
    "否认",
    "拒绝",
    "避免",
    "禁止",
    "很少",
    "几乎",
    "疑わしい",
    "拒否",
    "嘘",
    "避け",
    "ほとんど",
    "しにくい",
    "できず",
    "의심",
    "거짓",
    "거부",
    "못한",
    "아닌",
    "거의",
];

/// The doubts in the language of a kind of text.
pub fn doubts(kind: &str) -> &'static [&'static str] {
    match kind {
        "german" => GERMAN_DOUBTS,
        "french" => FRENCH_DOUBTS,
        "cjk" => CJK_DOUBTS,
        _ => ENGLISH_DOUBTS,
    }
}

/// Every lie about one sentence.
pub fn about(sentence: &str, rng: &mut ChaCha8Rng) -> Vec<Lie> {
    let mut lies = Vec::new();
    for (made_by, swaps) in SWAPS {
        let both = swaps
            .iter()
            .flat_map(|(one, other)| [(one, other), (other, one)]);
        let told = both.flat_map(|(from, to)| replaced(sentence, from, to));
        lies.extend(told.map(|quote| Lie { made_by, quote }));
    }
    let both = DENIALS
        .iter()
        .flat_map(|(denial, rest)| [(denial, rest), (rest, denial)]);
    let denied = both
        .filter(|(from, _)| from.trim() != "")
        .filter(|(from, _)| sentence.contains(**from));
    lies.extend(denied.map(|(from, to)| Lie {
        made_by: "negation",
        quote: sentence.replacen(from, to, 1),
    }));
    lies.extend(renumbered(sentence).into_iter().map(|quote| Lie {
        made_by: "number",
        quote,
    }));
    lies.extend(dishonestly_elided(sentence).into_iter().map(|quote| Lie {
        made_by: "dishonest elision",
        quote,
    }));
    for _ in 0..3 {
        lies.extend(deleted(sentence, rng).map(|quote| Lie {
            made_by: "deleted word",
            quote,
        }));
        lies.extend(swapped(sentence, rng).map(|quote| Lie {
            made_by: "swapped words",
            quote,
        }));
    }
    lies
}

/// The start of one sentence with the end of another, joined with and without an ellipsis.
pub fn spliced(one: &str, other: &str) -> Vec<Lie> {
    let head = halves(one).0;
    let tail = halves(other).1;
    let joints = if one.contains(is_cjk) && !one.contains(' ') {
        ["", "……", "[…]"]
    } else {
        [" ", " … ", " [...] "]
    };
    let told = joints.iter().map(|joint| Lie {
        made_by: "splice",
        quote: format!("{head}{joint}{tail}"),
    });
    told.collect()
}

/// An ellipsis where a negation stood, and two halves the wrong way round.
fn dishonestly_elided(sentence: &str) -> Vec<String> {
    const NEGATIONS: [&str; 22] = [
        " not ",
        " never ",
        " no ",
        " cannot ",
        " without ",
        " unless ",
        " only ",
        " nicht ",
        " nie ",
        " kein ",
        " keine ",
        " ohne ",
        " nur ",
        " ne ",
        " n’est ",
        " pas ",
        " jamais ",
        " sans ",
        "不",
        "没有",
        "ません",
        "않",
    ];
    let mut quotes: Vec<String> = NEGATIONS
        .iter()
        .filter_map(|negation| sentence.split_once(negation))
        .filter(|(head, tail)| !head.is_empty() && tail.chars().any(char::is_alphanumeric))
        .map(|(head, tail)| format!("{head} … {tail}"))
        .collect();
    let (head, tail) = halves(sentence);
    quotes.push(format!("{tail} […] {head}"));
    quotes
}

fn halves(sentence: &str) -> (&str, &str) {
    let spaces: Vec<usize> = sentence.match_indices(' ').map(|(at, _)| at).collect();
    let chars: Vec<usize> = sentence.char_indices().map(|(at, _)| at).collect();
    let middle = if spaces.len() > 2 {
        spaces[spaces.len() / 2]
    } else {
        chars[chars.len() / 2]
    };
    (sentence[..middle].trim(), sentence[middle..].trim())
}

/// The sentence with `from` turned into `to` at each place where it stands as a word.
fn replaced(sentence: &str, from: &str, to: &str) -> Vec<String> {
    let unspaced = from.contains(is_cjk);
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let places = sentence.match_indices(from).filter(|(at, _)| {
        let before = sentence[..*at].chars().next_back();
        let after = sentence[at + from.len()..].chars().next();
        unspaced || !(part(before) || part(after))
    });
    places
        .map(|(at, _)| format!("{}{to}{}", &sentence[..at], &sentence[at + from.len()..]))
        .collect()
}

/// Every number one higher, ten times as high, and cut short.
fn renumbered(sentence: &str) -> Vec<String> {
    let mut lies = Vec::new();
    let mut at = 0;
    while let Some(offset) = sentence[at..].find(|c: char| c.is_ascii_digit()) {
        let start = at + offset;
        let digits = sentence[start..].len()
            - sentence[start..]
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let (head, number, tail) = (
            &sentence[..start],
            &sentence[start..start + digits],
            &sentence[start + digits..],
        );
        let higher = number.parse::<u64>().unwrap() + 1;
        lies.push(format!("{head}{higher}{tail}"));
        lies.push(format!("{head}{number}0{tail}"));
        if digits > 1 {
            lies.push(format!("{head}{}{tail}", &number[1..]));
        }
        at = start + digits;
    }
    lies
}

/// One word (one character where writing has no spaces) missing from the inside.
fn deleted(sentence: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let pieces = pieces(sentence);
    let inner: Vec<usize> = (1..pieces.len().checked_sub(1)?)
        .filter(|at| is_content(pieces[*at]))
        .collect();
    let chosen = *inner.choose(rng)?;
    let kept = pieces
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != chosen)
        .map(|(_, piece)| *piece);
    Some(kept.collect())
}

/// Two words that changed places.
fn swapped(sentence: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let mut pieces = pieces(sentence);
    let content: Vec<usize> = (0..pieces.len())
        .filter(|at| is_content(pieces[*at]))
        .collect();
    let one = *content.choose(rng)?;
    let other = content[rng.random_range(0..content.len())];
    let start = |piece: &str| {
        piece
            .trim()
            .chars()
            .take(4)
            .collect::<String>()
            .to_lowercase()
    };
    if start(pieces[one]) == start(pieces[other]) {
        return None;
    }
    pieces.swap(one, other);
    Some(pieces.concat())
}

/// Words with the space behind them, or characters.
fn pieces(sentence: &str) -> Vec<&str> {
    if sentence.contains(is_cjk) && !sentence.contains(' ') {
        return sentence
            .char_indices()
            .map(|(at, c)| &sentence[at..at + c.len_utf8()])
            .collect();
    }
    sentence.split_inclusive(' ').collect()
}

fn is_content(piece: &str) -> bool {
    let letters = piece.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 4 || piece.contains(is_cjk)
}
