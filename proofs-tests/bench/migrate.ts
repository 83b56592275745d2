/** What a live migration costs: blackout by number of QPs, beside the copying of the memory alone. */

import { migrate } from '../migrate/migrate.ts';
import { DEFAULTS } from '../migrate/options.ts';
import type { MigrateReport } from '../migrate/report.ts';
import type { BenchRow } from './row.ts';

/** One QP's added blackout is the reference of a flat curve. */
const QPS = [1, 64, 1024] as const;

const rowsOf = (report: MigrateReport): readonly BenchRow[] => {
  const name = `migrate ${report.qps} QPs`;
  const copy = report.memoryMs;
  const memory = { name: `${name}, memory copy`, value: copy, unit: 'ms' };
  const blackout = { name: `${name}, blackout`, value: report.blackoutMs, unit: 'ms' };
  const added = { name: `${name}, blackout without memory copy`, value: report.addedMs, unit: 'ms' };
  const processor = {
    name: `${name}, processor time of dump, restore and resume`,
    value: report.processorMs.source + report.processorMs.target,
    unit: 'ms',
  };
  const perQp = report.imageObjects.find(({ kind }) => kind === 'qp')?.bytes ?? 0;
  return [
    memory,
    { ...blackout, baseline: memory.name, ratio: report.blackoutMs / copy },
    added,
    processor,
    { name: `${name}, image of a QP`, value: perQp, unit: 'bytes' },
  ];
};

/** Runs migrations without loss, so that no figure depends on which packet was dropped. Throws if one is not intact. */
export const benchMigrate = async (): Promise<readonly BenchRow[]> => {
  const rows: BenchRow[] = [];
  for (const qps of QPS) {
    const report = await migrate({ ...DEFAULTS, qps, loss: 0, messages: qps > 64 ? 20 : 400 });
    if (!report.intact) throw new Error(`migration of ${qps} QPs: ${report.problems.join('; ')}`);
    rows.push(...rowsOf(report));
  }
  return rows;
};
