#!/usr/bin/env node
/** The command `godwit`: mounts the commands, each from a module of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { REPOSITORY } from '../source/tree.ts';
import { endWithReader } from '../terminal/output.ts';
import { benchCommand } from './bench.ts';
import { checkCommand } from './check.ts';
import { exportCommand } from './export.ts';
import { fuzzCommand } from './fuzz.ts';
import { migrateCommand } from './migrate.ts';
import { mutantsCommand } from './mutants.ts';
import { replayCommand } from './replay.ts';
import { run } from './run.ts';
import { tourCommand } from './tour.ts';

const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));

endWithReader();
await run(
  new Command('godwit')
    .description('RDMA connections that move: check the protocol, run it, judge what others send')
    .version(version)
    .addHelpText('after', '\nExit codes: 0 everything holds; 1 a property is violated or a run failed; 2 bad input.')
    .addCommand(checkCommand())
    .addCommand(fuzzCommand())
    .addCommand(replayCommand())
    .addCommand(exportCommand())
    .addCommand(migrateCommand())
    .addCommand(mutantsCommand())
    .addCommand(benchCommand())
    .addCommand(tourCommand()),
  process.argv.slice(2),
);
