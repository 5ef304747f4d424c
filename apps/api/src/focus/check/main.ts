import 'reflect-metadata';
import { PipelineCatalog } from '@pipelines/config-resolver';
import { checkFocus, type Finding } from '@pipelines/processors-unified';
import { catalogModules } from '../../catalog-modules.ts';
import { REAL_ENDPOINTS } from '../../service-parts.ts';
import type { Settings } from '../../settings/settings.ts';
import { parseOptions, runOnDataset, type FocusDataset } from '../focus-command.ts';

/**
 * `focus:check -- --org acme_corp` checks the organization's unified table by the rules of FOCUS. Violations, with rule
 * and rows, make the exit code 1; known deviations are listed and do not.
 */
const { org } = parseOptions({ org: { type: 'string' } });

/** Nothing is asked of a provider; the catalog needs only to know the processors. */
const catalog = (settings: Settings) => [...catalogModules(settings, REAL_ENDPOINTS)];

async function check({ warehouse, access, context }: FocusDataset): Promise<number> {
  const writers = context
    .get(PipelineCatalog, { strict: false })
    .writersInto(access.target.dataset, access.org);
  const { rows, rules, findings } = await checkFocus(warehouse, access, writers);
  const violations = findings.filter(({ deviation }) => deviation === undefined);
  const deviations = findings.filter(({ deviation }) => deviation !== undefined);
  console.log(`${access.target.dataset}: ${rows} rows, ${rules} rules, ${violations.length} violated`);
  print('Violations', violations);
  print('Known deviations', deviations);
  return violations.length === 0 ? 0 : 1;
}

process.exitCode = await runOnDataset(process.env, org, check, catalog);

function print(title: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  console.log(`\n${title}:`);
  for (const { version, id, says, rows, deviation = '' } of findings) {
    console.log(
      `  ${version.padEnd(8)}${id.padEnd(44)}${String(rows).padStart(8)} rows  ${says} ${deviation}`.trimEnd(),
    );
  }
}
