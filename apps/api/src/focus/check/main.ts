import 'reflect-metadata';
import { checkFocus, type Finding } from '@pipelines/processors-unified';
import { parseOptions, runOnDataset } from '../focus-command.ts';

/**
 * `focus:check -- --org acme_corp` checks the organization's unified table by the rules of FOCUS. Violations, with rule
 * and rows, make the exit code 1; known deviations are listed and do not.
 */
const { org } = parseOptions({ org: { type: 'string' } });

process.exitCode = await runOnDataset(process.env, org, async ({ warehouse, access }) => {
  const { rows, rules, findings } = await checkFocus(warehouse, access);
  const violations = findings.filter(({ deviation }) => deviation === undefined);
  const deviations = findings.filter(({ deviation }) => deviation !== undefined);
  console.log(`${access.target.dataset}: ${rows} rows, ${rules} rules, ${violations.length} violated`);
  print('Violations', violations);
  print('Known deviations', deviations);
  return violations.length === 0 ? 0 : 1;
});

function print(title: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  console.log(`\n${title}:`);
  for (const { version, id, says, rows, deviation = '' } of findings) {
    console.log(
      `  ${version.padEnd(8)}${id.padEnd(44)}${String(rows).padStart(8)} rows  ${says} ${deviation}`.trimEnd(),
    );
  }
}
