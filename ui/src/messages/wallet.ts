import { count } from "../format/numbers";
import { apart } from "./apart";

const monthly = "Monthly spending limit";
const ADDED = "added";

const KINDS: Record<string, string> = {
  debit: "call",
  refund: "refund",
  grant: "monthly grant",
  expiry: "month’s end",
  subscription_credit: "subscription",
  top_up: "top-up",
  take_back: "taken back",
  auto_refill: "auto-refill",
  limit_change: "limit changed",
  call_cover: "for a call",
};

const kindOf = (kind: string): string => KINDS[kind] ?? kind;

/** What is gone of the month already, after a sum that a call or a round sets aside. */
const beside = (gone: string | null) => (gone === null ? "" : `, and ${gone} of the month is spent or held`);

/** Words of the wallet; what it holds on a desktop is a spending limit. */
export const wallet = {
  /** In which order the buckets pay, as far as there is more than one; else who pays. */
  aside: (subscription: boolean, refill: boolean, hasKey: boolean) =>
    subscription || refill ? `drained first: ${["the monthly limit", subscription ? "subscription" : "", refill ? "refill" : ""].filter(Boolean).join(", then ")}` : hasKey ? "paid by your own keys" : "no key yet",
  loading: "Reading the wallet",
  unread: "The wallet could not be read.",
  ledgerUnread: "The ledger could not be read.",
  limit: "Limit",
  monthly,
  exportCsv: "Export CSV",
  exported: (where: string) => `Written to ${where}.`,
  topUp: "Top up",
  bucket: { free: monthly, subscription: "Subscription", refill: "Refill" } as Record<string, string>,
  of: (sum: string) => `left of ${sum}`,
  /** Of a limit that was lowered below what is gone of it. */
  exceeded: (sum: string, by: string) => `left of ${sum}, exceeded by ${by}`,
  nothing: "nothing may be spent",
  noLimit: "no limit",
  noEnd: "no end date",
  held: (sum: string) => `${sum} held for running calls`,
  heldNone: "nothing held",
  resets: (sum: string, day: string) => `resets to ${sum} on ${day}`,
  resetsNone: "stays until it is used",
  carried: (day: string) => `carried over on ${day}`,
  raise: "Change the limit",
  autoOff: "Auto-refill off",
  /** What its link does: seen, and as it is called by itself. */
  autoTurnOn: { seen: "Turn on…", spoken: "Turn on auto-refill" },
  autoChange: { seen: "Change…", spoken: "Change auto-refill" },
  autoOn: (threshold: string, amount: string) => `below ${threshold} adds ${amount}, as often as it takes`,
  autoSet: "Auto-refill",
  overrun: (sum: string) => `${sum} was charged beyond the limit: a call cost more than was held for it.`,
  unspent: "nothing spent yet",
  spent: (sum: string, calls: number) => `${sum} spent in ${count(calls)} ${calls === 1 ? "call" : "calls"}`,
  pace: (sum: string) => `at this pace ${sum} by the reset`,
  paceEndless: (sum: string) => `at this pace ${sum} by the month’s end`,
  endless: "No limit is set: nothing runs down.",
  nothingRuns: "Nothing was spent this month. The balance is drawn here from the first call that costs something.",
  burnDown: (month: string, from: string, to: string) => `Balance in ${month}: from ${from} to ${to} now`,
  /** A change of what may be spent, by the ledger's word; `null` where only the sum is known. Several have no word in common; what they added and what they took is told apart. */
  changedBy: (kind: string | null, sums: string[], changes = 1) => {
    const isTaken = (sum: string) => sum.startsWith("−");
    const what = changes > 1 ? `${count(changes)} changes,` : kind ? kindOf(kind) : ADDED;
    return `${what} ${sums.map((sum) => (isTaken(sum) ? sum : `+${sum}`)).join(" and ")}`;
  },
  /** Of a change before which nothing is drawn: it would flatten all that came since. */
  beginsWith: (change: string) => `begins with: ${change}`,
  spentBy: "Spent by",
  by: { model: "Model", purpose: "Purpose", session: "Session", agent: "Agent", others: (n: number) => `${count(n)} others` },
  purpose: { respond: "respond", react: "react", recap: "recap", synthesis: "synthesis", managed_agent: "managed agent" } as Record<string, string>,
  ledger: "Ledger",
  balanced: (time: string) => `Balances equal the sum of entries, checked at ${time}`,
  unbalanced: "The books do not add up",
  check: "Check now",
  checking: "Adding up every entry",
  search: "model, purpose, session, amount",
  searchBrief: "model, session",
  searchLabel: "Search the ledger",
  columns: {
    settled: "Settled",
    transaction: "Transaction",
    model: "Model",
    purpose: "Purpose",
    what: "For",
    input: "In",
    output: "Out",
    cost: "Cost",
    charged: "Charged",
    balance: "Balance",
  },
  kindOf,
  added: ADDED,
  taken: "taken off",
  covered: "What the call costs is added as it is charged: no limit is set, or it was lowered below what was held for the call.",
  inRound: (round: number) => `round ${round}`,
  deleted: "deleted session",
  empty: "No call has been paid yet. The first round with a priced seat will stand here.",
  emptySearch: (text: string) => `No entry has “${apart(text)}”.`,
  clear: "Clear",
  more: "Reading older entries",
  limitTitle: "What may be spent in a month?",
  /** Why no seat that costs money can be called, or no round of them; an agent's turn sets aside what it can cost, which may be less. */
  exhausted: {
    of: { call: "a seat’s call", round: "a round of two seats" },
    used: (limit: string) => `your limit of ${limit} is used`,
    /** Where the whole of it would not do either. */
    usedAndLow: (limit: string, least: string, of: string) => `your limit of ${limit} is used, and ${of} sets aside ${least} at least`,
    tooLittle: (left: string, limit: string, least: string, of: string) => `${left} is left of your limit of ${limit}, and ${of} sets aside ${least} at least`,
    tooLow: (limit: string, least: string, of: string) => `your limit of ${limit} is less than the ${least} that ${of} sets aside at least`,
    waits: (day: string) => `The whole sum is there again on ${day}. Rehearsal seats and local models cost nothing.`,
    raise: (enough: string) => `A limit of ${enough} pays for a round of two seats; what is not used is given back. Rehearsal seats and local models cost nothing.`,
  },
  /** What the least call or round needs, above what is gone of the month already; `null` where nothing is. */
  limitBelow: {
    call: (needed: string, least: string, gone: string | null) => `Below ${needed} no model that costs money could take a seat: a seat’s call sets aside at least ${least}${beside(gone)}.`,
    round: (needed: string, least: string, gone: string | null) => `Below ${needed} no round of two seats could be paid: it sets aside at least ${least}${beside(gone)}.`,
  },
  /** Of a limit of nothing, before it is set and while it is in force. */
  limitZero: "With $0 and nothing topped up, only seats are called that cost nothing, such as rehearsal and local models.",
  limitLead: "Providers are paid by your own keys. Husting stops before the figure is passed; what is left over is not carried over.",
  limitField: "Dollars a month",
  choose: "Choose one",
  unchosen: (limit: string) => `${limit} a month holds until you choose a limit.`,
  limitBad: "Write dollars such as 20, 7.50 or 1,000, with a point before the cents.",
  most: (most: string) => `That is too much: at most ${most}.`,
  limitMost: (most: string) => `That is too much: a limit is at most ${most}.`,
  raiseLower: (limit: string) => (limit === "$0" ? "Write a sum above $0." : `The limit is ${limit} now: write a higher one.`),
  limitNone: "No limit",
  limitSet: "Set the limit",
  topUpTitle: "Top up the wallet",
  topUpLead: "Raises what may be spent; no money moves. It is kept as Refill, and spent once the month’s limit is used up.",
  topUpField: "Dollars",
  topUpAct: "Top up",
  topUpBad: "Write a sum above $0.",
  toppedUp: (sum: string) => `Added ${sum}.`,
  notTakenBack: (why: string) => `It stays added. ${why}`,
  takeBack: "Take back",
  takeBackTitle: "Take back what was added",
  takeBackLead: "Lowers what may be spent; no money moves. What is spent, or held for running calls, stays as it is.",
  takeBackAct: "Take back",
  takeBackNone: (refills: boolean) => `Nothing can be taken back now: that can only be what was added and is neither spent nor held${refills ? ", and would not be added again by auto-refill" : ""}. To allow less in a month, change the limit.`,
  takeBackMost: (most: string, refills: boolean) => `At most ${most}: ${refills ? "the rest is spent, held, or would be added again by auto-refill" : "what was added and is neither spent nor held"}.`,
  topUpMost: (most: string) => `That is too much: at most ${most} are added at once.`,
  autoTitle: "Auto-refill",
  autoLead: "Tops up by itself when the balance runs low. What it adds stands beside the month’s limit, as Refill.",
  autoEnabled: "Auto-refill",
  autoEnabledMeaning: "from now on, also where less is left already",
  autoThreshold: "Below",
  autoAmount: "Add",
  autoAmountMeaning: "as often as it takes to reach it",
  autoAdded: (sum: string) => `Auto-refill added ${sum} just now.`,
  autoCeiling: "At most a month",
  save: "Save",
  failed: "The wallet was not changed.",
};
