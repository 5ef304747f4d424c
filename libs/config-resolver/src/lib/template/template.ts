import { nearestName } from '@pipelines/pipeline';
import type { FieldProblem } from '../config-problem.ts';

/** Every variable that a string value of a configuration file may use. */
export const TEMPLATE_VARIABLES = [
  'org_slug',
  'env',
  'date',
  'run_id',
  'window_start',
  'window_end',
] as const;

/** The values that take the variables' places. `date` is the first day of the window; `window_end` is exclusive. */
export type TemplateVariables = Readonly<Record<(typeof TEMPLATE_VARIABLES)[number], string>>;

const VARIABLE = /\{\{\s*([a-z_]+)\s*\}\}/g;

/** The problems of every template in the strings of `value`: unknown variables and braces left open. */
export function templateProblems(value: unknown, field = ''): FieldProblem[] {
  if (typeof value === 'string') return textProblems(value, field);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    templateProblems(child, field ? `${field}.${key}` : key),
  );
}

/**
 * A copy of `value` with the variables of its strings replaced, in one pass: what a variable stands for is never
 * read as a template or as code. Unknown variables stay as they are; {@link templateProblems} reports them.
 */
export function substitute<T>(value: T, variables: TemplateVariables): T;
export function substitute(value: unknown, variables: TemplateVariables): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (token, name: string) => (isVariable(name) ? variables[name] : token));
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, substitute(child, variables)]));
}

function textProblems(text: string, field: string): FieldProblem[] {
  return [...text.matchAll(/\{\{((?:(?!\{\{)[^}])*)(\}\})?/g)].flatMap(
    ([token, inner, closing]): FieldProblem[] => {
      const name = inner!.trim();
      if (closing === undefined) {
        return [{ field, token, message: `${field}: the braces of "${token}" are not closed. ${KNOWN}` }];
      }
      if (isVariable(name)) return [];
      const nearest = nearestName(name, TEMPLATE_VARIABLES);
      const advice = nearest ? ` Did you mean {{${nearest}}}?` : '';
      return [{ field, token, message: `${field}: there is no variable "${name}".${advice} ${KNOWN}` }];
    },
  );
}

const KNOWN = `Known: ${TEMPLATE_VARIABLES.map((name) => `{{${name}}}`).join(', ')}.`;

const isVariable = (name: string): name is keyof TemplateVariables =>
  (TEMPLATE_VARIABLES as readonly string[]).includes(name);
