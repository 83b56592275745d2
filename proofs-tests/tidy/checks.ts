import { crossings } from './boundaries.ts';
import { edge } from './edge.ts';
import type { Check } from './finding.ts';
import { cycles, dead, roomCycles } from './graph.ts';
import * as names from './names.ts';
import { longFiles, longFunctions } from './size.ts';

/** Every check of tidiness, by what it says of a tree without findings. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'every import is allowed by the architecture': crossings,
  'imports have no cycles': cycles,
  'rooms have an order': roomCycles,
  'no file is dead': dead,
  'clocks, chance, promises and the console stay at the edge': edge,
  'no file is too long': longFiles,
  'no function is too long': longFunctions,
  'files are named for what they hold': names.fileNames,
  'exports are named': names.exportsOfEverything,
  'no test runs alone': names.testsAlone,
  'titles say what happens': names.testTitles,
  'no path of one machine': names.machinePaths,
  'the lock file names no registry': names.registryHosts,
  'the lock file is complete': names.incompleteLock,
  'a suppression says why': names.bareSuppressions,
};
