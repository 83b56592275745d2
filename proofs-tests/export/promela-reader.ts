/** The C part of an exported Promela model: functions that read the tables. */
import { SAFETY } from '../../model/properties.ts';

/** No reachable state has this combination; reaching it ends the run. */
export const HOLE = -2;
export const UNCHANGED = -1;
/** In a verdict, beside the bits of safety: nothing more is due. */
export const SETTLED_BIT = 1 << SAFETY.length;

/** How the tables are read. Each function sets the next state aside and says whether there is one. */
export const READER = String.raw`
  static int nextA, nextB, nextLost, nextDuplicated, nextForged, bits;
  /* The fair action that a step is; -1 for one that need never happen, -2 for one that happens finitely often. */
  static int action;
  static int nextNet[CAPACITY];
  static int fallen, begun;

#define SETTLED ${SETTLED_BIT}

  static void hole(const char *what)
  {
    printf("the tables have no %s here\n", what);
    exit(3);
  }

  /* The network without the packet in slot gone (-1: with all of them) and with a burst, each packet at its place. */
  static int send(int gone, int which)
  {
    int n = 0, load = 0, i, j;
    for (i = 0; i < CAPACITY && now.net[i]; i++)
      if (i != gone) {
        nextNet[n++] = now.net[i];
        load += room[now.net[i]];
      }
    for (i = begins[which]; i < begins[which + 1]; i++) {
      load += room[burst[i]];
      if (load > CAPACITY) return 0;
      for (j = n; j > 0 && place[nextNet[j - 1]] > place[burst[i]]; j--) nextNet[j] = nextNet[j - 1];
      nextNet[j] = burst[i];
      n++;
    }
    while (n < CAPACITY) nextNet[n++] = 0;
    return 1;
  }

  static void stay(void)
  {
    nextA = now.a; nextB = now.b; bits = 0;
    nextLost = now.lost; nextDuplicated = now.duplicated; nextForged = now.forged;
    action = -1;
  }

  static int local(int need, int which, int broken)
  {
    if (need > 0 && now.net[0]) return 0;
    if (need > 1 && (ROW(stateA, now.a)[MOVING] || ROW(stateB, now.b)[MOVING])) return 0;
    if (!send(-1, which)) return 0;
    stay();
    bits = broken;
    return 1;
  }

  static int localOfA(int k)
  {
    int record = ROW(stateB, now.b)[RECORD], at = ROW(firstA, now.a)[record];
    if (at < 0) hole("step of A");
    if (k >= ROW(countA, now.a)[record]) return 0;
    at += k;
    if (!local(ROW(stepsA, at)[NEED], ROW(stepsA, at)[BURST], ROW(stepsA, at)[BROKEN])) return 0;
    nextA = ROW(stepsA, at)[NEXT];
    action = dueA[at];
    return 1;
  }

  static int localOfB(int k)
  {
    int record = ROW(stateA, now.a)[RECORD], at = ROW(firstB, now.b)[record];
    if (at < 0) hole("step of B");
    if (k >= ROW(countB, now.b)[record]) return 0;
    at += k;
    if (!local(ROW(stepsB, at)[NEED], ROW(stepsB, at)[BURST], ROW(stepsB, at)[BROKEN])) return 0;
    nextB = ROW(stepsB, at)[NEXT];
    action = dueB[at];
    return 1;
  }

  /* A slot whose packet may move: the first of its place. */
  static int movable(int slot)
  {
    return now.net[slot] && (slot == 0 || place[now.net[slot]] != place[now.net[slot - 1]]);
  }

  static int arrive(int slot, int gone)
  {
    int packet = now.net[slot], forA = towardsA[packet];
    int at = forA ? ROW(arrivalA, now.a)[packet - 1] : ROW(arrivalB, now.b)[packet - 1];
    if (at == ${HOLE}) hole("arrival");
    if (at == ${UNCHANGED}) {
      send(gone, 0);
      stay();
      return 1;
    }
    if (!send(gone, forA ? ROW(stepsA, at)[BURST] : ROW(stepsB, at)[BURST])) return 0;
    stay();
    bits = forA ? ROW(stepsA, at)[BROKEN] : ROW(stepsB, at)[BROKEN];
    if (forA) nextA = ROW(stepsA, at)[NEXT]; else nextB = ROW(stepsB, at)[NEXT];
    return 1;
  }

  static int arrives(int slot)
  {
    if (!movable(slot) || !arrive(slot, slot)) return 0;
    action = FAIR_LOCAL + now.net[slot] - 1;
    return 1;
  }

  static int lose(int slot)
  {
    if (now.lost >= LOSE || !movable(slot)) return 0;
    send(slot, 0);
    stay();
    nextLost++;
    return 1;
  }

  static int duplicate(int slot)
  {
    if (now.duplicated >= DUPLICATE || !movable(slot) || !arrive(slot, -1)) return 0;
    nextDuplicated++;
    return 1;
  }

  static int forge(int k)
  {
    int ofA = ROW(stateA, now.a)[FORGED], ofB = ROW(stateB, now.b)[FORGED], packet, load = 0, j, n;
    if (now.forged >= FORGE || k >= ofA + ofB) return 0;
    packet = 1 + (k < ofA ? forgeryA[ROW(stateA, now.a)[FORGERY] + k] : forgeryB[ROW(stateB, now.b)[FORGERY] + k - ofA]);
    send(-1, 0);
    for (n = 0; n < CAPACITY && nextNet[n]; n++) load += room[nextNet[n]];
    if (load >= CAPACITY) return 0;
    for (j = n; j > 0 && place[nextNet[j - 1]] > place[packet]; j--) nextNet[j] = nextNet[j - 1];
    nextNet[j] = packet;
    stay();
    nextForged++;
    return 1;
  }

  static int verdict(int a, int b)
  {
    int found = ROW(verdicts, ROW(stateA, a)[FACTS])[ROW(stateB, b)[FACTS]];
    if (found == ${HOLE}) hole("verdict");
    return found;
  }

#ifdef LIVE
  static void watch(void);
#endif

  /* Takes the step set aside; each property is told once, when it first falls. */
  static void take(void)
  {
    int i;
    if (!begun) { begun = 1; bits |= verdict(now.a, now.b); }
    now.a = nextA; now.b = nextB;
    now.lost = nextLost; now.duplicated = nextDuplicated; now.forged = nextForged;
    for (i = 0; i < CAPACITY; i++) now.net[i] = nextNet[i];
#ifdef LIVE
    watch();
#endif
    judged = (bits | verdict(now.a, now.b)) & ~fallen & (SETTLED - 1);
    fallen |= judged;
    for (i = 0; i < ${SAFETY.length}; i++)
      if (judged & (1 << i)) printf("falls: %s\n", properties[i]);
  }
`;
