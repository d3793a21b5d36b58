import type { MessageView } from "../../../generated/MessageView";
import { heldUntil, momentsOf, unreadUntil } from "./moments";

/** A time in which a path did not go on, and where it lay. */
export interface Wait {
  where: "inbox" | "reader";
  /** Whose. */
  who: string;
  from: number;
  /** When it ended; the moment that is looked at where it had not. */
  to: number;
  /** It had not ended by then. */
  open: boolean;
}

/** One message of a path with the waits that followed it. */
export interface Step {
  message: MessageView;
  /** It was not sent yet. */
  ahead: boolean;
  waits: Wait[];
}

/** What led to a message and what came of it. */
export interface Path {
  steps: Step[];
  /** From the first word to the last that is known. */
  total: number;
  /** None where nothing waited. */
  longest: Wait | null;
}

/** Shorter ones are told with their message alone. */
export const WORTH_MS = 1_000;

/** The messages of a thread that lead to this one, and those that answer it, however far; in the order they were sent. */
export function chainOf(thread: MessageView[], place: number): MessageView[] {
  const chosen = thread.find((each) => each.place === place);
  if (!chosen) return [];
  const chain = [chosen];
  for (let up = parentOf(thread, chosen); up && !chain.includes(up); up = parentOf(thread, up)) chain.push(up);
  const below = [chosen];
  for (let next = below.pop(); next; next = below.pop()) {
    const asked = next;
    const answers = thread.filter((each) => isAnswer(each, asked) && !chain.includes(each));
    chain.push(...answers);
    below.push(...answers);
  }
  return chain.sort((one, other) => momentsOf(one).sent - momentsOf(other).sent || one.place - other.place);
}

/** The path as it is known, looked at from `at`: what still waits has waited until then. */
export function pathOf(chain: MessageView[], at: number): Path {
  const steps = chain.map((message) => ({ message, ahead: momentsOf(message).sent > at, waits: waitsOf(message, at) }));
  const waits = steps.flatMap((step) => step.waits);
  const first = chain[0] ? momentsOf(chain[0]).sent : 0;
  const last = Math.max(first, ...chain.map((message) => Math.max(momentsOf(message).sent, known(unreadUntil(message)))), ...waits.map(({ to }) => to));
  return { steps, total: last - first, longest: longestOf(waits) };
}

/** Messages with those of a path that are not among them: a thread can be older than all that was read. */
export function together(messages: MessageView[], chain: MessageView[]): MessageView[] {
  if (chain.length === 0) return messages;
  const places = new Set(messages.map(({ place }) => place));
  return [...messages, ...chain.filter(({ place }) => !places.has(place))];
}

/** How long a wait was, or is by then. */
export function lengthOf({ from, to }: Wait): number {
  return to - from;
}

function waitsOf(message: MessageView, at: number): Wait[] {
  const { sent, fetched } = momentsOf(message);
  const who = message.to;
  const until = unreadUntil(message);
  const held = heldUntil(message);
  const inbox = wait("inbox", who, sent, until, at);
  return [...inbox, ...(fetched !== null && held !== null ? wait("reader", who, fetched, held, at) : [])];
}

function wait(where: Wait["where"], who: string, from: number, until: number, at: number): Wait[] {
  const open = until === Infinity;
  const to = open ? Math.max(from, at) : until;
  return to - from < WORTH_MS ? [] : [{ where, who, from, to, open }];
}

function longestOf(waits: Wait[]): Wait | null {
  return waits.reduce<Wait | null>((best, each) => (best && lengthOf(best) >= lengthOf(each) ? best : each), null);
}

function parentOf(thread: MessageView[], message: MessageView): MessageView | undefined {
  return thread.find((each) => isAnswer(message, each));
}

// A broadcast stands in the thread once for each mailbox: the answer is to the one of its writer.
function isAnswer(message: MessageView, asked: MessageView): boolean {
  return message.in_reply_to === asked.message_id && message.from_agent === asked.mailbox;
}

function known(at: number): number {
  return at === Infinity ? 0 : at;
}
