/**
 * Runs the command line and turns what happened into an exit code: 0, everything holds; 1, a property is violated or a run
 * failed (commands say so by `process.exitCode`); 2, bad input or usage.
 */
import { type Command, CommanderError } from 'commander';
import { BadInput } from '../terminal/bad-input.ts';
import { note } from '../terminal/output.ts';

const BAD_INPUT = 2;
const FAILED = 1;

/** Commander writes nothing and exits nowhere by itself; subcommands added later do not inherit that. */
const tame = (command: Command): void => {
  command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .allowExcessArguments(false);
  for (const child of command.commands) tame(child);
};

const names = (command: Command): string => command.commands.map((child) => child.name()).join(', ');

/** The flags of the command that was meant. */
const flags = (program: Command, argv: readonly string[]): string => {
  const command = program.commands.find((child) => child.name() === argv[0]) ?? program;
  const known = command.options.filter(({ hidden }) => !hidden).map(({ flags: how }) => how);
  return [...known, '-h, --help'].join(', ');
};

const usage = (program: Command, argv: readonly string[], { code, message }: CommanderError): string => {
  const said = message.replace(/^error: /, '');
  if (code === 'commander.unknownCommand') return `${said}\nCommands: ${names(program)}`;
  return code === 'commander.unknownOption' ? `${said}\nOptions: ${flags(program, argv)}` : said;
};

const exitCodeOf = (program: Command, argv: readonly string[], error: unknown): number => {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code !== 'commander.help') note(`godwit: ${usage(program, argv, error)}`);
    return BAD_INPUT;
  }
  if (error instanceof BadInput) {
    note(`godwit: ${error.message}`);
    return BAD_INPUT;
  }
  note(`godwit: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return FAILED;
};

export const run = async (program: Command, argv: readonly string[]): Promise<void> => {
  tame(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(program, argv, error);
  }
};
