/**
 * Runs the command line and turns what happened into an exit code: 0, everything holds; 1, a property is violated or a run
 * failed (commands say so by `process.exitCode`); 2, bad input or usage.
 */
import { type Command, CommanderError } from 'commander';
import { BadInput } from './bad-input.ts';
import { note } from './output.ts';

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

const usage = (program: Command, { code, message }: CommanderError): string => {
  const said = message.replace(/^error: /, '');
  return code === 'commander.unknownCommand' ? `${said}\nCommands: ${names(program)}` : said;
};

const exitCodeOf = (program: Command, error: unknown): number => {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code !== 'commander.help') note(`godwit: ${usage(program, error)}`);
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
    process.exitCode = exitCodeOf(program, error);
  }
};
