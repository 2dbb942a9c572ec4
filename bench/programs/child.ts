/** Tells the process that started this one; without one, as when it is tried by hand, nobody. */
export function tell(message: { readonly kind: string } & Readonly<Record<string, unknown>>): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/** Ends this process with the one that started it, and does nothing until then. */
export function liveWithParent(): void {
  process.once("disconnect", () => process.exit(0));
  process.once("SIGTERM", () => process.exit(0));
}
