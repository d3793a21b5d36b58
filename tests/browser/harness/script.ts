// Scripts of the fake providers, as far as these tests use them.

export type Fault =
  | { kind: "cut"; after_tokens: number }
  | { kind: "rate_limited429"; retry_after?: number; times?: number }
  | { kind: "server_error500"; times?: number; status?: number }
  | { kind: "error_event_mid_stream"; after_tokens: number }
  | { kind: "unauthorized401" };

export interface Behaviour {
  answer?: { text: string } | { debate: { mischief?: { altered?: number; unfindable?: number; misattributed?: number }; elided?: boolean } };
  pace?: { first_byte_ms?: number; tokens_per_second?: number };
  gates?: { name: string; at: "before_response" | "before_end" | { before_token: number } }[];
  fault?: Fault;
  options?: { token_sizes?: number[] };
}

export interface Rule {
  model?: string;
  phase?: "respond" | "react" | "recap" | "synthesis";
  /** Which of a model's calls that meet the conditions above, from 1. */
  calls?: { from: number; to?: number };
  behaviour: Behaviour;
}

export interface Script {
  /** Which key is let in; any, where left out. */
  auth?: { key: string };
  models?: string[];
  rules?: Rule[];
  otherwise?: Behaviour;
}

/** A panelist that argues about whatever it is asked. */
export const debating: Behaviour = { answer: { debate: {} } };

/** One that also puts words into the others' mouths. */
export const careless: Behaviour = { answer: { debate: { mischief: { altered: 1, unfindable: 1 }, elided: true } } };
