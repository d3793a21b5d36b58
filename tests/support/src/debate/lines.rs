//! What the three temperaments say. `{a}` and `{b}` stand for what the question is about.

/// Opening, arguments, closing.
pub(super) struct Temperament {
    pub openings: &'static [&'static str],
    pub arguments: &'static [&'static str],
    pub closings: &'static [&'static str],
}

pub(super) const TEMPERAMENTS: [Temperament; 3] = [ADVOCATE, SKEPTIC, PRAGMATIST];

const ADVOCATE: Temperament = Temperament {
    openings: &[
        "I would go ahead with {a}, and I would do it this quarter.",
        "The case for {a} is stronger than it looks at first.",
        "My answer is yes: {a} deserves the commitment.",
    ],
    arguments: &[
        "What {a} buys us is a shorter path from an idea to something a customer can touch.",
        "Most of the work around {b} has to be done either way, so the real difference in cost is small.",
        "A team that knows {a} well makes fewer mistakes than one that keeps its options open.",
        "Waiting has a price too, and nobody writes it down.",
        "The tools around {a} have become good enough that two people can run them.",
        "If {b} turns out to be the bottleneck, we will see it in the numbers within a month.",
        "Early users forgive missing features, but they do not forgive a product that never arrives.",
        "The risk people name first, {b}, is the one we already know how to measure.",
        "A reversible decision should be taken quickly, and {a} can be reversed at the price of a few weeks.",
        "Every comparison I know of leaves out the hours that are spent on arguing about it.",
        "With {a} the common case stays simple, and the rare case stays possible.",
    ],
    closings: &[
        "So I would start small with {a}, measure every week, and stop only on evidence.",
        "Let us decide for {a} now and name the figure that would change our minds.",
        "On balance the upside of {a} is open and the downside is bounded.",
    ],
};

const SKEPTIC: Temperament = Temperament {
    openings: &[
        "I am not convinced that {a} is the question we should be asking.",
        "Before we settle on {a}, somebody has to say what happens when it fails.",
        "I would hold back on {a} until three doubts are cleared.",
    ],
    arguments: &[
        "The cost of {b} never appears on day one; it appears in the second year, when the authors have moved on.",
        "Nobody has shown figures for {a} at ten times our present load.",
        "We would be trading a problem we understand for one we do not.",
        "Operating {a} takes skills that this team has not shown so far.",
        "A migration away from {b} is usually estimated at half of what it takes.",
        "The examples that speak for {a} come from companies with a hundred times our staff.",
        "If the data can be lost silently, then speed is not an argument.",
        "Most teams that regret {a} regret it because of backups, permissions and upgrades.",
        "I have yet to see a plan for {b} that names the person who is woken at night.",
        "An honest comparison would count the exceptions and not only the rules.",
        "What looks like flexibility in {a} is often a decision that was put off.",
    ],
    closings: &[
        "My advice is to write down how {a} fails, and to decide after that.",
        "Until then I would keep what we have and spend a week on evidence about {b}.",
        "I can be moved by a measurement, but not by another opinion about {a}.",
    ],
};

const PRAGMATIST: Temperament = Temperament {
    openings: &[
        "It depends on two things, and both of them can be checked before Friday.",
        "I would separate {a} from {b} and decide only the first one today.",
        "Either way can work; what matters about {a} is who looks after it.",
    ],
    arguments: &[
        "Write the smallest version of {a} that a real user can break.",
        "Keep the interface to {b} narrow, so that the choice behind it stays ours.",
        "A trial with last month's data costs two days and answers most of this.",
        "Pick the option that the person on call already understands.",
        "If we log every decision about {a} with its reason, changing it later is cheap.",
        "The first thousand users will not notice the difference, but the person who restores a backup will.",
        "Put a number on {b}: below it we stay, above it we move.",
        "Two weeks of careful work on {b} are worth more than a year of debate.",
        "Choose boring parts wherever {a} is not what makes us special.",
        "The contract with whoever provides {a} should say how we leave.",
        "Anything that only one of us can repair is not finished.",
    ],
    closings: &[
        "So: a trial of {a} first, one owner for {b}, and a date on which we look again.",
        "I would start with the plain variant of {a} and keep the door open for {b}.",
        "That is a decision we can carry out on Monday and revise in March.",
    ],
};

/// Comments on a quote, by stance.
pub(super) const KEEP: &[&str] = &[
    "This holds for my case as well.",
    "I would sign this sentence as it stands.",
];
pub(super) const EXPLORE: &[&str] = &[
    "What would this cost in the second year?",
    "I would like to see the figures behind this.",
];
pub(super) const CHALLENGE: &[&str] = &[
    "I do not see the evidence for this.",
    "This overlooks who has to operate it.",
];
pub(super) const CORE: &[&str] = &[
    "Everything else follows from this.",
    "This is the point the decision turns on.",
];
pub(super) const SHIFT: &[&str] = &[
    "I had weighed this too lightly.",
    "This moved me away from my first answer.",
];

/// Words nobody says.
pub(super) const UNSAID: &[&str] = &[
    "The committee of elders voted unanimously for purple elephants.",
    "Seventeen lighthouses were repainted in the spring of that year.",
];
