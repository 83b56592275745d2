// There is one IPv6 loopback address without privileges: tests that need it take turns.

const ATTEMPTS = 400;
const PAUSE_MS = 25;

const isInUse = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/** Opens a socket, waiting up to ten seconds for an address that somebody else uses. */
export const patiently = async <T>(open: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (!isInUse(error) || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};
