/** Progress of a long command: on a terminal only, on standard error, and only when it has taken two seconds already. */
import ora, { type Ora } from 'ora';

const PATIENCE_MS = 2_000;
const REFRESH_MS = 100;

export type Progress = {
  /** Cheap enough for inner loops; draws by itself, so that it also moves while nothing yields to the event loop. */
  readonly update: (text: string) => void;
  /** Clears the line. */
  readonly stop: () => void;
};

const SILENT: Progress = { update: () => {}, stop: () => {} };

export const progress = (label: string): Progress => {
  // A terminal that says it has no columns makes the spinner count infinitely many lines.
  if (!process.stderr.isTTY || !(process.stderr.columns > 0)) return SILENT;
  const started = Date.now();
  let drawn = started;
  let text = label;
  let spinner: Ora | undefined;
  const show = (): void => {
    spinner ??= ora({ text, stream: process.stderr, discardStdin: false }).start();
  };
  const timer = setTimeout(show, PATIENCE_MS);
  timer.unref();
  return {
    update: (detail) => {
      text = `${label}: ${detail}`;
      const now = Date.now();
      if (now - started < PATIENCE_MS || now - drawn < REFRESH_MS) return;
      drawn = now;
      show();
      if (spinner !== undefined) spinner.text = text;
      spinner?.render();
    },
    stop: () => {
      clearTimeout(timer);
      spinner?.stop();
    },
  };
};
