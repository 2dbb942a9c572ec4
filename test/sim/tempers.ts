/** Something that goes wrong. */
export type FaultKind =
  | "cut"
  | "cut-all"
  | "silence"
  | "stall"
  | "slow-greeting"
  | "network-down"
  | "kill-central"
  | "cut-power"
  | "pause-central"
  | "stop-central"
  | "second-central"
  | "lose-lock"
  | "power-at-step"
  | "kill-at-step"
  | "short-write"
  | "disk-error"
  | "failed-sync"
  | "full-disk"
  | "slow-disk"
  | "kill-agency"
  | "zombie-agency"
  | "double-agency"
  | "stop-agency"
  | "intruder"
  | "clock-jump";

type Weights = Readonly<Partial<Record<FaultKind, number>>>;

const NETWORK: Weights = {
  cut: 4,
  "cut-all": 1,
  silence: 2,
  stall: 4,
  "slow-greeting": 4,
  "network-down": 1,
  "slow-disk": 1,
};
const CRASHES: Weights = {
  "kill-central": 3,
  "cut-power": 3,
  "power-at-step": 6,
  "kill-at-step": 4,
  "stop-central": 1,
  "pause-central": 1,
  "lose-lock": 1,
};
const DISK: Weights = {
  "short-write": 3,
  "disk-error": 3,
  "failed-sync": 3,
  "full-disk": 3,
  "slow-disk": 2,
  "power-at-step": 4,
  "kill-at-step": 2,
};
/** Connections that break while answers are still being made. */
const SLOWNESS: Weights = {
  "slow-disk": 6,
  "full-disk": 4,
  "cut-all": 8,
  "kill-agency": 4,
  "double-agency": 2,
  "pause-central": 2,
  stall: 2,
  "slow-greeting": 4,
};
/** Somebody sets the central's clock, and perhaps puts it right again. */
const CLOCK: Weights = {
  "clock-jump": 6,
  cut: 2,
  "cut-all": 1,
  "kill-central": 2,
  "slow-disk": 1,
};
const AGENCIES: Weights = {
  "kill-agency": 4,
  "zombie-agency": 3,
  "double-agency": 2,
  "stop-agency": 1,
  intruder: 5,
  "second-central": 1,
};

/** Runs have different kinds of faults: much of one kind finds more than a little of everything. */
export const TEMPERS = {
  calm: 1,
  network: 3,
  crashes: 5,
  disk: 5,
  agencies: 4,
  slowness: 3,
  all: 6,
} as const;

/** Only where draws open and close by the clock. */
export const TEMPERS_OF_SEVERAL = { ...TEMPERS, clock: 5 } as const;

export type Temper = keyof typeof TEMPERS_OF_SEVERAL;

export const WEIGHTS: Readonly<Record<Temper, Weights>> = {
  calm: {},
  network: NETWORK,
  crashes: CRASHES,
  disk: DISK,
  agencies: { ...AGENCIES, cut: 2, stall: 2 },
  slowness: SLOWNESS,
  clock: CLOCK,
  all: { ...NETWORK, ...CRASHES, ...DISK, ...AGENCIES },
};
