import { expect, test } from 'vitest';
import { code, tokens } from './tokens.ts';

const kinds = (source: string) => tokens(source).map(({ kind, text }) => `${kind}:${text}`);

test('a comment marker inside a string is no comment', () => {
  expect(kinds(`a('// no'); // yes`)).toEqual([
    'word:a',
    'punctuation:(',
    'string:// no',
    'punctuation:)',
    'punctuation:;',
    'comment:// yes',
  ]);
});

test('a quote inside a regular expression opens no string', () => {
  expect(kinds(`x = /['"/]/g.test(y) / 2`)).toContain(`regex:/['"/]/g`);
  expect(kinds('a / b / c').filter((kind) => kind.startsWith('regex'))).toEqual([]);
});

test('a template ends at its own backtick, with templates and braces inside its substitutions', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text that holds a template
  const read = code('f(`RC-1: ${g({ a: `x}` })} tail`); after');
  expect(read.filter(({ kind }) => kind === 'template').map(({ text }) => text)).toEqual(['RC-1: ', 'x}']);
  expect(read.at(-1)).toEqual({ kind: 'word', text: 'after', line: 1 });
});

test('lines are counted through block comments and templates', () => {
  expect(tokens('/* a\nb */\n`c\nd`\ne').map(({ line }) => line)).toEqual([1, 3, 5]);
});
