/** `npm run ablations:accept`: explores everything without its ingredients and writes the page. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';
import { ablationPage } from './table.ts';

const page = ablationPage((without) => process.stderr.write(`without ${without}\n`));
writeFileSync(join(REPOSITORY, 'spec', 'ablations.md'), page);
