// What the houses are furnished with: words as they usually are, and words as they can be at the worst.

import { FIRST, QUESTION, SECOND, STEERING, type Part } from "../fixtures/event-store.ts";
import { FIRST_RECAP, SECOND_RECAP, SYNTHESIS } from "../fixtures/recaps.ts";
import type { Seat } from "../harness/panel.ts";

/** Everything that somebody else says or names. */
export interface Words {
  /** Names on the bus: who is asked, who asks, who is switched off, who is revoked, who comes last. */
  asked: string;
  asks: string;
  off: string;
  gone: string;
  newcomer: string;
  squad: string;
  model: string;
  charter: string;
  letters: { question: string; answer: string; toAll: string; toOperator: string; note: string; context: string };
  seats: Record<Seat, string>;
  /** A model that cannot be seated. */
  spare: string;
  question: string;
  /** What the session is called later on. */
  title: string;
  steering: string;
  first: Record<Seat, Part>;
  second: Record<Seat, Part>;
  recaps: { first: object; second: object; synthesis: object };
  tags: string[];
  other: string;
  document: { name: string; text: string };
  key: string;
  tenant: string;
  limit: string;
  discord: { server: string; people: [string, string]; channels: [string, string, string]; asks: string; adds: string; lost: string };
}

export const USUAL: Words = {
  asked: "loom",
  asks: "porter",
  off: "night-watch",
  gone: "weaver",
  newcomer: "tally",
  squad: "sales",
  model: "gpt-5.4",
  charter: "You keep the manifests of the Hamburg depot. Ask before you send anything to a customer.",
  letters: {
    question: "Where is pallet 4? The driver waits at gate B.",
    answer: "In hall 3, behind the pump housings.",
    toAll: "The gate closes at 16:20 today.",
    toOperator: "May I tell the customer that it leaves tomorrow?",
    note: "Pump housings go under 8413.91.",
    context: "HS codes",
  },
  seats: { larch: "Larch 4", rowan: "Rowan 2", alder: "Alder mini" },
  spare: "Spruce 70B",
  question: QUESTION,
  title: QUESTION,
  steering: STEERING,
  first: FIRST,
  second: SECOND,
  recaps: { first: FIRST_RECAP, second: SECOND_RECAP, synthesis: SYNTHESIS },
  tags: ["storage", "billing"],
  other: "Is a four-day week for the support desk worth a trial?",
  document: { name: "sunday-pilot.md", text: "# Sunday pilot\n\nThe pilot moved 11 percent of Monday's load to Sunday.\n" },
  key: "night run",
  tenant: "northwind",
  limit: "20",
  discord: {
    server: "viamar",
    people: ["bruno", "ines"],
    channels: ["hq", "shipping-ops", "letters"],
    asks: "Can someone reprint the labels for the Hamburg pallets?",
    adds: "And which of them leave tonight?",
    lost: "Labels reprinted for three of four pallets.",
  },
};

const LONG = "night-watch-of-the-hamburg-harbour-cold-store-and-customs-desk";
const ARABIC = "هل نحتفظ بمخزن الأحداث في Postgres أم ننتقل إلى MongoDB (40 حدثًا في الثانية)؟";
const HEBREW = "מאגר האירועים צריך לשבת ליד החיוב, אחרת שתי מערכות חייבות להסכים בכל לילה.";
const UNBROKEN = "sha512-" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".repeat(3);
const EMOJI = "👩‍👩‍👧‍👦🏳️‍🌈 شحنة 4️⃣ تنتظر عند البوابة B – driver +49 40 1234-5678 🚚🚚🚚";
const FEED = `The digest ${UNBROKEN} is printed on every pallet, and nobody has ever read it aloud.`;
const ORDER = "الترتيب العام يعني كاتبًا واحدًا، وهذا أغلى مما يبدو في البداية (انظر RFC 9110 §5.6).";
const PRICE = "At 123,456,789,012.345678 events a year the invoice is USD 9,999,999.99 before tax, rebates and everything that procurement adds to it afterwards.";

/** A seat's answer around its own sentence, in paragraphs, a list, a table and code. */
function answer(sentence: string): string {
  return `${sentence}\n\n- ${EMOJI}\n- **${UNBROKEN}**\n\n| ${UNBROKEN.slice(0, 60)} | القيمة | value |\n|---|---|---|\n| ${HEBREW} | 1 | ${PRICE} |\n\n\`\`\`\n${UNBROKEN}${UNBROKEN}\n\`\`\`\n\nThat is all that can be said of it. [confidence: 0.55]`;
}

const PARTS: Record<Seat, Part> = {
  rowan: {
    answer: answer(`${HEBREW} ${FEED}`),
    reactions: [
      { type: "CHALLENGE", of: "larch", quote: ORDER, comment: `هذا غير صحيح: ${UNBROKEN}` },
      { type: "CORE", of: "alder", quote: PRICE, comment: "זה מה שמכריע." },
    ],
  },
  larch: {
    answer: answer(ORDER),
    reactions: [
      { type: "KEEP", of: "rowan", quote: HEBREW, comment: "نعم، ولكن متى؟" },
      { type: "SHIFT", of: "rowan", quote: FEED, comment: EMOJI },
      { type: "CHALLENGE", of: "alder", quote: `${PRICE.slice(0, 40)}nothing of the kind`, comment: HEBREW },
    ],
  },
  alder: {
    answer: answer(PRICE),
    reactions: [
      { type: "EXPLORE", of: "rowan", quote: FEED, comment: "Aloud?" },
      { type: "CHALLENGE", of: "larch", quote: ORDER, comment: HEBREW },
    ],
  },
};

/** Of a recap that says everything at once. */
const SUMMARY = {
  title: `${ARABIC} ${UNBROKEN}`,
  tldr: `${HEBREW} ${EMOJI}`,
  agenda: [HEBREW, UNBROKEN, ORDER],
  sections: [{ heading: UNBROKEN, body: `${ORDER}\n\n- **${UNBROKEN}**\n- ${PRICE}`, claim_ids: ["c1"] }],
};

export const HARD: Words = {
  asked: LONG,
  asks: "w".repeat(63),
  off: "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z-0-1-2-3-4-5",
  gone: "q".repeat(63),
  newcomer: "m".repeat(63),
  squad: "everybody-who-has-ever-loaded-a-pallet-in-the-old-harbour-basin",
  model: "نموذج داخلي كبير جدًا للمراجعة القانونية، الإصدار 4.1-preview-2026-11-14-reasoning-extra-high",
  charter: `${ARABIC}\n\n${HEBREW}\n\n${UNBROKEN}\n\n${EMOJI}`,
  letters: { question: `${EMOJI} ${ARABIC}`, answer: HEBREW, toAll: UNBROKEN, toOperator: `${ARABIC} ${UNBROKEN}`, note: `${HEBREW} ${UNBROKEN}`, context: ARABIC },
  seats: { larch: "مساعد المراجعة القانونية الطويل جدًا للإصدار الرابع", rowan: "rowan-2-extended-context-preview-2026-11-14-reasoning-extra-high", alder: "אלדר הקטן 🦉" },
  spare: `spruce-${"x".repeat(70)}`,
  question: `${ARABIC} ${UNBROKEN.slice(0, 36)}`,
  title: `${ARABIC} ${UNBROKEN.slice(0, 100)}`,
  steering: `${HEBREW} ${UNBROKEN}`,
  first: PARTS,
  second: PARTS,
  recaps: { first: SUMMARY, second: SUMMARY, synthesis: { title: ARABIC, tldr: UNBROKEN, origin: HEBREW, arcs: [{ title: UNBROKEN, body: EMOJI, round_indexes: [0, 1] }] } },
  tags: ["تخزين-الأحداث-طويل-الأمد-جدًا", "w".repeat(40), "חיוב", "🚚🚚🚚"],
  other: HEBREW,
  document: { name: `مسودة-${"w".repeat(90)}-final-final-2.md`, text: `# ${ARABIC}\n\n${UNBROKEN}\n` },
  key: "مفتاح العمل الليلي لسكربت المستودع (wwwwwwwwwwww)",
  tenant: "t".repeat(64),
  limit: "999999",
  discord: {
    server: "مستودع هامبورغ المركزي للشحن والتبريد والجمارك",
    people: ["بُرونو-من-المستودع-الكبير", "w".repeat(32)],
    channels: ["قناة-الشحن-والتخليص-الجمركي-للمستودع", "shipping-operations-hamburg-cold-store-and-customs-night-shift-crew-with-everyone-else", "מכתבים"],
    asks: `${ARABIC} ${UNBROKEN}`,
    adds: `${UNBROKEN} ${ARABIC}`,
    lost: `${HEBREW} ${UNBROKEN}`,
  },
};
