/** A page of Discord’s among other words, and those words before and behind it. */
export interface WithLink {
  before: string;
  url: string | null;
  /** It invites the bot: others may be sent it. */
  invites: boolean;
  after: string;
}

const LINK = /https:\/\/discord\.com\/(oauth2|developers)\/[^\s,;]+/;

/** Takes the link out of a finding's words, where there is one. */
export function linkIn(words: string): WithLink {
  const found = LINK.exec(words);
  if (!found) return { before: words, url: null, after: "", invites: false };
  const [url, to] = found;
  return { invites: to === "oauth2", before: words.slice(0, found.index), url, after: words.slice(found.index + url.length) };
}
