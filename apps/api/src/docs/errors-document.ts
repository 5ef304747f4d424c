import { ERROR_CATALOG, type ErrorCode } from '@pipelines/pipeline';
import { PROBLEM_STATUS } from '../http/problem-status.ts';

/** The text of docs/errors.md. */
export function errorsDocument(): string {
  const rows = (Object.keys(ERROR_CATALOG) as ErrorCode[]).map((code) => {
    const { transient, fault, summary } = ERROR_CATALOG[code];
    const status = PROBLEM_STATUS[code] ?? 'on the run';
    return `| \`${code}\` | ${status} | ${fault} | ${transient ? 'yes' : 'no'} | ${summary} |`;
  });
  return [
    '# Errors',
    '',
    'Every error answer is `application/problem+json` (RFC 9457) and carries one of these codes in `code`; a failed run',
    'carries one in `error.code`. A code is stable. This page is generated from the error catalog by `npm run docs`.',
    '',
    'What cannot be read as an HTTP request at all (400, 408, 431) is answered as `about:blank`, without a code.',
    '',
    '`HTTP` is the status of the answer, `fault` says who has to act, `transient` whether trying again may help.',
    '',
    '| code | HTTP | fault | transient | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
