import Bot from "@lucide/svelte/icons/bot";
import Mail from "@lucide/svelte/icons/mail";
import MessagesSquare from "@lucide/svelte/icons/messages-square";
import Settings2 from "@lucide/svelte/icons/settings-2";
import TextQuote from "@lucide/svelte/icons/text-quote";
import { money } from "../../format/money";
import { dayAndTime } from "../../format/time";
import type { FoundPassage } from "../../generated/FoundPassage";
import type { PassageKind } from "../../generated/PassageKind";
import type { MessageView } from "../../generated/MessageView";
import type { SessionSummary } from "../../generated/SessionSummary";
import { match } from "../../keys/match";
import { joined, usePaletteSearch, usePaletteSource, type LookedUp, type Result } from "../../keys/palette.svelte";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { fragmentWords, titleWords } from "../../markdown/fragment";
import { router, type Route, type SoughtWords } from "../../state/route.svelte";
import { modelOf } from "../agents/model";
import { recipientName, senderName } from "../bus/reached";
import { worded } from "../bus/worded";
import { nameWords } from "../settings/find";
import { rowsIn } from "../settings/rows";
import { SECTIONS } from "../settings/sections";
import { seek } from "../settings/sought.svelte";
import { actsAfar } from "./afar";
import { leadsToWords, saidOnce, saysTitle, type SaidOnce } from "./passages";
import { places, railPlace } from "./places";
import { screenActs } from "./screen-acts";

/** Acts of other screens, places, settings, agents and sessions, to be found by name, and by their words whatever was said in them. */
export function usePlacesInPalette(host: Console): void {
  usePaletteSource((typed) => actsAfar(host, typed));
  usePaletteSource((typed) => (typed.trim() === "" ? [] : settingResults(host)));
  usePaletteSource(() => [...placeResults(host), ...agentResults(host), ...[...host.sessions.values()].map(sessionResult)]);
  usePaletteSearch(async (query) => {
    const [listed, archived, found, messages] = await Promise.all([sessionsWith(host, query, false), sessionsWith(host, query, true), passagesWith(host, query), messagesWith(host, query)]);
    const titles = [...host.sessions.values()].filter(({ title }) => match(title, query)).map(({ session_id }) => session_id);
    const named = new Set([...titles, ...[...listed.results, ...archived.results].map(({ id }) => id)]);
    return joined([listed, archived, passageResults(host, found, named), messages]);
  });
}

/** Most of each kind that are looked up. */
const MOST_FOUND = 12;
/** Passages that are asked for: several may say the same. */
const MOST_ASKED = 36;
/** What the page holds is found all the same; the status bar says what is wrong. */
const NOTHING: LookedUp = { results: [], cut: [] };

/** The list and the archive are each asked by themselves: what the one is refused hides nothing of the other. */
async function sessionsWith(host: Console, query: string, archived: boolean): Promise<LookedUp> {
  try {
    const { sessions, total } = await host.call("list_sessions", { query, archived, limit: MOST_FOUND });
    return { results: sessions.map(sessionResult), cut: total > sessions.length ? ["deliberations"] : [] };
  } catch {
    return NOTHING;
  }
}

async function passagesWith(host: Console, query: string): Promise<FoundPassage[]> {
  try {
    return (await host.call("search_passages", { query, limit: MOST_ASKED })).passages;
  } catch {
    return [];
  }
}

/** A sentence that a session says more than once stands once, and not at all where its session stands there by it. */
function passageResults(host: Console, found: FoundPassage[], named: Set<string>): LookedUp {
  const said = saidOnce(found.filter((passage) => !named.has(passage.session_id) || !saysTitle(passage)));
  const mayBeMore = found.length >= MOST_ASKED;
  return { results: said.slice(0, MOST_FOUND).map((each, rank) => passageResult(host, each, rank, mayBeMore)), cut: mayBeMore || said.length > MOST_FOUND ? ["deliberations"] : [] };
}

async function messagesWith(host: Console, query: string): Promise<LookedUp> {
  try {
    const { messages, more } = await host.call("list_messages", { query, together: true, limit: MOST_FOUND });
    return { results: messages.map(messageResult), cut: more ? ["messages"] : [] };
  } catch {
    return NOTHING;
  }
}

/** Leads to the words themselves: to the seat's answer, to the recap, to the question above all answers, or to the view that has what was said beside. */
function passageResult(host: Console, { passage, more }: SaidOnce, rank: number, mayBeMore: boolean): Result {
  const { session_id, title, round_index, kind, model, before, hit, after, at } = passage;
  const seat = host.shared?.models.models.find(({ id }) => id === model)?.display_name ?? model ?? "";
  const place = { place: "session", id: session_id, round: round_index } as const;
  const there = (sought: SoughtWords) => (leadsToWords(passage) ? { find: sought } : {});
  const views: Record<PassageKind, Route> = {
    question: { ...place, tab: "transcript" },
    answer: { ...place, tab: "answers", ...there({ words: hit, model: model ?? "" }) },
    reaction: { ...place, tab: "claims" },
    recap: { ...place, tab: "recap", ...there({ words: hit, part: "recap" }) },
    synthesis: { ...place, tab: "recap", ...there({ words: hit, part: "synthesis" }) },
  };
  return {
    // A seat may have said several things of one round's answers.
    id: `${session_id}/${round_index}/${kind}/${model ?? ""}/${rank}`,
    kind: "deliberations",
    label: withHit(fragmentWords(`${before}${hit}${after}`), fragmentWords(hit)),
    said: true,
    icon: TextQuote,
    detail: m.deliberations.passageDetail(m.deliberations.passagePlace[kind](round_index + 1, seat), more, mayBeMore),
    of: titleWords(title),
    aside: dayAndTime(new Date(at)),
    run: () => router.go(views[kind]),
  };
}

/** UTF-16 units before a hit. */
const LEAD = 20;

/** Of what stands before a hit the last words alone: a row that is cut at its end keeps what was found. */
function withHit(words: string, hit: string): string {
  const at = words.indexOf(hit);
  return at > LEAD ? `…${words.slice(at - LEAD, at).replace(/^\S*\s+/, "")}${words.slice(at)}` : words;
}

function messageResult(message: MessageView): Result {
  return {
    id: String(message.place),
    kind: "messages",
    label: worded(message).words.replace(/\s+/g, " "),
    said: true,
    icon: Mail,
    detail: m.bus.fromTo(senderName(message), recipientName(message)),
    aside: dayAndTime(new Date(message.sent_at)),
    run: () => router.go({ place: "bus", queue: "all", message: String(message.place) }),
  };
}

function placeResults(host: Console): Result[] {
  const found = places(host).map((place): Result => ({
    id: place.id,
    kind: "places",
    label: place.label,
    icon: place.icon,
    keys: place.keys,
    // What is done where one is already stands on the screen itself.
    words: place.id === railPlace(router.current) ? undefined : m.frame.doneAt[place.id],
    run: () => (location.hash = place.href),
  }));
  const sections = SECTIONS.map((section): Result => ({
    id: `settings-${section.id}`,
    kind: "places",
    label: section.label,
    detail: m.frame.settings,
    icon: Settings2,
    words: section.words,
    run: () => router.go({ place: "settings", section: section.id }),
  }));
  return [...found, ...sections];
}

/** A row that is an act of its screen, whether or not more is asked first, is found as that. */
const ACTS: string[] = [...Object.values(screenActs).map(({ label }) => label.replace(/…$/, "")), m.frame.act.logOut];

/** Single settings, by their label and by what `config.toml` calls them. */
function settingResults({ platform }: Console): Result[] {
  const rows = rowsIn(platform.kind).filter(({ label }) => !ACTS.includes(label));
  return rows.map(({ section, label, name = "" }) => ({
    id: `setting-${section}-${label}`,
    kind: "places",
    label,
    detail: `${m.frame.settings}, ${SECTIONS.find(({ id }) => id === section)?.label ?? ""}`,
    icon: Settings2,
    words: nameWords(name),
    run: () => seek({ section, row: label }),
  }));
}

function agentResults(host: Console): Result[] {
  return host.agents.list.map((agent) => ({
    id: agent.id,
    kind: "agents",
    label: agent.agent_name,
    icon: Bot,
    detail: agent.model === null ? undefined : modelOf(host, agent),
    words: agent.scopes.join(", "),
    run: () => router.go({ place: "agent", id: agent.id, tab: null }),
  }));
}

function sessionResult(session: SessionSummary): Result {
  return {
    id: session.session_id,
    kind: "deliberations",
    label: titleWords(session.title),
    said: true,
    icon: MessagesSquare,
    detail: m.deliberations.paletteDetail(session.round_count, session.contested, session.claims, session.rehearsal, session.archived),
    aside: money(session.cost),
    words: session.tags.join(", "),
    run: () => router.go({ place: "session", id: session.session_id, tab: null, round: null }),
  };
}
