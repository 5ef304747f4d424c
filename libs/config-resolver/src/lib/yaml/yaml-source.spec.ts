import { describe, expect, it } from '@jest/globals';
import { YamlSource } from './yaml-source.ts';

const problemOf = (text: string) => {
  const result = YamlSource.parse('a/b/c.yml', text);
  return result instanceof YamlSource ? undefined : result;
};

const TEXT = `# comment
pipeline:
  name: costs
  "quoted key": 'a {{x}} {{y}}'
target: {table: t, cluster: [one, two]}
retry:
folded: >-
  some
  {{z}}
`;

describe('YamlSource', () => {
  it.each([
    ['pipeline.name', {}, 3, 9],
    ['pipeline.name', { atKey: true }, 3, 3],
    ['pipeline.quoted key', { token: '{{y}}' }, 4, 26],
    ['pipeline.quoted key', { token: 'nowhere' }, 4, 18],
    ['target.cluster.1', {}, 5, 35],
    ['target.cluster', { token: 'absent' }, 5, 29],
    ['retry', {}, 6, 1],
    ['folded', { token: '{{z}}' }, 9, 3],
    ['pipeline.absent', {}, 2, 1],
    ['absent', {}, 2, 1],
  ])('locates %s %j', (field, place, line, column) => {
    const source = YamlSource.parse('a/b/c.yml', TEXT) as YamlSource;

    const problem = source.locate({ field, message: 'wrong', ...place });

    expect(problem).toEqual({ file: 'a/b/c.yml', line, column, field, message: 'wrong' });
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 3, 1, 'duplicated mapping key'],
    ['an open bracket', 'a: 1\nb: [1, 2\nc: 3\n', 3, 1, 'not valid YAML'],
    ['a tab', 'a:\n\tb: 1\n', 2, 1, 'tab'],
    ['an alias', 'a: &x 1\nb: *x\n', 2, 5, 'aliases are not allowed'],
    ['an unknown tag', 'a: !!js/function 1\n', 1, 4, 'unknown scalar tag'],
    ['a second document', 'a: 1\n---\nb: 2\n', 3, 1, 'several documents'],
    ['a list', '# first\n- a\n', 2, 1, 'must be a mapping'],
    ['a mere text', 'hello\n', 1, 1, 'must be a mapping'],
    ['nothing', '', 1, 1, 'is empty'],
    ['a comment alone', '# nothing\n', 1, 1, 'is empty'],
    ['a document without content', '---\n', 1, 1, 'is empty'],
    [
      'an unquoted template',
      'a:\n  b: {{x}}_{{y}}\n',
      2,
      11,
      'Put quotes around a value that begins with {{.',
    ],
  ])('refuses %s', (_what, text, line, column, message) => {
    expect(problemOf(text)).toEqual({
      file: 'a/b/c.yml',
      line,
      column,
      message: expect.stringContaining(message),
    });
  });
});
