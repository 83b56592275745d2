/** `npm run counts:accept`: records how many states, transitions and steps each scenario has. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';
import { checkAll } from './check-all.ts';
import { COUNTS, countsOf, countsText } from './counts.ts';

const checked = [...checkAll()];
writeFileSync(join(REPOSITORY, COUNTS), countsText(countsOf(checked)));
process.stdout.write(`${COUNTS}: ${checked.length} explorations; explain its diff when you commit it\n`);
