/** What a command ends with: 0 only on success, or when SIGTERM has asked for the end. */
export const EXIT_SUCCESS = 0;
/** The work could not be done, or not all of it. */
export const EXIT_FAILURE = 1;
/** It never began: the command line, the environment or a configuration file is wrong. */
export const EXIT_USAGE = 2;
/** The agency is done already, and its file is not the one that it was done with. */
export const EXIT_FILE_DIFFERS = 3;
/** SIGINT ended it: 128 and the signal's number, as shells have it. SIGTERM, which asks for it, is 0. */
export const EXIT_INTERRUPTED = 130;
/** `verify`: everything agrees, and the files of the draw are still to be written by the next start. */
export const EXIT_NOT_PUBLISHED = 4;

/** Ends a command with one line on standard error and a status, without a stack trace. */
export class CommandFailure extends Error {
  readonly status: number;

  constructor(message: string, status: number = EXIT_FAILURE) {
    super(message);
    this.name = "CommandFailure";
    this.status = status;
  }
}
