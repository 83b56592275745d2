/** The only places where the command line writes: results to standard output, everything else to standard error. */

/** The one JSON document of a command with `--json`. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** For people watching; never part of a result. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** A reader that stops reading, as `head` does, ends the program quietly. */
export const endWithReader = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
};
