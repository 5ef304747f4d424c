import { describe, expect, it } from '@jest/globals';
import { substitute, templateProblems } from './template.ts';

const variables = {
  org_slug: 'acme',
  env: 'prod',
  date: '2026-11-01',
  run_id: 'r1',
  window_start: '2026-11-01',
  window_end: '2026-11-04',
};

describe('substitute', () => {
  it('replaces variables in strings at every depth', () => {
    const value = {
      a: ['{{org_slug}}_{{ env }}', 3],
      b: { c: '{{window_start}}/{{window_end}}' },
      d: true,
      e: null,
    };

    expect(substitute(value, variables)).toEqual({
      a: ['acme_prod', 3],
      b: { c: '2026-11-01/2026-11-04' },
      d: true,
      e: null,
    });
  });

  it('never reads a value as a template', () => {
    const hostile = { ...variables, org_slug: '{{run_id}}', env: '$&$1' };

    expect(substitute('{{org_slug}} {{env}}', hostile)).toBe('{{run_id}} $&$1');
  });

  it('never evaluates what stands between the braces', () => {
    const texts = ['{{constructor}}', '{{__proto__}}', '{{1+1}}', '{{process.env}}', '${date}', '{{{{date}}'];

    expect(substitute(texts, variables)).toEqual([
      '{{constructor}}',
      '{{__proto__}}',
      '{{1+1}}',
      '{{process.env}}',
      '${date}',
      '{{2026-11-01',
    ]);
  });
});

describe('templateProblems', () => {
  it('accepts every known variable, and text without braces', () => {
    const known = '{{org_slug}}{{env}}{{date}}{{run_id}}{{ window_start }}{{window_end}}';

    expect(templateProblems({ known, plain: 'a { b } c', number: 1 })).toEqual([]);
  });

  it('names the field, the token, the nearest variable and the known ones', () => {
    expect(templateProblems({ target: { dataset: 'x_{{org_slgu}}' } })).toEqual([
      {
        field: 'target.dataset',
        token: '{{org_slgu}}',
        message:
          'target.dataset: there is no variable "org_slgu". Did you mean {{org_slug}}? ' +
          'Known: {{org_slug}}, {{env}}, {{date}}, {{run_id}}, {{window_start}}, {{window_end}}.',
      },
    ]);
  });

  it.each(['{{date', '{{date}', '{{ {{date}}', '{{'])('reports the open braces of %j', (text) => {
    const problems = templateProblems([text], 'list');

    expect(problems).toEqual([
      expect.objectContaining({ field: 'list.0', message: expect.stringContaining('are not closed') }),
    ]);
  });

  it.each(['{{}}', '{{constructor}}', '{{1+1}}', '{{Date}}', '{{da\nte}}'])(
    'knows no variable in %j',
    (text) => {
      expect(templateProblems([text], 'list')).toEqual([
        expect.objectContaining({ message: expect.stringContaining('there is no variable') }),
      ]);
    },
  );
});
