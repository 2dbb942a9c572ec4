export type IdentityErrorCode =
  /** The folder or a file is there already, and nothing of it is overwritten. */
  | "PKI_EXISTS"
  /** The folder has no usable certificate authority, or others can read its key. */
  | "PKI_UNUSABLE"
  /** The authority does not do what is asked. */
  | "PKI_REFUSED"
  /** agencies.yaml cannot be changed in this way. */
  | "AGENCIES_UNCHANGED";

/** Ends a command on certificates or on agencies.yaml. No message has a secret in it. */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "IdentityError";
    this.code = code;
  }
}
