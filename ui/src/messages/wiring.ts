import type { WiredState } from "../generated/WiredState";
import type { WiringFormat } from "../generated/WiringFormat";
import type { WiringTransport } from "../generated/WiringTransport";
import { count } from "../format/numbers";

const servers = (n: number) => (n === 1 ? "1 other server" : `${count(n)} other servers`);

/** Words of the files that put a client on the bus. */
export const wiring = {
  title: "For its client",
  client: "Client",
  /** Any other client. */
  plain: "JSON, for any other",
  found: (title: string) => `${title}, found here`,
  transport: "How it reaches the bus",
  transports: { http: "HTTP", sse: "SSE" } satisfies Record<WiringTransport, string>,
  text: "What its client reads",
  copy: { json: "Copy JSON", jsonc: "Copy JSON", toml: "Copy TOML", yaml: "Copy YAML", command: "Copy command" } satisfies Record<WiringFormat, string>,
  busMeaning: "The bus stands under “sos”, since skills call its tools by that name.",
  keyMeaning: "The deliberation server stands under “mumo”, since skills call its tools by that name.",
  commandMeaning: "Run this once: the client keeps it where it keeps its other servers.",
  page: (title: string) => `${title} on its format`,
  reading: "Reading what the client wants",
  unread: "What the client wants could not be read.",
  notLooked: "Clients could not be looked for.",
  noAddress: "Husting does not listen now, so there is no address to give to an agent. Start it anew, then the status bar shows one.",

  path: "File or folder",
  pathHint: (file: string) => `A folder gets ${file}, the client’s own name for it.`,
  pathHintFile: "The whole path, or beginning with ~/",
  pathRule: "Begin with / or with ~/, so that it is clear where it is.",
  offers: "Where it may be written",
  forUser: "For this user",
  forProject: "In a project",
  target: {
    fresh: "A new file, readable by you alone.",
    keeps: (n: number, replaces: boolean) => `${n ? `${servers(n)} in it ${n === 1 ? "stays" : "stay"} as ${n === 1 ? "it is" : "they are"}` : "No other server is in it"}${replaces ? ", ours is replaced." : "."}`,
    backup: "What stands there now is kept beside it.",
  },
  git: {
    untracked: "Git would take the file, and the secret with it.",
    unknown: "It stands in a Git work tree, and Git could not be asked about it.",
    tracked: "Git has this file already: the secret would go out with the next commit.",
    trackedTodo: "Better write it elsewhere, or take the file out of Git first.",
    ignored: "Git leaves the file out.",
  },
  leaveOut: "Leave it out of Git",
  write: "Write file",
  notWritten: "The file was not written.",
  again: "Write another",
  written: {
    lead: "Written to",
    kept: (n: number) => `${servers(n)} ${n === 1 ? "stayed as it was." : "stayed as they were."}`,
    backup: (path: string) => `What stood there before is in ${path}.`,
  },

  files: "Wiring",
  noFiles: "No client’s file was written for it.",
  states: {
    current: { word: "in step", todo: null },
    changed: { word: "changed since", todo: "Somebody changed the file. Wire it again if the client does not connect." },
    old_token: { word: "old token", todo: "Its token opens nothing any more, or soon will not. Wire it again." },
    moved: { word: "another address", todo: "It names another address than that at which Husting is heard now. Wire it again." },
    gone: { word: "gone", todo: "The file is not there, or cannot be read. Wire it again if the client still needs it." },
  } satisfies Record<WiredState, { word: string; todo: string | null }>,
  writtenAt: (when: string) => `written ${when}`,
  wire: "Wire…",
  wireAgain: "Wire again…",
  rewireTitle: (agent: string) => `Wire ${agent} again?`,
  rewireLead: "It gets a new token, which goes into the client’s file. A call with it is tried, then the old one ends.",
  rewireAct: "Wire again",
  rewireFailed: "Nothing was changed: its token and its files are as they were.",
  rewired: "Wired again",
  rewiredLead: (agent: string) => `The file has ${agent}’s new token.`,
  answered: "A call with the new token was answered. The old one has ended.",
  unanswered: "A call with the new token was not answered. The old one goes on for a minute.",
  untried: "Nothing listens that could be asked, so the new token was not tried. The old one goes on for a minute.",
  onceLead: "The file was not written, so the new token is shown this once.",

  offer: {
    title: "Clients on this machine",
    lead: "Each can have an agent of its own on the bus. None is touched until you say so.",
    quiet: (client: string) => `${client} is here.`,
    quietLead: "An agent of its own lets it write and read mail, and be started from here.",
    act: "Put it on the bus",
    actOf: (client: string) => `Put it on the bus: ${client}`,
    hide: "Not now",
    used: "was used here",
    installed: "is installed",
  },
};
