/** `npm run counts:accept`: records how many states, transitions and steps each scenario has. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allScenarios } from '../scenario/load.ts';
import { PROTOCOL_NAMES } from '../scenario/schema.ts';
import { REPOSITORY } from '../source/tree.ts';
import { checkAll } from './check-all.ts';
import { COUNTS, countsOf, countsText } from './counts.ts';
import type { Checked } from './report.ts';

const quick = allScenarios().filter(({ deep }) => !deep);
const checked: Checked[] = [];
for (const name of PROTOCOL_NAMES) checked.push(...(await checkAll(quick, { name })));
writeFileSync(join(REPOSITORY, COUNTS), countsText(countsOf(checked)));
process.stdout.write(`${COUNTS}: ${checked.length} explorations; explain its diff when you commit it\n`);
