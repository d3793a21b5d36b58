/** What stands in a client's file until the secret takes its place. */
const PLACE = "<your-token>";

/** A client's file with the secret, or with what is shown of it. */
export function withSecret(text: string, secret: string): string {
  return text.replaceAll(PLACE, () => secret);
}
