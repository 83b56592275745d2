/** `npm run review:accept`: draws the figures of spec/review.md anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';
import { redrawn } from './figures.ts';

const page = join(REPOSITORY, 'spec', 'review.md');
writeFileSync(page, redrawn(readFileSync(page, 'utf8')));
