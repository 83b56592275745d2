/** `npm run trace:accept`: records the rules' words and their citing places as reread. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, readTree } from '../source/tree.ts';
import { readCitations } from './citations.ts';
import { readRules } from './rules.ts';
import { SNAPSHOT, snapshot } from './snapshot.ts';

const tree = readTree(REPOSITORY);
const { rules } = readRules(tree);
writeFileSync(join(REPOSITORY, SNAPSHOT), snapshot(rules, readCitations(tree).citations));
process.stdout.write(`${SNAPSHOT}: ${rules.length} rules; read its diff before you commit it\n`);
