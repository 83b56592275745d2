/**
 * The C part that makes a search for LIVE-1 of an exported Promela model: a run is followed to any state that is not settled,
 * and from there on its fairness is watched. `round` is 1 whenever each fair action has had its turn once more, so that a cycle
 * with `round` in it is a fair loop without a settled state.
 */
export const FAIRNESS = `
  enum { WAY, LOOP, OVER };
#define ACTIONS (FAIR_LOCAL + PACKETS)

  typedef struct { int a, b, lost, duplicated, forged, bits, action, net[CAPACITY]; } Aside;

  static Aside aside(void)
  {
    Aside kept = { nextA, nextB, nextLost, nextDuplicated, nextForged, bits, action, { 0 } };
    int i;
    for (i = 0; i < CAPACITY; i++) kept.net[i] = nextNet[i];
    return kept;
  }

  static void restore(Aside kept)
  {
    int i;
    nextA = kept.a; nextB = kept.b; bits = kept.bits; action = kept.action;
    nextLost = kept.lost; nextDuplicated = kept.duplicated; nextForged = kept.forged;
    for (i = 0; i < CAPACITY; i++) nextNet[i] = kept.net[i];
  }

  /* A timer that is armed, a step of a coordinator that waits: possible just now or not. */
  static int armed(int which)
  {
    int ofA = ROW(stateA, now.a)[RECORD], ofB = ROW(stateB, now.b)[RECORD], k;
    for (k = 0; k < ROW(countA, now.a)[ofB]; k++)
      if (dueA[ROW(firstA, now.a)[ofB] + k] == which) return 1;
    for (k = 0; k < ROW(countB, now.b)[ofA]; k++)
      if (dueB[ROW(firstB, now.b)[ofA] + k] == which) return 1;
    return 0;
  }

  static int nextWaits, nextRound, nextSeen[(PACKETS + 31) / 31];

  /* Packets that could arrive since the loop was entered. */
  static void look(void)
  {
    Aside kept = aside();
    int slot, i, packet;
    for (i = 0; i < (PACKETS + 31) / 31; i++) nextSeen[i] = now.seen[i];
    for (slot = 0; slot < CAPACITY; slot++)
      if (arrives(slot)) {
        packet = action - FAIR_LOCAL;
        nextSeen[packet / 31] |= 1 << (packet % 31);
      }
    restore(kept);
  }

  /* Strong: a packet that can arrive again and again has to. Weak: a step that goes on waiting has to be taken. */
  static int served(int which)
  {
    int packet = which - FAIR_LOCAL;
    if (which == action) return 1;
    if (packet < 0) return !armed(which);
    return !(nextSeen[packet / 31] & (1 << (packet % 31)));
  }

  /* Whether the step set aside may be taken; on a loop, what it does for fairness. */
  static int goes(void)
  {
    int i;
    nextWaits = now.waits;
    nextRound = 0;
    for (i = 0; i < (PACKETS + 31) / 31; i++) nextSeen[i] = now.seen[i];
    if (now.phase == WAY) return 1;
    if (now.phase == OVER || action == -2 || (verdict(nextA, nextB) & SETTLED)) return 0;
    look();
    while (nextWaits < ACTIONS && served(nextWaits)) nextWaits++;
    if (nextWaits == ACTIONS) {
      nextWaits = 0;
      nextRound = 1;
    }
    return 1;
  }

  static void watch(void)
  {
    int i;
    now.waits = nextWaits;
    now.round = nextRound;
    for (i = 0; i < (PACKETS + 31) / 31; i++) now.seen[i] = nextSeen[i];
  }

  static int mayLoop(void) { return now.phase == WAY && !(verdict(now.a, now.b) & SETTLED); }

  /* A run may end where no fair action is possible. */
  static int ends(void)
  {
    int k;
    if (now.phase != LOOP) return 0;
    for (k = 0; k < STEPS_A; k++) if (localOfA(k) && action >= 0) return 0;
    for (k = 0; k < STEPS_B; k++) if (localOfB(k) && action >= 0) return 0;
    for (k = 0; k < CAPACITY; k++) if (arrives(k)) return 0;
    return 1;
  }
`;
