/** Names of what an operator is answered instead of a result. They do not change: scripts use them. */
export type OperatorsErrorCode =
  /** The request is not what the interface takes: the message says where. */
  | "INVALID"
  | "TOO_LARGE"
  | "NOT_FOUND"
  | "NO_SUCH_DRAW"
  | "NO_SUCH_AGENCY"
  /** Other agencies are not done than the operator was shown. */
  | "MISSING_CHANGED"
  | "NOTHING_TO_RELOAD"
  | "NOT_RELOADED"
  /** There is no room now: the same may be asked again. */
  | "BUSY"
  /** It failed for a reason that only the message has. */
  | "NOT_DONE"
  // Refusals of acts.
  | "NOT_OPEN"
  | "NOT_OPEN_YET"
  | "NOT_SEALED"
  | "CANCELLED"
  | "UNKNOWN_AGENCY"
  | "NUMBER_KNOWN"
  | "NUMBER_UNKNOWN"
  | "NOT_PROPOSED"
  | "SAME_OPERATOR"
  | "OTHER_NUMBER"
  | "UNSUPPORTED"
  | "NO_WAY"
  | "OTHER_PLAN"
  | "CLOSES_IN_PAST";
