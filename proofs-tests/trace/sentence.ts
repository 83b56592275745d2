/** What the rule grammar asks of words: one keyword, one sentence. */

const KEYWORD = /\b(?:(?:MUST|SHOULD|SHALL)(?: NOT)?|MAY)\b/g;
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|cf|vs|etc|resp|incl|approx|Sec|Fig|No)|\.\.)\.$/;

/** Code spans quote; they neither oblige nor end a sentence. */
export const withoutCode = (text: string): string => text.replace(/`[^`]*`/g, 'code');

export const keywords = (text: string): readonly string[] => withoutCode(text).match(KEYWORD) ?? [];

export const isOneSentence = (text: string): boolean => {
  const plain = withoutCode(text).trim();
  if (!/\.[)"]?$/.test(plain) || ABBREVIATION.test(plain)) return false;
  const inner = [...plain.matchAll(/[.!?]["')]?(?=\s)/g)].map(({ index }) => plain.slice(0, index + 1));
  return inner.every((head) => ABBREVIATION.test(head));
};
