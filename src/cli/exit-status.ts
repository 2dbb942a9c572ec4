/** Success, or an end that SIGTERM asked for. */
export const EXIT_SUCCESS = 0;
/** The work could not be done, or not all of it. */
export const EXIT_FAILURE = 1;
/** The work did not begin: the command line, the environment or a configuration file is wrong. */
export const EXIT_USAGE = 2;
/** The agency is done already, and its file is not the one that it was done with. */
export const EXIT_FILE_DIFFERS = 3;
/** SIGINT ended the command: 128 plus the signal's number, as in shells. (SIGTERM gives 0.) */
export const EXIT_INTERRUPTED = 130;
/** `verify`: everything agrees, but the next start must still write the draw's files. */
export const EXIT_NOT_PUBLISHED = 4;
/** The winners are told, but the seal of the draw does not have the batches of the agency's receipts. */
export const EXIT_SEAL_DIFFERS = 5;
/** The winners are told, and it cannot be shown that the seal of the draw has the batches of the receipts. */
export const EXIT_SEAL_UNPROVEN = 6;

/** Ends a command with one line on standard error and a status, without a stack trace. */
export class CommandFailure extends Error {
  readonly status: number;

  constructor(message: string, status: number = EXIT_FAILURE) {
    super(message);
    this.name = "CommandFailure";
    this.status = status;
  }
}
