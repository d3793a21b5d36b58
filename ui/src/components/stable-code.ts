/** The code that stands beside an error's sentence. That nobody answered is said by the sentence, and no answer had a code. */
export function stableCode(code: string | null | undefined): string | undefined {
  return code && code !== "unreachable" ? code : undefined;
}
