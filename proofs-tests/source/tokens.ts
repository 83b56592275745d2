/**
 * A lexer for TypeScript, good enough to tell comments, strings and code apart. TypeScript 7 ships no compiler API, and the
 * trace and tidy checks need no more than this: it never parses, so it cannot be confused by what it does not know.
 */
export type Token = {
  /** `string` holds the text between the quotes; `template` the text up to the first substitution. */
  readonly kind: 'comment' | 'string' | 'template' | 'regex' | 'number' | 'word' | 'punctuation';
  readonly text: string;
  /** From 1. */
  readonly line: number;
};

type Cursor = { readonly source: string; at: number; line: number; tokens: Token[] };

const WORD = /[A-Za-z_$][\w$]*/y;
const NUMBER = /\.?\d[\w.]*/y;
const SPACE = /\s+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/y;
const QUOTED = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[dgimsuvy]*/y;
const PUNCTUATION = /=>|\.\.\.|\?\.|[^\s\w]/uy;

/** After these words a slash begins a regular expression; after any other word it divides. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'delete',
  'await',
  'yield',
]);

const take = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.at;
  const text = pattern.exec(cursor.source)?.[0];
  if (text !== undefined) cursor.at += text.length;
  return text;
};

const push = (cursor: Cursor, kind: Token['kind'], text: string, consumed: string): void => {
  cursor.tokens.push({ kind, text, line: cursor.line });
  cursor.line += consumed.split('\n').length - 1;
};

const regexMayBegin = (tokens: readonly Token[]): boolean => {
  const before = tokens.findLast(({ kind }) => kind !== 'comment');
  if (before === undefined) return true;
  if (before.kind === 'word') return BEFORE_REGEX.has(before.text);
  return before.kind === 'punctuation' && ![')', ']', '}'].includes(before.text);
};

/** Reads from behind the opening backtick to behind the closing one; substitutions become ordinary tokens. */
const template = (cursor: Cursor): void => {
  const index = cursor.tokens.length;
  const line = cursor.line;
  let head: string | undefined;
  let text = '';
  while (cursor.at < cursor.source.length) {
    const char = cursor.source.charAt(cursor.at++);
    if (char === '`') break;
    if (char === '\n') cursor.line++;
    if (char === '\\') {
      text += cursor.source.charAt(cursor.at++);
    } else if (char === '$' && cursor.source.charAt(cursor.at) === '{') {
      cursor.at++;
      head ??= text;
      readUntilBrace(cursor);
    } else text += char;
  }
  cursor.tokens.splice(index, 0, { kind: 'template', text: head ?? text, line });
};

/** One token, or white space. Returns the punctuation read, so that a substitution finds its end. */
const step = (cursor: Cursor): string | undefined => {
  const space = take(cursor, SPACE);
  if (space !== undefined) {
    cursor.line += space.split('\n').length - 1;
    return undefined;
  }
  const comment = take(cursor, LINE_COMMENT) ?? take(cursor, BLOCK_COMMENT);
  if (comment !== undefined) push(cursor, 'comment', comment, comment);
  else if (cursor.source.charAt(cursor.at) === '`') {
    cursor.at++;
    template(cursor);
  } else return simple(cursor);
  return undefined;
};

const simple = (cursor: Cursor): string | undefined => {
  const quoted = take(cursor, QUOTED);
  if (quoted !== undefined) {
    push(cursor, 'string', quoted.slice(1, -1), quoted);
    return undefined;
  }
  const regex = regexMayBegin(cursor.tokens) ? take(cursor, REGEX) : undefined;
  if (regex !== undefined) {
    push(cursor, 'regex', regex, regex);
    return undefined;
  }
  for (const [kind, pattern] of [['word', WORD] as const, ['number', NUMBER] as const]) {
    const text = take(cursor, pattern);
    if (text !== undefined) {
      push(cursor, kind, text, text);
      return undefined;
    }
  }
  const text = take(cursor, PUNCTUATION) ?? cursor.source.charAt(cursor.at++);
  push(cursor, 'punctuation', text, text);
  return text;
};

const readUntilBrace = (cursor: Cursor): void => {
  let depth = 1;
  while (cursor.at < cursor.source.length && depth > 0) {
    const read = step(cursor);
    if (read === '{') depth++;
    if (read === '}') depth--;
  }
};

const known = new Map<string, readonly Token[]>();

/** All tokens of a source text. Remembered: a dozen checks read every file. */
export const tokens = (source: string): readonly Token[] => {
  const read = known.get(source) ?? lex(source);
  known.set(source, read);
  return read;
};

const lex = (source: string): readonly Token[] => {
  const cursor: Cursor = { source, at: source.startsWith('#!') ? source.indexOf('\n') : 0, line: 1, tokens: [] };
  while (cursor.at < source.length) step(cursor);
  return cursor.tokens;
};

/** The same without comments: what the checks of code look at. */
export const code = (source: string): readonly Token[] => tokens(source).filter(({ kind }) => kind !== 'comment');
