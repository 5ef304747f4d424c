import type { ConfigProblem, FieldProblem } from '../config-problem.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';

/**
 * Says where in the file the problems stand, in the order of their places, without the echoes: a template left open, say,
 * also makes the whole value illegal.
 */
export function locateProblems(source: YamlSource, problems: readonly FieldProblem[]): ConfigProblem[] {
  const original = problems.filter(({ field, token }, index) => {
    const earlier = problems.slice(0, index).filter((problem) => problem.field === field);
    return !earlier.some((problem) => token === undefined || token === problem.token);
  });
  return original
    .map((problem) => source.locate(problem))
    .sort((one, other) => one.line - other.line || one.column - other.column);
}
