/** Sends a message to the parent process, if there is a channel to it (not when started by hand). */
export function tell(message: { readonly kind: string } & Readonly<Record<string, unknown>>): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/** Ends this process when its parent ends, or at SIGTERM. */
export function liveWithParent(): void {
  process.once("disconnect", () => process.exit(0));
  process.once("SIGTERM", () => process.exit(0));
}
