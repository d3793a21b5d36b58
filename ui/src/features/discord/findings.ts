/** An invitation among other words, and those words before and behind it. */
export interface WithInvitation {
  before: string;
  url: string | null;
  after: string;
}

const INVITATION = /https:\/\/discord\.com\/oauth2\/[^\s,;]+/;

/** Takes the invitation out of a finding's words, where there is one. */
export function invitationIn(words: string): WithInvitation {
  const found = INVITATION.exec(words);
  if (!found) return { before: words, url: null, after: "" };
  const [url] = found;
  return { before: words.slice(0, found.index), url, after: words.slice(found.index + url.length) };
}
